"""Logging in, staying logged in by refresh tokens, and logging out."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.domain import clock
from api.models import User
from tests.clients import Client
from tests.make import PASSWORD
from tests.v1.expect import problem


@pytest.mark.parametrize(
    "body",
    [{"email": "nobody@tests.example", "password": "x"}, {"email": "user@tests.example", "password": "wrong"},
     {"email": "user@tests.example", "password": PASSWORD + " "}],
)  # fmt: skip
def test_wrong_log_ins_are_one_and_the_same_refusal(client, make, body):
    make.user(email="user@tests.example")
    refusal = problem(client.post("/tokens", body), 401)
    assert refusal["type"].endswith("/problems/bad-credentials")
    assert not refusal["errors"]


def test_a_blocked_user_cannot_log_in(client, make):
    make.user(email="user@tests.example", blocked=True)
    problem(client.post("/tokens", {"email": "user@tests.example", "password": PASSWORD}), 401)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/email"), ({"email": "a@b.dk"}, "/password"), ({"email": "a\x00@b.dk", "password": "x"}, "/email"),
     ({"email": "a@b.dk", "password": "a\x00b"}, "/password"), ({"email": "a@b.dk", "password": "x" * 513}, "/password"),
     ({"email": 5, "password": "x"}, "/email"), ({"email": "a@b.dk", "password": ""}, "/password"),
     ({"email": "a@b.dk", "password": "x", "scope": "admin"}, "/scope")],
)  # fmt: skip
def test_a_log_in_that_is_not_well_formed_is_invalid(client, body, pointer):
    refusal = client.post("/tokens", body)
    problem(refusal, 422, pointer)


def test_a_token_is_never_kept_by_anyone_in_between(client, make):
    """RFC 6749, section 5.1."""
    make.user(email="admin@tests.example")
    made = client.post("/tokens", {"email": "admin@tests.example", "password": PASSWORD})
    assert "no-store" in made.headers.get("Cache-Control", "")


def test_whoever_logs_in_gets_a_token_that_works(client, make):
    make.user(email="admin@tests.example", duties=["copi_admin"])
    made = client.post("/tokens", {"email": "Admin@Tests.Example", "password": PASSWORD})
    assert made.status_code == 200
    assert made.json["token_type"] == "Bearer"
    bearer = {"Authorization": f"Bearer {made.json['access_token']}"}
    assert client.post("/partners", {"name": {"da": "X"}, "kind": "company"}, headers=bearer).status_code == 201


# --- Staying logged in --------------------------------------------------------------------------------------


@pytest.fixture
def logged_in(client, make):
    """The tokens of somebody who has just logged in."""
    make.user(email="user@tests.example", duties=["copi_admin"])
    return client.post("/tokens", {"email": "user@tests.example", "password": PASSWORD}).json


def refresh(client, token, **form):
    return client.call("POST", "/oauth/token", data={"grant_type": "refresh_token", "refresh_token": token,
                                                     "client_id": "copi", **form})  # fmt: skip


def works(client, tokens):
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    return client.get("/tasks", headers=bearer).status_code == 200


def test_a_refresh_token_gets_the_next_pair(client, logged_in):
    answer = refresh(client, logged_in["refresh_token"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["refresh_token"] != logged_in["refresh_token"]
    assert works(client, answer.json)
    assert works(client, logged_in)


def test_a_refresh_token_used_twice_ends_the_whole_session(client, logged_in):
    later = refresh(client, logged_in["refresh_token"]).json
    stolen = refresh(client, logged_in["refresh_token"])
    assert (stolen.status_code, stolen.json["error"]) == (400, "invalid_grant")
    assert refresh(client, later["refresh_token"]).json["error"] == "invalid_grant"
    assert not works(client, later)
    assert not works(client, logged_in)


def test_a_refresh_token_that_has_been_used_revokes_the_whole_session_too(client, logged_in):
    later = refresh(client, logged_in["refresh_token"]).json
    form = {"token": logged_in["refresh_token"], "client_id": "copi"}
    assert client.call("POST", "/oauth/revoke", data=form).status_code == 200
    assert refresh(client, later["refresh_token"]).json["error"] == "invalid_grant"
    assert not works(client, later)


def test_of_twenty_that_come_at_once_with_one_refresh_token_one_gets_tokens(app, logged_in):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: refresh(Client(app), logged_in["refresh_token"]), range(20)))
    assert sorted(one.status_code for one in answers) == [200] + [400] * 19


def test_logging_out_ends_the_session_and_no_other(client, make, logged_in):
    elsewhere = client.post("/tokens", {"email": "user@tests.example", "password": PASSWORD}).json
    bearer = {"Authorization": f"Bearer {logged_in['access_token']}"}
    assert client.call("DELETE", "/tokens", headers=bearer).status_code == 204
    assert not works(client, logged_in)
    assert refresh(client, logged_in["refresh_token"]).json["error"] == "invalid_grant"
    assert works(client, elsewhere)
    problem(client.call("DELETE", "/tokens", headers=bearer), 401)
    problem(client.call("DELETE", "/tokens"), 401)


@pytest.mark.parametrize(("days", "goes_on"), [(6, True), (8, False)])
def test_a_session_that_lies_idle_ends(client, logged_in, monkeypatch, days, goes_on):
    later = clock.now() + dt.timedelta(days=days)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert refresh(client, logged_in["refresh_token"]).status_code == (200 if goes_on else 400)


def test_a_session_ends_in_the_end_however_much_it_is_used(client, logged_in, monkeypatch):
    begun, pair = clock.now(), logged_in
    for days in range(5, 30, 5):
        monkeypatch.setattr(clock, "read", lambda days=days: begun + dt.timedelta(days=days))
        answer = refresh(client, pair["refresh_token"])
        assert answer.status_code == 200
        pair = answer.json
    monkeypatch.setattr(clock, "read", lambda: begun + dt.timedelta(days=30))
    assert refresh(client, pair["refresh_token"]).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "error"),
    [({"grant_type": "password"}, "unsupported_grant_type"), ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
     ({"grant_type": ""}, "invalid_request"), ({"refresh_token": "copi_refresh_x"}, "invalid_grant"),
     ({"refresh_token": ""}, "invalid_request"), ({"refresh_token": "\x00"}, "invalid_request"),
     ({"client_id": ""}, "invalid_client"), ({"client_id": "019b76da-a800-7000-8000-00000000000a"}, "invalid_client"),
     ({"client_id": "nobody"}, "invalid_client"), ({"grant_type": "client_credentials"}, "unauthorized_client")],
)  # fmt: skip
def test_what_oauth_refuses_it_says_in_its_own_words(client, logged_in, form, error):
    answer = refresh(client, logged_in["refresh_token"], **form)
    assert answer.json["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert answer.content_type == "application/json"
    assert answer.json["error_description"].isascii()
    if error == "invalid_request":
        assert next(iter(form)) in answer.json["error_description"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"grant_type=a&grant_type=b", None, 400),
     (b"\xff=1", None, 400), (b"grant_type=%ED%A0%80", None, 400), (b"grant_type", None, 400), (b"", None, 400),
     (b"a=1&" * 30, None, 400)],
)  # fmt: skip
def test_a_form_that_cannot_be_read_is_refused(client, body, kind, status):
    answer = client.call("POST", "/oauth/token", data=body,
                         content_type=kind or "application/x-www-form-urlencoded")  # fmt: skip
    assert (answer.status_code, answer.json["error"]) == (status, "invalid_request")


def test_what_oauth_has_no_word_for_is_a_problem(client):
    problem(client.post("/oauth/token", {"grant_type": "refresh_token"}), 415)
    problem(client.call("POST", "/oauth/token", data={"a": "x" * 2_000_000}), 413)


def test_a_blocked_user_stays_logged_in_nowhere(app, client, make):
    user = make.user(email="soon@tests.example")
    pair = client.post("/tokens", {"email": "soon@tests.example", "password": PASSWORD}).json
    with app.extensions["copi"].database.writing() as session:
        session.get_one(User, user).blocked = True
    assert not works(client, pair)
    assert refresh(client, pair["refresh_token"]).json["error"] == "invalid_grant"
