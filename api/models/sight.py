"""Who sees a record: what its events keep of it, so that a reader of the log can be told when that changes.

It says the same as `visible`, of one record rather than as a clause; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select

from api.db import session
from api.models.base import Audience, Resource
from api.models.party import Party


@dataclass(frozen=True, slots=True)
class Sight:
    """The widest circle that sees it and, where that is the owners alone, the partners that do so by a stake."""

    circle: Audience
    holders: frozenset[str] = frozenset()


def sight_of(record: Resource) -> Sight:
    """Who sees the record as it now stands; it must have been flushed."""
    circle = record.circle
    return Sight(circle, frozenset(_holders(record)) if circle is Audience.OWNERS else frozenset())


def _holders(record: Resource) -> set[str]:
    held = {partner for name in record.PARTIES for partner in record.party(name)}
    parent = record.parent
    if parent is not None and record.audience != Audience.OWNERS:
        held |= _holders(parent)  # it is seen by all who see what it belongs to
    return held


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
