"""Outcomes: what holds for results alone."""

from __future__ import annotations

import pytest

from tests.make import SANDBOX, outcome_body
from tests.v1.expect import problem
from tests.v1.lists import alphabetical, assert_filters, assert_sorts
from tests.v1.test_challenges import figure
from tests.v1.test_documents import attach

RULES = [
    ({"measures": [figure(), figure(value_kind="expected", value=-3)]}, None),
    ({"measures": [figure(low=1)]}, "/measures/0/value"),
    ({"evidence": [{"title": {"da": "Uden adresse"}}]}, "/evidence/0/url"),
    ({"evidence": [{"url": "https://example.org"}]}, None),
    ({"reuse_count": {"count": 0, "unit": "kommuner"}}, None),
    ({"reuse_count": {"count": -1, "unit": "kommuner"}}, "/reuse_count/count"),
    ({"reuse_count": {"count": 1.5, "unit": "kommuner"}}, "/reuse_count/count"),
    ({"value_dimensions": ["happiness"]}, "/value_dimensions/0"),
    ({"reporting_point": "m24"}, "/reporting_point"),
    ({"lesson": {"what_worked": None}}, None),
    ({"lesson": {"what_worked": {"en": "Only English"}}}, "/lesson/what_worked/da"),
    ({"export_value": {"amount": "1", "currency": "EUR"}}, None),
    ({"kind": None}, "/kind"),
]


@pytest.mark.parametrize(("given", "pointer"), RULES)
def test_the_rules_of_an_outcome(as_, make, given, pointer):
    made = as_.copi_editor.post("/outcomes", outcome_body(make.project(), **given))
    changed = as_.copi_editor.patch(f"/outcomes/{make.outcome(state='draft')}", given, version=1)
    if pointer is None:
        assert (made.status_code, changed.status_code) == (201, 200), (made.json, changed.json)
    else:
        problem(made, 422, pointer)
        problem(changed, 422, pointer)


def test_the_theme_left_out_is_the_project_s(as_, make):
    project = make.project(theme="sustainable_construction")
    assert as_.copi_editor.post("/outcomes", outcome_body(project)).json["theme"] == "sustainable_construction"
    own = as_.copi_editor.post("/outcomes", outcome_body(project, theme="green_transition"))
    assert own.json["theme"] == "green_transition"


def test_whoever_answers_for_the_project_answers_for_its_outcomes(client, as_, make):
    town, other = make.partner(kind="municipality"), make.partner(kind="municipality")
    project = make.project(owner=town)
    made = as_(town, "editor").post("/outcomes", outcome_body(project))
    assert made.status_code == 201, made.json
    path = f"/outcomes/{made.json['id']}"
    assert as_(town, "member").get(path).status_code == 200
    problem(client.get(path), 404)
    problem(as_(other, "manager").get(path), 404)
    problem(as_(other, "editor").post("/outcomes", outcome_body(project)), 403)


def test_nobody_makes_an_outcome_of_a_project_they_cannot_see(as_, make):
    town = make.partner(kind="municipality")
    hidden = make.project(owner=make.partner(), visibility="private")
    problem(as_(town, "manager").post("/outcomes", outcome_body(hidden)), 422, "/project_id")


@pytest.mark.parametrize(
    ("project", "outcome", "seen_by"),
    [
        ("public", "public", {"anyone", "the network", "participants", "those who answer"}),
        ("public", "network", {"the network", "participants", "those who answer"}),
        ("network", "public", {"the network", "participants", "those who answer"}),
        ("private", "public", {"participants", "those who answer"}),
        ("private", "network", {"participants", "those who answer"}),
        ("private", "private", {"those who answer"}),
    ],
)
def test_nobody_sees_an_outcome_who_does_not_see_its_project(app, client, as_, make, project, outcome, seen_by):
    town, firm = make.partner(kind="municipality"), make.partner()
    roles = [{"partner_id": town, "role": "lead"}, {"partner_id": firm, "role": "solution_provider"}]
    above = make.project(participants=roles, visibility=project)
    id = make.outcome(project=above, visibility=outcome, measures=[figure()])
    adoption = make.adoption(outcome=id)
    document = attach(as_(town, "editor"), f"/projects/{above}").json["id"]
    readers = {"anyone": client, "the network": as_(make.partner(), "manager"), "participants": as_(firm, "member"),
               "those who answer": as_(town, "member")}  # fmt: skip
    for name, reader in readers.items():
        sees = name in seen_by
        for path in (
            f"/outcomes/{id}",
            f"/outcomes/{id}/history",
            f"/outcomes/{id}/adoptions",
            f"/adoptions/{adoption}",
        ):
            assert reader.get(path).status_code == (200 if sees else 404), (name, path)
        assert reader.get("/outcomes").json["total"] == sees, name
        assert len(reader.get(f"/outcomes?project={above}").json["items"]) == sees, name
        assert reader.get("/adoptions").json["total"] == sees, name
        assert reader.get("/statistics/outcomes").json["total"] == sees, name
        assert reader.get("/statistics/effects").json["measured"] == sees, name
        sees_project = reader.get(f"/projects/{above}").status_code == 200
        assert (reader.get(f"/documents/{document}/content").status_code == 200) == sees_project, name


def test_an_outcome_is_hidden_when_its_project_is(client, as_, make):
    project = make.project()
    outcome = make.outcome(project=project)
    assert client.get(f"/outcomes/{outcome}").status_code == 200
    assert as_.copi_editor.patch(f"/projects/{project}", {"visibility": "private"}, version=1).status_code == 200
    problem(client.get(f"/outcomes/{outcome}"), 404)
    assert client.get("/outcomes").json["total"] == 0


def test_an_outcome_of_the_sandbox_s_projects_is_in_the_sandbox(as_, make):
    outcome = make.outcome(project=make.project(sandbox=SANDBOX))
    assert as_.copi_editor.get("/outcomes").json["total"] == 0
    problem(as_.copi_editor.get(f"/outcomes/{outcome}"), 404)


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_an_outcome_is_shown_when_copi_has_verified_it(client, as_, make, state):
    id = make.outcome(state=state)
    problem(client.get(f"/outcomes/{id}"), 404)


def test_a_result_that_failed_is_knowledge_like_any_other(client, make):
    id = make.outcome(kind="discontinuation", measures=[figure(value=-12)])
    assert client.get("/outcomes?kind=discontinuation").json["items"][0]["id"] == id


# --- The list -----------------------------------------------------------------------------------------------


def _reused(make):
    return {"reused_by": [make.partner()]}


FILTERS = {
    "state": ({"state": "corrected"}, {}, "corrected"),
    "kind": ({"kind": "lesson"}, {}, "lesson"),
    "theme": ({"theme": "green_transition"}, {"theme": "welfare_technology"}, "green_transition"),
    "keyword": ({"keywords": ["mursten"]}, {"keywords": ["sten"]}, "mursten"),
    "reused_by": (_reused, _reused, "reused_by"),
    "indicator": ({"measures": [figure(), figure(indicator="jobs")]}, {"measures": [figure()]}, "jobs"),
    "value_kind": ({"measures": [figure(value_kind="expected")]}, {"measures": [figure()]}, "expected"),
    "novelty": ({"novelty": "first"}, {"novelty": "copied"}, "first"),
    "reporting_point": ({"reporting_point": "m12"}, {"reporting_point": "m48"}, "m12"),
    "export_market": ({"export_markets": ["SE"]}, {"export_markets": ["NO"]}, "SE"),
    "year": ({"date": "2023-11-23"}, {"date": "2022"}, "2023"),
}
VIA_PROJECT = {
    "project": lambda make: (project := make.project(), project),
    "challenge": lambda make: (make.project(challenge_ids=[challenge := make.challenge()]), challenge),
    "partner": lambda make: (make.project(participants=[{"partner_id": (p := make.partner()), "role": "supplier"}]), p),
    "municipality": lambda make: (make.project(municipality_codes=["0751"]), "0751"),
    "region": lambda make: (make.project(municipality_codes=["0751"]), "1082"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_outcomes_are_filtered_by(client, make, name):
    assert_filters(client, make, "outcome", name, *FILTERS[name])


@pytest.mark.parametrize("name", VIA_PROJECT)
def test_outcomes_are_filtered_by_their_project_s(client, make, name):
    project, value = VIA_PROJECT[name](make)
    ours, _ = make.outcome(project=project), make.outcome()
    found = client.get(f"/outcomes?{name}={value}").json
    assert [one["id"] for one in found["items"]] == [ours]
    assert found["total"] == 1


def test_every_filter_of_outcomes_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert {*FILTERS, *VIA_PROJECT} == set(DECLARED["outcome"])


def test_outcomes_stand_in_the_order_of_the_danish_alphabet(client, make):
    alphabetical(client, make, "outcome", "title")


def test_outcomes_are_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "outcome")
