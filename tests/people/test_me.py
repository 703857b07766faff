"""One's own account: who one is, what one may do, and what one changes about oneself."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from api.domain import policy
from api.models import Client as Program
from api.models import Membership, User
from schemas.vocabulary import ClientKind, Role
from tests.clients import Client, token_for
from tests.make import PASSWORD
from tests.people.conftest import NEW, at_once
from tests.v1.expect import problem


def service_account(app, make, partner, scopes, role="manager"):
    """A program that acts for a partner, with a token."""
    user = make.user(email=None, password_hash=None, name="Fagsystem", roles={partner: role})
    with app.extensions["copi"].database.writing() as session:
        made = session.get_one(User, user).created_at
        session.add(Program(id=user, name="Fagsystem", kind=ClientKind.SERVICE, scopes=scopes, created_at=made))
    client = Client(app)
    client.headers["Authorization"] = f"Bearer {token_for(app, user, client=user, scope=' '.join(scopes))}"
    return client


def test_a_person_reads_what_they_are(app, make, home):
    id = make.user(roles={home: "editor"}, name="Karen Holm", email="karen@tests.example")
    answer = Client(app, id).get("/me")
    assert answer.headers["Cache-Control"] == "no-store"
    [membership] = answer.json["memberships"]
    assert membership["partner"] == {"id": home, "name": {"da": "Hjemme Kommune", "en": None}}
    assert membership["role"] == "editor"
    told = {
        name: answer.json[name] for name in ("id", "kind", "name", "email", "duties", "allows", "scopes", "sandbox")
    }
    assert told == {"id": id, "kind": "person", "name": "Karen Holm", "email": "karen@tests.example", "duties": [],
                    "allows": [], "scopes": [], "sandbox": None}  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_what_a_role_allows_is_what_the_policy_says(app, make, role):
    trusted = make.partner(kind="municipality", trusted=True)
    client = Client(app, make.user(roles={make.home: role, trusted: role}))
    allows = {one["partner"]["id"]: set(one["allows"]) for one in client.get("/me").json["memberships"]}
    assert ("challenge:create" in allows[make.home]) == (role != "member")
    assert ("partner:invite" in allows[make.home]) == (role == "manager")
    assert "document:create" in allows[make.home]  # a member, too, may add to an enquiry
    assert "enquiry:create" in allows[make.home]
    assert allows[trusted] - allows[make.home] == ({"challenge:publish"} if role == "manager" else set())
    assert not [one for one in allows[make.home] if one.startswith("user:")]


def test_what_a_duty_allows_is_told_apart_from_the_roles(as_):
    assert "challenge:publish" in as_.copi_editor.get("/me").json["allows"]
    assert "user:block" not in as_.copi_editor.get("/me").json["allows"]
    assert "partner:create" in as_.adviser.get("/me").json["allows"]
    allowed = set(as_.copi_admin.get("/me").json["allows"])
    assert {one for one, row in policy.POLICY.items() if policy.copi_admin in row} <= allowed


def test_a_promise_is_kept(app, make, home):
    """Of each role, a permission that is told is one that works, and the other way round."""
    for role in Role:
        client = Client(app, make.user(roles={home: role}))
        [membership] = client.get("/me").json["memberships"]
        answer = client.get(f"/partners/{home}/members")
        assert (answer.status_code == 200) == ("partner:read-members" in membership["allows"])


def test_a_program_reads_its_scopes_and_changes_nothing(app, make, home):
    program = service_account(app, make, home, ["challenge:create", "partner:read-members"])
    told = program.get("/me").json
    assert (told["kind"], told["email"]) == ("service", None)
    assert told["scopes"] == ["challenge:create", "partner:read-members"]
    assert told["memberships"][0]["allows"] == told["scopes"]
    problem(program.patch("/me", {"name": "Et andet"}), 403)
    problem(program.put("/me/password", {"current": "x", "new": NEW}), 403)
    problem(program.post("/me/erase", {"password": "x"}), 403)
    assert program.get("/me/sessions").json["items"] == []


def test_who_plays_in_a_sandbox_changes_no_account(app, make):
    test_client, user = "019b76da-a800-7000-8000-00000000000c", make.user(duties=["copi_admin"])
    with app.extensions["copi"].database.writing() as session:
        made = session.get_one(User, user).created_at
        session.add(Program(id=test_client, name="Prøve", kind=ClientKind.FRONTEND, test=True, created_at=made))
    player = Client(app)
    player.headers["Authorization"] = f"Bearer {token_for(app, user, client=test_client)}"
    assert player.get("/me").json["sandbox"] == test_client
    problem(player.patch("/me", {"name": "Et andet"}), 403)
    problem(player.post(f"/users/{make.user()}/block", {"reason": "Leg."}), 404)
    problem(player.get("/users"), 403)


def test_a_name_can_be_changed_and_nothing_else(as_):
    client = as_.copi_editor
    assert client.patch("/me", {"name": "Karen Holm"}).json["name"] == "Karen Holm"
    assert client.get("/me").json["name"] == "Karen Holm"
    for body, pointer in (({}, "/name"), ({"name": None}, "/name"), ({"name": ""}, "/name"), ({"name": "x" * 201}, "/name"),
                          ({"name": "a\nb"}, "/name"), ({"name": "x", "email": "a@b.dk"}, "/email"),
                          ({"name": "x", "duties": ["copi_admin"]}, "/duties")):  # fmt: skip
        problem(client.patch("/me", body), 422, pointer)


def test_nobody_has_no_account(client):
    for method, path in (("GET", "/me"), ("PATCH", "/me"), ("GET", "/me/sessions"), ("PUT", "/me/password"),
                         ("GET", "/me/security-events"), ("POST", "/me/erase")):  # fmt: skip
        problem(client.call(method, path), 401)


# --- Log-ins ------------------------------------------------------------------------------------------------


def test_log_ins_are_listed_and_ended(make, log_in):
    make.user(email="karen@tests.example")
    here, there = log_in("karen@tests.example"), log_in("karen@tests.example")
    found = here.get("/me/sessions").json
    assert found["total"] == 2
    [other] = [one for one in found["items"] if not one["current"]]
    assert other["client_id"] == "copi"
    assert here.call("DELETE", f"/me/sessions/{other['id']}").status_code == 204
    problem(there.get("/me"), 401)
    problem(here.call("DELETE", f"/me/sessions/{other['id']}"), 404)
    assert [one["current"] for one in here.get("/me/sessions").json["items"]] == [True]


def test_others_log_ins_are_not_there(make, log_in, as_):
    make.user(email="karen@tests.example")
    karen = log_in("karen@tests.example")
    [mine] = karen.get("/me/sessions").json["items"]
    for other in (as_.copi_admin, as_.copi_editor):
        problem(other.call("DELETE", f"/me/sessions/{mine['id']}"), 404)
    problem(karen.call("DELETE", "/me/sessions/not-an-id"), 404)
    assert karen.get("/me").status_code == 200


def test_pages_of_log_ins_lead_on(make, log_in):
    make.user(email="karen@tests.example")
    karen, *_ = [log_in("karen@tests.example") for _ in range(3)]
    first = karen.get("/me/sessions?limit=2").json
    assert (len(first["items"]), first["total"]) == (2, 3)
    last = karen.get(first["next"].removeprefix("/v1")).json
    assert (len(last["items"]), last["next"]) == (1, None)
    problem(karen.get("/me/sessions?limit=0"), 422, parameter="limit")
    problem(karen.get("/me/sessions?cursor=x"), 400, parameter="cursor")


# --- Password -----------------------------------------------------------------------------------------------


def test_another_password_ends_every_other_session(make, log_in, client, noted):
    make.user(email="karen@tests.example")
    here, there = log_in("karen@tests.example"), log_in("karen@tests.example")
    assert here.put("/me/password", {"current": PASSWORD, "new": NEW}).status_code == 204
    assert here.get("/me").status_code == 200
    problem(there.get("/me"), 401)
    problem(client.post("/tokens", {"email": "karen@tests.example", "password": PASSWORD}), 401)
    log_in("karen@tests.example", NEW)
    assert len(noted("password_changed")) == 1


def test_whoever_stole_a_token_still_needs_the_password(make, log_in, noted):
    make.user(email="karen@tests.example")
    thief = log_in("karen@tests.example")
    problem(thief.put("/me/password", {"current": "ved ikke", "new": NEW}), 422, "/current")
    problem(thief.post("/me/erase", {"password": "ved ikke"}), 422, "/password")
    assert len(noted("login_failed")) == 2


def test_a_password_is_changed_once_however_many_change_it(make, log_in):
    make.user(email="karen@tests.example")
    karen = log_in("karen@tests.example")
    sent = {"headers": karen.headers, "json": {"current": PASSWORD, "new": NEW}}
    answers = at_once(lambda: Client(karen.app).call("PUT", "/me/password", **sent), 8)
    assert sorted(one.status_code for one in answers) == [204] + [422] * 7


def test_who_logs_in_elsewhere_has_no_password_to_change(app, make):
    id = make.user(email=None, password_hash=None, issuer="https://login.example", subject="1")
    problem(Client(app, id).put("/me/password", {"current": "x", "new": NEW}), 409)
    problem(Client(app, id).post("/me/erase", {"password": "x"}), 409)


# --- Erasure ------------------------------------------------------------------------------------------------


def test_who_leaves_leaves_nothing_but_an_id(app, make, log_in, client, home, as_):
    id = make.user(email="karen@tests.example", name="Karen Holm", roles={home: "editor"})
    karen = log_in("karen@tests.example")
    challenge = karen.post("/challenges", {"title": {"da": "X"}, "summary": {"da": "X"}, "theme": "green_transition",
                                           "owners": [home]}).json  # fmt: skip
    assert karen.post("/me/erase", {"password": PASSWORD}).status_code == 204
    problem(karen.get("/me"), 401)
    problem(client.post("/tokens", {"email": "karen@tests.example", "password": PASSWORD}), 401)
    with app.extensions["copi"].database.writing() as session:
        user = session.get_one(User, id)
        assert (user.name, user.email, user.password_hash, user.blocked) == ("Slettet bruger", None, None, True)
        assert not session.scalars(select(Membership).where(Membership.user_id == id)).all()
    history = as_.copi_admin.get(f"/challenges/{challenge['id']}/history").json
    assert history["items"][0]["actor"]["name"] == "Slettet bruger"


def test_the_last_manager_cannot_leave_unseen(make, home, log_in):
    make.user(email="karen@tests.example", roles={home: "manager"})
    karen = log_in("karen@tests.example")
    problem(karen.post("/me/erase", {"password": PASSWORD}), 409)
    make.user(roles={home: "manager"})
    assert karen.post("/me/erase", {"password": PASSWORD}).status_code == 204


def test_the_last_administrator_cannot_leave(make, log_in):
    make.user(email="admin@tests.example", duties=["copi_admin"])
    problem(log_in("admin@tests.example").post("/me/erase", {"password": PASSWORD}), 409)
