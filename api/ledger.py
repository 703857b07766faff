"""The write path: every changed record gets a new version, its document, and one event, all in the write's transaction.

The order of the event log is the order of the commits, without gaps: the number is taken under a lock that is held
until the commit. A sequence or a timestamp would let a reader of the feed pass over an event whose transaction was
still open when it looked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import marshmallow as ma
import orjson
from sqlalchemy import Connection, delete, event, insert, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from api import search
from api.domain import clock
from api.domain.acting import acting, origin
from api.domain.actor import SYSTEM
from api.models import RESOURCES, Audience, Event, EventStake, Resource, Setting, log
from api.models.sight import Sight, followers, sight_of, stakes_of

__all__ = ["acting", "fingerprint", "lay_by", "origin", "render", "render_anew", "settle", "stale"]

_EVENTS, _CHANGED, _RESTAKED = "ledger.events", "ledger.changed", "ledger.restaked"
_UNINDEXED, _UNSETTLED = "ledger.unindexed", "ledger.unsettled"


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
            session.info.setdefault(_CHANGED, {})[record.id] = record
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
        restaked = session.info.setdefault(_RESTAKED, set())
        restaked |= _restaked(session.connection(), model, [record for record in records if record.version > 1])
        _index(session.connection(), model, records)


def _restaked(connection: Connection, model: type[Resource], records: Sequence[Resource]) -> set[str]:
    """Those of the changed records in which others have a stake than the facets still say."""
    names, facets = stakes_of(model.__tablename__), model.facets.c
    if not records or not names:
        return set()
    ids = [record.id for record in records]
    kept = select(facets.id, facets.name, facets.value).where(facets.id.in_(ids), facets.name.in_(names))
    stored = {tuple(row) for row in connection.execute(kept)}
    now = {
        (row["id"], row["name"], row["value"]) for record in records for row in _facets(record) if row["name"] in names
    }
    return {id for id, *_ in stored ^ now}


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
    changed: dict[str, Resource] = session.info.get(_CHANGED, {})
    before = _let_follow(session, changed)
    sights = {id: sight_of(record) for id, record in changed.items()}
    numbers = {id: seq for id, (seq, _) in before.items()}
    events = session.info.get(_EVENTS, {})
    for sandbox in sorted(events, key=str):  # always in the same order, so that no two writers wait for each other
        log.append(session.connection(), sandbox, events[sandbox], sights, numbers)
    _forget(session)


def settle(session: Session) -> None:
    """Bring every document to what it will be once the transaction is committed, for an answer made before that."""
    session.flush()
    for record in session.info.pop(_UNSETTLED, ()):
        record.settle()
    session.flush()
    # What settling has changed counts nothing itself.
    session.info.pop(_UNSETTLED, None)


def _let_follow(session: Session, changed: Mapping[str, Resource]) -> dict[str, tuple[int, Sight]]:
    """Give records whose sight hangs on a changed one an event of their own when it changes who sees them.

    Otherwise nothing would tell a follower of the log. Returns the last event of each from before.
    """
    before = _before(session, [record for record in changed.values() if record.version > 1])
    restaked = session.info.get(_RESTAKED, frozenset())
    reached = dict(changed)
    leading = [(record, record.id in restaked or _moved(record, before)) for record in changed.values()]
    while leading:
        led = {one.id: one for record, moved in leading for one in followers(record, moved=moved)}
        fresh = {id: record for id, record in led.items() if id not in reached}
        reached |= fresh
        before |= _before(session, fresh.values())
        for record in fresh.values():
            if _moved(record, before):
                record.happened("visibility_changed")
                flag_modified(record, "audience")
        session.flush()
        # What hangs on them may hang on those stakes as well, whether they themselves are seen otherwise or not.
        leading = [(record, True) for record in fresh.values()]
    session.info.pop(_UNSETTLED, None)
    return before


def _moved(record: Resource, before: Mapping[str, tuple[int, Sight]]) -> bool:
    return record.id in before and before[record.id][1] != sight_of(record)


def _before(session: Session, records: Iterable[Resource]) -> dict[str, tuple[int, Sight]]:
    """The last event of each of the records, and who sees it since; nothing of one that is new."""
    ids: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    known: dict[str, tuple[int, Sight]] = {}
    for record in records:
        ids[record.__tablename__, record.sandbox].append(record.id)
    for (resource, sandbox), some in ids.items():
        known |= log.latest(session.connection(), sandbox, resource, some)
    return known


def lay_by(session: Session) -> None:
    """In a long transaction, put into the log what has happened so far rather than keep it in memory until the commit.

    From then on whoever else commits waits for it.
    """
    _before_commit(session)


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    _forget(session)


def _forget(session: Session) -> None:
    for name in (_EVENTS, _CHANGED, _RESTAKED, _UNINDEXED, _UNSETTLED):
        session.info.pop(name, None)


# --- Rendering anew when a schema has changed ---------------------------------------------------------------


def fingerprint(model: type[Resource]) -> str:
    """What the shape of a resource's documents, facets, sort keys and stakes hangs on, as a short text."""
    said = [*_said(model.schema), sorted(model.FACETS), sorted(model.SORTS.items()), model.TEXTS, sorted(model.PARTIES)]
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
            for record in records:
                _restake(session.connection(), record)
            after, done = records[-1].id, done + len(records)
            yield done
        session.expunge_all()
        if len(records) < batch:
            break
    session.merge(Setting(name=f"shape:{model.__tablename__}", value={"fingerprint": fingerprint(model)}))


def _restake(connection: Connection, record: Resource) -> None:
    """Say of events of the record that only its owners see who they are: those with a stake in it now."""
    sight = sight_of(record)
    if record.test or not sight.holders:
        return
    mine = Event.resource == record.__tablename__, Event.resource_id == record.id
    hidden = connection.scalars(select(Event.seq).where(*mine, Event.audience == Audience.OWNERS)).all()
    stored = select(EventStake.seq, EventStake.holder).where(EventStake.seq.in_(hidden))
    kept = {(seq, holder) for seq, holder in connection.execute(stored)}
    fresh = [{"seq": seq, "holder": one} for seq in hidden for one in sight.holders if (seq, one) not in kept]
    if fresh:
        connection.execute(insert(EventStake), fresh)
