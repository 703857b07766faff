"""Projects: what holds for collaborations alone."""

from __future__ import annotations

import pytest

from schemas.vocabulary import ParticipantRole
from tests.make import project_body
from tests.v1.expect import problem
from tests.v1.lists import alphabetical, assert_filters, assert_sorts

RULES = [
    ({"start": "2024-05", "end": "2024"}, None),
    ({"start": "2024", "end": "2023-12-31"}, "/end"),
    ({"start": "2024-05-02", "end": "2024-05-01"}, "/end"),
    ({"start": "2024-05-02", "end": "2024-05"}, None),
    ({"phases": [{"name": {"da": "A"}, "start": "2020", "end": "2019"}]}, "/phases/0/end"),
    ({"milestones": [{"title": {"da": "A"}, "reached_on": "2019"}]}, None),
    ({"milestones": [{"title": {"da": "A"}, "due_on": "2020", "reached_on": "2019"}]}, None),
    ({"milestones": [{"due_on": "2019"}]}, "/milestones/0/title"),
    ({"milestones": [{"title": {"da": "A"}, "due_on": "2019-13"}]}, "/milestones/0/due_on"),
    ({"milestones": [{"title": {"da": "A"}}] * 51}, "/milestones"),
    ({"trl": 1}, None),
    ({"trl": 9}, None),
    ({"trl": 10}, "/trl"),
    ({"method": "CO-PI"}, "/method"),
    ({"procurement_refs": [{"system": "TED"}]}, "/procurement_refs/0/reference"),
    ({"funding": [{"money": {"amount": "1", "currency": "DKK"}}]}, "/funding/0/kind"),
    ({"funding": [{"kind": "grant"}]}, None),
    ({"export_potential": {"markets": ["Sverige"]}}, "/export_potential/markets/0"),
    ({"follow_up_due": ["2025-13"]}, "/follow_up_due/0"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "pointer"), RULES)
def test_the_rules_of_a_project(as_, make, given, pointer):
    made = as_.copi_editor.post("/projects", project_body(**given))
    changed = as_.copi_editor.patch(f"/projects/{make.project()}", given, version=1)
    if pointer is None:
        assert (made.status_code, changed.status_code) == (201, 200), (made.json, changed.json)
    else:
        problem(made, 422, pointer)
        problem(changed, 422, pointer)


def test_an_organisation_may_hold_every_role_but_each_only_once(as_, make):
    firm = make.partner()
    roles = [{"partner_id": firm, "role": str(role)} for role in ParticipantRole]
    assert len(roles) == 22
    made = as_.copi_editor.post("/projects", project_body(participants=roles))
    assert made.json["participants"] == roles
    problem(as_.copi_editor.post("/projects", project_body(participants=[*roles, roles[3]])), 422, "/participants/22")


def test_funding_rows_stand_as_their_sources_state_them(as_, make):
    rows = [{"funder_id": None, "programme": "MUDP", "kind": "grant", "note": None, "is_upper_bound": upper,
             "is_approximate": False, "money": {"amount": "1000000.10", "currency": "DKK", "qualifier": None}}
            for upper in (True, False)]  # fmt: skip
    made = as_.copi_editor.post("/projects", project_body(funding=rows))
    assert made.json["funding"] == rows
    left_out = {"kind": "own_contribution"}
    made = as_.copi_editor.post("/projects", project_body(funding=[left_out]))
    assert made.json["funding"] == [
        {"funder_id": None, "programme": None, "money": None, "is_upper_bound": False, "is_approximate": False,
         "kind": "own_contribution", "note": None}
    ]  # fmt: skip


# --- What a project takes over ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "due"),
    [
        ("2024", ["2025", "2028"]),
        ("2024-05", ["2025-05", "2028-05"]),
        ("2024-05-17", ["2025-05", "2028-05"]),
        ("2024-02-29", ["2025-02", "2028-02"]),
        (None, []),
    ],
)
def test_effects_are_asked_for_12_and_48_months_after_the_end(as_, end, due):
    assert as_.copi_editor.post("/projects", project_body(end=end)).json["follow_up_due"] == due


def test_dates_to_follow_up_that_are_given_stand(as_):
    made = as_.copi_editor.post("/projects", project_body(end="2024", follow_up_due=["2026-01"]))
    assert made.json["follow_up_due"] == ["2026-01"]


@pytest.mark.parametrize("end", ["9999", "9996-12-31"])
def test_an_end_at_the_end_of_the_calendar_makes_no_date_beyond_it(as_, end):
    made = as_.copi_editor.post("/projects", project_body(end=end))
    assert made.status_code == 201
    assert all(len(date.partition("-")[0]) == 4 for date in made.json["follow_up_due"])
    changed = as_.copi_editor.patch(f"/projects/{made.json['id']}", {"trl": 5}, version=1)
    assert changed.status_code == 200, changed.json


def test_places_left_out_are_those_of_whom_the_project_answers_to(as_, make):
    town = make.partner(kind="municipality", municipality_code="0751")
    guest = make.partner(kind="municipality", municipality_code="0101")
    roles = [{"partner_id": town, "role": "lead"}, {"partner_id": guest, "role": "participant"}]
    made = as_.copi_editor.post("/projects", project_body(participants=roles))
    assert made.json["municipality_codes"] == ["0751"]


# --- Starting and stopping ----------------------------------------------------------------------------------


def test_whoever_stops_a_project_says_why_and_what_was_learnt(client, as_, make):
    id = make.project()
    path = f"/projects/{id}/discontinue"
    why = {"reason": {"da": "Pengene slap op.", "en": None}, "lesson": {"da": "Begynd småt.", "en": "Start small."}}
    for left_out in ("reason", "lesson"):
        half = {name: text for name, text in why.items() if name != left_out}
        problem(as_.copi_editor.post(path, {"discontinuation": half}, version=1), 422, f"/discontinuation/{left_out}")
    stopped = as_.copi_editor.post(path, {"discontinuation": why}, version=1)
    assert stopped.json["state"] == "discontinued"
    assert client.get(f"/projects/{id}").json["discontinuation"] == why


# --- The list -----------------------------------------------------------------------------------------------


def _taking_part(role):
    return lambda make: {"participants": [{"partner_id": make.partner(), "role": role}]}


def _answering(make):
    return {"challenge_ids": [make.challenge()]}


def _under(make):
    return {"parent_id": make.project()}


FILTERS = {
    "state": ({"state": "on_hold"}, {}, "on_hold"),
    "theme": ({"theme": "sustainable_construction"}, {}, "sustainable_construction"),
    "keyword": ({"keywords": ["genbrug"]}, {"keywords": ["genbrug-af-sten"]}, "genbrug"),
    "challenge": (_answering, _answering, "challenge_ids"),
    "parent": (_under, _under, "parent_id"),
    "form": ({"collaboration_form": "opi"}, {"collaboration_form": "pcp"}, "opi"),
    "route": ({"procurement_route": "pcp"}, {"procurement_route": "open"}, "pcp"),
    "method": ({"method": "co-pi-scaling-process"}, {"method": "co-pi"}, "co-pi-scaling-process"),
    "stage": ({"stage": "pilot"}, {"stage": "scaling"}, "pilot"),
    "municipality": ({"municipality_codes": ["0751"]}, {"municipality_codes": ["0101"]}, "0751"),
    "region": ({"municipality_codes": ["0751"]}, {"region_codes": ["1085"]}, "1082"),
    "cpv": ({"cpv": ["43300000"]}, {"cpv": ["45000000"]}, "43300000"),
    "year": ({"start": "2020-12", "end": "2022"}, {"start": "2022"}, "2021"),
    "export_market": ({"export_potential": {"markets": ["SE"]}}, {"export_potential": {"markets": ["NO"]}}, "SE"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_projects_are_filtered_by(client, make, name):
    assert_filters(client, make, "project", name, *FILTERS[name])


def test_every_filter_of_projects_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) | {"partner", "owner"} == set(DECLARED["project"])


def test_projects_are_found_by_who_takes_part_and_by_who_answers_for_them(client, make):
    town, firm = make.partner(kind="municipality"), make.partner()
    led = make.project(participants=[{"partner_id": town, "role": "lead"}, {"partner_id": firm, "role": "supplier"}])
    joined = make.project(
        participants=[{"partner_id": town, "role": "test_site"}, {"partner_id": firm, "role": "owner"}]
    )
    make.project()

    def found(query):
        return {one["id"] for one in client.get(f"/projects?{query}").json["items"]}

    assert found(f"partner={town}") == {led, joined}
    assert found(f"owner={town}") == {led}
    assert found(f"owner={firm}") == {joined}
    assert found(f"owner={town},{firm}") == {led, joined}
    assert found(f"partner={town}&owner={firm}") == {joined}


@pytest.mark.parametrize("role", ["lead", "need_owner", "client", "owner", "buyer"])
def test_five_roles_answer_for_a_project(client, as_, make, role):
    firm = make.partner()
    id = make.project(participants=[{"partner_id": firm, "role": role}])
    assert client.get(f"/projects?owner={firm}").json["total"] == 1
    assert as_(firm, "editor").patch(f"/projects/{id}", {"trl": 5}, version=1).status_code == 200


def test_projects_stand_in_the_order_of_the_danish_alphabet(client, make):
    alphabetical(client, make, "project", "title")


def test_projects_are_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "project")


# --- Who sees a project -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["supplier", "participant", "evaluator", "funder"])
def test_whoever_takes_part_sees_a_private_project_but_only_reads_it(client, as_, make, role):
    town, firm = make.partner(kind="municipality"), make.partner()
    roles = [{"partner_id": town, "role": "lead"}, {"partner_id": firm, "role": role}]
    id = make.project(participants=roles, visibility="private")
    manager = as_(firm, "manager")
    assert manager.get("/projects").json["total"] == 1
    assert as_(firm, "member").get(f"/projects/{id}?embed=actions").json["embedded"]["actions"] == []
    problem(manager.patch(f"/projects/{id}", {"stage": "pilot"}, version=1), 403)
    problem(manager.post(f"/projects/{id}/pause", {"reason": "Nej"}, version=1), 403)
    for stranger in (client, as_(make.partner(), "manager")):
        problem(stranger.get(f"/projects/{id}"), 404)
    left = as_(town, "editor").patch(f"/projects/{id}", {"participants": roles[:1]}, version=1)
    assert left.status_code == 200
    problem(manager.get(f"/projects/{id}"), 404)


# --- Who answers for it -------------------------------------------------------------------------------------


def test_somebody_answers_for_a_project_as_long_as_it_lasts(as_, make):
    town, firm = make.partner(kind="municipality"), make.partner()
    id = make.project(participants=[{"partner_id": town, "role": "lead"}, {"partner_id": firm, "role": "supplier"}])
    for somebody in (as_(town, "editor"), as_.copi_admin):
        for left in ([], [{"partner_id": firm, "role": "supplier"}], [{"partner_id": town, "role": "participant"}]):
            changed = somebody.patch(f"/projects/{id}", {"participants": left}, version=1)
            problem(changed, 422, "/participants")
    assert as_.copi_editor.patch(
        f"/projects/{id}", {"participants": [{"partner_id": firm, "role": "owner"}]}, version=1
    ).status_code == 200  # fmt: skip


def test_a_project_that_nobody_answered_for_is_let_be(as_, make):
    firm = make.partner()
    id = make.project(participants=[{"partner_id": firm, "role": "supplier"}])
    changed = as_.copi_editor.patch(f"/projects/{id}", {"participants": []}, version=1)
    assert changed.status_code == 200, changed.json


def test_whoever_changes_the_participants_answers_for_the_project_afterwards(as_, make):
    mine, theirs = make.partner(kind="municipality"), make.partner(kind="municipality")
    lead, client = {"partner_id": mine, "role": "lead"}, {"partner_id": theirs, "role": "client"}
    id = make.project(participants=[lead])
    editor = as_(mine, "editor")
    problem(editor.patch(f"/projects/{id}", {"participants": [client]}, version=1), 422, "/participants")
    assert editor.patch(f"/projects/{id}", {"participants": [lead, client]}, version=1).status_code == 200
    assert as_(theirs, "editor").patch(f"/projects/{id}", {"participants": [client]}, version=2).status_code == 200


def test_whose_turn_it_is_not_is_said_before_what_is_wrong_with_the_body(as_, make):
    wrong = {"discontinuation": "slut", "x": 1}
    refusal = problem(as_.copi_editor.post(f"/projects/{make.project('completed')}/discontinue", wrong, version=1), 409)
    assert refusal["type"].endswith("/wrong-state")
    problem(as_.copi_editor.post(f"/projects/{make.project()}/discontinue", wrong, version=1), 422)
