"""The proof that the matrix watches: whatever line of the rules is broken, it finds a difference."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.conftest import Server
from tests.matrix import checks, mutants
from tests.matrix import world as worlds
from tests.matrix.mutants import Mutant
from tests.matrix.operations import KINDS, OPERATIONS
from tests.matrix.world import World

pytestmark = pytest.mark.proof

LISTS = [one for one in OPERATIONS if "sort" in one.parameters]
READS = [one for one in OPERATIONS if one.method == "GET" and one.path.endswith("{id}")]
GUARDED = [one for one in OPERATIONS if one.guarded]
SOME_WRITES = [one for one in GUARDED if one.id in {
    "update_project", "publish_challenge", "create_support", "update_support", "shortlist_response", "answer_question",
    "update_outcome", "update_adoption", "upsert_project", "upsert_outcome",
}]  # fmt: skip
"""Among them every way in which a record is found and a party worked out."""

EQUIVALENT = {
    "Party._pointing: without `key.in_([one.id for one in records])`": "and what points at others is of none either",
    "_values: without `facets.c.id.in_(bindparam('ids', expanding=True))`": "what is of others is of none that is asked for",
    **{
        f"partner:remove-member: {change}": "whoever is not a manager removes only themselves, whatever the first check lets by"
        for change in ("anyone logged in", "someone at one of the owners becomes editor/manager of owner",
                       "someone at one of the owners becomes manager of owner")
    },
    "enquiry:close: anyone logged in": "those who see an enquiry are those who may close it",
    **{f"parameters: {change}": "a statement that does not know `mine` takes no notice of it"
       for change in ("always `actor.roles and (not actor.at_copi)`", "without `actor.roles`",
                      "without `not actor.at_copi`")},
}  # fmt: skip
"""Mutants by which nobody comes to see or do more or less, and why."""


@pytest.fixture(scope="module")
def little_world(_servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """On one engine: the rules are the same on both, and what they answer is compared by the matrix itself."""
    with worlds.inhabited(Server("sqlite", _servers["sqlite"]).database("mutants"), tmp_path_factory) as world:
        logging.disable(logging.CRITICAL)  # a mutant may well make the service fail
        yield world
    logging.disable(logging.NOTSET)


def differences(world: World, mutant: Mutant) -> Iterator[str]:
    """What the matrix says, the part of it that the mutant concerns; the cheapest first."""
    kind, _, permission = mutant.about.partition(":")
    if permission:
        for operation in (one for one in GUARDED if one.permission == mutant.about):
            yield from checks.statuses(world, operation, promised=(200, 403))
        return
    concerned = [one for one in LISTS if not kind or kind in (KINDS[one.plural], KINDS.get(one.below))]
    for operation in concerned:
        yield from checks.lists(world, operation)
        yield from checks.services(world, operation)
    if kind:
        return
    yield from checks.sights(world)
    for operation in READS:
        yield from checks.statuses(world, operation)
    yield from checks.lineage(world)
    for operation in concerned:
        yield from checks.embeds(world, operation)
    yield from checks.references(world)
    for operation in SOME_WRITES:
        yield from checks.statuses(world, operation)


def found(world: World, mutant: Mutant) -> str | None:
    with mutant.at_large(world):
        try:
            return next(differences(world, mutant), None)
        except Exception as answer:  # a list that answers 500, say
            return str(answer) or "failed"


@pytest.mark.parametrize("mutant", list(mutants.policies()), ids=str)
def test_the_policy(little_world: World, mutant: Mutant):
    assert bool(found(little_world, mutant)) != (mutant.name in EQUIVALENT)


@pytest.mark.parametrize("mutant", [*mutants.clauses(), *mutants.audiences(), *mutants.parties()], ids=str)
def test_who_sees_what(little_world: World, mutant: Mutant):
    assert bool(found(little_world, mutant)) != (mutant.name in EQUIVALENT)


def test_the_world_is_as_it_was(little_world: World):
    """None of the mutants has left a trace."""
    for operation in LISTS:
        assert list(checks.lists(little_world, operation)) == []


def test_what_is_said_to_be_equivalent_is_a_mutant():
    known = [*mutants.policies(), *mutants.clauses(), *mutants.audiences(), *mutants.parties()]
    assert set(EQUIVALENT) <= {mutant.name for mutant in known}
