"""Nobody gets further than they were let: not by a letter kept, a number changed, a service, or two at one moment."""

from __future__ import annotations

from threading import Barrier

import pytest

from api.domain import policy
from tests.clients import Client
from tests.contract.test_conformance import contract, operations
from tests.identity.services import Service
from tests.make import challenge_body
from tests.people.conftest import NEW, at_once, home, invite, log_in, manager  # noqa: F401 - fixtures
from tests.v1.expect import problem

REASON = {"reason": "Mistanke om misbrug."}


# --- Letters kept for later ---------------------------------------------------------------------------------


@pytest.fixture
def letter(app, make, home, invite):  # noqa: F811
    """A letter into the manager's role, and who wrote it."""
    writer = Client(app, make.user(roles={home: "manager"}))
    return invite("again@tests.example", "manager", by=writer), writer.user_id


def enrol(client, token):
    return client.post("/invitations/accept", {"token": token, "name": "Igen Igen", "password": NEW})


@pytest.mark.parametrize("end", ["removed", "demoted", "blocked", "erased"])
def test_a_manager_who_is_none_any_more_comes_not_back_by_a_letter(client, manager, as_, home, letter, end):  # noqa: F811
    token, writer = letter
    match end:
        case "removed":
            answer = manager.call("DELETE", f"/partners/{home}/members/{writer}")
        case "demoted":
            answer = manager.put(f"/partners/{home}/members/{writer}", {"role": "editor"})
        case "blocked":
            answer = as_.copi_admin.post(f"/users/{writer}/block", REASON)
        case _:
            answer = as_.copi_admin.post(f"/users/{writer}/erase", REASON)
    assert answer.status_code in (200, 204)
    problem(enrol(client, token), 422)
    assert manager.get(f"/partners/{home}/invitations").json["total"] == 0


def test_nor_does_an_administrator(app, client, make, as_, home, invite):  # noqa: F811
    writer = Client(app, make.user(duties=["copi_admin"]))
    token, victim = invite("again@tests.example", "manager", by=writer), make.user()
    reset = writer.post(f"/users/{victim}/password-reset").json["token"]
    assert as_.copi_admin.put(f"/users/{writer.user_id}/duties", {"duties": ["adviser"]}).status_code == 200
    problem(enrol(client, token), 422)
    problem(client.post("/invitations/accept", {"token": reset, "password": NEW}), 422)


def test_letters_of_others_and_of_who_stays_manager_go_on(client, manager, as_, home, letter, make):  # noqa: F811
    token, writer = letter
    assert manager.put(f"/partners/{home}/members/{writer}", {"role": "manager"}).status_code == 200
    other = make.user(roles={home: "manager"})
    assert manager.call("DELETE", f"/partners/{home}/members/{other}").status_code == 204
    assert as_.copi_admin.put(f"/users/{writer}/duties", {"duties": ["adviser"]}).status_code == 200
    assert enrol(client, token).status_code == 200


# --- Two at one moment --------------------------------------------------------------------------------------


def both(*calls):
    """Those calls at the same moment; their statuses."""
    waiting, ready = iter(calls), Barrier(len(calls))

    def one():
        call = next(waiting)
        ready.wait()
        return call()

    return sorted(answer.status_code for answer in at_once(one, len(calls)))


@pytest.mark.parametrize("how", ["remove", "demote"])
def test_of_two_managers_who_take_each_other_away_one_stays(app, as_, make, home, how):  # noqa: F811
    one, other = (Client(app, make.user(roles={home: "manager"})) for _ in range(2))

    def take_away(by, whom):
        place = f"/partners/{home}/members/{whom.user_id}"
        return by.call("DELETE", place) if how == "remove" else by.put(place, {"role": "editor"})

    answers = both(lambda: take_away(one, other), lambda: take_away(other, one))
    assert answers in ([204, 403], [204, 409], [200, 403], [200, 409])
    people = as_.copi_admin.get(f"/partners/{home}/members").json["items"]
    assert [left["role"] for left in people].count("manager") == 1


def test_of_two_administrators_who_block_each_other_one_stays(app, make):
    one, other = (Client(app, make.user(duties=["copi_admin"])) for _ in range(2))
    answers = both(
        lambda: one.post(f"/users/{other.user_id}/block", REASON),
        lambda: other.post(f"/users/{one.user_id}/block", REASON),
    )
    assert answers in ([200, 401], [200, 409])
    assert sorted(who.get("/users").status_code for who in (one, other)) == [200, 401]


def test_twenty_at_once_get_no_more_than_five_secrets(app, as_, make, home):  # noqa: F811
    id, leader = make.client({home: "editor"}), as_(home, "manager")
    answers = at_once(lambda: leader.post(f"/clients/{id}/secrets", {}))
    assert sorted(one.status_code for one in answers) == [201] * 4 + [409] * 16
    assert len(leader.get(f"/clients/{id}").json["secrets"]) == 5


# --- Numbers that outside issuers vouch by -------------------------------------------------------------------


def test_an_editor_does_not_change_the_numbers_that_people_get_roles_by(as_, make, home):  # noqa: F811
    number = {"identifiers": [{"scheme": "DK-CVR", "value": "10150817"}]}
    place = f"/partners/{home}"
    assert "leder" in problem(as_(home, "editor").patch(place, number, version=1), 403)["detail"]
    assert as_(home, "editor").patch(place, {"website": "https://hjemme.example"}, version=1).status_code == 200
    assert as_(home, "manager").patch(place, number, version=2).status_code == 200
    # Sent unchanged among others, it is no change.
    kept = {**number, "website": "https://www.hjemme.example"}
    assert as_(home, "editor").patch(place, kept, version=3).status_code == 200
    assert as_.copi_editor.patch(place, {"identifiers": []}, version=4).status_code == 200


# --- Services -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["partner:invite", "partner:manage-members", "client:update", "user:change-duties"])
def test_a_service_is_given_nothing_that_lets_others_in(as_, make, home, scope):  # noqa: F811
    body = {"name": "Fagsystem", "kind": "service", "scopes": [scope],
            "memberships": [{"partner_id": home, "role": "manager"}]}  # fmt: skip
    for caller in (as_(home, "manager"), as_.copi_admin):
        refusal = problem(caller.post("/clients", body), 422)
        assert refusal["errors"][0]["pointer"] == "/scopes/0"


def test_a_service_lets_nobody_in_whatever_its_row_says(app, make, home):  # noqa: F811
    scopes = ["partner:invite", "partner:manage-members", "partner:remove-member", "client:create", "user:read"]
    service = Service(app, make.client({home: "manager"}, scopes=scopes))
    other = make.user(roles={home: "member"})
    place = f"/partners/{home}"
    for answer in (
        service.post(f"{place}/invitations", {"email": "x@tests.example", "role": "manager"}),
        service.put(f"{place}/members/{other}", {"role": "manager"}),
        service.put(f"{place}/members/{service.id}", {"role": "manager"}),
        service.call("DELETE", f"{place}/members/{other}"),
        service.get("/users"),
    ):
        assert "personer" in problem(answer, 403)["detail"]


def test_a_service_has_no_part_in_copi(as_, make, home):  # noqa: F811
    id = make.client({home: "editor"})
    refusal = problem(as_.copi_admin.put(f"/users/{id}/duties", {"duties": ["copi_editor"]}), 409)
    assert "tjeneste" in refusal["detail"]
    assert as_.copi_admin.put(f"/users/{id}/duties", {"duties": []}).status_code == 200


# --- What one may not say of oneself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"duties": ["copi_admin"]}, {"email": "boss@copi.example"}, {"id": "019b76da-a800-7000-8000-0000000000ff"},
        {"blocked": False}, {"memberships": []}, {"password_hash": "x"}, {"__proto__": {"duties": ["copi_admin"]}},
    ],
    ids=lambda more: next(iter(more)),
)  # fmt: skip
def test_nobody_names_more_of_themselves_than_they_may(app, client, make, home, invite, more):  # noqa: F811
    me = Client(app, make.user(roles={home: "member"}))
    before = me.get("/me").json
    problem(me.patch("/me", {"name": "Et navn", **more}), 422)
    assert me.get("/me").json == before
    problem(client.post("/invitations/accept", {"token": invite(), "name": "Ny", "password": NEW, **more}), 422)


@pytest.mark.parametrize("name", ["created_by", "blocked", "secrets", "secret", "id", "created_at", "kind", "test"])
def test_a_client_is_not_made_into_another_by_what_is_sent(as_, make, home, name):  # noqa: F811
    leader = as_(home, "manager")
    id = make.client({home: "editor"})
    before = leader.get(f"/clients/{id}").json
    sent = {"kind": "frontend", "test": True, "blocked": True, "secrets": []}.get(name, "x")
    problem(leader.patch(f"/clients/{id}", {"name": "Nyt", name: sent}), 422)
    assert leader.get(f"/clients/{id}").json == before


# --- People who are no longer there -----------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["block", "erase"])
def test_who_is_gone_is_out_with_every_token_there_is(app, as_, make, home, log_in, end):  # noqa: F811
    id = make.user(roles={home: "editor"}, email="gone@tests.example")
    gone = log_in("gone@tests.example")
    pair = gone.post("/tokens", {"email": "gone@tests.example", "password": "correct horse battery staple"}).json
    assert as_.copi_admin.post(f"/users/{id}/{end}", REASON).status_code in (200, 204)
    problem(gone.get("/me"), 401)
    problem(gone.post("/challenges", challenge_body(home)), 401)
    form = {"grant_type": "refresh_token", "client_id": "copi", "refresh_token": pair["refresh_token"]}
    answer = gone.call("POST", "/oauth/token", data=form, headers={"Authorization": ""})
    assert answer.status_code in (400, 401)


# --- What is said of it -----------------------------------------------------------------------------------------


def test_the_contract_says_which_fields_more_is_asked_for():
    described = {one["operationId"]: one["description"] for one in operations(contract())}
    assert policy.FIELDS
    for noun, fields in policy.FIELDS.items():
        for name in fields:
            assert f"`{name}` only" in described[f"update_{noun}"]
