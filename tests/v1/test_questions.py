"""Questions: answered to all alike, and nobody learns who asked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.make import question_body
from tests.v1.expect import problem
from tests.v1.lists import assert_filters, assert_sorts, ids


@pytest.fixture
def need(make):
    owner = make.partner(kind="municipality")
    return make.challenge(owner=owner), owner


def test_a_question_is_answered_to_all_without_who_asked(app, client, as_, make, need):
    challenge, owner = need
    firm, rival = make.partner(), make.partner()
    asked = as_(firm, "member").post(f"/challenges/{challenge}/questions", question_body(firm))
    assert asked.status_code == 201, asked.json
    path = f"/questions/{asked.json['id']}"
    assert firm not in asked.text
    for somebody in (client, as_(rival, "manager"), as_.adviser):
        problem(somebody.get(path), 404)
    for somebody in (as_(firm, "member"), as_(owner, "member"), as_.copi_editor):
        assert somebody.get(path).status_code == 200
        assert firm not in somebody.get(f"{path}?embed=challenge,actions").text

    answered = as_(owner, "editor").post(f"{path}/answer", {"answer": {"da": "Ja."}}, version=1)
    assert answered.json["answer"] == {"da": "Ja.", "en": None}
    for somebody in (client, as_(rival, "member"), as_(owner, "manager"), as_.copi_admin):
        for address in (path, f"/challenges/{challenge}/questions", "/questions", f"{path}?fields=question"):
            read = somebody.get(address)
            assert read.status_code == 200
            assert firm not in read.text
    problem(client.get(f"{path}?fields=partner_id"), 422, parameter="fields")
    problem(client.get(f"/questions?partner={firm}"), 400, parameter="partner")
    with app.extensions["copi"].database.reading() as connection:
        told = connection.execute(text("SELECT document, changes, reason FROM event WHERE resource = 'question'")).all()
        assert len(told) == 2
        assert firm not in repr([(bytes(document), changes, reason) for document, changes, reason in told])


def test_only_ones_own_people_ask(as_, make, need):
    firm = make.partner()
    for somebody in (as_(make.partner(), "manager"), as_.copi_editor, as_.copi_admin, as_.adviser):
        problem(somebody.post(f"/challenges/{need[0]}/questions", question_body(firm)), 403)


@pytest.mark.parametrize("state", ["in_review", "closed", "resolved"])
def test_questions_are_asked_of_an_open_challenge(as_, make, state):
    owner = make.partner(kind="municipality")
    challenge = make.challenge(owner=owner, state=state)
    problem(as_(owner, "member").post(f"/challenges/{challenge}/questions", question_body(owner)), 409)


def test_a_question_that_is_dismissed_is_told_to_nobody_else(client, as_, make, need):
    challenge, owner = need
    firm = make.partner()
    id = make.question("asked", challenge=challenge, partner_id=firm)
    problem(as_(firm, "manager").post(f"/questions/{id}/dismiss", {"reason": "Nej."}, version=1), 403)
    problem(as_(owner, "editor").post(f"/questions/{id}/dismiss", {}, version=1), 422, "/reason")
    assert (
        as_(owner, "editor").post(f"/questions/{id}/dismiss", {"reason": "Står i opslaget."}, version=1).json["state"]
    )
    problem(client.get(f"/questions/{id}"), 404)
    assert ids(client, f"/challenges/{challenge}/questions") == []
    assert as_(firm, "member").get(f"/questions/{id}").json["state"] == "dismissed"


def test_a_question_changes_until_it_is_answered(as_, make):
    asked, answered = make.question("asked"), make.question()
    member, new = as_(make.home, "member"), {"question": {"da": "Og om natten?"}}
    assert member.patch(f"/questions/{asked}", new, version=1).status_code == 200
    problem(member.patch(f"/questions/{answered}", new, version=1), 409, "/question")


def test_a_question_is_shown_only_with_its_challenge(client, as_, make):
    question = make.question(challenge=make.challenge(visibility="private"))
    problem(client.get(f"/questions/{question}"), 404)
    assert ids(client, "/questions") == []
    assert as_(make.home, "member").get(f"/questions/{question}").status_code == 200


# --- The list -----------------------------------------------------------------------------------------------

FILTERS = {
    "state": ({"state": "asked"}, {}, "asked"),
    "challenge": (lambda make: {"challenge": make.challenge()},) * 2 + ("challenge",),
}


@pytest.mark.parametrize("name", FILTERS)
def test_questions_are_filtered_by(as_, make, name):
    assert_filters(as_.copi_editor, make, "question", name, *FILTERS[name])


def test_every_filter_of_questions_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) == set(DECLARED["question"])


def test_questions_are_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "question")
