"""The SELECT of the event feed: built once per kind of reader and of what it asks for.

Whether somebody sees an event is asked three times, always in the same words: of the event, of the one before it and
of the record's newest, whose audience and stakes say who sees the record until now and from now on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, literal, not_, or_, select, true
from sqlalchemy.orm import aliased

from api.domain.actor import Actor
from api.domain.events import HIDDEN
from api.kit import statements
from api.models import RESOURCES, Audience, EventStake, log
from api.models.event import Change
from api.models.visible import SANDBOXES, Reach, reach_of

_OF_ACCOUNTS = ("webhook",)
"""What is no record, and told of to the account it is of alone."""
_CIRCLES = {
    Reach.PUBLIC: (Audience.PUBLIC,),
    Reach.NETWORK: (Audience.PUBLIC, Audience.NETWORK),
    Reach.OWN: (Audience.PUBLIC, Audience.NETWORK),
    Reach.SANDBOX_PUBLIC: (Audience.SANDBOX_PUBLIC,),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that changes the SQL: the log, how far the reader sees which resources, and what it asks for."""

    log: type[Change]
    sights: tuple[tuple[Reach, tuple[str, ...]], ...]
    types: bool
    resources: bool
    found: statements.Shape | None = None
    """Events of the records that this finds, and tombstones of their kind."""

    @classmethod
    def of(cls, caller: Actor, *, types: bool, resources: bool, found: statements.Shape | None = None) -> Self:
        """The shape of this caller's question."""
        by_reach: dict[Reach, list[str]] = defaultdict(list)
        for resource in RESOURCES:
            by_reach[reach_of(caller, resource)].append(resource)
        if caller.sandbox:
            by_reach[Reach.SANDBOX] += ["sandbox", *_OF_ACCOUNTS]
        sights = sorted((reach, tuple(names)) for reach, names in by_reach.items())
        return cls(log.of(caller.sandbox), tuple(sights), types, resources, found)

    @property
    def sandboxed(self) -> bool:
        """Whether it is a sandbox's log."""
        return all(reach in SANDBOXES for reach, _ in self.sights)


@lru_cache(maxsize=256)
def question(shape: Shape) -> Select[Any]:
    """The events after one number, up to another, that the reader is told of; `gone` are those told as tombstones."""
    events: Any = shape.log
    previous, newest = aliased(events), aliased(events)
    gone = and_(_seen(shape, previous), not_(_seen(shape, events)))
    conditions = [
        events.seq > bindparam("after"),
        events.seq <= bindparam("upto"),
        or_(and_(_seen(shape, events), _seen(shape, newest)), gone),
    ]
    if shape.sandboxed:
        conditions.append(events.sandbox == bindparam("sandbox"))
    if shape.resources:
        conditions.append(events.resource.in_(bindparam("resources", expanding=True)))
    if shape.found:
        conditions.append(events.resource == literal(shape.found.resource))
        conditions.append(or_(gone, events.resource_id.in_(statements.ids(shape.found))))
    if shape.types:
        told = case((gone, events.resource + literal(f".{HIDDEN}")), else_=events.type)
        conditions.append(told.in_(bindparam("types", expanding=True)))
    return (
        select(*_told(events), case((gone, True), else_=False).label("gone"))
        .select_from(events)
        .join(newest, _same(shape, events, newest, log.newest(events)))
        .outerjoin(previous, _same(shape, events, previous, events.previous))
        .where(*conditions)
        .order_by(events.seq)
        .limit(bindparam("limit"))
    )


def _told(events: Any) -> tuple[Any, ...]:
    return (events.seq, events.type, events.resource, events.resource_id, events.version, events.at, events.reason,
            events.changes, events.document)  # fmt: skip


def _same(shape: Shape, events: Any, other: Any, seq: Any) -> ColumnElement[bool]:
    """The event of that number in the same log."""
    return and_(other.seq == seq, *([other.sandbox == events.sandbox] if shape.sandboxed else []))


def _seen(shape: Shape, event: Any) -> ColumnElement[bool]:
    """Whether the reader sees what an event made of its record."""
    ways = [and_(event.resource.in_(names), _in_reach(reach, event)) for reach, names in shape.sights]
    if not shape.sandboxed:
        ways.append(and_(event.resource.in_(_OF_ACCOUNTS), _holds(event, EventStake.holder == bindparam("me"))))
    return or_(*ways)


def _in_reach(reach: Reach, event: Any) -> ColumnElement[bool]:
    if reach in (Reach.ALL, Reach.SANDBOX):
        return true()
    published: ColumnElement[bool] = event.audience.in_(_CIRCLES[reach])
    if reach is not Reach.OWN:
        return published
    return or_(published, _holds(event, EventStake.holder.in_(bindparam("holders", expanding=True))))


def _holds(event: Any, holder: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(EventStake.seq == event.seq, holder)
