"""Tasks: what waits for whom, and when it begins to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import Client
from tests.make import SANDBOX

MILESTONES: list[dict[str, Any]] = [
    {"title": {"da": "Skitsen", "en": "The sketch"}, "due_on": "2027-01", "reached_on": "2027-02-01"},
    {"title": {"da": "Prøven", "en": "The trial"}, "due_on": "2027-03", "note": {"da": "I to kommuner"}},
    {"title": {"da": "Salget"}, "due_on": "2028"},
    {"title": {"da": "Drømmen"}},
]


def due(who: Client) -> list[tuple[str, str, str]]:
    tasks = who.get("/tasks").json["items"]
    return [(one["id"], one["step"], one["due"]) for one in tasks if one["resource"] == "project"]


@pytest.fixture
def town(make):
    return make.partner(kind="municipality")


def test_a_milestone_waits_from_when_it_is_due_until_it_is_reached(as_, make, town, travel):
    project = make.project(owner=town, milestones=MILESTONES)
    editor = as_(town, "editor")
    travel("2027-02-28")
    assert due(editor) == []
    travel("2027-03-01")
    assert due(editor) == [(project, "update", "2027-03")]
    [task] = editor.get("/tasks").json["items"]
    assert ("»Prøven«" in task["detail"]["da"], '"The trial"' in task["detail"]["en"]) == (True, True)
    travel("2028-01-01")
    assert due(editor) == [(project, "update", "2027-03"), (project, "update", "2028")]
    assert '"Salget"' in editor.get("/tasks").json["items"][1]["detail"]["en"]
    reached = [{**one, "reached_on": "2028"} for one in MILESTONES]
    assert editor.patch(f"/projects/{project}", {"milestones": reached}, version=1).status_code == 200
    assert due(editor) == []


def test_milestones_wait_for_those_who_may_say_that_they_are_reached(as_, make, town, travel):
    firm = make.partner()
    roles = [{"partner_id": town, "role": "lead"}, {"partner_id": firm, "role": "supplier"}]
    make.project(participants=roles, milestones=MILESTONES)
    travel("2027-03-01")
    for who, tasks in ((as_(town, "manager"), 1), (as_(town, "member"), 0), (as_(firm, "manager"), 0),
                       (as_.copi_editor, 0)):  # fmt: skip
        assert len(due(who)) == tasks


@pytest.mark.parametrize(
    ("state", "waits"),
    [("planned", True), ("active", True), ("on_hold", True), ("in_operation", True), ("completed", False),
     ("discontinued", False), ("archived", False), ("unknown", False)],
)  # fmt: skip
def test_milestones_wait_while_the_project_is_under_way(as_, make, town, travel, state, waits):
    make.project(state=state, owner=town, milestones=MILESTONES)
    travel("2027-03-01")
    assert bool(due(as_(town, "editor"))) == waits


def test_milestones_of_the_sandbox_wait_for_nobody(as_, make, town, travel):
    make.project(owner=town, milestones=MILESTONES, sandbox=SANDBOX)
    travel("2027-03-01")
    assert due(as_(town, "editor")) == []


# --- Effects that are due -----------------------------------------------------------------------------------


@pytest.fixture
def ended(make, town):
    """A project that ended in June 2022, with these dates to ask for effects or the usual two."""
    return lambda **given: make.project("completed", owner=town, **{"end": "2022-06", **given})


def asked(who: Client) -> list[str]:
    """The dates that effects are asked for now."""
    return [date for _, step, date in due(who) if step == "report"]


@pytest.mark.parametrize(
    ("state", "told"),
    [("draft", False), ("returned", False), ("retracted", False), ("submitted", True), ("verified", True),
     ("corrected", True)],
)  # fmt: skip
def test_effects_are_asked_for_until_they_are_told(as_, make, town, ended, travel, state, told):
    project, editor = ended(), as_(town, "editor")
    travel("2026-06-30")
    assert asked(editor) == ["2023-06", "2026-06"]
    make.outcome(state, project=project, reporting_point="m12")
    assert asked(editor) == (["2026-06"] if told else ["2023-06", "2026-06"])


def test_effects_are_asked_for_anew_when_what_was_told_is_taken_back(as_, make, town, ended, travel):
    project, editor = ended(), as_(town, "editor")
    travel("2023-07-01")
    outcome = make.outcome(project=project, reporting_point="m12")
    assert asked(editor) == []
    as_.copi_editor.post(f"/outcomes/{outcome}/retract", {"reason": "Fejl."}, version=1)
    assert asked(editor) == ["2023-06"]


@pytest.mark.parametrize(
    ("end", "dates", "told", "left"),
    [
        # Four years after alone, and one year after alone
        ("2020-06", ["2024-06"], {"reporting_point": "m48"}, []),
        ("2020-06", ["2024-06"], {"reporting_point": "m12"}, ["2024-06"]),
        ("2020-06", ["2021-09"], {"reporting_point": "m12"}, []),
        ("2020-06", ["2021-09"], {"reporting_point": "m48"}, ["2021-09"]),
        # Whatever their order
        ("2020-06", ["2024-06", "2021-06"], {"reporting_point": "m12"}, ["2024-06"]),
        # What is neither is told by what is dated since
        ("2020-06", ["2021-06", "2022-06", "2024-06"], {}, ["2021-06", "2022-06", "2024-06"]),
        ("2020-06", ["2021-06", "2022-06", "2024-06"], {"reporting_point": "m12"}, ["2022-06", "2024-06"]),
        ("2020-06", ["2021-06", "2022-06", "2024-06"], {"reporting_point": "m48"}, ["2021-06", "2022-06"]),
        ("2020-06", ["2021-06", "2022-06", "2024-06"], {"date": "2022-05"}, ["2021-06", "2022-06", "2024-06"]),
        ("2020-06", ["2021-06", "2022-06", "2024-06"], {"date": "2022-06-02"}, ["2021-06", "2024-06"]),
        # Known to the year, or not at all
        ("2020", ["2021", "2024"], {"reporting_point": "m48"}, ["2021"]),
        (None, ["2021-06", "2024-06"], {"reporting_point": "m48"}, ["2021-06"]),
    ],
)
def test_which_date_an_outcome_tells_of_hangs_on_its_distance_from_the_end(
    as_, make, town, ended, travel, end, dates, told, left
):
    project = ended(end=end, follow_up_due=dates)
    travel("2025-06-30")
    make.outcome(project=project, **told)
    assert sorted(asked(as_(town, "editor"))) == left
