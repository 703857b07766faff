"""Invitations: made, shown once, accepted once, withdrawn, replaced, too late."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from api.domain import clock
from api.models import Invitation
from tests.clients import Client
from tests.make import PASSWORD
from tests.people.conftest import NEW, at_once
from tests.v1.expect import problem

NOBODY = "01941f29-7c00-7000-8000-000000000000"


def accept(client, token, **fields):
    return client.post("/invitations/accept", {"token": token, **fields})


def enrol(client, token, **fields):
    return accept(client, token, **{"name": "Karen Holm", "password": NEW, **fields})


def role_of(client, partner):
    return {one["partner"]["id"]: one["role"] for one in client.get("/me").json["memberships"]}.get(partner)


def test_an_invitation_makes_an_account_in_the_role(client, invite, home, log_in):
    token = invite("New@Tests.Example", "editor")
    answer = enrol(client, token)
    assert answer.status_code == 200, answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.json["partner_id"], answer.json["role"]) == (home, "editor")
    karen = log_in("new@tests.example", NEW)
    assert karen.get("/me").json["name"] == "Karen Holm"
    assert role_of(karen, home) == "editor"


def test_the_token_is_shown_once_and_kept_nowhere(app, manager, home):
    made = manager.post(f"/partners/{home}/invitations", {"email": "new@tests.example", "role": "member"})
    token = made.json["token"]
    assert token.startswith("copi_invitation_")
    assert made.headers["Cache-Control"] == "no-store"
    listed = manager.get(f"/partners/{home}/invitations")
    assert token not in listed.text
    [one] = listed.json["items"]
    assert one == {name: value for name, value in made.json.items() if name != "token"}
    with app.extensions["copi"].database.writing() as session:
        [kept] = session.scalars(select(Invitation))
        assert token not in repr(vars(kept))


def test_whoever_has_an_account_logs_in_first(client, invite, home, make, log_in):
    make.user(email="new@tests.example")
    token = invite()
    refusal = problem(enrol(client, token), 409)
    assert "Log ind" in refusal["detail"]
    karen = log_in("new@tests.example")
    assert accept(karen, token).json["role"] == "editor"
    assert role_of(karen, home) == "editor"
    problem(accept(karen, token), 422, "/token")


def test_an_invitation_that_was_passed_on_is_not_for_whoever_got_it(invite, as_, make, log_in):
    token = invite("new@tests.example")
    problem(accept(as_.adviser, token), 403)
    make.user(email="new@tests.example")
    assert accept(log_in("new@tests.example"), token).status_code == 200


def test_one_that_nobody_has_is_refused_like_one_that_is_over(client, invite, manager, home, monkeypatch, as_):
    used, withdrawn, late = invite("a@tests.example"), invite("b@tests.example"), invite("c@tests.example")
    assert enrol(client, used).status_code == 200
    id = next(one["id"] for one in manager.get(f"/partners/{home}/invitations").json["items"] if one["email"][0] == "b")
    assert manager.call("DELETE", f"/partners/{home}/invitations/{id}").status_code == 204
    problem(manager.call("DELETE", f"/partners/{home}/invitations/{id}"), 404)
    later = clock.now() + dt.timedelta(days=7)
    monkeypatch.setattr(clock, "read", lambda: later)
    said = {repr(problem(enrol(one, token), 422, "/token")["errors"])
            for token in (used, withdrawn, late, "copi_invitation_x", "x" * 200, "\u00e6\u00f8") for one in (client, as_.adviser)}  # fmt: skip
    assert len(said) == 1


def test_a_day_before_it_is_too_late_it_is_not(client, invite, monkeypatch):
    token, later = invite(), clock.now() + dt.timedelta(days=6, hours=23)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert enrol(client, token).status_code == 200


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"name": None}, "/name"), ({"password": None}, "/password"), ({"name": ""}, "/name"), ({"password": "kort"}, "/password"),
     ({"password": "new@tests.example 2026"}, "/password"), ({"password": "Karen Holm Karen"}, "/password"),
     ({"password": "hjemme kommune 12"}, "/password"), ({"role": "manager"}, "/role"), ({"token": None}, "/token"),
     ({"token": 5}, "/token"), ({"name": "a\x00b"}, "/name"), ({"email": "a@b.dk"}, "/email")],
)  # fmt: skip
def test_an_answer_that_is_not_right_uses_nothing_up(client, invite, fields, pointer):
    token = invite()
    problem(enrol(client, **{"token": token, **fields}), 422, pointer)
    assert enrol(client, token).status_code == 200


def test_a_second_invitation_takes_the_place_of_the_first(client, invite, manager, home):
    first, second = invite("new@tests.example", "member"), invite("NEW@tests.example", "editor")
    assert manager.get(f"/partners/{home}/invitations").json["total"] == 1
    problem(enrol(client, first), 422, "/token")
    assert enrol(client, second).json["role"] == "editor"


def test_invitations_of_other_partners_stay(client, make, invite, manager, as_, log_in):
    other = make.partner()
    first, second = invite(), invite(partner=other, by=as_.copi_admin)
    enrol(client, first)
    karen = log_in("new@tests.example", NEW)
    assert accept(karen, second).status_code == 200
    assert len(karen.get("/me").json["memberships"]) == 2


def test_an_older_letter_takes_no_role_away(app, invite, manager, home, make, log_in):
    id = make.user(email="new@tests.example")
    token = invite(role="member")
    karen = log_in("new@tests.example")
    admin = Client(app, make.user(duties=["copi_admin"]))
    assert admin.put(f"/partners/{home}/members/{id}", {"role": "manager"}).status_code == 200
    assert accept(karen, token).json["role"] == "manager"
    assert role_of(karen, home) == "manager"


def test_whoever_is_a_member_is_not_invited(manager, home, make):
    make.user(email="new@tests.example", roles={home: "member"})
    problem(manager.post(f"/partners/{home}/invitations", {"email": "New@tests.example", "role": "editor"}), 409)


def test_of_twenty_who_use_a_letter_at_once_one_gets_in(app, invite, home, manager):
    token = invite()
    answers = at_once(lambda: enrol(Client(app), token))
    assert sorted(one.status_code for one in answers) == [200] + [422] * 19 or sorted(
        {one.status_code for one in answers}
    ) == [200, 409, 422]
    assert [one.status_code for one in answers].count(200) == 1
    assert manager.get(f"/partners/{home}/members").json["total"] == 2


def test_of_twenty_who_join_with_a_letter_at_once_one_does(app, invite, make):
    id, token = make.user(email="new@tests.example"), invite()
    karen = Client(app, id)
    answers = at_once(lambda: Client(app).post("/invitations/accept", {"token": token}, headers=karen.headers))
    assert sorted(one.status_code for one in answers) == [200] + [422] * 19


def test_of_twenty_invitations_at_once_the_last_holds(app, manager, home, client):
    body = {"email": "new@tests.example", "role": "editor"}
    made = at_once(lambda: Client(app).post(f"/partners/{home}/invitations", body, headers=manager.headers))
    assert {one.status_code for one in made} == {201}
    assert manager.get(f"/partners/{home}/invitations").json["total"] == 1
    assert sorted(enrol(client, one.json["token"]).status_code for one in made) == [200] + [422] * 19


# --- Who invites --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["member", "editor"])
def test_others_do_not_invite(as_, home, role):
    other = as_(home, role)
    refusal = problem(other.post(f"/partners/{home}/invitations", {"email": "a@b.dk", "role": "member"}), 403)
    assert "leder" in refusal["detail"]
    problem(other.get(f"/partners/{home}/invitations"), 403)
    problem(other.call("DELETE", f"/partners/{home}/invitations/{NOBODY}"), 403)


def test_nobody_invites_elsewhere(manager, make, as_, client):
    seen, hidden = make.partner(), make.partner("draft")
    body = {"email": "a@b.dk", "role": "member"}
    problem(manager.post(f"/partners/{seen}/invitations", body), 403)
    problem(manager.post(f"/partners/{hidden}/invitations", body), 404)
    problem(manager.post(f"/partners/{NOBODY}/invitations", body), 404)
    problem(as_.copi_editor.post(f"/partners/{seen}/invitations", body), 403)
    problem(client.post(f"/partners/{seen}/invitations", body), 401)
    assert as_.copi_admin.post(f"/partners/{hidden}/invitations", body).status_code == 201
    problem(as_.copi_admin.post(f"/partners/{make.partner('merged')}/invitations", body), 409)


def test_an_invitation_of_another_partner_is_not_withdrawn(app, manager, home, make, invite):
    invite()
    [letter] = manager.get(f"/partners/{home}/invitations").json["items"]
    away = make.partner()
    stranger = Client(app, make.user(roles={away: "manager"}))
    problem(stranger.call("DELETE", f"/partners/{away}/invitations/{letter['id']}"), 404)
    problem(stranger.call("DELETE", f"/partners/{home}/invitations/{letter['id']}"), 403)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/email"), ({"email": "a@b.dk"}, "/role"), ({"email": "nobody", "role": "editor"}, "/email"),
     ({"email": "a@b.dk", "role": "copi_admin"}, "/role"), ({"email": "a@b.dk", "role": None}, "/role"),
     ({"email": ["a@b.dk"], "role": "editor"}, "/email"), ({"email": "a@b.dk", "role": "editor", "token": "x"}, "/token"),
     ({"email": "a" * 250 + "@b.dk", "role": "editor"}, "/email"), ({"email": "a@b.dk\n", "role": "editor"}, "/email")],
)  # fmt: skip
def test_an_invitation_that_is_not_well_formed_is_refused(manager, home, body, pointer):
    problem(manager.post(f"/partners/{home}/invitations", body), 422, pointer)


def test_an_invitation_tells_nobody_who_has_an_account(manager, home, make):
    make.user(email="has@tests.example")
    answers = [manager.post(f"/partners/{home}/invitations", {"email": email, "role": "member"})
               for email in ("has@tests.example", "not@tests.example")]  # fmt: skip
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json.keys() == answers[1].json.keys()


# --- A new password -----------------------------------------------------------------------------------------


def test_a_letter_leads_to_a_new_password_once(as_, make, log_in, client, noted):
    id = make.user(email="karen@tests.example", name="Karen Holm")
    old = log_in("karen@tests.example")
    made = as_.copi_admin.post(f"/users/{id}/password-reset")
    assert (made.status_code, made.json["role"]) == (201, None)
    assert log_in("karen@tests.example").get("/me").status_code == 200
    problem(accept(client, made.json["token"]), 422, "/password")
    problem(accept(client, made.json["token"], password="Karen Holm Karen"), 422, "/password")
    assert accept(client, made.json["token"], password=NEW).json == {"id": id, "partner_id": None, "role": None}
    problem(old.get("/me"), 401)
    problem(client.post("/tokens", {"email": "karen@tests.example", "password": PASSWORD}), 401)
    log_in("karen@tests.example", NEW)
    problem(accept(client, made.json["token"], password=NEW + " igen"), 422, "/token")
    assert (len(noted("reset_offered")), len(noted("password_changed"))) == (1, 1)


def test_letters_for_a_new_password_end_with_the_password(as_, make, log_in, client):
    id = make.user(email="karen@tests.example")
    first, second = (as_.copi_admin.post(f"/users/{id}/password-reset").json["token"] for _ in range(2))
    problem(accept(client, first, password=NEW), 422, "/token")
    assert log_in("karen@tests.example").put("/me/password", {"current": PASSWORD, "new": NEW}).status_code == 204
    problem(accept(client, second, password=NEW), 422, "/token")


def test_a_blocked_user_stays_out_with_a_new_password(as_, make, client):
    id = make.user(email="karen@tests.example")
    token = as_.copi_admin.post(f"/users/{id}/password-reset").json["token"]
    as_.copi_admin.post(f"/users/{id}/block", {"reason": "Telefonen er stjålet."})
    assert accept(client, token, password=NEW).status_code == 200
    problem(client.post("/tokens", {"email": "karen@tests.example", "password": NEW}), 401)


def test_who_logs_in_elsewhere_gets_no_letter(as_, make):
    for given in ({"email": None, "password_hash": None}, {"issuer": "https://login.example", "subject": "1"}):
        problem(as_.copi_admin.post(f"/users/{make.user(**given)}/password-reset"), 409)
