"""Limits: who is counted how, what the answer says of it, and what happens beyond."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g

from api.domain import clock
from api.domain.errors import Refusal
from api.kit import limits
from openapi.limits import LIMITS
from openapi.spec import intro
from tests.clients import Everybody
from tests.conftest import Server, build, empty
from tests.make import PASSWORD, SECRET, Make
from tests.storage.test_concurrency import serving
from tests.v1.expect import ENGLISH, problem
from tests.v1.operations import OPERATIONS

START = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def _limited(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    quotas = {"limit_anonymous": 3, "limit_logged_in": 5, "limit_failed_tokens": 2, "limit_log_ins": 2,
              "limit_log_ins_per_account": 2}  # fmt: skip
    app = build(server.database("limits"), limits_file=str(tmp_path_factory.mktemp("limits") / "limits"), **quotas)
    yield app
    app.extensions["copi"].database.dispose()


@pytest.fixture(scope="module")
def _roomy(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    quotas = {"limit_anonymous": 30, "limit_logged_in": 25, "limit_failed_tokens": 9, "limit_log_ins": 20,
              "limit_log_ins_per_account": 2, "limit_webhook_tries": 2}  # fmt: skip
    app = build(server.database("roomy"), limits_file=str(tmp_path_factory.mktemp("limits") / "limits"), **quotas)
    yield app
    app.extensions["copi"].database.dispose()


_hours = iter(range(10_000))


class Clock:
    def __init__(self) -> None:
        self.now = START + dt.timedelta(hours=next(_hours))  # each test finds every window over

    def pass_(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(clock, "read", lambda: moved.now)
    return moved


@pytest.fixture
def limited(_limited: Flask, time: Clock) -> Iterator[Flask]:
    yield _limited
    empty(_limited.extensions["copi"].database)
    _limited.extensions["copi"].memory.clear()


@pytest.fixture
def roomy(_roomy: Flask, time: Clock) -> Iterator[Flask]:
    """Where more log-ins are taken from an address than may fail for one account."""
    yield _roomy
    empty(_roomy.extensions["copi"].database)
    _roomy.extensions["copi"].memory.clear()


def ask(app: Flask, address: str = "192.0.2.1", path: str = "/partners", method: str = "GET", **headers: str) -> Any:
    full = path[1:] if path.startswith("//") else f"/v1{path}"
    return app.test_client().open(full, method=method, headers=headers, environ_overrides={"REMOTE_ADDR": address})


def counted(answer: Any) -> tuple[str | None, str | None]:
    return answer.headers.get("RateLimit-Policy"), answer.headers.get("RateLimit")


# --- Without a log-in ---------------------------------------------------------------------------------------


def test_an_address_is_told_what_is_left_and_then_refused_until_the_window_ends(limited, time):
    for left in (2, 1, 0):
        answer = ask(limited)
        assert answer.status_code == 200
        assert counted(answer) == ('"anonymous";q=3;w=60', f'"anonymous";r={left};t=60')
    time.pass_(20.5)
    for _ in range(3):
        answer = ask(limited)
        refusal = problem(answer, 429)
        assert refusal["type"].endswith("/problems/too-many-requests")
        assert "40 sekunder" in refusal["detail"]
        assert answer.headers["Retry-After"] == "40"
        assert counted(answer) == ('"anonymous";q=3;w=60', '"anonymous";r=0;t=40')
    assert "Wait 40 seconds." in problem(ask(limited, **{"Accept-Language": ENGLISH}), 429, language=ENGLISH)["detail"]
    time.pass_(39.5)
    assert counted(ask(limited))[1] == '"anonymous";r=2;t=60'


def test_each_address_has_its_own(limited):
    for _ in range(3):
        ask(limited)
    assert ask(limited).status_code == 429
    assert ask(limited, "192.0.2.2").status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True), ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
     ("::ffff:192.0.2.1", "192.0.2.1", True), ("no address", "no address", True)],
)  # fmt: skip
def test_an_ipv6_subscriber_is_one_whatever_address_it_takes(limited, one, other, same):
    ask(limited, one)
    assert counted(ask(limited, other))[1] == f'"anonymous";r={1 if same else 2};t=60'


def test_every_kind_of_answer_counts_and_says_so(limited):
    tag = ask(limited, "192.0.2.10").headers["ETag"]
    for number, (path, method, headers, status) in enumerate([
        ("/partners", "GET", {"If-None-Match": tag}, 304), ("/partners", "HEAD", {}, 200), ("/nothing", "GET", {}, 404),
        ("/partners", "DELETE", {}, 405), ("/partners?limit=0", "GET", {}, 422), ("/partners", "POST", {}, 401),
        ("/partners", "GET", {"Accept": "text/html"}, 406), ("//docs", "GET", {}, 200), ("//", "GET", {}, 200),
    ]):  # fmt: skip
        answer = ask(limited, f"192.0.2.{20 + number}", path, method, **headers)
        assert (answer.status_code, counted(answer)[1]) == (status, '"anonymous";r=2;t=60'), (path, method)


def test_neither_monitoring_nor_a_browser_s_own_question_counts(limited):
    for _ in range(5):
        for answer in (ask(limited, path="/status"), ask(limited, method="OPTIONS")):
            assert (answer.status_code, counted(answer)) == (200, (None, None))
    assert counted(ask(limited))[1] == '"anonymous";r=2;t=60'


# --- With a log-in ------------------------------------------------------------------------------------------


def test_a_caller_is_counted_wherever_it_calls_from(limited):
    editor = Everybody(limited, Make(limited.extensions["copi"].database)).copi_editor
    for left in (4, 3, 2, 1, 0):
        answer = ask(limited, f"192.0.2.{left}", **editor.headers)
        assert counted(answer) == ('"logged-in";q=5;w=60', f'"logged-in";r={left};t=60')
    problem(ask(limited, "192.0.2.9", **editor.headers), 429)
    assert ask(limited, "192.0.2.9").status_code == 200, "the address itself has asked nothing yet"


def test_bad_tokens_are_counted_apart_and_do_not_keep_good_ones_out(limited):
    bad = {"Authorization": "Bearer x.y.z"}
    for _ in range(2):
        answer = ask(limited, **bad)
        problem(answer, 401)
        assert answer.headers["RateLimit-Policy"] == '"failed-tokens";q=2;w=60, "anonymous";q=3;w=60'
    refused = ask(limited, **bad)
    problem(refused, 429)
    assert counted(refused) == ('"failed-tokens";q=2;w=60', '"failed-tokens";r=0;t=60')
    editor = Everybody(limited, Make(limited.extensions["copi"].database)).copi_editor
    assert ask(limited, **editor.headers).status_code == 200


def test_a_bad_token_is_no_way_round_the_limit_of_an_address(limited):
    for _ in range(2):
        ask(limited, path="//docs", Authorization="Bearer x.y.z")
    assert ask(limited).status_code == 200
    problem(ask(limited), 429)


# --- By name ------------------------------------------------------------------------------------------------


def test_what_is_worth_guarding_is_counted_by_name(limited, time):
    with limited.test_request_context():
        limits.demand("log-ins-per-account", "a@b.example 192.0.2.1")
        limits.demand("log-ins", "192.0.2.1")
        limits.demand("log-ins-per-account", "a@b.example 192.0.2.1")
        with pytest.raises(Refusal) as refused:
            limits.demand("log-ins-per-account", "a@b.example 192.0.2.1")
        assert refused.value.kind.status == 429
        assert refused.value.headers == {"Retry-After": "600"}
        limits.demand("log-ins-per-account", "c@b.example 192.0.2.1")
        assert dict(limits.headers(g.counted))["RateLimit"].startswith(
            '"log-ins-per-account";r=1;t=600, "log-ins";r=1;t=60'
        )
    time.pass_(600)
    with limited.test_request_context():
        limits.demand("log-ins-per-account", "a@b.example 192.0.2.1")


def log_in(app: Flask, email: str, password: str, address: str) -> Any:
    body = {"email": email, "password": password}
    return app.test_client().post("/v1/tokens", json=body, environ_overrides={"REMOTE_ADDR": address})


def test_who_guesses_is_stopped_and_locks_nobody_out(limited, time):
    Make(limited.extensions["copi"].database).user(email="owner@tests.example")
    for _ in range(2):
        problem(log_in(limited, "owner@tests.example", "a guess", "192.0.2.66"), 401)
    problem(log_in(limited, "Owner@Tests.Example", PASSWORD, "192.0.2.66"), 429)
    assert log_in(limited, "owner@tests.example", PASSWORD, "198.51.100.7").status_code == 200


def test_only_log_ins_that_fail_count_against_an_account(roomy):
    Make(roomy.extensions["copi"].database).user(email="owner@tests.example")
    for _ in range(4):
        answer = log_in(roomy, "owner@tests.example", PASSWORD, "192.0.2.66")
        assert answer.status_code == 200
        assert '"log-ins-per-account";r=2;t=600' in answer.headers["RateLimit"]
    bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
    for _ in range(4):
        wanted = {"current": PASSWORD, "new": "1"}
        refused = roomy.test_client().put("/v1/me/password", json=wanted, headers=bearer)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/new")
    for status in (401, 401, 429, 429):
        assert log_in(roomy, "owner@tests.example", "a guess", "192.0.2.66").status_code == status
    problem(log_in(roomy, "owner@tests.example", PASSWORD, "192.0.2.66"), 429)


def test_of_many_guesses_at_once_no_more_are_tried_than_may_fail(roomy):
    Make(roomy.extensions["copi"].database).user(email="owner@tests.example")
    words = ["a guess"] * 8 + [PASSWORD] * 4
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda word: log_in(roomy, "owner@tests.example", word, "192.0.2.66"), words))
    assert Counter(one.status_code for one in answers)[401] <= 2
    again = [log_in(roomy, "owner@tests.example", "a guess", "192.0.2.66").status_code for _ in range(4)]
    assert [*(one.status_code for one in answers), *again].count(401) == 2


# --- Behind one address -------------------------------------------------------------------------------------


def form(app: Flask, path: str, **fields: str) -> Any:
    return app.test_client().post(f"/v1/oauth/{path}", data=fields, environ_overrides={"REMOTE_ADDR": "192.0.2.66"})


@pytest.fixture
def crowded(roomy):
    """An address at which somebody has used up what may be asked without a log-in."""
    make = Make(roomy.extensions["copi"].database)
    make.user(email="owner@tests.example")
    held = log_in(roomy, "owner@tests.example", PASSWORD, "192.0.2.1").json
    for _ in range(30):
        ask(roomy, "192.0.2.66")
    problem(ask(roomy, "192.0.2.66"), 429)
    return held, make.client(scopes=["challenge:read"])


def test_who_shows_who_they_are_is_not_kept_out_by_others_at_their_address(roomy, crowded):
    held, program = crowded
    assert log_in(roomy, "owner@tests.example", PASSWORD, "192.0.2.66").status_code == 200
    next_one = form(roomy, "token", grant_type="refresh_token", refresh_token=held["refresh_token"], client_id="copi")
    assert next_one.status_code == 200
    assert next_one.headers["RateLimit-Policy"] == '"logged-in";q=25;w=60'
    own = {"client_id": program, "client_secret": SECRET + program}
    token = form(roomy, "token", grant_type="client_credentials", **own)
    assert (token.status_code, token.headers["RateLimit-Policy"]) == (200, '"logged-in";q=25;w=60')
    asked = form(roomy, "introspect", token=next_one.json["access_token"], **own)
    assert (asked.status_code, asked.json["active"]) == (200, True)
    assert form(roomy, "revoke", token=token.json["access_token"], **own).status_code == 200
    assert form(roomy, "revoke", token=next_one.json["refresh_token"], client_id="copi").status_code == 200


def test_who_shows_nothing_that_is_good_counts_for_the_address(roomy, crowded):
    problem(log_in(roomy, "owner@tests.example", "a guess", "192.0.2.66"), 429)
    problem(form(roomy, "token", grant_type="refresh_token", refresh_token="x", client_id="copi"), 429)
    problem(form(roomy, "token", grant_type="what"), 429)
    problem(form(roomy, "revoke", token="x", client_id="copi"), 429)
    problem(ask(roomy, "192.0.2.66", "/tokens", "POST"), 429)


def test_a_refresh_beyond_the_limit_of_its_person_uses_nothing_up(roomy, crowded, time):
    held, _ = crowded
    pair = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], "client_id": "copi"}
    bearer = {"Authorization": f"Bearer {held['access_token']}"}
    while ask(roomy, **bearer).status_code == 200:
        pass
    problem(form(roomy, "token", **pair), 429)
    time.pass_(61)
    assert form(roomy, "token", **pair).status_code == 200


def test_webhooks_are_tried_out_so_often_an_hour(roomy, time):
    editor = Everybody(roomy, Make(roomy.extensions["copi"].database)).copi_editor
    webhooks = [editor.post("/webhooks", {"url": "https://93.184.216.34/hook"}).json["id"] for _ in range(2)]
    for left in (1, 0):
        answer = editor.post(f"/webhooks/{webhooks[left]}/ping")
        assert answer.status_code == 202
        assert f'"webhook-tries";r={left};t=3600' in answer.headers["RateLimit"]
    problem(editor.post(f"/webhooks/{webhooks[0]}/ping"), 429)
    time.pass_(3600)
    assert editor.post(f"/webhooks/{webhooks[0]}/ping").status_code == 202


def test_an_address_that_tries_many_accounts_is_stopped(limited):
    for number in range(2):
        problem(log_in(limited, f"somebody{number}@tests.example", "a guess", "192.0.2.66"), 401)
    assert "log-ins" in problem(log_in(limited, "another@tests.example", "a guess", "192.0.2.66"), 429)["detail"]


def test_guesses_at_refresh_tokens_and_client_secrets_are_counted(limited):
    forms: list[dict[str, str]] = [{"grant_type": "refresh_token", "refresh_token": "x", "client_id": "copi"},
                                   {"grant_type": "client_credentials", "client_id": str(uuid.uuid4()), "client_secret": "x"}]  # fmt: skip
    asked = limited.test_client()
    for number, status in enumerate((400, 401, 429)):
        answer = asked.post("/v1/oauth/token", data=forms[number % 2], environ_overrides={"REMOTE_ADDR": "192.0.2.66"})
        assert answer.status_code == status


def test_nought_is_without_limit(app, client):
    answer = client.get("/partners")
    assert counted(answer) == (None, None)
    with app.test_request_context():
        for name in LIMITS:
            limits.demand(name, "x")
        assert "counted" not in g


def test_the_introduction_names_every_limit():
    for one in LIMITS.values():
        assert f"| `{one.name}` | {one.quota} in {one.seconds} s |" in intro()


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_the_contract_says_that_an_operation_counts(operation):
    responses = operation.document["responses"]
    assert ("429" in responses) == (operation.id != "read_status")


# --- All worker processes of a machine ----------------------------------------------------------------------

ASKING = """
import http.client, sys
port, times = int(sys.argv[1]), int(sys.argv[2])
for turn in range(times):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)  # each anew, so that every worker gets some
    connection.request("GET", "/v1/partners?limit=1")
    answer = connection.getresponse()
    answer.read()
    print(answer.status)
    connection.close()
"""


@pytest.mark.slow
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_workers_let_through_exactly_as_many_as_the_limit(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.getcwd())
    settings = {"COPI_WORKERS": "3", "COPI_LIMIT_ANONYMOUS": "500", "COPI_LIMITS_FILE": str(tmp_path / "limits")}
    with serving(server.database("workers"), tmp_path, **settings) as (port, _):
        asking = [subprocess.Popen([sys.executable, "-c", ASKING, str(port), "200"], stdout=subprocess.PIPE, text=True)
                  for _ in range(4)]  # fmt: skip
        answers = Counter(line for one in asking for line in one.communicate(timeout=120)[0].split())
        assert answers == {"200": 500, "429": 300}


@pytest.mark.slow
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_killed_worker_takes_no_count_with_it(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.getcwd())
    settings = {"COPI_WORKERS": "2", "COPI_LIMIT_ANONYMOUS": "50", "COPI_LIMITS_FILE": str(tmp_path / "limits")}
    with serving(server.database("killed-worker"), tmp_path, **settings) as (port, process):
        ask_ = [sys.executable, "-c", ASKING, str(port), "40"]
        assert subprocess.run(ask_, capture_output=True, text=True, check=True).stdout.split() == ["200"] * 40
        children = subprocess.run(
            ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        worker = next(one for one in children if "tend" not in Path(f"/proc/{one}/cmdline").read_text())
        os.kill(int(worker), signal.SIGKILL)
        after: Counter[str] = Counter()
        while sum(after.values()) < 40:
            done = subprocess.run(ask_, capture_output=True, text=True, check=False)
            after.update(done.stdout.split())
        assert after["200"] == 10
