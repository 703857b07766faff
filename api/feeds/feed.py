"""The event feed: what happened, in order, as far as the reader sees it; one reading of the log for all who follow it.

A reader is told of a change of what it saw then and still sees now. A change that took a record out of its sight is
told as a tombstone, without the document; what it was told before is then told to nobody who cannot see the record.
"""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from api.domain.actor import Actor
from api.domain.events import HIDDEN
from api.feeds.questions import Shape, question
from api.kit import matching
from api.models import log
from schemas.fields import rfc3339

_WINDOW = 10_000
"""Numbers looked through at once: a reader who sees little of what happens must not keep a statement going for long."""
_SECONDS = 2.0
"""How long somebody's events are looked for before it is told how far the search has got."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody follows of the log; everything where nothing is named."""

    types: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    search: tuple[str, str] | None = None
    """Only of the records that this question to the list of a resource finds now; tombstones of them all."""


class Told(NamedTuple):
    """An event as it is told to one reader."""

    seq: int
    type: str
    body: bytes


class Page(NamedTuple):
    """Some events, the number to ask after next, and that of the newest event there is."""

    items: list[Told]
    cursor: int
    head: int


def page(connection: Connection, caller: Actor, after: int, limit: int, wanted: Wanted = Wanted()) -> Page:
    """The next events that the caller sees, at most `limit`."""
    # Read first: what is committed later has a higher number, and no number below it is still to come.
    head = log.last(connection, caller.sandbox)
    found: list[Told] = []
    started = time.monotonic()
    while after < head and len(found) < limit:
        upto = min(head, after + _WINDOW)
        some = _between(connection, caller, after, upto, limit - len(found), wanted)
        found += some
        after = some[-1].seq if len(found) == limit else upto
        if time.monotonic() - started > _SECONDS:
            break
    return Page(found, after, head)


def one(connection: Connection, caller: Actor, seq: int) -> Told | None:
    """One event, if the caller is to be told of it."""
    return next(iter(_between(connection, caller, seq - 1, seq, 1, Wanted())), None)


def view_of(caller: Actor) -> str:
    """What stands for all that decides which records the caller sees, besides the records."""
    sights = Shape.of(caller, types=False, resources=False).sights
    return f"{zlib.crc32(repr((sights, sorted(caller.roles), caller.sandbox)).encode()):08x}"


def _between(connection: Connection, caller: Actor, after: int, upto: int, limit: int, wanted: Wanted) -> list[Told]:
    found, asked = None, dict[str, Any]()
    if wanted.search:
        found, asked = matching.question(*wanted.search, caller, connection.dialect.name)
    shape = Shape.of(caller, types=bool(wanted.types), resources=bool(wanted.resources), found=found)
    values = {
        **asked,
        "after": after,
        "upto": upto,
        "limit": limit,
        "holders": list(caller.roles),
        "me": caller.id,
        "sandbox": caller.sandbox,
        "types": wanted.types,
        "resources": wanted.resources,
    }
    return [_told(row) for row in connection.execute(question(shape), values)]


def _told(row: Any) -> Told:
    type = f"{row.resource}.{HIDDEN}" if row.gone else row.type
    event = {
        "seq": row.seq,
        "type": type,
        "resource": row.resource,
        "resource_id": row.resource_id,
        "version": row.version,
        "at": rfc3339(row.at),
        "reason": None if row.gone else row.reason,
        "changes": [] if row.gone else row.changes,
        "document": None if row.gone else orjson.Fragment(row.document),
    }
    return Told(row.seq, type, orjson.dumps(event))
