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
