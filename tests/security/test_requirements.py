"""What the page on security promises and no other test shows."""

from __future__ import annotations

import http.client
import socket

import pytest

from api.identity import secrets
from tests.clients import Client
from tests.contract.test_conformance import contract
from tests.make import PASSWORD
from tests.people.conftest import log_in  # noqa: F401 - a fixture
from tests.storage.test_concurrency import serving
from tests.v1.expect import problem


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [("/", "text/html", "text/html; charset=utf-8"), ("/docs", "text/html", "text/html; charset=utf-8"),
     ("/docs/security", "text/html", "text/html; charset=utf-8"), ("/", "application/json", "application/json"),
     ("/v1/partners", "*/*", "application/json"), ("/v1/openapi.json", "*/*", "application/json"),
     ("/.well-known/jwks.json", "*/*", "application/json"), ("/v1/nothing", "*/*", "application/problem+json"),
     ("/docs/swagger-ui.css", "*/*", "text/css; charset=utf-8")],
)  # fmt: skip
def test_every_body_says_what_it_is(client, path, accept, kind):
    with client.outside(path, headers={"Accept": accept}) as answer:
        assert answer.content_type == kind
        if "json" in kind:
            assert answer.get_json(force=True)


def test_a_password_does_not_grow_old(make, log_in, travel):  # noqa: F811
    make.user(email="karen@tests.example")
    travel("2099-01-01")
    log_in("karen@tests.example")


def test_nothing_is_asked_of_a_person_but_address_and_password():
    schemas = contract()["components"]["schemas"]
    assert set(schemas["TokenRequest"]["properties"]) == {"email", "password", "client_id"}
    assert set(schemas["Accept"]["properties"]) == {"token", "name", "password"}


def test_whoever_logs_in_again_has_one_session(app, make, log_in):  # noqa: F811
    make.user(email="karen@tests.example")
    elsewhere, karen, other = (log_in("karen@tests.example") for _ in range(3))
    make.user(email="another@tests.example")
    body = {"email": "karen@tests.example", "password": PASSWORD}
    fresh = karen.post("/tokens", body).json["access_token"]
    problem(karen.get("/me"), 401)
    for token in (fresh, elsewhere.headers["Authorization"].removeprefix("Bearer ")):
        assert Client(app).get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert elsewhere.get("/me/sessions").json["total"] == 3
    # Neither a wrong password nor another person's ends anything.
    assert other.post("/tokens", {**body, "password": "x" * 15}).status_code == 401
    assert other.post("/tokens", {**body, "email": "another@tests.example"}).status_code == 200
    assert other.get("/me").status_code == 200


@pytest.mark.parametrize("kind", ["refresh", "secret", "invitation"])
def test_what_is_handed_out_cannot_be_guessed(kind):
    made = {secrets.fresh(kind) for _ in range(1_000)}
    assert len(made) == 1_000
    assert {len(one.removeprefix(f"copi_{kind}_")) for one in made} == {43}  # 256 bits in base64url


@pytest.mark.parametrize("path", ["token", "revoke", "introspect"])
def test_a_service_shows_its_secret_wherever_it_asks(client, make, path):
    id = make.client()
    form = {"client_id": id, "grant_type": "client_credentials", "token": "x"}
    for wrong in ({}, {"client_secret": "x"}, {"client_secret": "copi_secret_"}):
        answer = client.call("POST", f"/oauth/{path}", data={**form, **wrong})
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


LOG_IN = b'{"email":"nobody@tests.example","password":"x"}'
IN_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(LOG_IN), LOG_IN)


@pytest.mark.slow
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_request_ends_in_one_place_however_its_length_is_said(server, tmp_path):
    """A proxy in front may go by the other of two lengths: what it took for a body must not become a request."""
    chunked, long = b"Transfer-Encoding: chunked\r\n", b"Content-Length: %d\r\n" % len(IN_CHUNKS)
    with serving(server.database("smuggling"), tmp_path) as (port, _):
        # Read as chunks it is a log-in of nobody; by its length it would be no JSON.
        assert status_of(port, chunked + long) == 401
        assert status_of(port, long + chunked) == 401
        assert status_of(port, chunked) == 401
        assert status_of(port, long) == 400
        # Refused before anything is read.
        for both in (b"Content-Length: 5\r\n" + long, b"Transfer-Encoding: xchunked\r\n", b"Content-Length: +5\r\n"):
            assert status_of(port, both, "") == 400


def status_of(port, lengths, kind="application/problem+json"):
    """The status of a log-in sent with those lengths; by whom, its media type says."""
    head = b"POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head + lengths + b"\r\n" + IN_CHUNKS)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        answer.read()
    assert (answer.headers.get("Content-Type") or "") == kind
    return answer.status
