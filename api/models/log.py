"""Writing to and asking the event logs, the real one and that of each sandbox, in one way."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, text
from sqlalchemy.orm import aliased

from api.models.base import Audience
from api.models.event import Change, Event, EventStake, SandboxEvent
from api.models.sight import Sight

_REAL, _SANDBOX = 0x0C0B1, 0x0C0B2


def of(sandbox: str | None) -> type[Change]:
    """The table of the log that records of this sandbox, or real ones, have their history in."""
    return SandboxEvent if sandbox else Event


def last(connection: Connection, sandbox: str | None) -> int:
    """The number of the newest event; 0 before the first."""
    if sandbox is None:
        return connection.execute(_LAST).scalar() or 0
    return connection.execute(_LAST_OF_SANDBOX, {"sandbox": sandbox}).scalar() or 0


def append(
    connection: Connection,
    sandbox: str | None,
    events: Sequence[Mapping[str, Any]],
    sights: Mapping[str, Sight],
    before: Mapping[str, int],
) -> None:
    """Add events at the end, just before the commit: until then nobody else takes a number.

    `sights` says by record who sees it now, `before` the number of its event before these.
    """
    _hold(connection, sandbox)
    after, own, previous = last(connection, sandbox), {"sandbox": sandbox} if sandbox else {}, dict(before)
    rows, stakes = [], []
    for seq, event in enumerate(events, start=after + 1):
        id, sight = event["resource_id"], sights[event["resource_id"]]
        rows.append({"seq": seq, **own, **event, "audience": str(sight.circle), "previous": previous.get(id)})
        stakes += [{"seq": seq, "holder": holder} for holder in sorted(sight.holders)]
        previous[id] = seq
    connection.execute(insert(of(sandbox)), rows)
    if stakes:
        connection.execute(insert(EventStake), stakes)


def latest(
    connection: Connection, sandbox: str | None, resource: str, ids: Sequence[str]
) -> dict[str, tuple[int, Sight]]:
    """By record the number of its last event, and who sees it since then."""
    rows = [
        row
        for start in range(0, len(ids), _BATCH)
        for row in connection.execute(_latest(of(sandbox)), {"resource": resource, "ids": ids[start : start + _BATCH]})
    ]
    holders = defaultdict(set)
    hidden = [row.seq for row in rows if row.audience == Audience.OWNERS]
    for start in range(0, len(hidden), _BATCH):
        for seq, holder in connection.execute(_STAKES, {"seqs": hidden[start : start + _BATCH]}):
            holders[seq].add(holder)
    return {row.resource_id: (row.seq, Sight(Audience(row.audience), frozenset(holders[row.seq]))) for row in rows}


def newest(log: Any) -> Any:
    """The number of the last event of the record that the event at hand is of."""
    other = aliased(log)
    same = other.resource == log.resource, other.resource_id == log.resource_id
    return select(func.max(other.seq)).where(*same).correlate(log).scalar_subquery()


@cache
def _latest(log: Any) -> Select[Any]:
    ids: Any = bindparam("ids", expanding=True)
    which = log.resource == bindparam("resource"), log.resource_id.in_(ids)
    latest: Select[Any] = select(log.seq, log.resource_id, log.audience).where(*which, log.seq == newest(log))
    return latest


_BATCH = 500
_STAKES = select(EventStake.seq, EventStake.holder).where(EventStake.seq.in_(bindparam("seqs", expanding=True)))


def begin_anew(connection: Connection, sandbox: str, at: dt.datetime) -> None:
    """Forget what happened in a sandbox but that it was emptied; numbers go on, so that no reader misses any."""
    passed = last(connection, sandbox)
    emptied = {"type": "sandbox.emptied", "resource": "sandbox", "resource_id": sandbox, "version": 1, "at": at,
               "changes": [], "document": b"{}"}  # fmt: skip
    append(connection, sandbox, [emptied], {sandbox: Sight(Audience.SANDBOX_PUBLIC)}, {})
    old = SandboxEvent.sandbox == sandbox, SandboxEvent.seq <= passed
    connection.execute(delete(SandboxEvent).where(*old))


def _hold(connection: Connection, sandbox: str | None) -> None:
    """Hold the numbers of a log until the commit."""
    if connection.dialect.name != "postgresql":
        return  # SQLite's write transactions are one at a time anyway
    # Must be a statement of its own: the next one then sees what the lock's previous holder committed.
    if sandbox is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _REAL})
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:kind, :key)"), {"kind": _SANDBOX, "key": key(sandbox)})


def key(sandbox: str) -> int:
    """A sandbox as PostgreSQL's locks can name it; two of the same key wait for each other, and nothing worse."""
    return uuid.UUID(sandbox).int % 2**31


_LAST: Select[Any] = select(func.max(Event.seq))
_LAST_OF_SANDBOX: Select[Any] = select(func.max(SandboxEvent.seq)).where(SandboxEvent.sandbox == bindparam("sandbox"))
