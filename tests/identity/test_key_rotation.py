"""Signing keys are changed while everybody works: no valid token is refused, and what a key taken away signed is."""

from __future__ import annotations

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
