"""The write path: every changed record gets a new version, its document, and one event, all in the write's transaction.

The order of the event log is the order of the commits, without gaps: the number is taken under a lock that is held
until the commit. A sequence or a timestamp would let a reader of the feed pass over an event whose transaction was
still open when it looked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import marshmallow as ma
import orjson
from sqlalchemy import Connection, delete, event, insert, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from api import search
from api.domain import clock
from api.domain.acting import acting, origin
from api.domain.actor import SYSTEM
from api.models import RESOURCES, Resource, Setting, log

__all__ = ["acting", "fingerprint", "lay_by", "origin", "render", "render_anew", "settle", "stale"]

_EVENTS, _UNINDEXED, _UNSETTLED = "ledger.events", "ledger.unindexed", "ledger.unsettled"


def render(record: Resource) -> bytes:
    """The record's document: the bytes that every read of it answers."""
    return orjson.dumps(record.schema.dump(record))


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, *_: Any) -> None:
    now = clock.now()
    new = session.new  # put together anew each time it is asked for
    for record in (*new, *session.dirty):
        if isinstance(record, Resource) and (record in new or session.is_modified(record)):
            _advance(record, now)
            session.info.setdefault(_EVENTS, {}).setdefault(record.sandbox, []).append(_event_row(record, now))
            session.info.setdefault(_UNINDEXED, []).append(record)
            session.info.setdefault(_UNSETTLED, []).append(record)


def _advance(record: Resource, now: dt.datetime) -> None:
    state = inspect(record)
    if state.transient or state.pending:
        _apply_defaults(record)
        record.created_at = now
    _demand_own_side(record)
    record.version = (record.version or 0) + 1
    record.updated_at = now
    record.derive()
    record.document = render(record)


def _demand_own_side(record: Resource) -> None:
    """Nobody writes across the border of a sandbox; should a rule above ever let them, the write fails here."""
    actor = origin.get().actor
    if actor is not SYSTEM and actor.sandbox != record.sandbox:
        raise RuntimeError(f"{record.__tablename__} {record.id} is not of the writer's sandbox")


def _apply_defaults(record: Resource) -> None:
    """Set the columns' defaults now rather than in the INSERT: the document must already hold them."""
    for name, default in _defaults(type(record)):
        if getattr(record, name) is None:
            setattr(record, name, default.arg(None) if default.is_callable else default.arg)


@cache
def _defaults(model: type[Resource]) -> tuple[tuple[str, Any], ...]:
    columns = inspect(model).columns.items()
    return tuple((name, column.default) for name, column in columns if column.default is not None)


def _event_row(record: Resource, now: dt.datetime) -> dict[str, Any]:
    resource = record.__tablename__
    by = origin.get()
    verb, reason = record.__dict__.pop("_event", ("created" if record.version == 1 else "updated", None))
    return {
        "type": f"{resource}.{verb}",
        "resource": resource,
        "resource_id": record.id,
        "version": record.version,
        "at": now,
        "actor_id": by.actor.id,
        "request_id": by.request_id,
        "reason": reason,
        "changes": _changed(record),
        "audience": str(record.circle),
        "document": record.document,
    }


def _changed(record: Resource) -> list[str]:
    """The published fields that differ from before."""
    state = inspect(record)
    return [name for name in _published(type(record)) if state.get_history(name, PASSIVE_NO_INITIALIZE).has_changes()]


@cache
def _published(model: type[Resource]) -> tuple[str, ...]:
    names = set(model.schema.fields) - {"id", "version", "updated_at", "created_at", "links"}
    return tuple(sorted(names & set(inspect(model).attrs.keys())))


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, *_: Any) -> None:
    by_model: dict[type[Resource], list[Resource]] = defaultdict(list)
    for record in session.info.pop(_UNINDEXED, ()):
        by_model[type(record)].append(record)
    for model, records in by_model.items():
        _index(session.connection(), model, records)


def _index(connection: Connection, model: type[Resource], records: Sequence[Resource]) -> None:
    """Replace the values the records are filtered and found by."""
    connection.execute(delete(model.facets).where(model.facets.c.id.in_([record.id for record in records])))
    rows = [row for record in records for row in _facets(record)]
    if rows:
        connection.execute(insert(model.facets), rows)
    plain = ((record.id, list(search.texts([getattr(record, name) for name in record.TEXTS]))) for record in records)
    search.store(connection, model.__tablename__, plain)


def _facets(record: Resource) -> Iterator[dict[str, Any]]:
    for name, values in record.FACETS.items():
        for value in sorted({str(value) for value in values(record) if value is not None}):
            yield {"name": name, "value": value, "id": record.id}


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    settle(session)
    events = session.info.pop(_EVENTS, {})
    for sandbox in sorted(events, key=str):  # always in the same order, so that no two writers wait for each other
        log.append(session.connection(), sandbox, events[sandbox])


def settle(session: Session) -> None:
    """Bring every document to what it will be once the transaction is committed, for an answer made before that."""
    session.flush()
    for record in session.info.pop(_UNSETTLED, ()):
        record.settle()
    session.flush()
    # What settling has changed counts nothing itself.
    session.info.pop(_UNSETTLED, None)


def lay_by(session: Session) -> None:
    """In a long transaction, put into the log what has happened so far rather than keep it in memory until the commit.

    From then on whoever else commits waits for it.
    """
    _before_commit(session)


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    session.info.pop(_EVENTS, None)
    session.info.pop(_UNINDEXED, None)
    session.info.pop(_UNSETTLED, None)


# --- Rendering anew when a schema has changed ---------------------------------------------------------------


def fingerprint(model: type[Resource]) -> str:
    """What the shape of a resource's documents, facets and sort keys hangs on, as a short text."""
    said = [*_said(model.schema), sorted(model.FACETS), sorted(model.SORTS.items()), model.TEXTS]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _said(schema: ma.Schema) -> Iterator[Any]:
    for name, field in sorted(schema.fields.items()):
        yield name, type(field).__name__, getattr(field, "addresses", None)
        inner = getattr(field, "inner", field)
        if isinstance(inner, ma.fields.Nested):
            yield from _said(inner.schema)


def _differing(record: Resource) -> dict[str, Any]:
    """The columns that deriving them anew has changed."""
    return {one.key: getattr(record, one.key) for one in inspect(record).attrs if one.history.has_changes()}


def stale(connection: Connection) -> list[type[Resource]]:
    """The resources whose stored documents were rendered in another shape than today's."""
    known = {row.name: row.value for row in connection.execute(select(Setting.name, Setting.value))}
    return [m for m in RESOURCES.values() if known.get(f"shape:{m.__tablename__}") != {"fingerprint": fingerprint(m)}]


def render_anew(session: Session, model: type[Resource], batch: int = 500) -> Iterator[int]:
    """Render every document of a resource in today's shape, without a new version or event; yields how many so far."""
    after, done = "", 0
    while True:
        query = select(model).order_by(model.id).limit(batch)
        records = session.scalars(query.where(model.id > after) if after else query).all()
        for record in records:
            record.derive()
            values = {"document": render(record), **_differing(record)}
            session.connection().execute(update(model).where(model.id == record.id).values(values))
        if records:
            _index(session.connection(), model, records)
            after, done = records[-1].id, done + len(records)
            yield done
        session.expunge_all()
        if len(records) < batch:
            break
    session.merge(Setting(name=f"shape:{model.__tablename__}", value={"fingerprint": fingerprint(model)}))
