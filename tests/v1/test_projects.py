"""Projects: what holds for collaborations alone."""

from __future__ import annotations

import pytest

from schemas.vocabulary import ParticipantRole
from tests.clients import service
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


@pytest.mark.parametrize(
    ("change", "due"),
    [
        ({"end": "2026-02"}, ["2027-02", "2030-02"]),
        ({"end": "2026"}, ["2027", "2030"]),
        ({"end": None}, []),
        ({"trl": 5}, ["2025-05", "2028-05"]),
        ({"end": "2026-02", "follow_up_due": ["2026-09"]}, ["2026-09"]),
        ({"follow_up_due": []}, []),
    ],
)
def test_effects_are_asked_for_later_when_the_end_moves(as_, change, due):
    path = f"/projects/{as_.copi_editor.post('/projects', project_body(end='2024-05')).json['id']}"
    assert as_.copi_editor.patch(path, change, version=1).json["follow_up_due"] == due
    assert as_.copi_editor.patch(path, {"trl": 6}, version=2).json["follow_up_due"] == due


def test_dates_to_follow_up_that_somebody_chose_do_not_move(as_):
    made = as_.copi_editor.post("/projects", project_body(end="2024", follow_up_due=["2026-01"])).json
    moved = as_.copi_editor.patch(f"/projects/{made['id']}", {"end": "2027"}, version=1)
    assert moved.json["follow_up_due"] == ["2026-01"]


def test_an_end_that_becomes_known_is_followed_up(as_):
    made = as_.copi_editor.post("/projects", project_body()).json
    known = as_.copi_editor.patch(f"/projects/{made['id']}", {"end": "2024-05"}, version=1)
    assert known.json["follow_up_due"] == ["2025-05", "2028-05"]


@pytest.mark.parametrize(
    ("known", "sent", "end", "due"),
    [
        ({"end": "2027-06"}, {"end": "2029-12"}, "2029-12", ["2030-12", "2033-12"]),
        ({"end": "2027-06"}, {"end": "2026"}, "2026", ["2027", "2030"]),
        ({}, {}, "2026-10-05", ["2027-10", "2030-10"]),
        ({"end": "2027-06"}, {}, "2026-10-05", ["2027-10", "2030-10"]),
        ({"end": "2026-11"}, {}, "2026-10-05", ["2027-10", "2030-10"]),
        ({"end": "2026-10"}, {}, "2026-10", ["2027-10", "2030-10"]),
        ({"end": "2026"}, {}, "2026", ["2027", "2030"]),
        ({"end": "2025-03-01"}, {}, "2025-03-01", ["2026-03", "2029-03"]),
        ({"end": "2027-06", "follow_up_due": ["2028-01"]}, {}, "2026-10-05", ["2028-01"]),
        ({"follow_up_due": []}, {"end": "2026-12"}, "2026-12", ["2027-12", "2030-12"]),
    ],
)
def test_a_project_that_is_completed_has_an_end_and_is_followed_up(as_, make, travel, known, sent, end, due):
    travel("2026-10-05")
    made = as_.copi_editor.post("/projects", project_body(participants=_able(make), **known)).json
    path = f"/projects/{made['id']}"
    assert as_.copi_editor.post(f"{path}/start", version=1).status_code == 200
    ended = as_.copi_editor.post(f"{path}/complete", sent, version=2).json
    assert (ended["end"], ended["follow_up_due"]) == (end, due)


def _able(make):
    return [{"partner_id": make.home, "role": "lead"}, {"partner_id": make.partner(), "role": "supplier"}]


@pytest.mark.parametrize(("known", "start"), [(None, "2026-10-05"), ("2026", "2026"), ("2026-11", "2026-11")])
def test_a_project_that_is_started_has_a_start(as_, make, travel, known, start):
    travel("2026-10-05")
    made = as_.copi_editor.post("/projects", project_body(participants=_able(make), start=known)).json
    assert as_.copi_editor.post(f"/projects/{made['id']}/start", version=1).json["start"] == start


def test_a_project_does_not_end_before_it_starts(as_, make, travel):
    travel("2026-10-05")
    path = f"/projects/{make.project(start='2024-05')}/complete"
    problem(as_.copi_editor.post(path, {"end": "2024-04"}, version=1), 422, "/end")
    assert as_.copi_editor.post(path, {"end": "2024"}, version=1).json["start"] == "2024-05"


@pytest.mark.parametrize(("start", "sent", "end"), [("2026-11", {}, "2026-10-05"), ("2027", {"end": "2026-12"}, "2026-12"),
                                                    ("2026-10-05", {"end": "2024-06"}, "2024-06")])  # fmt: skip
def test_a_start_that_was_but_planned_or_told_by_the_step_gives_way_to_the_end(as_, make, travel, start, sent, end):
    """As when somebody registers afterwards what is over, one step after the other."""
    travel("2026-10-05")
    path = f"/projects/{make.project(start=start)}"
    ended = as_.copi_editor.post(f"{path}/complete", sent, version=1).json
    assert (ended["start"], ended["end"]) == (None, end)
    assert as_.copi_editor.patch(path, {"trl": 5}, version=2).status_code == 200


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


# --- What a project stands with -----------------------------------------------------------------------------


@pytest.fixture
def town(make):
    return make.partner(kind="municipality")


def _named_by(make, town, firm):
    """What a firm names as its own project's, with the town among the participants so that it answers for it too."""
    return [{"partner_id": firm, "role": "lead"}, {"partner_id": town, "role": "client"}]


def test_nobody_puts_a_project_with_anothers_need_or_programme(client, as_, make, town):
    firm = make.partner()
    need, programme = make.challenge(owner=town), make.project(owner=town)
    roles = _named_by(make, town, firm)
    own = as_(firm, "manager")
    for given, pointer in (({"challenge_ids": [need]}, "/challenge_ids"), ({"parent_id": programme}, "/parent_id")):
        body = project_body(participants=roles, **given)
        refusal = problem(own.post("/projects", body), 403, pointer)
        assert "CO-PI" in refusal["detail"]
        problem(own.put("/projects/by-source/firm/1", body), 403, pointer)
    id = own.post("/projects", project_body(participants=roles)).json["id"]
    problem(own.patch(f"/projects/{id}", {"challenge_ids": [need]}, version=1), 403, "/challenge_ids")
    problem(own.patch(f"/projects/{id}", {"parent_id": programme}, version=1), 403, "/parent_id")
    assert client.get(f"/challenges/{need}/lineage").json["projects"] == []
    # Who may change the need adds it; from then on the firm changes the rest, and takes it away
    added = as_(town, "editor").patch(f"/projects/{id}", {"challenge_ids": [need], "parent_id": programme}, version=1)
    assert added.status_code == 200, added.json
    assert own.patch(f"/projects/{id}", {"trl": 5}, version=2).status_code == 200
    assert own.patch(f"/projects/{id}", {"challenge_ids": []}, version=3).status_code == 200
    problem(own.patch(f"/projects/{id}", {"challenge_ids": [need]}, version=4), 403, "/challenge_ids")


def test_the_owner_of_a_need_and_copi_put_projects_with_it(app, as_, make, town):
    need = make.challenge(owner=town)
    body = project_body(challenge_ids=[need], participants=_named_by(make, town, make.partner()))
    # Also a service that may make projects, but not change challenges
    of_town = service(app, make.client(roles={town: "editor"}), ["project:create", "project:read", "challenge:read"])
    for who in (as_(town, "editor"), as_.copi_editor, as_.copi_admin, of_town):
        made = who.post("/projects", body)
        assert made.status_code == 201, made.json


def test_a_project_is_not_part_of_itself(as_, make):
    programme = make.project()
    part = make.project(parent_id=programme)
    smallest, other = make.project(parent_id=part), make.project()
    for parent in (programme, part, smallest):
        problem(as_.copi_editor.patch(f"/projects/{programme}", {"parent_id": parent}, version=1), 422, "/parent_id")
    assert as_.copi_editor.patch(f"/projects/{part}", {"parent_id": other}, version=1).status_code == 200
    assert as_.copi_editor.patch(f"/projects/{programme}", {"parent_id": part}, version=1).status_code == 200


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
