"""Adoptions: who took a solution over, and what that counts for."""

from __future__ import annotations

import pytest

from tests.make import adoption_body
from tests.v1.expect import problem
from tests.v1.lists import assert_filters, assert_sorts, ids

COUNT = {"count": 9, "unit": "kommuner"}


@pytest.fixture
def solution(make):
    """A verified outcome, the town that leads its project and the firm that supplied it."""
    town, firm = make.partner(kind="municipality"), make.partner()
    roles = [{"partner_id": town, "role": "lead"}, {"partner_id": firm, "role": "supplier"}]
    return make.outcome(project=make.project(participants=roles)), town, firm


def test_an_adoption_counts_when_the_adopter_has_confirmed_it(client, as_, make, solution):
    outcome, town, firm = solution
    adopter = make.partner(kind="municipality")
    reported = as_(town, "editor").post(f"/outcomes/{outcome}/adoptions", adoption_body(adopter))
    assert (reported.status_code, reported.json["state"]) == (201, "reported"), reported.json
    path = f"/adoptions/{reported.json['id']}"
    problem(client.get(path), 404)
    assert client.get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 0, "adoptions": 0}

    for somebody in (as_(town, "manager"), as_.copi_admin):
        problem(somebody.post(f"{path}/confirm", version=1), 403)
    problem(as_.adviser.post(f"{path}/confirm", version=1), 404)
    assert as_(adopter, "editor").post(f"{path}/confirm", version=1).status_code == 200
    assert ids(client, f"/outcomes/{outcome}/adoptions") == [reported.json["id"]]
    assert client.get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 1, "adoptions": 1}
    assert client.get(f"/partners/{adopter}").json["reuse"] == {"taken_over": 1, "passed_on": 0}
    for maker in (town, firm):
        assert client.get(f"/partners/{maker}").json["reuse"] == {"taken_over": 0, "passed_on": 1}

    as_(adopter, "editor").post(f"{path}/withdraw", {"reason": "Vi er holdt op."}, version=2)
    problem(client.get(path), 404)
    assert client.get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 0, "adoptions": 0}
    assert client.get(f"/partners/{adopter}").json["reuse"] == {"taken_over": 0, "passed_on": 0}


def test_whom_sources_name_and_who_confirms_are_counted_once(client, make):
    town, adopter = make.partner(kind="municipality"), make.partner(kind="municipality")
    outcome = make.outcome(project=make.project(owner=town), reused_by=[adopter])
    assert client.get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 1, "adoptions": 0}
    make.adoption(outcome=outcome, partner_id=adopter)
    assert client.get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 1, "adoptions": 1}
    assert client.get(f"/partners/{adopter}").json["reuse"]["taken_over"] == 1
    assert client.get(f"/partners/{town}").json["reuse"]["passed_on"] == 1


@pytest.mark.parametrize("who", ["adviser", "copi_editor", "copi_admin"])
def test_others_near_report_too(as_, make, who):
    body = adoption_body(make.partner())
    assert getattr(as_, who).post(f"/outcomes/{make.outcome()}/adoptions", body).status_code == 201


def test_the_adopter_reports_and_a_stranger_does_not(as_, make, solution):
    adopter, path = make.partner(), f"/outcomes/{solution[0]}/adoptions"
    assert as_(adopter, "editor").post(path, adoption_body(adopter)).status_code == 201
    problem(as_(make.partner(), "manager").post(path, adoption_body(make.partner())), 403)
    problem(as_(solution[2], "manager").post(path, adoption_body(make.partner())), 403)


def test_where_only_a_number_is_known_copi_confirms(client, as_, make, solution):
    outcome, town, _ = solution
    made = as_(town, "editor").post(f"/outcomes/{outcome}/adoptions", adoption_body(None))
    assert (made.status_code, made.json["count"], made.json["partner_id"]) == (201, COUNT, None)
    path = f"/adoptions/{made.json['id']}"
    problem(as_(town, "manager").post(f"{path}/confirm", version=1), 403)
    assert as_.copi_editor.post(f"{path}/confirm", version=1).json["state"] == "confirmed"
    assert client.get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 0, "adoptions": 1}


def test_an_adoption_names_the_adopter_or_counts_them(as_, make, solution):
    path = f"/outcomes/{solution[0]}/adoptions"
    problem(as_.copi_editor.post(path, {"kind": "copied"}), 422, "/count")
    problem(as_.copi_editor.post(path, adoption_body(make.partner(), count=COUNT)), 422, "/count")
    named, counted = make.adoption("reported"), make.adoption("reported", count=COUNT)
    problem(as_.copi_editor.patch(f"/adoptions/{named}", {"count": COUNT}, version=1), 422, "/count")
    problem(as_.copi_editor.patch(f"/adoptions/{counted}", {"count": None}, version=1), 422, "/count")
    assert (
        as_.copi_editor.patch(f"/adoptions/{counted}", {"count": {"count": 8}}, version=1).json["count"]["count"] == 8
    )


@pytest.mark.parametrize(("state", "status"), [("draft", 409), ("submitted", 409), ("returned", 409), ("retracted", 409),
                                               ("verified", 201), ("corrected", 201)])  # fmt: skip
def test_only_a_verified_outcome_is_adopted(as_, make, state, status):
    made = as_.copi_editor.post(f"/outcomes/{make.outcome(state)}/adoptions", adoption_body(make.partner()))
    assert made.status_code == status, made.json


def test_an_adoption_is_shown_only_with_its_outcome(client, as_, make):
    for given in ({"state": "retracted"}, {"visibility": "private"}):
        adoption = make.adoption(outcome=make.outcome(**given))
        problem(client.get(f"/adoptions/{adoption}"), 404)
        assert ids(client, "/adoptions") == []
        assert as_(make.home, "member").get(f"/adoptions/{adoption}").status_code == 200


def test_once_confirmed_nothing_changes(as_, make):
    problem(
        as_(make.home, "manager").patch(f"/adoptions/{make.adoption()}", {"kind": "copied"}, version=1), 409, "/kind"
    )


# --- The list -----------------------------------------------------------------------------------------------


def _of_a_project(make):
    project = make.project()
    return {"outcome": make.outcome(project=project), "project_id": project}


FILTERS = {
    "state": ({"state": "confirmed"}, {"state": "reported"}, "confirmed"),
    "outcome": (lambda make: {"outcome": make.outcome()},) * 2 + ("outcome",),
    "project": (_of_a_project, _of_a_project, "project_id"),
    "partner": (lambda make: {"partner_id": make.partner()},) * 2 + ("partner_id",),
    "kind": ({"kind": "copied"}, {"kind": "adapted"}, "copied"),
    "year": ({"in_use_from": "2026-03"}, {"in_use_from": "2025"}, "2026"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_adoptions_are_filtered_by(as_, make, name):
    assert_filters(as_.copi_editor, make, "adoption", name, *FILTERS[name])


def test_every_filter_of_adoptions_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) == set(DECLARED["adoption"])


def test_adoptions_are_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "adoption")
