"""Every step from every state, walked over the tables: a row that is added there is tried here by itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from api.domain.errors import WRONG_STATE
from api.domain.lifecycle import LIFECYCLES
from api.domain.policy import POLICY
from api.domain.steps import Lifecycle, Step
from api.models import RESOURCES, Event
from schemas.names import PLURALS
from tests import make as builders
from tests.clients import Client
from tests.v1.bodies import at
from tests.v1.expect import DANISH, ENGLISH, problem
from tests.v1.operations import ANSWERS, OPERATIONS, asked, names, ready

MOVES = [(lifecycle, step) for lifecycle in LIFECYCLES.values() for step in lifecycle.steps if not step.apart]
MOVED = [f"{lifecycle.resource}-{step.name}" for lifecycle, step in MOVES]


def states(lifecycle: Lifecycle) -> list[str]:
    return [str(state) for state in builders.States[lifecycle.resource]]


def address(lifecycle: Lifecycle, id: str, step: Step | None = None) -> str:
    return at(lifecycle.resource, id) + (f"/{step.name}" if step else "")


def events(client: Client, id: str) -> list[Any]:
    with client.app.extensions["copi"].database.reading() as connection:
        return list(connection.execute(select(Event).where(Event.resource_id == id).order_by(Event.seq)))


def last(client: Client) -> int:
    """The number of the newest event."""
    with client.app.extensions["copi"].database.reading() as connection:
        return int(connection.execute(select(func.max(Event.seq))).scalar_one())


@pytest.mark.parametrize(("lifecycle", "step"), MOVES, ids=MOVED)
def test_a_step_is_taken_from_each_state_it_leads_on_from(as_, make, lifecycle, step):
    admin, resource = as_.everywhere, lifecycle.resource
    for state in sorted(step.sources):
        id = ready(make, resource, step, str(state))
        before, body = admin.get(address(lifecycle, id)).json, asked(step, make)
        newest = last(admin)
        answer = admin.post(address(lifecycle, id, step), body, version=1)
        assert answer.status_code == 200, answer.json
        after = answer.json
        assert (after["state"], after["version"], answer.headers["ETag"]) == (str(step.target), 2, '"2"')
        if step.name != "merge":  # from then on reading it leads to the other one
            assert admin.get(address(lifecycle, id)).json == after

        _, moved = events(admin, id)
        assert moved.type == f"{resource}.{step.event}"
        assert (moved.version, moved.seq, moved.actor_id) == (2, newest + 1, admin.user_id)
        assert moved.request_id == answer.headers["X-Request-ID"]
        assert moved.reason == (ANSWERS["reason"] if "reason" in names(step) else None)
        kept = {ask for ask in names(step) if hasattr(RESOURCES[resource], ask)}
        assert kept | ({"state"} if state != step.target else set()) <= set(moved.changes)
        assert moved.changes
        assert bytes(moved.document) == answer.data
        for ask in kept:
            assert after[ask] == body[ask]
        untouched = before.keys() - set(moved.changes) - {"version", "updated_at"}
        assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}


@pytest.mark.parametrize("language", [DANISH, ENGLISH])
@pytest.mark.parametrize(("lifecycle", "step"), MOVES, ids=MOVED)
def test_from_any_other_state_the_refusal_names_the_steps_there_are(as_, make, lifecycle, step, language):
    admin = as_.everywhere
    for state in set(states(lifecycle)) - {str(one) for one in step.sources}:
        id = ready(make, lifecycle.resource, step, state)
        answer = admin.post(
            address(lifecycle, id, step), asked(step, make), version=1, headers={"Accept-Language": language}
        )
        refusal = problem(answer, 409, language=language)
        assert refusal["type"].endswith(WRONG_STATE.slug)
        possible = [one.name for one in lifecycle.steps if state in one.sources]
        assert state in refusal["detail"]
        listed = refusal["detail"].rpartition(":")[2].strip(" .").split(", ")
        assert listed == (possible or [{DANISH: "ingen", ENGLISH: "none"}[language]])
        assert len(events(admin, id)) == 1


ASKING = [row for row in MOVES if names(row[1], required=True)]


@pytest.mark.parametrize(("lifecycle", "step"), ASKING, ids=[f"{life.resource}-{step.name}" for life, step in ASKING])
def test_a_step_that_asks_for_something_gets_all_of_it_or_is_not_taken(as_, make, lifecycle, step):
    admin, required = as_.everywhere, names(step, required=True)
    id = ready(make, lifecycle.resource, step, str(min(step.sources)))
    for body in ({}, dict.fromkeys(required)):
        pointers = [f"/{ask}" for ask in required]
        problem(admin.post(address(lifecycle, id, step), body, version=1), 422, *pointers)
    body = asked(step, make)
    problem(admin.post(address(lifecycle, id, step), {**body, "state": "open"}, version=1), 422, "/state")
    problem(admin.post(address(lifecycle, id, step), version=1), 415)
    assert len(events(admin, id)) == 1


LENIENT = [row for row in MOVES if row[1].asks and row not in ASKING]


@pytest.mark.parametrize(("lifecycle", "step"), LENIENT, ids=[f"{life.resource}-{step.name}" for life, step in LENIENT])
def test_what_a_step_may_go_without_it_goes_without(as_, make, lifecycle, step):
    """From the state it begins in, where nothing has been published yet."""
    for body in (None, {}):
        state = lifecycle.initial if lifecycle.initial in step.sources else min(step.sources)
        id = ready(make, lifecycle.resource, step, str(state))
        answer = as_.everywhere.post(address(lifecycle, id, step), body, version=1)
        assert (answer.status_code, answer.json["state"]) == (200, str(step.target)), answer.json
        assert events(as_.everywhere, id)[-1].reason is None


@pytest.mark.parametrize(("lifecycle", "step"), MOVES, ids=MOVED)
def test_a_step_is_what_the_table_says_in_the_contract_too(lifecycle, step):
    name = f"{step.name.replace('-', '_')}_{lifecycle.resource}"
    [operation] = [one for one in OPERATIONS if one.id == name]
    assert (operation.method, operation.path) == ("POST", f"/{PLURALS[lifecycle.resource]}/{{id}}/{step.name}")
    assert operation.permission == f"{lifecycle.resource}:{step.name}"
    assert operation.document["summary"] == step.summary
    described = operation.document["description"]
    assert step.about in described
    for state in (*step.sources, step.target):
        assert f"`{state}`" in described
    assert operation.takes_body == bool(step.asks)


ENDED_WELL = {("challenge", "archived"): {"close_reason": "procured"}}
"""What was withdrawn stays hidden in the archive."""
CONFIDENTIAL = {"response", "enquiry"}


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_a_record_is_shown_in_the_states_that_are_published(client, as_, make, lifecycle):
    for state in states(lifecycle):
        id = getattr(make, lifecycle.resource)(state=state, **ENDED_WELL.get((lifecycle.resource, state), {}))
        assert (client.get(address(lifecycle, id)).status_code in (200, 301)) == (state in lifecycle.published), state
        # A partner that is merged is read where it went.
        assert as_.copi_editor.get(address(lifecycle, id)).status_code == (301 if state == "merged" else 200)


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_the_table_hangs_together(lifecycle):
    there = set(states(lifecycle))
    called = [step.name for step in lifecycle.steps]
    assert len(called) == len(set(called))
    assert {str(lifecycle.initial), *map(str, lifecycle.published)} <= there
    for step in lifecycle.steps:
        assert step.sources
        assert {*map(str, step.sources), str(step.target)} <= there
        assert f"{lifecycle.resource}:{step.name}" in POLICY
        assert step.target not in step.sources or names(step), "nothing would come of it"
    reached = {str(lifecycle.initial)}
    while more := {str(s.target) for s in lifecycle.steps if reached & set(map(str, s.sources))} - reached:
        reached |= more
    shown = set(map(str, lifecycle.published)) & reached
    assert bool(shown) == (lifecycle.resource not in CONFIDENTIAL), "something, or nothing, would ever be shown"
