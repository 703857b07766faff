"""Every step from every state, walked over the tables: a row that is added there is tried here by itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.domain.errors import WRONG_STATE
from api.domain.lifecycle import LIFECYCLES, Lifecycle, Step
from api.domain.policy import POLICY
from api.models import RESOURCES, Event
from tests import make as builders
from tests.clients import Client
from tests.make import Make
from tests.v1.expect import DANISH, ENGLISH, problem
from tests.v1.operations import ANSWERS, OPERATIONS

MOVES = [(lifecycle, step) for lifecycle in LIFECYCLES.values() for step in lifecycle.steps]
MOVED = [f"{lifecycle.resource}-{step.name}" for lifecycle, step in MOVES]


def states(lifecycle: Lifecycle) -> list[str]:
    return [str(state) for state in builders.States[lifecycle.resource]]


def ready(make: Make, lifecycle: Lifecycle, step: Step, state: str) -> str:
    """A record in a state that lacks nothing the step may look at: guards are tried with the resource they guard."""
    build = getattr(make, lifecycle.resource)
    return str(build(state=state, **NEEDED.get((lifecycle.resource, step.name), lambda _: {})(make)))


NEEDED: dict[tuple[str, str], Any] = {}
"""What a record must hold for a guarded step, by resource and step: a function of the builders."""


def answers(step: Step) -> Any:
    """The body a step asks for. A step that asks for something new needs a line in `operations.ANSWERS`."""
    return {ask: ANSWERS[ask] for ask in step.asks} or None


def address(lifecycle: Lifecycle, id: str, step: Step | None = None) -> str:
    return f"/{lifecycle.resource}s/{id}" + (f"/{step.name}" if step else "")


def events(client: Client, id: str) -> list[Any]:
    with client.app.extensions["copi"].database.reading() as connection:
        return list(connection.execute(select(Event).where(Event.resource_id == id).order_by(Event.seq)))


@pytest.mark.parametrize(("lifecycle", "step"), MOVES, ids=MOVED)
def test_a_step_is_taken_from_each_state_it_leads_on_from(as_, make, lifecycle, step):
    admin = as_.copi_admin
    for state in sorted(step.sources):
        id = ready(make, lifecycle, step, str(state))
        before = admin.get(address(lifecycle, id)).json
        answer = admin.post(address(lifecycle, id, step), answers(step), version=1)
        assert answer.status_code == 200, answer.json
        after = answer.json
        assert (after["state"], after["version"], answer.headers["ETag"]) == (str(step.target), 2, '"2"')
        assert admin.get(address(lifecycle, id)).json == after

        created, moved = events(admin, id)
        assert moved.type == f"{lifecycle.resource}.{step.event}"
        assert (moved.version, moved.seq, moved.actor_id) == (2, created.seq + 1, admin.user_id)
        assert moved.request_id == answer.headers["X-Request-ID"]
        assert moved.reason == (ANSWERS["reason"] if "reason" in step.asks else None)
        kept = {ask for ask in step.asks if hasattr(RESOURCES[lifecycle.resource], ask)}
        assert {"state", *kept} <= set(moved.changes)
        assert bytes(moved.document) == answer.data
        for ask in kept:
            assert after[ask] == ANSWERS[ask]
        untouched = before.keys() - set(moved.changes) - {"version", "updated_at"}
        assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}


@pytest.mark.parametrize("language", [DANISH, ENGLISH])
@pytest.mark.parametrize(("lifecycle", "step"), MOVES, ids=MOVED)
def test_from_any_other_state_the_refusal_names_the_steps_there_are(as_, make, lifecycle, step, language):
    admin = as_.copi_admin
    for state in set(states(lifecycle)) - {str(one) for one in step.sources}:
        id = ready(make, lifecycle, step, state)
        answer = admin.post(
            address(lifecycle, id, step), answers(step), version=1, headers={"Accept-Language": language}
        )
        refusal = problem(answer, 409, language=language)
        assert refusal["type"].endswith(WRONG_STATE.slug)
        possible = [one.name for one in lifecycle.steps if state in one.sources]
        assert state in refusal["detail"]
        listed = refusal["detail"].rpartition(":")[2].strip(" .").split(", ")
        assert listed == (possible or [{DANISH: "ingen", ENGLISH: "none"}[language]])
        assert admin.get(address(lifecycle, id)).json["version"] == 1
        assert len(events(admin, id)) == 1


@pytest.mark.parametrize(("lifecycle", "step"), [row for row in MOVES if row[1].asks],
                         ids=[name for name, (_, step) in zip(MOVED, MOVES, strict=True) if step.asks])  # fmt: skip
def test_a_step_that_asks_for_something_gets_all_of_it_or_is_not_taken(as_, make, lifecycle, step):
    admin = as_.copi_admin
    id = ready(make, lifecycle, step, str(min(step.sources)))
    for body in ({}, dict.fromkeys(step.asks)):
        pointers = [f"/{ask}" for ask in step.asks]
        problem(admin.post(address(lifecycle, id, step), body, version=1), 422, *pointers)
    problem(admin.post(address(lifecycle, id, step), {**answers(step), "state": "open"}, version=1), 422, "/state")
    problem(admin.post(address(lifecycle, id, step), version=1), 415)
    assert len(events(admin, id)) == 1


@pytest.mark.parametrize(("lifecycle", "step"), MOVES, ids=MOVED)
def test_a_step_is_what_the_table_says_in_the_contract_too(lifecycle, step):
    name = f"{step.name.replace('-', '_')}_{lifecycle.resource}"
    [operation] = [one for one in OPERATIONS if one.id == name]
    assert (operation.method, operation.path) == ("POST", f"/{lifecycle.resource}s/{{id}}/{step.name}")
    assert operation.permission == f"{lifecycle.resource}:{step.name}"
    assert operation.document["summary"] == step.summary
    described = operation.document["description"]
    assert step.about in described
    for state in (*step.sources, step.target):
        assert f"`{state}`" in described
    assert operation.takes_body == bool(step.asks)


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_the_actions_of_a_record_are_the_steps_that_can_be_taken(as_, make, lifecycle):
    admin = as_.copi_admin
    for state in states(lifecycle):
        id = getattr(make, lifecycle.resource)(state=state)
        actions = set(admin.get(f"{address(lifecycle, id)}?embed=actions").json["embedded"]["actions"])
        steps = {step.name for step in lifecycle.steps}
        assert actions & steps == {step.name for step in lifecycle.possible(state)}, state


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_a_record_is_shown_in_the_states_that_are_published(client, as_, make, lifecycle):
    for state in states(lifecycle):
        id = getattr(make, lifecycle.resource)(state=state)
        seen = client.get(address(lifecycle, id)).status_code == 200
        assert seen == (state in lifecycle.published), state
        assert as_.copi_editor.get(address(lifecycle, id)).status_code == 200


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_the_table_hangs_together(lifecycle):
    there = set(states(lifecycle))
    names = [step.name for step in lifecycle.steps]
    assert len(names) == len(set(names))
    assert {str(lifecycle.initial), *map(str, lifecycle.published)} <= there
    for step in lifecycle.steps:
        assert step.sources
        assert {*map(str, step.sources), str(step.target)} <= there
        assert f"{lifecycle.resource}:{step.name}" in POLICY
        assert step.target not in step.sources
    reached = {str(lifecycle.initial)}
    while more := {str(s.target) for s in lifecycle.steps if reached & set(map(str, s.sources))} - reached:
        reached |= more
    assert set(map(str, lifecycle.published)) & reached, "nothing would ever be shown"
