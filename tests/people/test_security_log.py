"""The security log: everything that happens to somebody's access, no secret ever, and no longer than it may."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from api.domain import clock
from api.identity import purge
from api.models import Invitation, LoginSession, RefreshToken, RevokedToken, SecurityEvent
from schemas.vocabulary import SecurityEventKind as Kind
from tests.clients import Client
from tests.make import PASSWORD
from tests.people.conftest import NEW
from tests.v1.expect import problem

OF_PROGRAMS = {Kind.CLIENT_CREATED, Kind.CLIENT_CHANGED, Kind.SECRET_CREATED, Kind.SECRET_REVOKED}
"""What only happens to programs is tried with them."""
OF_KEYS = {Kind.KEY_ROTATED, Kind.KEY_RETIRED}
"""What happens to nobody's access alone is tried with the commands."""
OF_WEBHOOKS = {kind for kind in Kind if kind.startswith("webhook_")}
"""What happens to webhooks as well."""


def refresh(client, token):
    return client.call(
        "POST", "/oauth/token", data={"grant_type": "refresh_token", "refresh_token": token, "client_id": "copi"}
    )


@pytest.fixture
def everything(app, make, home, manager, as_, client):
    """All that can happen to somebody's access; returns every secret that was used."""
    admin, secrets = as_.copi_admin, {PASSWORD, NEW, "forkert adgangskode", NEW + " to"}

    def log_in(email, password):
        answer = client.post("/tokens", {"email": email, "password": password})
        secrets.update((answer.json or {}).get(name, "") for name in ("access_token", "refresh_token"))
        return answer

    token = manager.post(f"/partners/{home}/invitations", {"email": "karen@tests.example", "role": "editor"}).json[
        "token"
    ]
    withdrawn = manager.post(f"/partners/{home}/invitations", {"email": "b@tests.example", "role": "editor"}).json
    manager.call("DELETE", f"/partners/{home}/invitations/{withdrawn['id']}")
    karen = client.post("/invitations/accept", {"token": token, "name": "Karen", "password": NEW}).json["id"]
    log_in("karen@tests.example", "forkert adgangskode")
    log_in("nobody@tests.example", "forkert adgangskode")
    first = log_in("karen@tests.example", NEW).json
    second = refresh(client, first["refresh_token"]).json
    refresh(client, first["refresh_token"])
    secrets.update((token, withdrawn["token"], second["access_token"], second["refresh_token"]))
    third = Client(app)
    third.headers["Authorization"] = f"Bearer {log_in('karen@tests.example', NEW).json['access_token']}"
    third.put("/me/password", {"current": NEW, "new": NEW + " to"})
    third.get("/users")
    third.call("DELETE", "/tokens")
    third.get("/me")
    sessionless = Client(app, karen)
    secrets.add(sessionless.headers["Authorization"].removeprefix("Bearer "))
    sessionless.call("DELETE", "/tokens")
    admin.put(f"/partners/{home}/members/{karen}", {"role": "member"})
    admin.put(f"/users/{karen}/duties", {"duties": ["adviser"]})
    secrets.add(admin.post(f"/users/{karen}/password-reset").json["token"])
    admin.post(f"/users/{karen}/block", {"reason": "Telefonen er stjålet."})
    admin.post(f"/users/{karen}/unblock", {"reason": "Fundet."})
    admin.post(f"/users/{karen}/erase", {"reason": "Har bedt om det."})
    secrets.update(one.headers["Authorization"].removeprefix("Bearer ") for one in (admin, manager))
    return karen, secrets - {""}


def test_every_kind_of_thing_is_written_down(everything, noted):
    assert {one.kind for one in noted()} == set(Kind) - OF_PROGRAMS - OF_KEYS - OF_WEBHOOKS


def test_no_secret_is_ever_in_it(everything, noted):
    _, secrets = everything
    told = "\n".join(repr(vars(one)) for one in noted())
    assert len(secrets) > 12
    assert [one for one in secrets if one[-20:] in told] == []


def test_a_refusal_tells_who_and_what_and_nothing_that_was_sent(everything, noted):
    karen, _ = everything
    refused = [(one.user_id, one.details) for one in noted("refused")]
    assert (karen, {"status": 403, "operation": "list_users", "permission": "user:read"}) in refused
    assert (karen, {"status": 401, "operation": "read_me", "permission": "logged-in"}) in refused


def test_what_is_no_token_of_ours_is_not_written_down(client, noted, as_):
    for authorization in ("Bearer x", "Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "Basic YTpi"):
        problem(client.get("/me", headers={"Authorization": authorization}), 401)
    problem(client.get("/me"), 401)
    problem(as_.copi_editor.get("/users/01941f29-7c00-7000-8000-000000000000"), 404)
    assert noted("refused") == []


def test_a_refused_step_is_written_down_too(as_, make, noted):
    challenge = make.challenge("draft", owner=make.home)
    problem(as_(make.home, "editor").post(f"/challenges/{challenge}/publish", version=1), 403)
    problem(as_(make.home, "editor").post(f"/challenges/{challenge}/archive", version=1), 403)
    assert [one.details["permission"] for one in noted("refused")] == ["challenge:publish", "challenge:archive"]


def test_people_read_what_happened_to_them_and_no_more(make, home, manager, log_in, as_):
    id = make.user(email="karen@tests.example", roles={home: "editor"})
    karen = log_in("karen@tests.example")
    manager.put(f"/partners/{home}/members/{id}", {"role": "member"})
    page = karen.get("/me/security-events").json
    assert [one["kind"] for one in page["items"]] == ["role_changed", "logged_in"]
    changed, logged_in = page["items"]
    assert (changed["actor_id"], changed["address"]) == (manager.user_id, None)
    assert logged_in["address"] == "127.0.0.1"
    told = as_.copi_admin.get(f"/users/{id}/security-events").json["items"]
    assert told[0]["address"] == "127.0.0.1"
    first = karen.get("/me/security-events?limit=1").json
    assert first["total"] == 2
    assert karen.get(first["next"].removeprefix("/v1")).json["items"] == [logged_in]


# --- Forgetting ---------------------------------------------------------------------------------------------


def kept(app):
    """How many rows there are of what is forgotten."""
    with app.extensions["copi"].database.writing() as session:
        models = (SecurityEvent, LoginSession, RefreshToken, RevokedToken, Invitation)
        return {model.__name__: session.scalar(select(func.count()).select_from(model)) for model in models}


def forget(app, monkeypatch, **later):
    now = clock.now() + dt.timedelta(**later)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "read", lambda: now)
        return purge.purge(app.extensions["copi"].database, app.extensions["copi"].settings)


def test_what_is_still_good_stays(app, monkeypatch, make, log_in, invite):
    make.user(email="karen@tests.example")
    log_in("karen@tests.example")
    token = invite("new@tests.example")
    before = kept(app)
    assert forget(app, monkeypatch, days=6, hours=23) == 0
    assert kept(app) == before
    assert Client(app).post("/invitations/accept", {"token": token, "name": "Ny", "password": NEW}).status_code == 200


def test_what_is_over_is_forgotten(app, monkeypatch, everything, log_in, make):
    make.user(email="lise@tests.example")
    log_in("lise@tests.example")
    there = kept(app)
    assert forget(app, monkeypatch, seconds=0) > 0
    after = kept(app)
    assert (after["LoginSession"], after["RefreshToken"]) == (1, 1)
    forget(app, monkeypatch, days=7, seconds=1)
    after = kept(app)
    assert after == {"SecurityEvent": there["SecurityEvent"], "LoginSession": 0, "RefreshToken": 0, "RevokedToken": 0,
                     "Invitation": 0}  # fmt: skip
    forget(app, monkeypatch, days=364)
    assert kept(app)["SecurityEvent"] == there["SecurityEvent"] + 0
    forget(app, monkeypatch, days=365, seconds=1)
    assert kept(app)["SecurityEvent"] == 0


def test_a_token_of_a_session_that_is_forgotten_does_not_come_back(app, monkeypatch, make, log_in):
    make.user(email="karen@tests.example")
    karen = log_in("karen@tests.example")
    karen.call("DELETE", "/tokens")
    forget(app, monkeypatch, seconds=0)
    problem(karen.get("/me"), 401)


def test_many_forget_at_once(app, make, log_in):
    make.user(email="karen@tests.example")
    for _ in range(3):
        log_in("karen@tests.example").call("DELETE", "/tokens")
    copi = app.extensions["copi"]
    with ThreadPoolExecutor(8) as pool:
        gone = list(pool.map(lambda _: purge.purge(copi.database, copi.settings), range(8)))
    assert sum(gone) == 3
    assert kept(app)["LoginSession"] == 0


# --- What the answers do not tell ---------------------------------------------------------------------------


def test_a_failed_log_in_costs_the_same_whether_or_not_there_is_an_account(client, make, noted):
    make.user(email="karen@tests.example")
    make.user(email="blocked@tests.example", blocked=True)
    answers = [client.post("/tokens", {"email": f"{name}@tests.example", "password": PASSWORD + "!"})
               for name in ("karen", "nobody", "blocked")]  # fmt: skip
    told = [{**problem(one, 401), "instance": ""} for one in answers]
    assert told[0] == told[1] == told[2]
    assert len(noted("login_failed")) == 3


def test_failures_lock_nobody_out(client, make, log_in):
    make.user(email="karen@tests.example")
    for _ in range(12):
        problem(client.post("/tokens", {"email": "karen@tests.example", "password": "x"}), 401)
    assert log_in("karen@tests.example").get("/me").status_code == 200
