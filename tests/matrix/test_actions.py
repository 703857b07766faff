"""`embed=actions` tells each caller what they may do with a record now: neither more nor less than the server allows."""

from __future__ import annotations

import pytest

from tests.matrix.expected import ANONYMOUS, CALLERS, HOME, THIRD, Caller, Record, may, sees
from tests.matrix.operations import KINDS, OPERATIONS, Attempt, attempts
from tests.matrix.world import World

LISTS = [one for one in OPERATIONS if "sort" in one.parameters and "{id}" not in one.path]


ADDED = {"support": "support", "response": "respond", "question": "ask", "outcome": "report", "adoption": "adopt",
         "document": "attach"}  # fmt: skip
"""What adding one of a kind is called among the actions of what it belongs to."""


def told(world: World, kind: str, caller: Caller) -> dict[str, set[str]]:
    """What a list says the caller may do with each record, what can be added to it left out."""
    return {id: names - set(ADDED.values()) for id, names in everything_told(world, kind, caller).items()}


def everything_told(world: World, kind: str, caller: Caller) -> dict[str, set[str]]:
    """What a list says the caller may do, by record."""
    [listing] = (one for one in LISTS if KINDS[one.plural] == kind)
    if caller is ANONYMOUS and not listing.public:
        return {}
    answer = world.call(caller, "GET", f"{listing.path}?limit=250&fields=state&embed=actions")
    return {one["id"]: set(one["embedded"]["actions"]) for one in answer.json["items"]}


def moves(world: World, kind: str) -> list[tuple[str, Record, Attempt]]:
    """Every action there is, tried on every record: the steps, and `update`."""
    actions = [
        ("update" if one.method == "PATCH" else one.below, one)
        for one in OPERATIONS
        if KINDS.get(one.plural) == kind and (one.method == "PATCH" or (one.method == "POST" and one.below))
    ]
    return [
        (action, attempt.about, attempt)
        for action, one in actions
        if one.below not in (*KINDS, "invitations")
        for attempt in attempts(world, one)
        if attempt.about and attempt.about.kind
    ]


@pytest.mark.parametrize("kind", KINDS.values())
def test_actions_are_what_is_promised(world: World, kind: str):
    """On every record, for every caller; that the server keeps the promise is what the matrix shows."""
    for caller in CALLERS:
        promised = {one.id: set[str]() for one in world.of(kind) if sees(caller, one)}
        for action, record, attempt in moves(world, kind):
            if attempt.works and attempt.expected(caller) == 200:
                promised[record.id].add(action)
        if caller is not ANONYMOUS or told(world, kind, caller):
            assert told(world, kind, caller) == promised, caller


def added(world: World, kind: str) -> list[tuple[str, Record, Attempt]]:
    """Everything there is to add to records of a kind, tried on each of them, with what that is called."""
    return [
        (ADDED[KINDS[one.below]], attempt.about, attempt)
        for one in OPERATIONS
        if KINDS.get(one.plural) == kind and one.method == "POST" and one.below in KINDS
        for attempt in attempts(world, one)
        if attempt.about and attempt.about.kind
    ]


@pytest.mark.parametrize("kind", ["challenge", "response", "project", "outcome", "enquiry"])
def test_what_can_be_added_is_what_is_promised(world: World, kind: str):
    """For some organisation the caller may name; on every record to which one is tried to be added."""
    tried = added(world, kind)
    assert tried
    for caller in CALLERS[1:]:
        said, promised = everything_told(world, kind, caller), dict[tuple[str, str], bool]()
        for name, record, attempt in tried:
            if record.id in said:
                case = record.id, name
                promised[case] = promised.get(case, False) or (attempt.works and attempt.expected(caller) == 200)
        if kind == "project":
            records = (one for one in world.of(kind) if one.id in said)
            promised |= {(one.id, "report"): may(caller, "outcome:create", {"project's owner": one.stakes["owner"]})
                         for one in records}  # fmt: skip
        if kind == "outcome" and caller.organisation in (HOME, THIRD) and caller.role in ("editor", "manager"):
            # What one of the organisation's partners has made or taken over, another of them can still take over.
            promised |= {(record.id, name): True for name, record, attempt in tried
                         if record.id in said and name == "adopt" and attempt.works}  # fmt: skip
        assert {(id, name): name in said[id] for id, name in promised} == promised, caller


@pytest.mark.proof
@pytest.mark.parametrize("kind", KINDS.values())
def test_actions_are_what_the_server_decides(world: World, kind: str):
    """Each of them tried on every record by every caller who sees it, whatever the tables promise."""
    for caller in CALLERS:
        said = told(world, kind, caller)
        for action, record, attempt in moves(world, kind):
            if record.id in said:
                answer = world.call(caller, attempt.operation.method, attempt.address, attempt.body)
                assert answer.status_code in (200, 201, 401, 403, 409, 422), f"{attempt.name}: {answer.text}"
                allowed = answer.status_code in (200, 201)
                assert (action in said[record.id]) == allowed, f"{action} by {caller} on {attempt.name}"
