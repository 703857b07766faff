"""Who sees a record: what its events keep of it, so that a reader of the log can be told when that changes.

It says the same as `visible`, of one record rather than as a clause; a test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby, islice
from typing import Any

from sqlalchemy import select

from api.db import session
from api.models.base import Audience, Resource
from api.models.party import Party

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sight:
    """The widest circle that sees it and, where that is the owners alone, the partners that do so by a stake."""

    circle: Audience
    holders: frozenset[str] = frozenset()


def sights_of(records: Collection[Resource]) -> dict[str, Sight]:
    """By its id, who sees each of the records as it now stands; they must have been flushed."""
    circles = {record.id: record.circle for record in records}
    held = _holders([record for record in records if circles[record.id] is Audience.OWNERS])
    return {id: Sight(circle, frozenset(held.get(id, ()))) for id, circle in circles.items()}


def _holders(records: Collection[Resource]) -> dict[str, set[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for model, some in _by_model(records):
        for party in model.PARTIES.values():
            for id, partner in party.of(some):
                held[id].add(partner)
    # It is seen by all who see what it belongs to.
    parents = {one.id: one.parent for one in records if one.audience != Audience.OWNERS and one.parent is not None}
    if parents:
        theirs = _holders({parent.id: parent for parent in parents.values()}.values())
        for id, parent in parents.items():
            held[id] |= theirs.get(parent.id, set())
    return held


def _by_model(records: Collection[Resource]) -> Iterator[tuple[type[Resource], list[Resource]]]:
    """As many at a time as fit into one question."""
    ordered = sorted(records, key=lambda record: record.__tablename__)
    for _, group in groupby(ordered, key=type):
        while some := list(islice(group, _AT_ONCE)):
            yield type(some[0]), some


@cache
def stakes_of(resource: str) -> frozenset[str]:
    """The facets of a resource that say who has a stake in its records, or in what hangs on them."""
    return frozenset(party.facet for model, party in _parties() if (party.holder or model.__tablename__) == resource)


def followers(record: Resource, *, moved: bool) -> Iterator[Resource]:
    """Records that others may see now: those that hang on one that has `moved`, and one in which it gives a stake."""
    name = record.__tablename__
    if moved:
        for key in _hanging_on(name):
            yield from session().scalars(select(key.class_).where(key == record.id).order_by("id").with_for_update())
    for model, party in _parties():
        if party.back and party.holder == name:
            yield session().get_one(model, getattr(record, party.back))


@cache
def _hanging_on(resource: str) -> tuple[Any, ...]:
    """The columns that name a record of this resource in those that are seen only with it, or by its parties."""
    belonging = [
        getattr(model, f"{resource}_id") for model in Resource.all_resources().values() if resource in model.PARENTS
    ]
    held = [getattr(model, party.key) for model, party in _parties() if party.holder == resource and not party.back]
    return tuple({str(key): key for key in (*belonging, *held)}.values())


def _parties() -> Iterator[tuple[type[Resource], Party]]:
    for model in Resource.all_resources().values():
        for party in model.PARTIES.values():
            if isinstance(party, Party):
                yield model, party
