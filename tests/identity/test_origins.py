"""Browser frontends read answers (CORS) from exactly the origins that somebody vouches for, and no longer."""

from __future__ import annotations

import datetime as dt

import pytest

from api.domain import clock
from tests.clients import Client
from tests.make import PASSWORD
from tests.v1.expect import problem

ORIGIN, OTHER, UNKNOWN = "https://app.example.org", "https://other.example", "https://evil.example"


@pytest.fixture
def frontend(make):
    make.client(kind="frontend", origins=[OTHER])
    return make.client(kind="frontend", origins=[ORIGIN, "http://localhost:3000"])


@pytest.fixture
def token(client, make, frontend):
    """Of somebody who logged in through the frontend."""
    make.user(email="user@tests.example")
    login = {"email": "user@tests.example", "password": PASSWORD, "client_id": frontend}
    return client.post("/tokens", login).json["access_token"]


def allowed(answer, origin):
    given = answer.headers.get("Access-Control-Allow-Origin")
    assert given in (None, origin)
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    return given is not None


def preflight(client, origin):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    return client.call("OPTIONS", "/challenges", headers=asked)


@pytest.mark.parametrize(
    ("origin", "may"),
    [(ORIGIN, True), (OTHER, True), ("http://localhost:3000", True), (UNKNOWN, False), (ORIGIN + "/", False),
     ("https://app.example.org:444", False), ("http://app.example.org", False), ("null", False), ("*", False), ("", False)],
)  # fmt: skip
def test_without_a_token_any_origin_that_a_client_lists_may(client, frontend, origin, may):
    assert allowed(preflight(client, origin), origin) is may
    for path in ("/partners", "/nothing", "/status"):
        assert allowed(client.get(path, headers={"Origin": origin}), origin) is may


@pytest.mark.parametrize(("origin", "may"), [(ORIGIN, True), (OTHER, False), (UNKNOWN, False)])
def test_what_a_token_was_shown_for_is_read_from_its_own_client_s_origins(client, token, origin, may):
    bearer = {"Origin": origin, "Authorization": f"Bearer {token}"}
    for path in ("/partners", "/tasks", "/clients"):
        assert allowed(client.get(path, headers=bearer), origin) is may


def test_a_token_of_no_client_is_read_from_the_origins_of_the_settings_alone(client, make, frontend):
    make.user(email="first@tests.example")
    first = client.post("/tokens", {"email": "first@tests.example", "password": PASSWORD}).json["access_token"]
    assert not allowed(client.get("/tasks", headers={"Origin": ORIGIN, "Authorization": f"Bearer {first}"}), ORIGIN)


def test_a_frontend_reads_that_its_token_counts_no_longer(client, frontend):
    refused = client.get("/tasks", headers={"Origin": ORIGIN, "Authorization": "Bearer x.y.z"})
    problem(refused, 401)
    assert allowed(refused, ORIGIN)


def test_a_change_of_origins_counts_a_second_later(app, as_, client, frontend, token, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "read", lambda: now)
    bearer = {"Origin": ORIGIN, "Authorization": f"Bearer {token}"}
    assert allowed(preflight(client, ORIGIN), ORIGIN)
    moved = as_.copi_admin.patch(f"/clients/{frontend}", {"origins": [UNKNOWN]})
    assert moved.status_code == 200
    monkeypatch.setattr(clock, "read", lambda: now + dt.timedelta(seconds=1))
    assert not allowed(preflight(client, ORIGIN), ORIGIN)
    assert not allowed(client.get("/tasks", headers=bearer), ORIGIN)
    assert allowed(client.get("/tasks", headers={**bearer, "Origin": UNKNOWN}), UNKNOWN)
    assert as_.copi_admin.post(f"/clients/{frontend}/block").status_code == 200
    monkeypatch.setattr(clock, "read", lambda: now + dt.timedelta(seconds=2))
    assert not allowed(preflight(client, UNKNOWN), UNKNOWN)


def test_without_an_origin_nothing_is_looked_up(app, client, frontend, monkeypatch):
    from api.kit import origins

    monkeypatch.setattr(origins, "_looked_up", lambda: pytest.fail("looked up"))
    assert Client(app).get("/partners").status_code == 200


def test_a_database_that_is_away_is_what_the_answer_says(app, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def away(*_):
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(app.extensions["copi"].database, "_open", away)
    answer = Client(app).get("/partners", headers={"Origin": ORIGIN})
    problem(answer, 503)
    assert not allowed(answer, ORIGIN)
