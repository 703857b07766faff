"""What a session does with records: a version and a document at each flush, their events at the commit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import cache
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from api.domain import clock
from api.domain.acting import origin
from api.domain.actor import SYSTEM
from api.ledger.documents import index, render
from api.ledger.following import let_follow, staked_anew
from api.models import Resource, log
from api.models.sight import sights_of

_EVENTS, _CHANGED, _RESTAKED = "ledger.events", "ledger.changed", "ledger.restaked"
_UNINDEXED, _UNSETTLED = "ledger.unindexed", "ledger.unsettled"


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
        apply_defaults(record)
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


def apply_defaults(record: Resource) -> None:
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
    if not state.persistent:
        return [name for name in _published(type(record)) if name in state.dict]
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
        old = [record for record in records if record.version > 1]
        session.info.setdefault(_RESTAKED, set()).update(staked_anew(session.connection(), model, old))
        index(session.connection(), model, records)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    settle(session)
    changed: dict[str, Resource] = session.info.get(_CHANGED, {})
    before = let_follow(session, changed, session.info.get(_RESTAKED, ()))
    sights, numbers = sights_of(changed.values()), {id: seq for id, (seq, _) in before.items()}
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
