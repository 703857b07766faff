"""Adoptions: who took a solution over, and what that counts for."""

from __future__ import annotations

import pytest

from tests.clients import service
from tests.make import Make, adoption_body, outcome_body, project_body
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


# --- What counts, and for how long --------------------------------------------------------------------------


def reuse_of(client, *partners):
    """How many solutions each partner has taken over, and how many of its own others have."""
    counts = [client.get(f"/partners/{partner}").json["reuse"] for partner in partners]
    return [(one["taken_over"], one["passed_on"]) for one in counts]


def step(who, path, name, body=None):
    answer = who.post(f"{path}/{name}", body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.json
    return answer.json


def change(who, path, body):
    answer = who.patch(path, body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture
def told(as_, make):
    """A firm's own draft that names two towns as reusers, in a project of its own that nobody else sees."""
    firm, towns = make.partner(), [make.partner(kind="municipality") for _ in range(2)]
    roles = [{"partner_id": firm, "role": "lead"}]
    own = as_(firm, "manager")
    project = own.post("/projects", project_body(participants=roles, visibility="private")).json["id"]
    body = outcome_body(project, kind="reuse", reused_by=towns)
    made = own.post("/outcomes", body)
    assert made.status_code == 201
    return firm, towns, f"/projects/{project}", f"/outcomes/{made.json['id']}"


def test_reuse_is_counted_from_when_everybody_sees_it_until_nobody_does(client, as_, told):
    firm, towns, project, outcome = told
    own, copi, everyone = as_(firm, "manager"), as_.copi_editor, (firm, *towns)
    nothing, counted = [(0, 0)] * 3, [(0, 2), (1, 0), (1, 0)]
    assert reuse_of(client, *everyone) == nothing, "a draft"
    step(own, outcome, "submit")
    step(copi, outcome, "verify")
    assert reuse_of(client, *everyone) == nothing, "verified, of a private project"
    change(own, project, {"visibility": "public"})
    assert reuse_of(client, *everyone) == counted
    change(own, project, {"visibility": "network"})
    assert reuse_of(client, *everyone) == nothing
    change(own, project, {"visibility": "public"})
    step(copi, outcome, "retract", {"reason": "Fejl."})
    assert reuse_of(client, *everyone) == nothing, "retracted"


def test_whoever_is_no_longer_named_loses_the_count(client, as_, told):
    firm, towns, project, outcome = told
    own, copi = as_(firm, "manager"), as_.copi_editor
    change(own, project, {"visibility": "public"})
    step(own, outcome, "submit")
    step(copi, outcome, "verify")
    step(copi, outcome, "correct", {"reason": "Fejl.", "correction": {"reused_by": towns[:1]}})
    assert reuse_of(client, firm, *towns) == [(0, 1), (1, 0), (0, 0)]
    step(copi, outcome, "correct", {"reason": "Fejl.", "correction": {"reused_by": []}})
    assert reuse_of(client, firm, *towns) == [(0, 0)] * 3


def test_the_count_goes_along_with_who_made_the_solution(client, as_, make):
    town, firm, other = make.partner(kind="municipality"), make.partner(), make.partner()
    roles = [{"partner_id": town, "role": "client"}, {"partner_id": firm, "role": "supplier"}]
    project = make.project(participants=roles)
    make.adoption(outcome=make.outcome(project=project))
    assert reuse_of(client, firm, other) == [(0, 1), (0, 0)]
    change(as_(town, "editor"), f"/projects/{project}", {"participants": [roles[0], {**roles[1], "partner_id": other}]})
    assert reuse_of(client, firm, other) == [(0, 0), (0, 1)]


def test_an_adoption_that_nobody_sees_is_counted_where_it_names_nobody(client, as_, make, solution):
    outcome, town, firm = solution
    adopter = make.partner(kind="municipality")
    body = adoption_body(adopter, visibility="private")
    made = as_(adopter, "editor").post(f"/outcomes/{outcome}/adoptions", body)
    step(as_(adopter, "editor"), f"/adoptions/{made.json['id']}", "confirm")
    assert client.get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 1, "adoptions": 1}
    assert reuse_of(client, adopter, town, firm) == [(0, 0)] * 3


def test_an_outcome_taken_back_takes_its_adoptions_along(client, as_, make, solution):
    outcome, town, firm = solution
    adopters = [make.partner(kind="municipality") for _ in range(2)]
    make.adoption(outcome=outcome, partner_id=adopters[0])
    waiting = f"/adoptions/{make.adoption('reported', outcome=outcome, partner_id=adopters[1])}"
    assert reuse_of(client, adopters[0], town, firm) == [(1, 0), (0, 1), (0, 1)]
    step(as_.copi_editor, f"/outcomes/{outcome}", "retract", {"reason": "Fejl."})
    assert reuse_of(client, adopters[0], town, firm) == [(0, 0)] * 3
    editor = as_(adopters[1], "editor")
    assert "confirm" not in editor.get(f"{waiting}?embed=actions").json["embedded"]["actions"]
    assert editor.get("/tasks").json["items"] == []
    problem(editor.post(f"{waiting}/confirm", version=1), 409)
    assert reuse_of(client, adopters[1]) == [(0, 0)]


def test_nobody_takes_the_same_solution_over_twice(as_, make, solution):
    outcome, adopter = solution[0], make.partner(kind="municipality")
    path, editor = f"/outcomes/{outcome}/adoptions", as_(adopter, "editor")
    first = editor.post(path, adoption_body(adopter))
    assert first.status_code == 201
    problem(editor.post(path, adoption_body(adopter)), 409)
    assert [as_.copi_editor.post(path, adoption_body(None)).status_code for _ in range(2)] == [201, 201]
    step(editor, f"/adoptions/{first.json['id']}", "withdraw", {"reason": "Alligevel ikke."})
    assert editor.post(path, adoption_body(adopter)).status_code == 201


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [("supplier", "company", 422), ("solution_provider", "company", 422), ("solution_provider", "region", 422),
     ("lead", "company", 422), ("lead", "municipality", 201), ("need_owner", "municipality", 201),
     ("test_site", "company", 201), ("buyer", "region", 201)],
)  # fmt: skip
def test_whoever_made_a_solution_does_not_take_it_over(as_, make, role, kind, status):
    """A public body that tried it, though, may take it into use for good: sources call that reuse."""
    mine = make.partner(kind=kind)
    outcome = make.outcome(project=make.project(participants=[{"partner_id": mine, "role": role}]))
    made = as_.copi_editor.post(f"/outcomes/{outcome}/adoptions", adoption_body(mine))
    if status == 201:
        assert made.status_code == 201, made.json
    else:
        problem(made, 422, "/partner_id")


def test_reuse_is_counted_in_a_sandbox_too(app, make):
    tester = make.test_client()
    inside, caller = Make(make.database, sandbox=tester), service(app, tester)
    firm, adopter = inside.partner(), inside.partner(kind="municipality")
    roles = [{"partner_id": firm, "role": "supplier"}]
    outcome = inside.outcome(project=inside.project(participants=roles))
    made = caller.post(f"/outcomes/{outcome}/adoptions", adoption_body(adopter))
    step(caller, f"/adoptions/{made.json['id']}", "confirm")
    assert reuse_of(caller, adopter, firm) == [(1, 0), (0, 1)]
    step(caller, f"/outcomes/{outcome}", "retract", {"reason": "Fejl."})
    assert reuse_of(caller, adopter, firm) == [(0, 0), (0, 0)]


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
