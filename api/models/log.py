"""Writing to and asking the event logs, the real one and that of each sandbox, in one way."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, text

from api.models.base import Audience
from api.models.event import Change, Event, SandboxEvent

_REAL, _SANDBOX = 0x0C0B1, 0x0C0B2


def of(sandbox: str | None) -> type[Change]:
    """The table of the log that records of this sandbox, or real ones, have their history in."""
    return SandboxEvent if sandbox else Event


def last(connection: Connection, sandbox: str | None) -> int:
    """The number of the newest event; 0 before the first."""
    if sandbox is None:
        return connection.execute(_LAST).scalar() or 0
    return connection.execute(_LAST_OF_SANDBOX, {"sandbox": sandbox}).scalar() or 0


def append(connection: Connection, sandbox: str | None, events: Sequence[Mapping[str, Any]]) -> None:
    """Add events at the end, just before the commit: until then nobody else takes a number."""
    _hold(connection, sandbox)
    after, own = last(connection, sandbox), {"sandbox": sandbox} if sandbox else {}
    rows = [{"seq": after + place, **own, **event} for place, event in enumerate(events, start=1)]
    connection.execute(insert(of(sandbox)), rows)


def begin_anew(connection: Connection, sandbox: str, at: dt.datetime) -> None:
    """Forget what happened in a sandbox but that it was emptied; numbers go on, so that no reader misses any."""
    passed = last(connection, sandbox)
    emptied = {"type": "sandbox.emptied", "resource": "sandbox", "resource_id": sandbox, "version": 1, "at": at,
               "changes": [], "audience": str(Audience.SANDBOX), "document": b"{}"}  # fmt: skip
    append(connection, sandbox, [emptied])
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
