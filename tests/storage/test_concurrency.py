"""Many at once: a log without gaps, one winner, and nothing lost that was acknowledged, on both engines."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.cli.demo import DEMO_PASSWORD, seed_demo_users
from api.cli.seed import seeded_id
from api.db import opened
from api.models import Event, Partner
from tests.clients import Client
from tests.conftest import UNLIMITED, Server
from tests.make import Make

WRITERS, EACH = 8, 15


def test_a_reader_of_the_log_misses_nothing_and_sees_it_in_order(app, as_, make):
    """What a follower of the feed does: ask for what comes after the last number it has seen, again and again."""
    editor, follower = as_.copi_editor, as_.copi_admin
    records = [make.partner() for _ in range(WRITERS)]
    begun = threading.Barrier(WRITERS + 1)
    over = threading.Event()
    acknowledged: list[tuple[str, int]] = []

    def write(number: int) -> None:
        client, chance = Client(app, editor.user_id), random.Random(number)
        begun.wait()
        for version in range(1, EACH + 1):
            body = {"website": f"https://example.org/{number}/{version}"}
            answer = client.patch(f"/partners/{records[number]}", body, version=version)
            assert answer.status_code == 200, answer.json
            acknowledged.append((records[number], version + 1))
            time.sleep(chance.random() / 500)

    def follow() -> list[Any]:
        seen: list[Any] = []
        begun.wait()
        while True:
            last_look = over.is_set()
            after = seen[-1]["seq"] if seen else 0
            seen += follower.get(f"/events?after={after}&limit=50").json["items"]
            if last_look and len(seen) >= WRITERS * (EACH + 1):
                return seen
            if last_look and time.monotonic() > deadline:
                return seen

    deadline = time.monotonic() + 60
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        following = pool.submit(follow)
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        try:
            for one in writing:
                one.result(timeout=60)
        finally:
            deadline = time.monotonic() + 2
            over.set()
        seen = following.result(timeout=10)
    assert [event["seq"] for event in seen] == list(range(1, WRITERS * (EACH + 1) + 1))
    told = [(event["resource_id"], event["version"]) for event in seen]
    assert set(acknowledged) | {(id, 1) for id in records} == set(told)
    for id in records:
        assert [version for one, version in told if one == id] == list(range(1, EACH + 2))


@pytest.mark.parametrize(
    ("resource", "step", "state"), [("challenge", "publish", "in_review"), ("outcome", "verify", "submitted")]
)
def test_of_twenty_who_take_one_step_at_once_one_succeeds(app, as_, make, resource, step, state):
    admin, id = as_.copi_admin, getattr(make, resource)(state=state)
    begun = threading.Barrier(20)

    def take(number: int) -> int:
        client = Client(app, admin.user_id)
        # Half of them take whatever version there is: then only the state holds them back.
        held = {"If-Match": '"1"' if number % 2 else "*"}
        begun.wait()
        answer = client.post(f"/{resource}s/{id}/{step}", headers=held)
        assert answer.headers["Content-Type"] == (
            "application/json" if answer.status_code == 200 else "application/problem+json"
        )
        return answer.status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = Counter(pool.map(take, range(20)))
    assert statuses[200] == 1, statuses
    assert statuses[409] + statuses[412] == 19, statuses
    record = admin.get(f"/{resource}s/{id}").json
    assert record["version"] == 2
    with app.extensions["copi"].database.reading() as connection:
        events = (
            connection.execute(select(Event.version).where(Event.resource_id == id).order_by(Event.seq)).scalars().all()
        )
    assert events == [1, 2]


@pytest.mark.parametrize("resource", ["support", "response"])
def test_six_records_of_one_challenge_do_not_stand_in_each_other_s_way(app, as_, make, resource):
    challenge, step = make.challenge(), {"support": "confirm", "response": "withdraw"}[resource]
    firms = [make.partner(kind="municipality") for _ in range(6)]
    state = {"support": "proposed", "response": "submitted"}[resource]
    records = [getattr(make, resource)(state, challenge, partner_id=firm) for firm in firms]
    callers = [as_(firm, "manager") for firm in firms]
    begun = threading.Barrier(6)

    def take(number: int) -> int:
        client = Client(app, callers[number].user_id)
        begun.wait()
        return client.post(f"/{resource}s/{records[number]}/{step}", version=1).status_code

    with ThreadPoolExecutor(6) as pool:
        assert Counter(pool.map(take, range(6))) == {200: 6}
    if resource == "support":
        assert as_.copi_admin.get(f"/challenges/{challenge}").json["demand"]["supports"] == 6


def test_an_answer_that_comes_as_the_challenge_closes_is_in_time_and_counted_or_neither(app, as_, make):
    for _ in range(4):
        challenge, firm = make.challenge(), make.partner()
        response = make.response("draft", challenge, partner_id=firm)
        calls = [(as_.copi_admin.user_id, f"/challenges/{challenge}/close"),
                 (as_(firm, "editor").user_id, f"/responses/{response}/submit")]  # fmt: skip
        begun = threading.Barrier(2)

        def call(one: tuple[str, str], begun: threading.Barrier = begun) -> int:
            client = Client(app, one[0])
            begun.wait()
            return client.post(one[1], headers={"If-Match": "*"}).status_code

        with ThreadPoolExecutor(2) as pool:
            closed, submitted = pool.map(call, calls)
        assert closed == 200
        counted = as_.copi_admin.get(f"/challenges/{challenge}").json["response_count"]
        assert (submitted, counted) in ((200, 1), (409, 0))


def test_whoever_takes_several_solutions_over_at_once_is_told_of_all(app, as_, make):
    """Each confirmation counts in the same partners' records; none of them may be told that these have changed."""
    adopter, maker = make.partner(kind="municipality"), make.partner()
    roles = [{"partner_id": maker, "role": "supplier"}]
    adoptions = [
        make.adoption("reported", outcome=make.outcome(project=make.project(participants=roles)), partner_id=adopter)
        for _ in range(8)
    ]
    editor = as_(adopter, "editor")
    begun = threading.Barrier(len(adoptions))

    def confirm(id: str) -> int:
        client = Client(app, editor.user_id)
        begun.wait()
        return client.post(f"/adoptions/{id}/confirm", version=1).status_code

    with ThreadPoolExecutor(len(adoptions)) as pool:
        assert Counter(pool.map(confirm, adoptions)) == {200: len(adoptions)}
    assert editor.get(f"/partners/{adopter}").json["reuse"]["taken_over"] == len(adoptions)
    assert editor.get(f"/partners/{maker}").json["reuse"]["passed_on"] == len(adoptions)


def test_of_ten_who_register_one_source_at_once_one_succeeds(app, as_):
    editor = as_.copi_editor
    begun = threading.Barrier(10)

    def register(number: int) -> int:
        body = {"name": {"da": f"P{number}"}, "kind": "company", "source": {"system": "crm", "external_id": "1"}}
        client = Client(app, editor.user_id)
        begun.wait()
        return client.post("/partners", body).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = Counter(pool.map(register, range(10)))
    assert statuses == {201: 1, 409: 9}
    assert editor.get("/partners").json["total"] == 1


# --- Killed in the middle -----------------------------------------------------------------------------------


@contextmanager
def serving(url: str, folder: Path, **more: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The real server on a database: its port and its process, which leads a group of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    unlimited = {f"COPI_{name.upper()}": "0" for name in UNLIMITED}
    settings = {**unlimited, "COPI_DATABASE_URL": url, "COPI_SECRET": "of-the-tests-" * 4, "COPI_LOG": "none",
                "COPI_DOCUMENTS": str(folder / "documents"), **more}  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COPI_")}
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)],
            env={**kept, **settings}, cwd=Path(__file__).parents[2], stdout=log, stderr=log, start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            _wait_for(port, process, folder / "server.log")
            yield port, process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if call(port, "GET", "/v1/status")[0] == 200:
                return
        except OSError:
            pass
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def call(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(
            method, path, json.dumps(body) if body else None, {"Content-Type": "application/json", **headers}
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.slow
def test_every_acknowledged_write_outlives_a_killed_server(server: Server, tmp_path):
    url = server.database("killed")
    acknowledged: list[str] = []
    with serving(url, tmp_path) as (port, process):
        login = {"email": "editor@demo.example", "password": DEMO_PASSWORD}
        token = call(port, "POST", "/v1/tokens", login)[1]["access_token"]

        def write(number: int) -> None:
            for turn in range(10_000):
                body = {"name": {"da": f"Skriver {number}, {turn}"}, "kind": "company"}
                try:
                    status, made = call(port, "POST", "/v1/partners", body, Authorization=f"Bearer {token}")
                except (OSError, http.client.HTTPException, ValueError):
                    return  # killed before it had answered
                assert status == 201, made
                acknowledged.append(made["id"])

        with ThreadPoolExecutor(4) as pool:
            writing = [pool.submit(write, number) for number in range(4)]
            until = time.monotonic() + 30
            while len(acknowledged) < 40 and time.monotonic() < until:
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGKILL)  # the workers with it, as when the machine's memory is full
            for one in writing:
                one.result(timeout=30)

    assert len(acknowledged) >= 40
    with opened(url) as database, database.reading() as connection:
        rows = {row.id: row for row in connection.execute(select(Partner.id, Partner.version, Partner.document))}
        events = connection.execute(
            select(Event.seq, Event.resource_id, Event.version, Event.document).order_by(Event.seq)
        ).all()
    by_record = {event.resource_id: event for event in events}
    for id in acknowledged:
        assert by_record[id].version == rows[id].version == 1
        assert bytes(by_record[id].document) == bytes(rows[id].document)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    versions = {(event.resource_id, event.version) for event in events}
    assert len(versions) == len(events), "no version is there twice"
    assert {(row.id, row.version) for row in rows.values()} <= versions, "no write is there in half"

    with serving(url, tmp_path) as (port, _):
        assert call(port, "GET", f"/v1/partners/{seeded_id('partner', 'aarhus-kommune')}")[0] == 200
        assert call(port, "POST", "/v1/tokens", login)[0] == 200


def test_the_demo_users_need_the_cases(app):
    """A seed that fails leaves nothing behind: it is one transaction."""
    from sqlalchemy.exc import IntegrityError

    from api.models import User

    database = app.extensions["copi"].database
    with pytest.raises(IntegrityError):
        seed_demo_users(database)
    with database.reading() as connection:
        assert connection.execute(select(User.id)).all() == []
    Make(database).partner()
