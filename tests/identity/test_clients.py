"""Clients: who registers and changes them, their secrets, and that whatever changes counts at once, everywhere."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import create_app
from api.domain import clock
from api.models import ClientSecret
from tests.clients import Client
from tests.identity.services import FOREIGN, Service, granted, noted
from tests.v1.expect import problem

SERVICE = {"name": "Fagsystem", "kind": "service"}
FRONTEND = {"name": "App", "kind": "frontend", "origins": ["https://app.example.org"]}


def member(partner, role="editor"):
    return {"partner_id": partner, "role": role}


@pytest.fixture
def there(make):
    """Another partner."""
    return make.partner(kind="municipality")


@pytest.fixture
def elsewhere(app):
    """The same installation as another process runs it."""
    other = create_app(app.extensions["copi"].settings)
    yield other
    other.extensions["copi"].database.dispose()


def test_who_no_longer_leads_a_partner_no_longer_reads_the_client_they_made_for_it(app, as_, make):
    as_(make.home, "manager")
    id = make.user(roles={make.home: "manager"})
    maker = Client(app, id)
    body = {**SERVICE, "scopes": ["challenge:read"], "memberships": [member(make.home)]}
    made = maker.post("/clients", body).json["id"]
    test = maker.post("/clients", TEST).json["id"]
    assert as_.copi_admin.put(f"/partners/{make.home}/members/{id}", {"role": "member"}).status_code == 200
    problem(maker.get(f"/clients/{made}"), 404)
    assert [one["id"] for one in maker.get("/clients").json["items"]] == [test]


# --- How many for tests ---------------------------------------------------------------------------------------

TEST = {**SERVICE, "test": True, "scopes": ["challenge:read"]}


def test_nobody_has_more_services_for_tests_in_use_than_ten(as_, make):
    me, other = as_(make.home, "member"), as_(make.partner(), "member")
    ids = [me.post("/clients", TEST).json["id"] for _ in range(10)]
    refused = me.post("/clients", TEST)
    assert ids[0] in problem(refused, 409)["detail"]
    assert other.post("/clients", TEST).status_code == 201
    assert me.post(f"/clients/{ids[0]}/block").status_code == 200
    assert me.post("/clients", TEST).status_code == 201
    problem(me.post(f"/clients/{ids[0]}/unblock"), 409)
    assert me.post(f"/clients/{ids[1]}/unblock").status_code == 200, "it was let in all the time"


def test_of_many_made_at_once_for_tests_no_more_than_ten_are(app, make):
    user = make.user()
    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda _: Client(app, user).post("/clients", TEST).status_code, range(14)))
    assert sorted(made) == [201] * 10 + [409] * 4


# --- Who registers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("editor", 403), ("manager", 201)])
def test_a_manager_lets_a_service_act_for_their_partner(as_, make, role, status):
    body = {**SERVICE, "scopes": ["challenge:read"], "memberships": [member(make.home, "manager")]}
    made = as_(make.home, role).post("/clients", body)
    assert made.status_code == status
    if status == 403:
        problem(made, 403)


def test_it_takes_a_manager_of_each_partner(app, as_, make, there):
    body = {**SERVICE, "memberships": [member(make.home), member(there)]}
    problem(as_(make.home, "manager").post("/clients", body), 403)
    both = Client(app, make.user(roles={make.home: "manager", there: "manager"}))
    assert both.post("/clients", body).status_code == 201
    assert as_.copi_admin.post("/clients", body).status_code == 201
    problem(as_.copi_editor.post("/clients", body), 403)
    problem(as_.adviser.post("/clients", body), 403)
    problem(as_.anonymous.post("/clients", body), 401)


def test_a_service_that_acts_for_nobody_is_co_pi_s_to_register_or_one_for_tests(app, as_, make):
    somebody = Client(app, make.user())
    problem(somebody.post("/clients", SERVICE), 403)
    assert as_.copi_admin.post("/clients", SERVICE).status_code == 201
    made = somebody.post("/clients", {**SERVICE, "test": True})
    assert (made.status_code, made.json["test"]) == (201, True)
    assert granted(app, made.json["id"], made.json["secret"]).status_code == 200
    problem(somebody.post("/clients", {**SERVICE, "test": True, "memberships": [member(make.home)]}), 403)
    problem(somebody.post("/clients", {**FRONTEND, "test": True}), 403)


def test_a_frontend_is_co_pi_s_to_register(as_, make):
    problem(as_(make.home, "manager").post("/clients", FRONTEND), 403)
    made = as_.copi_admin.post("/clients", FRONTEND)
    assert made.status_code == 201
    assert (made.json["secret"], made.json["secrets"], made.json["origins"]) == (None, [], FRONTEND["origins"])
    refusal = problem(as_.copi_admin.post(f"/clients/{made.json['id']}/secrets", {}), 409)
    assert "hemmelighed" in refusal["detail"]


def test_a_secret_is_shown_once_and_kept_nowhere(app, as_, make):
    admin = as_.copi_admin
    made = admin.post("/clients", {**SERVICE, "memberships": [member(make.home)]})
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Location"] == f"/v1/clients/{made.json['id']}"
    secret = made.json["secret"]
    read = admin.get(made.headers["Location"].removeprefix("/v1"))
    assert read.status_code == 200
    assert secret not in read.text + admin.get("/clients").text
    assert [one.keys() for one in read.json["secrets"]] == [{"id", "created_at", "expires_at", "last_used_at"}]
    with app.extensions["copi"].database.writing() as session:
        [kept] = session.query(ClientSecret).all()
        assert secret not in str(vars(kept))
    assert granted(app, made.json["id"], secret).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"kind": "service"}, "/name"), ({"name": "x"}, "/kind"), ({**SERVICE, "kind": "robot"}, "/kind"),
     ({**SERVICE, "scopes": ["challenge:read", "challenge:fly"]}, "/scopes/1"),
     ({**SERVICE, "scopes": ["client:create"]}, "/scopes/0"), ({**SERVICE, "scopes": ["challenge:read"] * 2}, "/scopes/1"),
     ({**SERVICE, "origins": ["https://a.example"]}, "/origins"), ({**FRONTEND, "scopes": ["challenge:read"]}, "/scopes"),
     ({**FRONTEND, "memberships": "HOME"}, "/memberships"), ({**SERVICE, "duties": ["copi_admin"]}, "/duties"),
     ({**SERVICE, "memberships": [member(FOREIGN)]}, "/memberships/0/partner_id"),
     ({**SERVICE, "memberships": [member(FOREIGN, "owner")]}, "/memberships/0/role"),
     ({**SERVICE, "memberships": ["HOME", "HOME"]}, "/memberships/1/partner_id"),
     ({**SERVICE, "blocked": True}, "/blocked"), ({**SERVICE, "name": "a\x00b"}, "/name"), ({**SERVICE, "test": 1}, "/test")],
)  # fmt: skip
def test_what_a_client_cannot_have_is_refused_where_it_stands(as_, make, body, pointer):
    if "HOME" in (places := body.get("memberships", ())):
        body = {**body, "memberships": [member(make.home) for _ in (places if isinstance(places, list) else [1])]}
    problem(as_.copi_admin.post("/clients", body), 422, pointer)


@pytest.mark.parametrize("origin", ["https://app.example.org", "https://app.example.org:8443", "http://localhost:3000",
                                    "http://127.0.0.1", "http://[::1]:5173", "https://xn--blbr-roah.example"])  # fmt: skip
def test_an_origin_is_what_browsers_send(as_, origin):
    assert as_.copi_admin.post("/clients", {**FRONTEND, "origins": [origin]}).status_code == 201


@pytest.mark.parametrize(
    "origin",
    ["https://app.example.org/", "https://app.example.org/x", "http://app.example.org", "https://*.example.org", "*", "null",
     "https://App.example.org", "https://app.example.org:443", "http://localhost:80", "https://a.example:99999", "",
     "https://user@a.example", "https://a.example?x", "https://a..example", "https://-a.example", "ftp://a.example",
     "https://a.example\n", "https://a.example https://b.example", "javascript:alert(1)", 5, None, "https://a.example:0"],
)  # fmt: skip
def test_anything_else_is_no_origin(as_, origin):
    problem(as_.copi_admin.post("/clients", {**FRONTEND, "origins": [origin]}), 422, "/origins/0")


GRANTS = [
    ("PATCH", "", {"name": "Nyt navn"}), ("POST", "/secrets", {}), ("POST", "/unblock", None),
]  # fmt: skip
STOPS = [("POST", "/block", None), ("DELETE", "/secrets/{secret}", None)]


@pytest.mark.parametrize(("method", "below", "body"), [*GRANTS, *STOPS])
def test_who_may_do_what_to_a_service_of_two_partners(app, as_, make, there, method, below, body):
    both = make.user(roles={make.home: "manager", there: "manager"})
    grants = (method, below, body) in GRANTS
    for caller, status in ((as_.anonymous, 401), (as_(make.home, "member"), 404), (as_(make.home, "editor"), 404),
                           (as_.copi_editor, 404), (as_.adviser, 404), (as_(make.partner(), "manager"), 404),
                           (as_(make.home, "manager"), 403 if grants else 200), (Client(app, both), 200),
                           (as_.copi_admin, 200)):  # fmt: skip
        id = make.client({make.home: "editor", there: "member"})
        [secret] = as_.copi_admin.get(f"/clients/{id}").json["secrets"]
        path = f"/clients/{id}{below}".replace("{secret}", secret["id"])
        answer = caller.call(method, path, **({} if body is None else {"json": body}))
        assert (200 if answer.status_code == 204 else answer.status_code) in ({200, 201} if status == 200 else {status})


# --- Who sees ------------------------------------------------------------------------------------------------


def test_clients_are_seen_by_managers_of_their_partners_and_by_nobody_else(app, as_, make, there):
    mine, other = make.client({make.home: "editor"}), make.client({there: "editor"})
    manager = as_(make.home, "manager")
    assert [one["id"] for one in manager.get("/clients").json["items"]] == [mine]
    for caller in (as_(make.home, "editor"), as_.copi_editor, as_.adviser):
        assert caller.get("/clients").json == {"items": [], "total": 0, "next": None}
        problem(caller.get(f"/clients/{mine}"), 404)
    for call in (lambda id: manager.get(f"/clients/{id}"), lambda id: manager.post(f"/clients/{id}/block"),
                 lambda id: manager.patch(f"/clients/{id}", {"name": "x"}),
                 lambda id: manager.post(f"/clients/{id}/secrets", {})):  # fmt: skip
        problem(call(other), 404)
    assert {one["id"] for one in as_.copi_admin.get("/clients").json["items"]} == {mine, other}
    problem(as_.anonymous.get("/clients"), 401)


def test_clients_come_in_pages(as_, make):
    ids = [make.client() for _ in range(5)]
    first = as_.copi_admin.get("/clients?limit=2")
    assert first.headers["Cache-Control"] == "no-store"
    assert (first.json["total"], len(first.json["items"])) == (5, 2)
    second = as_.copi_admin.get(first.json["next"].removeprefix("/v1"))
    third = as_.copi_admin.get(second.json["next"].removeprefix("/v1"))
    assert third.json["next"] is None
    assert [one["id"] for page in (first, second, third) for one in page.json["items"]] == ids


def test_a_service_sees_itself_and_decides_on_nobody_s_access(app, make):
    id = make.client({make.home: "manager"}, scopes=["challenge:read"])
    other = make.client({make.home: "manager"})
    service = Service(app, id)
    assert [one["id"] for one in service.get("/clients").json["items"]] == [id]
    problem(service.get(f"/clients/{other}"), 404)
    for answer in (service.post("/clients", {**SERVICE, "memberships": [member(make.home)]}),
                   service.patch(f"/clients/{id}", {"scopes": []}), service.post(f"/clients/{id}/secrets", {})):  # fmt: skip
        assert "personer" in problem(answer, 403)["detail"]


# --- What counts at once -------------------------------------------------------------------------------------


def test_a_scope_taken_away_is_gone_from_tokens_there_are(app, as_, make, elsewhere):
    id = make.client({make.home: "editor"}, scopes=["challenge:create", "challenge:read"])
    before = [Service(app, id)]
    before.append(before[0].elsewhere(elsewhere))
    secret = make.challenge(owner=make.home, state="draft")
    assert [one.get(f"/challenges/{secret}").status_code for one in before] == [200, 200]
    assert as_(make.home, "manager").patch(f"/clients/{id}", {"scopes": ["challenge:create"]}).status_code == 200
    for one in before:
        problem(one.get(f"/challenges/{secret}"), 404)
    assert as_(make.home, "manager").patch(f"/clients/{id}", {"scopes": ["challenge:read"]}).status_code == 200
    assert [one.get(f"/challenges/{secret}").status_code for one in before] == [200, 200]


def test_a_role_taken_away_is_gone_from_tokens_there_are(app, as_, make, there, elsewhere):
    id = make.client({make.home: "editor", there: "editor"}, scopes=["challenge:read"])
    before = [Service(app, id)]
    before.append(before[0].elsewhere(elsewhere))
    mine, theirs = (make.challenge(owner=one, state="draft") for one in (make.home, there))
    changed = as_(make.home, "manager").patch(f"/clients/{id}", {"memberships": [member(there)]})
    assert changed.json["memberships"] == [member(there)]
    for one in before:
        problem(one.get(f"/challenges/{mine}"), 404)
        assert one.get(f"/challenges/{theirs}").status_code == 200
    problem(as_(make.home, "manager").get(f"/clients/{id}"), 404)


@pytest.mark.parametrize("step", ["block", "revoke"])
def test_who_is_shut_out_is_out_with_the_tokens_there_are(app, as_, make, elsewhere, step):
    id = make.client({make.home: "editor"})
    before = [Service(app, id)]
    before.append(before[0].elsewhere(elsewhere))
    manager = as_(make.home, "manager")
    assert all(one.welcome for one in before)
    if step == "block":
        assert manager.post(f"/clients/{id}/block").json["blocked"] is True
    else:
        [secret] = manager.get(f"/clients/{id}").json["secrets"]
        assert manager.call("DELETE", f"/clients/{id}/secrets/{secret['id']}").status_code == 204
    for one in before:
        problem(one.get("/tasks"), 401)
    refused = granted(elsewhere, id)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
    if step == "block":
        assert manager.post(f"/clients/{id}/unblock").json["blocked"] is False
        assert all(one.welcome for one in before)


def test_a_blocked_frontend_ends_what_people_do_through_it(app, as_, client, make):
    id = make.client(kind="frontend", origins=["https://app.example.org"])
    make.user(email="user@tests.example")
    login = {"email": "user@tests.example", "password": "correct horse battery staple", "client_id": id}
    pair = client.post("/tokens", login).json
    bearer = {"Authorization": f"Bearer {pair['access_token']}"}
    assert client.get("/tasks", headers=bearer).status_code == 200
    assert as_.copi_admin.post(f"/clients/{id}/block").status_code == 200
    problem(client.get("/tasks", headers=bearer), 401)
    form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"], "client_id": id}
    assert client.call("POST", "/oauth/token", data=form).json["error"] == "invalid_client"
    problem(client.post("/tokens", login), 422, "/client_id")


# --- Changing ------------------------------------------------------------------------------------------------


def test_a_manager_decides_for_their_own_partner_and_no_other(app, as_, make, there):
    id = make.client({make.home: "editor", there: "editor"}, scopes=["challenge:read"])
    mine = as_(make.home, "manager")
    both = [member(make.home), member(there)]
    for body in ({"name": "Nyt navn"}, {"scopes": []}, {"memberships": [member(make.home)]}, {"memberships": []},
                 {"memberships": [member(make.home), member(there, "manager")]},
                 {"memberships": [*both, member(make.partner())]}):  # fmt: skip
        problem(mine.patch(f"/clients/{id}", body), 403)
    problem(mine.post(f"/clients/{id}/secrets", {}), 403)
    raised = mine.patch(f"/clients/{id}", {"memberships": [member(make.home, "manager"), member(there)]})
    assert {one["role"] for one in raised.json["memberships"]} == {"manager", "editor"}
    # What stops a leak needs nobody else; what opens up again does.
    assert mine.post(f"/clients/{id}/block").status_code == 200
    problem(mine.post(f"/clients/{id}/unblock"), 403)
    [secret] = mine.get(f"/clients/{id}").json["secrets"]
    assert mine.call("DELETE", f"/clients/{id}/secrets/{secret['id']}").status_code == 204


def test_a_patch_changes_what_it_names(as_, make):
    id = make.client({make.home: "editor"}, scopes=["challenge:read"])
    manager = as_(make.home, "manager")
    before = manager.get(f"/clients/{id}").json
    after = manager.patch(f"/clients/{id}", {"name": "Nyt navn"}).json
    assert after == {**before, "name": "Nyt navn"}
    problem(manager.patch(f"/clients/{id}", {"name": None}), 422, "/name")
    problem(manager.patch(f"/clients/{id}", {"kind": "frontend"}), 422, "/kind")
    problem(manager.patch(f"/clients/{id}", {"test": True}), 422, "/test")
    problem(manager.patch(f"/clients/{id}", {"origins": ["https://a.example"]}), 422, "/origins")


def test_whoever_made_a_client_for_tests_keeps_it(app, as_, make):
    maker, other = Client(app, make.user()), Client(app, make.user())
    id = maker.post("/clients", {**SERVICE, "test": True}).json["id"]
    assert maker.patch(f"/clients/{id}", {"scopes": ["challenge:create"]}).status_code == 200
    assert maker.post(f"/clients/{id}/secrets", {}).status_code == 201
    assert maker.post(f"/clients/{id}/block").status_code == 200
    problem(maker.patch(f"/clients/{id}", {"memberships": [member(make.home)]}), 403)
    problem(other.get(f"/clients/{id}"), 404)


# --- Secrets -------------------------------------------------------------------------------------------------


def test_secrets_are_changed_without_a_pause(app, as_, make):
    id, manager = make.client({make.home: "editor"}), as_(make.home, "manager")
    [old] = manager.get(f"/clients/{id}").json["secrets"]
    new = manager.post(f"/clients/{id}/secrets", {})
    assert (new.status_code, new.headers["Cache-Control"]) == (201, "no-store")
    first, second = Service(app, id), Service(app, id, new.json["secret"])
    assert manager.call("DELETE", f"/clients/{id}/secrets/{old['id']}").status_code == 204
    assert (first.welcome, second.welcome) == (False, True)
    problem(manager.call("DELETE", f"/clients/{id}/secrets/{old['id']}"), 404)
    [left] = manager.get(f"/clients/{id}").json["secrets"]
    assert left["id"] == new.json["id"]
    assert left["last_used_at"] is not None


def test_five_secrets_work_at_once_and_no_more(as_, make, monkeypatch):
    id, manager = make.client({make.home: "editor"}), as_(make.home, "manager")
    soon = (clock.now() + dt.timedelta(hours=1)).isoformat()
    for _ in range(4):
        assert manager.post(f"/clients/{id}/secrets", {"expires_at": soon}).status_code == 201
    assert "5" in problem(manager.post(f"/clients/{id}/secrets", {}), 409)["detail"]
    later = clock.now() + dt.timedelta(minutes=61)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert manager.post(f"/clients/{id}/secrets", {}).status_code == 201


def test_a_secret_works_until_it_expires(app, as_, make, monkeypatch):
    id, manager = make.client({make.home: "editor"}), as_(make.home, "manager")
    past = (clock.now() - dt.timedelta(seconds=1)).isoformat()
    problem(manager.post(f"/clients/{id}/secrets", {"expires_at": past}), 422, "/expires_at")
    soon = (clock.now() + dt.timedelta(minutes=5)).isoformat()
    secret = manager.post(f"/clients/{id}/secrets", {"expires_at": soon}).json["secret"]
    assert granted(app, id, secret).status_code == 200
    later = clock.now() + dt.timedelta(minutes=5)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert granted(app, id, secret).json["error"] == "invalid_client"
    assert granted(app, id).status_code == 200


def test_whatever_happens_to_a_client_is_noted_and_no_secret_with_it(app, as_, make):
    manager = as_(make.home, "manager")
    body = {**SERVICE, "memberships": [member(make.home)]}
    made = manager.post("/clients", body).json
    granted(app, made["id"], "copi_secret_wrong")
    manager.patch(f"/clients/{made['id']}", {"scopes": ["challenge:read"]})
    manager.patch(f"/clients/{made['id']}", {"memberships": [member(make.home, "manager")]})
    for step in ("block", "block", "unblock"):
        manager.post(f"/clients/{made['id']}/{step}")
    second = manager.post(f"/clients/{made['id']}/secrets", {}).json
    manager.call("DELETE", f"/clients/{made['id']}/secrets/{second['id']}")
    assert noted(app, made["id"]) == [
        "client_created", "secret_created", "role_changed", "login_failed", "client_changed", "role_changed", "blocked",
        "unblocked", "secret_created", "secret_revoked",
    ]  # fmt: skip


def test_of_a_refused_change_nothing_is_left(app, as_, make):
    problem(as_(make.home, "editor").post("/clients", {**SERVICE, "memberships": [member(make.home)]}), 403)
    assert as_.copi_admin.get("/clients").json["total"] == 0
