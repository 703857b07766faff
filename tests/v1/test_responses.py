"""Responses: what a company answers, and who may know of it."""

from __future__ import annotations

import datetime as dt

import pytest

from api.domain import clock
from tests.make import response_body
from tests.v1.expect import problem
from tests.v1.lists import alphabetical, assert_filters, assert_sorts, ids

DEADLINE = dt.datetime(2027, 3, 1, 11, tzinfo=dt.UTC)


@pytest.fixture
def need(make):
    """An open challenge with a deadline, and its owner."""
    owner = make.partner(kind="municipality")
    return make.challenge(owner=owner, timeline={"response_deadline": DEADLINE.isoformat()}), owner


def answer(as_, firm, challenge, **given):
    made = as_(firm, "editor").post(f"/challenges/{challenge}/responses", response_body(firm, **given))
    assert made.status_code == 201, made.json
    return made.json["id"]


def test_nobody_outside_learns_of_an_answer(client, as_, make, need):
    challenge, owner = need
    firm, member, rival = make.partner(), make.partner(), make.partner()
    id = answer(as_, firm, challenge, consortium=[member])
    answer(as_, rival, challenge)
    for somebody in (as_(rival, "manager"), as_.adviser, as_(make.home, "manager"), as_(owner, "manager")):
        problem(somebody.get(f"/responses/{id}"), 404)
        for path in (f"/challenges/{challenge}/responses", "/responses"):
            listed = somebody.get(path)
            assert id not in [one["id"] for one in listed.json["items"]]
            assert listed.json["total"] == len(listed.json["items"])
        problem(somebody.post(f"/responses/{id}/submit", version=1), 404)
    for path in (f"/responses/{id}", "/responses", f"/challenges/{challenge}/responses"):
        problem(client.get(path), 401)
    for one in (as_(firm, "member"), as_(member, "member"), as_.copi_editor):
        assert one.get(f"/responses/{id}").status_code == 200

    assert as_(firm, "editor").post(f"/responses/{id}/submit", version=1).status_code == 200
    assert ids(as_(owner, "member"), f"/challenges/{challenge}/responses") == [id]
    problem(as_(rival, "manager").get(f"/responses/{id}"), 404)
    assert client.get(f"/challenges/{challenge}").json["response_count"] is None


def test_only_the_responder_answers_changes_and_submits(as_, make, need):
    challenge, owner = need
    firm = make.partner()
    body, path = response_body(firm), f"/challenges/{challenge}/responses"
    for somebody in (as_(firm, "member"), as_(owner, "manager"), as_.copi_editor, as_.copi_admin, as_.adviser):
        problem(somebody.post(path, body), 403)
    id = answer(as_, firm, challenge)
    problem(as_.copi_admin.patch(f"/responses/{id}", {"trl": 5}, version=1), 403)
    problem(as_.copi_admin.post(f"/responses/{id}/submit", version=1), 403)
    assert as_(firm, "editor").patch(f"/responses/{id}", {"trl": 5}, version=1).status_code == 200
    assert as_(firm, "editor").post(f"/responses/{id}/submit", version=2).status_code == 200
    problem(as_(firm, "editor").patch(f"/responses/{id}", {"trl": 6}, version=3), 409, "/trl")


def test_a_consortium_s_editor_writes_along(as_, make, need):
    firm, member = make.partner(), make.partner()
    id = answer(as_, firm, need[0], consortium=[member])
    assert as_(member, "editor").patch(f"/responses/{id}", {"trl": 5}, version=1).status_code == 200


def test_but_only_the_responder_s_own_hand_it_in_and_take_it_back(as_, make, need):
    firm, member = make.partner(), make.partner()
    id = answer(as_, firm, need[0], consortium=[member])
    for step in ("submit", "withdraw"):
        problem(as_(member, "manager").post(f"/responses/{id}/{step}", version=1), 403)
    allowed = as_(member, "manager").get(f"/responses/{id}?embed=actions").json["embedded"]["actions"]
    assert not {"submit", "withdraw"} & set(allowed)


def test_nobody_answers_in_another_s_name(as_, make, need):
    firm, rival = make.partner(), make.partner()
    refusal = problem(
        as_(rival, "manager").post(f"/challenges/{need[0]}/responses", response_body(firm, consortium=[rival])), 403
    )
    assert "den organisation, der svarer" in refusal["detail"]
    answer(as_, firm, need[0])


def test_whether_another_has_answered_is_told_to_nobody_who_tries(as_, make, need):
    challenge, firm, rival = need[0], make.partner(), make.partner()
    before = as_(rival, "manager").post(f"/challenges/{challenge}/responses", response_body(firm))
    answer(as_, firm, challenge)
    after = as_(rival, "manager").post(f"/challenges/{challenge}/responses", response_body(firm))
    assert before.status_code == after.status_code == 403
    assert before.json["detail"] == after.json["detail"]


def test_a_draft_that_is_withdrawn_was_never_handed_in(as_, make, need):
    challenge, owner = need
    firm, reader = make.partner(), as_(owner, "manager")
    id = answer(as_, firm, challenge, price_indication={"amount": "1", "currency": "DKK", "qualifier": "about"})
    assert as_(firm, "editor").post(f"/responses/{id}/withdraw", version=1).json["submitted_at"] is None
    problem(reader.get(f"/responses/{id}"), 404)
    assert ids(reader, f"/challenges/{challenge}/responses") == []
    assert id not in [one["resource_id"] for one in reader.get("/events?limit=250").json["items"]]


def test_when_it_was_handed_in_is_told(as_, make, need, monkeypatch):
    id = answer(as_, make.home, need[0])
    moment = DEADLINE - dt.timedelta(hours=1)
    monkeypatch.setattr(clock, "read", lambda: moment)
    submitted = as_(make.home, "editor").post(f"/responses/{id}/submit", version=1)
    assert submitted.json["submitted_at"] == "2027-03-01T10:00:00.000000Z"


def test_an_organisation_answers_once_and_again_when_it_has_withdrawn(as_, make, need):
    challenge, firm = need[0], make.partner()
    id = answer(as_, firm, challenge)
    twice = problem(as_(firm, "editor").post(f"/challenges/{challenge}/responses", response_body(firm)), 409)
    assert f"/responses/{id}" in twice["detail"]
    assert as_(firm, "editor").post(f"/responses/{id}/withdraw", version=1).status_code == 200
    answer(as_, firm, challenge)


@pytest.mark.parametrize("state", ["draft", "in_review", "closed", "resolved"])
def test_only_an_open_challenge_takes_answers(as_, make, state):
    owner = make.partner(kind="municipality")
    body = response_body(owner)
    challenge = make.challenge(owner=owner, state=state)
    problem(as_(owner, "editor").post(f"/challenges/{challenge}/responses", body), 409)


def test_after_the_deadline_nothing_is_taken_any_more(as_, make, need, monkeypatch):
    challenge, firm = need[0], make.partner()
    id = answer(as_, firm, challenge)
    monkeypatch.setattr(clock, "read", lambda: DEADLINE - dt.timedelta(seconds=1))
    last = answer(as_, make.partner(), challenge)
    assert as_.copi_editor.get(f"/responses/{last}").status_code == 200
    monkeypatch.setattr(clock, "read", lambda: DEADLINE)
    late = make.partner()
    problem(as_(late, "editor").post(f"/challenges/{challenge}/responses", response_body(late)), 409)
    problem(as_(firm, "editor").post(f"/responses/{id}/submit", version=1), 409)
    assert as_(firm, "editor").get(f"/responses/{id}?embed=actions").json["embedded"]["actions"] == [
        "update", "withdraw", "attach"]  # fmt: skip
    assert as_(firm, "editor").post(f"/responses/{id}/withdraw", version=1).status_code == 200


def test_a_later_deadline_takes_answers_again_and_an_earlier_one_is_refused(as_, make, need):
    challenge, owner = need
    earlier, later = ((DEADLINE + dt.timedelta(days=days)).isoformat() for days in (-1, 1))
    editor = as_(owner, "editor")
    problem(editor.patch(f"/challenges/{challenge}", {"timeline": {"response_deadline": earlier}}, version=1), 422)
    moved = editor.patch(f"/challenges/{challenge}", {"timeline": {"response_deadline": later}}, version=1)
    assert moved.status_code == 200


def events(who, id):
    """What the feed tells somebody of a record: types, with their reasons."""
    told = who.get("/events?limit=250").json["items"]
    return [(one["type"], one["reason"]) for one in told if one["resource_id"] == id]


@pytest.mark.parametrize("visibility", ["public", "network"])
def test_who_has_answered_learns_that_the_challenge_is_withdrawn_and_why(client, as_, make, visibility):
    owner, firm, member, drafting = make.partner(kind="municipality"), make.partner(), make.partner(), make.partner()
    challenge = make.challenge(owner=owner, visibility=visibility)
    id = answer(as_, firm, challenge, consortium=[member])
    as_(firm, "editor").post(f"/responses/{id}/submit", version=1)
    answer(as_, drafting, challenge)
    as_(owner, "manager").post(f"/challenges/{challenge}/withdraw", {"reason": "Pengene er væk."}, version=1)

    for somebody in (as_(firm, "member"), as_(member, "member")):
        assert somebody.get(f"/challenges/{challenge}").json["state"] == "withdrawn"
        assert events(somebody, challenge)[-1] == ("challenge.withdrawn", "Pengene er væk.")
        newest = somebody.get(f"/challenges/{challenge}/history").json["items"][0]
        assert (newest["type"], newest["reason"]) == ("challenge.withdrawn", "Pengene er væk.")
        problem(somebody.patch(f"/challenges/{challenge}", {"sources": []}, version=2), 403)
    for somebody in (as_(drafting, "manager"), as_(make.partner(), "manager"), as_.adviser):
        problem(somebody.get(f"/challenges/{challenge}"), 404)
        assert events(somebody, challenge) == [("challenge.hidden", None)]
    problem(client.get(f"/challenges/{challenge}"), 404)

    # It stays told when the record's life ends, and is no more once the answer is taken back.
    as_.copi_admin.post(f"/challenges/{challenge}/archive", version=2)
    assert as_(firm, "member").get(f"/challenges/{challenge}").json["state"] == "archived"
    assert as_(firm, "editor").post(f"/responses/{id}/withdraw", version=2).status_code == 200
    problem(as_(firm, "member").get(f"/challenges/{challenge}"), 404)
    assert events(as_(firm, "member"), challenge)[-1] == ("challenge.hidden", None)


def test_on_what_is_withdrawn_nothing_is_decided(as_, make, need):
    challenge, owner = need
    firm, editor = make.partner(), as_(owner, "editor")
    id = answer(as_, firm, challenge)
    as_(firm, "editor").post(f"/responses/{id}/submit", version=1)
    assert editor.post(f"/challenges/{challenge}/close", version=1).status_code == 200
    waiting = {"step": "select", "id": id}
    assert waiting.items() <= editor.get("/tasks").json["items"][-1].items()
    as_(owner, "manager").post(f"/challenges/{challenge}/withdraw", {"reason": "Nej."}, version=2)
    for step, body in (
        ("shortlist", None), ("select", None),
        ("decline", {"decline_reason": "others_stronger", "feedback": {"da": "Godt, men dyrt."}}),
    ):  # fmt: skip
        problem(editor.post(f"/responses/{id}/{step}", body, version=2), 409)
    assert editor.get("/tasks").json["items"] == []
    assert editor.get(f"/responses/{id}?embed=actions").json["embedded"]["actions"] == []


def test_a_need_is_resolved_once_every_answer_has_been_decided_on(as_, make, need):
    challenge, owner = need
    firm, editor = make.partner(), as_(owner, "editor")
    id = answer(as_, firm, challenge)
    as_(firm, "editor").post(f"/responses/{id}/submit", version=1)
    editor.post(f"/challenges/{challenge}/close", version=1)
    told = {"close_reason": "need_gone"}
    refusal = problem(editor.post(f"/challenges/{challenge}/resolve", told, version=2), 409)
    assert refusal["type"].endswith("/not-ready")
    assert "resolve" not in editor.get(f"/challenges/{challenge}?embed=actions").json["embedded"]["actions"]
    declined = {"decline_reason": "others_stronger", "feedback": {"da": "Behovet er væk."}}
    assert editor.post(f"/responses/{id}/decline", declined, version=2).status_code == 200
    assert editor.post(f"/challenges/{challenge}/resolve", told, version=2).status_code == 200


def test_the_owners_decide_when_the_time_for_answers_is_over(client, as_, make, need):
    challenge, owner = need
    firms = [make.partner() for _ in range(4)]
    given = [answer(as_, firm, challenge) for firm in firms]
    for firm, id in list(zip(firms, given, strict=True))[:3]:
        as_(firm, "editor").post(f"/responses/{id}/submit", version=1)
    editor = as_(owner, "editor")
    problem(editor.post(f"/responses/{given[0]}/shortlist", version=2), 409)
    assert client.get(f"/challenges/{challenge}").json["response_count"] is None

    assert editor.post(f"/challenges/{challenge}/close", version=1).status_code == 200
    assert client.get(f"/challenges/{challenge}").json["response_count"] == 3, "the draft is not counted"
    assert editor.post(f"/responses/{given[0]}/shortlist", version=2).json["state"] == "shortlisted"
    assert editor.post(f"/responses/{given[0]}/select", version=3).json["state"] == "selected"

    feedback = {"decline_reason": "others_stronger", "feedback": {"da": "Ladningen tager for lang tid.", "en": None}}
    for left_out in feedback:
        half = {name: value for name, value in feedback.items() if name != left_out}
        problem(editor.post(f"/responses/{given[1]}/decline", half, version=2), 422, f"/{left_out}")
    declined = editor.post(f"/responses/{given[1]}/decline", feedback, version=2)
    assert declined.status_code == 200
    told = as_(firms[1], "member").get(f"/responses/{given[1]}").json
    assert {name: told[name] for name in feedback} == feedback
    problem(as_(firms[0], "manager").get(f"/responses/{given[1]}"), 404)

    assert as_(firms[2], "editor").post(f"/responses/{given[2]}/withdraw", version=2).status_code == 200
    assert client.get(f"/challenges/{challenge}").json["response_count"] == 2
    assert given[2] in ids(editor, f"/challenges/{challenge}/responses"), "the owners know what was taken back"


# --- The list -----------------------------------------------------------------------------------------------

FILTERS = {
    "state": ({"state": "shortlisted"}, {}, "shortlisted"),
    "challenge": (lambda make: {"challenge": make.challenge()},) * 2 + ("challenge",),
    "partner": (lambda make: {"consortium": [make.partner()]},) * 2 + ("consortium",),
    "novelty": ({"novelty": "any"}, {"novelty": "new_technology"}, "any"),
    "export_market": ({"export_markets": ["SE", "NO"]}, {"export_markets": ["DE"]}, "NO"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_responses_are_filtered_by(as_, make, name):
    assert_filters(as_(make.home, "member"), make, "response", name, *FILTERS[name])


def test_every_filter_of_responses_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) == set(DECLARED["response"])


def test_responses_are_sorted_by_every_key_both_ways(as_, make):
    assert_sorts(as_.copi_editor, make, "response")


def test_responses_stand_in_the_order_of_the_danish_alphabet(as_, make):
    alphabetical(as_.copi_editor, make, "response", "title")
