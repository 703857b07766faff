"""The Host header is what anybody writes: it breaks nothing, and names nobody once the service knows its address."""

from __future__ import annotations

import jwt
import pytest

from tests.conftest import build
from tests.make import PASSWORD, Make

HOSTS = [
    "evil.example",
    "evil.example:99999",
    "a b",
    'e"vil',
    "[::1",
    "\xe9vil",
    "a/b",
    "a\\b",
    "user@evil",
    "evil?x",
    "",
]
PUBLIC = "https://api.example.org"


@pytest.mark.parametrize("host", HOSTS)
def test_an_odd_host_breaks_nothing(app, host):
    for path in ("/", "/v1/partners", "/v1/nothing", "/problems/invalid", "/.well-known/oauth-authorization-server"):
        assert app.test_client().get(path, headers={"Host": host}).status_code < 500


def test_the_service_names_itself_by_its_own_address(server):
    app = build(server.database("hosts"), public_url=PUBLIC)
    Make(app.extensions["copi"].database).user(email="karen@tests.example")
    client, evil = app.test_client(), {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    told = [client.get(path, headers=evil) for path in ("/.well-known/oauth-authorization-server", "/v1/nothing")]
    body = {"email": "karen@tests.example", "password": PASSWORD}
    token = client.post("/v1/tokens", json=body, headers=evil).json["access_token"]
    app.extensions["copi"].database.dispose()
    assert jwt.decode(token, options={"verify_signature": False})["iss"] == PUBLIC
    for answer in told:
        assert "evil.example" not in answer.text
