"""Members: who sees them, who changes them, and that what changes counts at once."""

from __future__ import annotations

import pytest

from tests.clients import Client
from tests.conftest import build
from tests.people.conftest import at_once
from tests.people.test_me import service_account
from tests.v1.expect import problem

NOBODY = "01941f29-7c00-7000-8000-000000000000"


@pytest.fixture
def karen(app, make, home):
    """An editor of the partner, by id and client."""
    id = make.user(roles={home: "editor"}, email="karen@tests.example", name="Karen Holm")
    return id, Client(app, id)


def member(partner, user):
    return f"/partners/{partner}/members/{user}"


def test_members_and_their_addresses_are_told_to_managers_and_copi(as_, home, manager, karen, client):
    for reader in (manager, as_.copi_editor, as_.copi_admin):
        answer = reader.get(f"/partners/{home}/members")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json["total"] == 2
        [found] = [one for one in answer.json["items"] if one["id"] == karen[0]]
        assert found == {"id": karen[0], "kind": "person", "name": "Karen Holm", "email": "karen@tests.example",
                         "role": "editor", "blocked": False}  # fmt: skip
    for other in (as_(home, "member"), karen[1], as_.adviser):
        refusal = problem(other.get(f"/partners/{home}/members"), 403)
        assert "leder" in refusal["detail"]
    problem(client.get(f"/partners/{home}/members"), 401)


def test_programs_are_members_too(app, make, home, manager):
    service_account(app, make, home, [])
    kinds = [one["kind"] for one in manager.get(f"/partners/{home}/members").json["items"]]
    assert sorted(kinds) == ["person", "service"]


def test_a_role_counts_at_the_next_request_in_every_process(app, server, manager, home, karen):
    url = app.extensions["copi"].database.url.render_as_string(hide_password=False)
    elsewhere = Client(build(url))
    elsewhere.headers = karen[1].headers

    def invites():
        return elsewhere.post(f"/partners/{home}/invitations", {"email": "a@b.dk", "role": "member"}).status_code

    assert invites() == 403
    assert manager.put(member(home, karen[0]), {"role": "manager"}).json["role"] == "manager"
    assert invites() == 201
    assert manager.put(member(home, karen[0]), {"role": "editor"}).status_code == 200
    assert invites() == 403
    assert manager.call("DELETE", member(home, karen[0])).status_code == 204
    assert elsewhere.get("/me").json["memberships"] == []
    elsewhere.app.extensions["copi"].database.dispose()


def test_others_change_no_member(as_, make, home, karen, manager):
    for other in (as_(home, "member"), as_.copi_editor, as_(make.partner(), "manager")):
        problem(other.put(member(home, karen[0]), {"role": "member"}), 403)
        problem(other.call("DELETE", member(home, karen[0])), 403)
    problem(manager.put(member(make.partner(), karen[0]), {"role": "member"}), 403)
    problem(manager.put(member(make.partner("draft"), karen[0]), {"role": "member"}), 404)
    assert karen[1].get("/me").json["memberships"][0]["role"] == "editor"


def test_who_is_no_member_is_not_there(manager, home, make):
    for id in (NOBODY, make.user()):
        problem(manager.put(member(home, id), {"role": "member"}), 404)
        problem(manager.call("DELETE", member(home, id)), 404)
    problem(manager.put(member(home, "x"), {"role": "member"}), 404)


def test_copi_makes_a_member_of_one_whom_no_letter_reaches(app, as_, home, make):
    id = make.user(email=None, password_hash=None, issuer="https://login.example", subject="1")
    assert as_.copi_admin.put(member(home, id), {"role": "editor"}).status_code == 200
    assert Client(app, id).get("/me").json["memberships"][0]["role"] == "editor"
    problem(as_.copi_admin.put(member(home, NOBODY), {"role": "editor"}), 404)


def test_a_member_may_leave_by_itself(home, karen):
    assert karen[1].call("DELETE", member(home, karen[0])).status_code == 204
    assert karen[1].get("/me").json["memberships"] == []
    problem(karen[1].call("DELETE", member(home, karen[0])), 403)


def test_the_last_manager_stays(app, as_, home, make, manager):
    mine = manager.user_id
    # Neither a program nor somebody who is blocked leads a partner.
    service_account(app, make, home, [])
    make.user(roles={home: "manager"}, blocked=True)
    for answer in (manager.put(member(home, mine), {"role": "editor"}), manager.call("DELETE", member(home, mine))):
        refusal = problem(answer, 409)
        assert "mindst én leder" in refusal["detail"]
    assert manager.put(member(home, mine), {"role": "manager"}).status_code == 200
    make.user(roles={home: "manager"})
    assert manager.put(member(home, mine), {"role": "editor"}).status_code == 200


def test_copi_may_take_the_last_manager_away(as_, home, manager):
    assert as_.copi_admin.put(member(home, manager.user_id), {"role": "member"}).status_code == 200
    assert as_.copi_admin.call("DELETE", member(home, manager.user_id)).status_code == 204


def test_of_managers_who_leave_all_at_once_one_stays(app, home, make, as_):
    leaving = [make.user(roles={home: "manager"}) for _ in range(10)]
    waiting = iter([Client(app, id) for id in leaving])

    def leave():
        one = next(waiting)
        return one.call("DELETE", member(home, one.user_id))

    answers = at_once(leave, 10)
    assert sorted(one.status_code for one in answers) == [204] * 9 + [409]
    assert as_.copi_admin.get(f"/partners/{home}/members").json["total"] == 1


@pytest.mark.parametrize(
    "body", [{}, {"role": "boss"}, {"role": None}, {"role": ["editor"]}, {"role": "editor", "x": 1}]
)
def test_a_role_that_is_none_is_refused(manager, home, karen, body):
    problem(manager.put(member(home, karen[0]), body), 422)


def test_each_change_is_in_the_log(manager, home, karen, noted):
    manager.put(member(home, karen[0]), {"role": "member"})
    manager.call("DELETE", member(home, karen[0]))
    told = [(one.user_id, one.actor_id, one.details["role"]) for one in noted("role_changed")]
    assert told == [(karen[0], manager.user_id, "member"), (karen[0], manager.user_id, None)]


def test_a_merged_partner_takes_its_people_and_invitations_along(as_, home, manager, invite, make, client):
    token, heir = invite(), make.partner()
    assert as_.copi_admin.post(f"/partners/{home}/merge", {"merged_into": heir, "reason": "Sammenlagt."},
                               version=1).status_code == 200  # fmt: skip
    assert manager.get("/me").json["memberships"][0]["partner"]["id"] == heir
    answer = client.post(
        "/invitations/accept", {"token": token, "name": "Ny", "password": "fire graner ved en gul låge"}
    )
    assert answer.json["partner_id"] == heir
