"""Lists taken out whole count by themselves: each is more work than a thousand pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.clients import Client
from tests.conftest import Server, build
from tests.make import Make
from tests.v1.expect import problem


@pytest.fixture
def limited(server: Server, tmp_path) -> Iterator[Flask]:
    app = build(server.database("exported"), limits_file=str(tmp_path / "limits"), limit_exports=2)
    yield app
    app.extensions["copi"].database.dispose()


def test_who_takes_lists_out_again_and_again_must_wait(limited):
    client, user = Client(limited), Client(limited, Make(limited.extensions["copi"].database).user())
    first = client.get("/challenges?format=csv")
    assert first.headers["RateLimit"].startswith('"exports";r=1;')
    held = {"If-None-Match": first.headers["ETag"]}
    for _ in range(3):
        assert client.get("/challenges?format=csv", headers=held).status_code == 304, "nothing is taken out"
        assert client.get("/challenges").status_code == 200
    assert client.get("/partners?format=ndjson").status_code == 200
    refused = client.get("/partners?format=xlsx")
    problem(refused, 429)
    assert int(refused.headers["Retry-After"]) <= 600
    assert client.get("/partners").status_code == 200
    assert user.get("/partners?format=xlsx").status_code == 200, "who has a log-in counts alone"
