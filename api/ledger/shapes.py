"""The shape of stored documents: when a schema has changed, they are rendered anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import marshmallow as ma
from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.orm import Session

from api.ledger.documents import index, render
from api.models import RESOURCES, Audience, Event, EventStake, Resource, Setting
from api.models.sight import sights_of


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
            index(session.connection(), model, records)
            _restake(session.connection(), model, records)
            after, done = records[-1].id, done + len(records)
            yield done
        session.expunge_all()
        if len(records) < batch:
            break
    session.merge(Setting(name=f"shape:{model.__tablename__}", value={"fingerprint": fingerprint(model)}))


def _restake(connection: Connection, model: type[Resource], records: Sequence[Resource]) -> None:
    """Say of events of the records that only their owners see who they are: those with a stake in them now."""
    sights = sights_of([record for record in records if not record.test])
    held = {id: sight.holders for id, sight in sights.items() if sight.holders}
    mine = Event.resource == model.__tablename__, Event.resource_id.in_(held), Event.audience == Audience.OWNERS
    hidden = connection.execute(select(Event.seq, Event.resource_id).where(*mine)).all()
    stakes = {(seq, holder) for seq, id in hidden for holder in held[id]}
    stored = select(EventStake.seq, EventStake.holder).where(EventStake.seq.in_(select(Event.seq).where(*mine)))
    fresh = stakes - {(seq, holder) for seq, holder in connection.execute(stored)}
    if fresh:
        connection.execute(insert(EventStake), [{"seq": seq, "holder": holder} for seq, holder in sorted(fresh)])
