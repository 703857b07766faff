"""Signing keys are changed while everybody works: no valid token is refused, and what a key taken away signed is."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask

from api.cli.demo import DEMO_PASSWORD
from api.domain import clock
from api.identity import keys
from tests.clients import Client
from tests.conftest import Server, build
from tests.make import PASSWORD, Make
from tests.storage.test_concurrency import call, serving

ROOT = Path(__file__).parents[2]


def copi(url: str, *words: str) -> Any:
    """What a command says in JSON."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COPI_")}
    environment = {**kept, "COPI_DATABASE_URL": url, "COPI_SECRET": "of-the-tests-" * 4, "COPI_LOG": "none"}
    done = subprocess.run([sys.executable, "-m", "api.cli", *words, "--json"], env=environment, cwd=ROOT,
                          capture_output=True, check=True)  # fmt: skip
    return json.loads(done.stdout)


def log_in(port: int) -> str:
    login = {"email": "editor@aarhus.example", "password": DEMO_PASSWORD}
    return str(call(port, "POST", "/v1/tokens", login)[1]["access_token"])


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def asked(port: int, token: str, times: int = 30) -> Counter[int]:
    """Each time over another connection, so that every worker is asked."""
    return Counter(call(port, "GET", "/v1/me", Authorization=f"Bearer {token}")[0] for _ in range(times))


@pytest.mark.slow
def test_keys_change_under_load(server: Server, tmp_path: Path) -> None:
    url = server.database("rotation")
    with serving(url, tmp_path, COPI_WORKERS="3") as (port, _):
        old, over, seen = log_in(port), threading.Event(), Counter[int]()

        def work() -> None:
            while not over.is_set():
                seen.update(asked(port, old, 5))
                seen.update(asked(port, log_in(port), 5))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        made = copi(url, "keys", "rotate", "--now")
        new = log_in(port)
        over.set()
        for thread in threads:
            thread.join()

        assert set(seen) == {200}
        assert (kid(new), kid(old) != kid(new)) == (made["kid"], True)
        published = {key["kid"] for key in call(port, "GET", "/.well-known/jwks.json")[1]["keys"]}
        assert published == {kid(old), kid(new)}
        assert asked(port, old) == asked(port, new) == {200: 30}

        copi(url, "keys", "retire", kid(old))
        assert asked(port, old) == {401: 30}
        assert asked(port, new) == {200: 30}
        assert {key["kid"] for key in call(port, "GET", "/.well-known/jwks.json")[1]["keys"]} == {kid(new)}


class Turning:
    """One installation whose keys are turned while time goes by, and a person who logs in now and then."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.service = app, app.extensions["copi"]
        self.begun, self.tokens = clock.now(), list[str]()
        self.at = lambda seconds: monkeypatch.setattr(clock, "read", lambda: self.begun + dt.timedelta(seconds=seconds))
        self.at(0)

    def rotate(self, *, at_once: bool = False) -> str:
        with self.service.database.writing() as session:
            return keys.rotate(session, self.service.settings, at_once=at_once).kid

    def retire(self, kid: str) -> None:
        with self.service.database.writing() as session:
            keys.retire(session, kid)

    def signer(self) -> str:
        answer = Client(self.app).post("/tokens", {"email": "user@tests.example", "password": PASSWORD})
        self.tokens.append(answer.json["access_token"])
        return kid(self.tokens[-1])

    def good(self) -> list[int]:
        return [
            Client(self.app).get("/me", headers={"Authorization": f"Bearer {one}"}).status_code for one in self.tokens
        ]


@pytest.fixture
def turning(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> Turning:
    make.user(email="user@tests.example")
    return Turning(app, monkeypatch)


LIFE = 900


def test_a_key_that_was_to_sign_later_never_does_when_another_takes_its_place_at_once(turning: Turning) -> None:
    first = turning.signer()
    turning.rotate()
    assert turning.signer() == first
    now = turning.rotate(at_once=True)
    for seconds in (0, 301, 301 + LIFE, 2 * LIFE, 10 * LIFE):
        turning.at(seconds)
        assert turning.signer() == now
        assert turning.good()[2:] == [200] * (len(turning.tokens) - 2)


def test_turning_twice_leaves_every_token_its_time(turning: Turning) -> None:
    first = turning.signer()
    turning.rotate()
    turning.at(200)
    last = turning.rotate()
    turning.at(499)
    assert turning.signer() == first
    turning.at(500)
    assert turning.signer() == last
    turning.at(499 + LIFE)
    assert turning.good() == [200] * 3
    turning.at(500 + LIFE)
    assert turning.good() == [401, 401, 200]


def test_a_key_whose_successor_is_retired_signs_nothing_it_does_not_outlive(turning: Turning) -> None:
    first, next_one = turning.signer(), turning.rotate()
    turning.retire(next_one)
    turning.at(300)
    assert turning.signer() == first
    turning.at(301)
    assert turning.signer() not in (first, next_one)
    turning.at(300 + LIFE)
    assert turning.good() == [401, 401, 200]


def test_another_secret_makes_another_key_and_what_was_signed_stays_good(server: Server) -> None:
    url = server.database("another-secret")
    before: Flask = build(url)
    after: Flask = build(url, secret="another-secret-" * 4)
    Make(before.extensions["copi"].database).user(email="user@tests.example")
    old, new = (Client(app).post("/tokens", {"email": "user@tests.example", "password": PASSWORD}).json["access_token"]
                for app in (before, after))  # fmt: skip
    assert kid(old) != kid(new)
    for app in (before, after):
        for token in (old, new):
            assert Client(app).get("/tasks", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        app.extensions["copi"].database.dispose()
