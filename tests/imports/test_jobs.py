"""Imports as jobs: tried out, taken in, cancelled, in whose name, by several runners, and after a kill -9."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from api.domain import clock
from api.imports import runner as runners
from api.imports.retention import purge
from api.imports.runner import Runner
from api.models import Client as ClientRow
from api.models import Event, Import, Partner, User
from api.services import documents
from tests.clients import Client, service
from tests.imports.conftest import Imports, counts, csv, partner, places

TWO_AND_A_HALF = csv(partner(1), partner(2, kind="firma"), partner(3))


def partners(imports: Imports) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = imports.client.get("/partners?limit=250").json["items"]
    return found


def rows(imports: Imports) -> dict[str, int]:
    """How many rows the tables have that records are in."""
    tables = ("partner", "partner_facet", "partner_words", "event")
    with imports.app.extensions["copi"].database.reading() as connection:
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}


# --- What is written ------------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_can_then_be_run(imports: Imports):
    before = rows(imports)
    sent = imports.send(TWO_AND_A_HALF, dry_run="true")
    assert sent.headers["Location"] == f"/v1/imports/{sent.json['id']}"
    assert (sent.status_code, sent.json["state"], sent.json["errors"]) == (202, "queued", [])
    assert imports.work() == 1
    job = imports.read(sent.json["id"])
    assert (job["state"], counts(job), places(job)) == ("checked", (2, 0, 0, 1), [(3, "kind")])
    assert rows(imports) == before
    begun = imports.client.post(f"/imports/{job['id']}/run")
    assert (begun.status_code, begun.json["state"], begun.json["dry_run"]) == (202, "queued", False)
    imports.work()
    job = imports.read(job["id"])
    assert (job["state"], counts(job), places(job)) == ("done", (2, 0, 0, 1), [(3, "kind")])
    assert len(partners(imports)) == 2
    assert imports.client.post(f"/imports/{job['id']}/run").status_code == 409


def test_what_was_taken_in_before_is_left_as_it_is(imports: Imports):
    imports.take_in(TWO_AND_A_HALF)
    again = imports.take_in(csv(partner(1), partner(2), partner(3, **{"name.da": "Nyt"})))
    assert counts(again) == (1, 1, 1, 0)
    versions = {one["source"]["external_id"]: one["version"] for one in partners(imports)}
    assert versions == {"1": 1, "2": 1, "3": 2}


def test_what_the_file_has_no_column_for_stays_and_an_empty_cell_clears(imports: Imports):
    imports.take_in(csv(partner(1, **{"name.en": "Firm", "note.da": "N", "keywords": "a|b"})))
    imports.take_in(csv(partner(1, **{"name.en": "", "country": "DK"})))
    [one] = partners(imports)
    assert one["name"] == {"da": "Firma 1", "en": None}
    assert (one["note"]["da"], one["keywords"], one["country"]) == ("N", ["a", "b"], "DK")


def test_all_or_nothing(imports: Imports):
    job = imports.take_in(TWO_AND_A_HALF, mode="all_or_nothing")
    assert (job["state"], job["refused"], places(job)) == ("failed", 1, [(3, "kind")])
    assert "nothing has been taken in" in job["problem"]["en"]
    assert partners(imports) == []
    job = imports.take_in(csv(*(partner(number) for number in range(1200))), mode="all_or_nothing")
    assert (job["state"], counts(job)) == ("done", (1200, 0, 0, 0))
    with imports.app.extensions["copi"].database.reading() as connection:
        numbers = connection.scalars(select(Event.seq).where(Event.resource == "partner").order_by(Event.seq)).all()
    assert len(numbers) == 1200
    assert list(numbers) == list(range(numbers[0], numbers[0] + 1200))


def test_many_batches_of_one_transaction_are_one_stretch_of_the_log(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("api.imports.batches.SIZE", 10)
    monkeypatch.setattr("api.imports.engine.SIZE", 10)
    monkeypatch.setattr("api.imports.engine._HELD", 2)
    job = imports.take_in(csv(*(partner(number) for number in range(75))), mode="all_or_nothing")
    assert counts(job) == (75, 0, 0, 0)
    assert rows(imports)["event"] == len(partners(imports)) == 75


# --- References -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{}, {"dry_run": "true"}, {"mode": "all_or_nothing"}], ids=["lines", "dry", "whole"])
@pytest.mark.parametrize("size", [500, 2], ids=["one batch", "several"])
def test_a_line_can_refer_to_lines_before_it(imports: Imports, monkeypatch: pytest.MonkeyPatch, fields, size):
    monkeypatch.setattr("api.imports.engine.SIZE", size)
    parents = ["", "source:tests/1", "source:tests/2", "source:tests/1", "source:tests/9"]
    content = csv(
        *(partner(number, parent_id=parent) for number, parent in enumerate(parents, start=1)), partner(1, parent_id="")
    )
    job = imports.take_in(content, **fields)
    assert places(job) == [(6, "parent_id")]
    assert "before those that refer to it" in job["errors"][0]["advice"]["en"]
    assert job["errors"][0]["value"] == "source:tests/9"
    if "mode" not in fields:
        assert counts(job) == (4, 0, 1, 1)
    if not fields:
        told = {one["id"]: one["source"]["external_id"] for one in partners(imports)}
        found = {one["source"]["external_id"]: told.get(one["parent_id"]) for one in partners(imports)}
        assert found == {"1": None, "2": "1", "3": "2", "4": "1"}


def test_an_organisation_is_found_by_its_number(imports: Imports, make):
    number = [{"scheme": "DK-CVR", "value": "10000009"}]
    owner = make.partner(kind="municipality", identifiers=number)
    row = {"source.system": "x", "source.external_id": "1", "title.da": "T", "summary.da": "S",
           "theme": "green_transition", "owners": "org-id:DK-CVR-10000009"}  # fmt: skip
    job = imports.take_in(
        csv(row, {**row, "source.external_id": "2", "owners": "org-id:DK-CVR-1"}), resource="challenges"
    )
    assert (counts(job), places(job)) == ((1, 0, 0, 1), [(3, "owners")])
    [challenge] = imports.client.get("/challenges").json["items"]
    assert challenge["owners"] == [owner]


# --- In whose name --------------------------------------------------------------------------------------------


def challenges(*owners: str, **cells: str) -> str:
    return csv(
        *(
            {"source.system": "x", "source.external_id": str(place), "title.da": "T", "summary.da": "S",
             "theme": "green_transition", "owners": owner, **cells}
            for place, owner in enumerate(owners)
        )
    )  # fmt: skip


def test_of_several_with_one_number_the_id_is_asked_for(imports: Imports, make):
    number = [{"scheme": "DK-CVR", "value": "29189714"}]
    ids = sorted(make.partner(identifiers=number) for _ in range(2))
    lines = [partner(place, parent_id=f"org-id:DK-CVR-{value}") for place, value in enumerate(("29189714", "1"))]
    several, none = imports.take_in(csv(*lines))["errors"]
    assert several["detail"]["en"] == f"Several partners have the number org-id:DK-CVR-29189714: {', '.join(ids)}."
    assert "Write the id" in several["advice"]["en"]
    assert none["detail"]["en"] == "There is no partner with the number org-id:DK-CVR-1 that you can see."


def test_each_line_is_held_to_the_rules_of_a_single_call(imports: Imports, as_, make):
    home, away = make.partner(kind="municipality"), make.partner(kind="municipality")
    firm, hidden = make.partner(), make.partner(state="draft")
    theirs = imports.by(as_(home, "editor"))
    job = theirs.take_in(challenges(home, away, f"{home}|{firm}", hidden, state="open"), resource="challenges")
    assert counts(job) == (1, 0, 0, 3)
    assert [(one["line"], one["column"]) for one in job["errors"]] == [(3, None), (4, "owners"), (5, "owners")]
    [challenge] = theirs.client.get("/challenges").json["items"]
    assert challenge["state"] == "draft", "only CO-PI brings history along"
    [event] = theirs.client.get(f"/challenges/{challenge['id']}/history").json["items"]
    assert event["actor"]["id"] == theirs.client.user_id


def test_a_blocked_account_takes_nothing_in(imports: Imports, as_):
    sent = imports.send(TWO_AND_A_HALF)
    with imports.app.extensions["copi"].database.writing() as session:
        session.execute(update(User).where(User.id == imports.client.user_id).values(blocked=True))
    imports.work()
    job = imports.by(as_.copi_admin).read(sent.json["id"])
    assert (job["state"], counts(job)) == ("failed", (0, 0, 0, 0))
    assert "blocked" in job["problem"]["en"]


def test_a_role_that_is_taken_away_counts_at_once(imports: Imports, as_, make):
    home = make.partner(kind="municipality")
    theirs = imports.by(as_(home, "editor"))
    sent = theirs.send(challenges(home), resource="challenges")
    with imports.app.extensions["copi"].database.writing() as session:
        session.execute(text("DELETE FROM membership"))
    theirs.work()
    assert counts(theirs.read(sent.json["id"])) == (0, 0, 0, 1)


def test_a_partner_that_was_merged_is_found_as_the_one_it_is_now(imports: Imports, make, as_):
    number = [{"scheme": "DK-CVR", "value": "10000009"}]
    old = make.partner(kind="municipality", identifiers=number, source={"system": "tests", "external_id": "old"})
    new = make.partner(kind="municipality", identifiers=number)
    merged = as_.copi_editor.post(f"/partners/{old}/merge", {"merged_into": new, "reason": "Den samme."}, version=1)
    assert merged.status_code == 200, merged.json
    job = imports.take_in(challenges("source:tests/old", "org-id:DK-CVR-10000009", old), resource="challenges")
    assert counts(job) == (2, 0, 0, 1)
    assert new in job["errors"][0]["detail"]["da"]
    owners = [one["owners"] for one in imports.client.get("/challenges").json["items"]]
    assert owners == [[new], [new]]


def test_what_was_checked_is_run_with_what_the_caller_may_do_when_it_says_so(imports: Imports, make):
    home = make.partner(kind="municipality")
    id = make.client(roles={home: "editor"})
    scopes = ["import:create", "import:run", "challenge:create", "challenge:read"]
    able = imports.by(service(imports.app, id, scopes))
    sent = able.send(challenges(home), resource="challenges", dry_run="true")
    imports.work()
    assert counts(able.read(sent.json["id"])) == (1, 0, 0, 0)
    unable = imports.by(service(imports.app, id, ["import:create", "import:run"]))
    assert unable.client.post(f"/imports/{sent.json['id']}/run").status_code == 202
    imports.work()
    assert counts(able.read(sent.json["id"])) == (0, 0, 0, 1)


def test_a_service_does_no_more_than_its_scopes(imports: Imports, make):
    home = make.partner(kind="municipality")
    id = make.client(roles={home: "editor"})
    able = imports.by(service(imports.app, id, ["import:create", "challenge:create", "challenge:read"]))
    assert counts(able.take_in(challenges(home), resource="challenges")) == (1, 0, 0, 0)
    unable = imports.by(service(imports.app, id, ["import:create"]))
    job = unable.take_in(challenges("", home), resource="challenges")
    assert counts(job) == (0, 0, 0, 2)
    assert "challenge:" in job["errors"][-1]["detail"]["en"]
    assert imports.by(service(imports.app, id, ["challenge:create"])).send("x").status_code == 403
    sent = able.send(challenges(home), resource="challenges")
    with imports.app.extensions["copi"].database.writing() as session:
        session.execute(update(ClientRow).values(blocked=True))
    able.work()
    with imports.app.extensions["copi"].database.reading() as connection:
        assert connection.scalar(select(Import.state).where(Import.id == sent.json["id"])) == "failed"


def test_a_sandbox_has_imports_of_its_own(imports: Imports, as_, make):
    id = make.test_client()
    inside = imports.by(service(imports.app, id))
    job = inside.take_in(csv(partner(1)))
    assert counts(job) == (1, 0, 0, 0)
    [one] = [one for one in partners(inside) if (one["source"] or {}).get("system") == "tests"]
    assert one["test"]
    assert partners(imports) == []
    assert imports.by(as_.copi_admin).client.get(f"/imports/{job['id']}").status_code == 404
    assert counts(imports.take_in(csv(partner(1)))) == (1, 0, 0, 0)


def test_nobody_else_sees_it_but_administrators(imports: Imports, as_, make):
    job = imports.take_in(TWO_AND_A_HALF, dry_run="true")
    other = as_(make.home, "manager")
    for method, path in (("GET", ""), ("GET", "/errors"), ("POST", "/run"), ("POST", "/cancel")):
        assert other.call(method, f"/imports/{job['id']}{path}").status_code == 404
        assert as_.anonymous.call(method, f"/imports/{job['id']}{path}").status_code == 401
    assert other.get("/imports").json["total"] == 0
    assert as_.copi_admin.get("/imports").json["total"] == imports.client.get("/imports").json["total"] == 1
    assert as_.copi_admin.get(f"/imports/{job['id']}/errors").json["items"] == job["errors"]
    assert as_.copi_admin.post(f"/imports/{job['id']}/run").status_code == 403
    assert as_.copi_admin.post(f"/imports/{job['id']}/cancel").json["state"] == "cancelled"


# --- Cancelled, many errors, too many -------------------------------------------------------------------------


def test_cancelled_while_it_waits(imports: Imports):
    sent = imports.send(TWO_AND_A_HALF)
    assert imports.client.post(f"/imports/{sent.json['id']}/cancel").json["state"] == "cancelled"
    assert imports.work() == 0
    assert imports.client.post(f"/imports/{sent.json['id']}/cancel").status_code == 409


def test_cancelled_while_it_runs_it_stops_between_batches(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("api.imports.engine.SIZE", 5)
    sent = imports.send(csv(*(partner(number) for number in range(20))))
    noted = Runner._note

    def note(self: Runner, session: Any, job: Any, tally: Any) -> None:
        if tally.line > 11:
            job.state = runners.S.CANCELLED  # as `_own` finds it once somebody has cancelled
        noted(self, session, job, tally)

    monkeypatch.setattr(Runner, "_note", note)
    imports.work()
    assert len(partners(imports)) == 10
    assert imports.read(sent.json["id"])["lines"] == 10


def test_every_error_is_told_once(imports: Imports):
    lines = [partner(number, kind="firma" if number % 3 == 0 else "company") for number in range(1200)]
    job = imports.take_in(csv(*lines))
    assert counts(job) == (800, 0, 0, 400)
    assert len(job["errors"]) == 100
    address, found = f"/imports/{job['id']}/errors?limit=250", []
    while address:
        page = imports.client.get(address).json
        found += [one["line"] for one in page["items"]]
        address = (page["next"] or "").removeprefix("/v1")
    assert page["total"] == 400
    assert found == [number + 2 for number in range(0, 1200, 3)]


def test_only_so_many_wait_for_one_account(imports: Imports):
    assert {imports.send(f"a,b\n{number}").status_code for number in range(20)} == {202}
    assert imports.send("a,b").status_code == 409


# --- Runners --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dry", ["true", "false"])
def test_of_too_long_a_file_nothing_is_taken_in_as_a_whole(imports: Imports, monkeypatch: pytest.MonkeyPatch, dry):
    """Others cannot write while it is written; line by line they can."""
    monkeypatch.setattr(runners, "MOST_WHOLE", 700)
    content = csv(*[partner(number) for number in range(701)])
    job = imports.take_in(content, mode="all_or_nothing", dry_run=dry)
    assert (job["state"], job["problem"]["en"][:34]) == ("failed", "The file has more than 700 lines, ")
    assert "line_by_line" in job["problem"]["da"]
    assert "line_by_line" in job["errors"][0]["advice"]["en"]
    assert imports.client.get("/partners").json["total"] == 0
    job = imports.take_in(content[: content.rindex("tests,")], mode="all_or_nothing")
    assert (job["state"], counts(job)) == ("done", (700, 0, 0, 0))


def test_several_runners_share_the_work(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("api.imports.engine.SIZE", 50)
    jobs = [imports.send(csv(*(partner(f"{job}-{number}") for number in range(150)))).json["id"] for job in range(4)]
    parts = imports.app.extensions["copi"]
    done: list[int] = []
    team = [
        threading.Thread(target=lambda: done.append(Runner(parts.database, parts.storage).run(threading.Event())))
        for _ in range(3)
    ]
    for one in team:
        one.start()
    for one in team:
        one.join()
    assert sum(done) == 4
    assert [counts(imports.read(id)) for id in jobs] == [(150, 0, 0, 0)] * 4


def test_one_that_has_lost_its_lease_writes_nothing_more(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("api.imports.engine.SIZE", 10)
    sent = imports.send(csv(*(partner(number) for number in range(40))))
    parts = imports.app.extensions["copi"]
    slow, noted = Runner(parts.database, parts.storage), Runner._note

    def overtaken(self: Runner, session: Any, job: Any, tally: Any) -> None:
        if self is slow and tally.line > 21:
            # While it slept another one took over; SQLite has one writer, so its lease is simply gone.
            session.connection().execute(update(Import).values(lease_holder=None, lease_until=None))
        noted(self, session, job, tally)

    monkeypatch.setattr(Runner, "_note", overtaken)
    slow.run(threading.Event())
    assert imports.read(sent.json["id"])["lines"] == 20
    later = clock.now() + dt.timedelta(minutes=2)
    monkeypatch.setattr(clock, "read", lambda: later)
    imports.work()
    job = imports.read(sent.json["id"])
    assert (job["state"], counts(job)) == ("done", (40, 0, 0, 0))
    assert rows(imports)["event"] == 40


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["line_by_line", "all_or_nothing"])
def test_killed_in_the_middle_it_is_taken_over_and_nothing_is_there_twice(app, as_, mode, tmp_path):
    imports = Imports(app, as_.copi_editor)
    lines = [
        partner(number, kind="firma" if mode == "line_by_line" and number % 100 == 7 else "company")
        for number in range(4000)
    ]
    sent = imports.send(csv(*lines), mode=mode)
    parts = app.extensions["copi"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COPI_")},
        "COPI_DATABASE_URL": parts.database.url.render_as_string(hide_password=False),
        "COPI_DOCUMENTS": parts.settings.documents,
        "COPI_LOG": "none",
    }
    command = [sys.executable, "-m", "api.cli", "import", "--queued"]
    killed = 0
    while killed < 2 and imports.read(sent.json["id"])["state"] not in ("done", "failed"):
        with subprocess.Popen(command, env=environment) as process:
            _wait(lambda enough=500 * killed: imports.read(sent.json["id"])["lines"] > enough, process)
            process.send_signal(signal.SIGKILL)
        killed += 1
        with parts.database.writing() as session:  # as if the minute of its lease were over
            session.execute(update(Import).values(lease_until=clock.now()))
    imports.work()
    job = imports.read(sent.json["id"])
    refused = 40 if mode == "line_by_line" else 0
    assert killed
    assert (job["state"], counts(job)) == ("done", (4000 - refused, 0, 0, refused))
    assert imports.client.get(f"/imports/{job['id']}/errors").json["total"] == refused
    with parts.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Partner)) == 4000 - refused
        assert connection.scalar(select(func.count()).select_from(Event)) == 4000 - refused


def _wait(reached: Any, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and not reached() and time.monotonic() < until:
        time.sleep(0.02)


def test_one_that_breaks_its_runner_again_and_again_is_given_up(imports: Imports):
    sent = imports.send(TWO_AND_A_HALF)
    with imports.app.extensions["copi"].database.writing() as session:
        session.execute(update(Import).values(attempts=runners.MOST_ATTEMPTS))
    imports.work()
    assert "five times" in imports.read(sent.json["id"])["problem"]["en"]


# --- Kept and forgotten ---------------------------------------------------------------------------------------


def test_what_ended_long_ago_is_forgotten_with_its_file(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    parts = imports.app.extensions["copi"]
    job = imports.take_in(TWO_AND_A_HALF)
    waiting = imports.send(csv(partner(9))).json["id"]
    with parts.database.reading() as connection:
        digest = connection.scalar(select(Import.sha256).where(Import.id == job["id"]))
    documents.tidy(parts.database, parts.storage)
    assert parts.storage.holds(digest), "an import needs its file"
    later = clock.now() + dt.timedelta(days=31)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert purge(parts.database, dataclasses.replace(parts.settings, import_days=30)) == [digest]
    assert documents.erase_unshared(parts.database, parts.storage, digest)
    with parts.database.reading() as connection:
        assert connection.scalars(select(Import.id)).all() == [waiting]
    assert len(partners(imports)) == 2


def test_a_client_of_the_api_needs_a_log_in(client: Client):
    assert client.post("/imports").status_code == 401
