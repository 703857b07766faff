"""Forgetting what has had its time: old lines of the security log, log-ins and letters that are over, dead tokens,
and the keys of calls that are not sent again."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from api.config import Settings
from api.db import Database
from api.domain import clock
from api.identity import security
from api.models import IdempotencyKey, Invitation, LoginSession, RefreshToken, RevokedToken
from api.models.idempotency import KEPT

SECONDS = 3600.0
"""How often that is worth while."""
_AT_ONCE = 1_000


def purge(database: Database, settings: Settings) -> int:
    """Take away all that is over; how many rows. Any number of processes may do it at once."""
    now = clock.now()
    with database.writing() as session:
        gone = security.forget(session, settings.security_log_days)
        gone += _without(session, delete(RevokedToken).where(RevokedToken.expires_at <= now))
        gone += _without(session, delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT))
        gone += _without(session, delete(Invitation).where(Invitation.expires_at <= now))
    while ended := _log_ins(database, settings, now):
        gone += ended
    return gone


def _log_ins(database: Database, settings: Settings, now: dt.datetime) -> int:
    """Some sessions that are over, with their refresh tokens, so that nobody waits long for the lock."""
    with database.writing() as session:
        over = select(LoginSession.id).where(_over(settings, now)).limit(_AT_ONCE)
        ids = session.scalars(over.with_for_update(skip_locked=True)).all()
        _without(session, delete(RefreshToken).where(RefreshToken.session_id.in_(ids)))
        return _without(session, delete(LoginSession).where(LoginSession.id.in_(ids)))


def _over(settings: Settings, now: dt.datetime) -> ColumnElement[bool]:
    idle = now - dt.timedelta(days=settings.session_idle_days)
    ended = LoginSession.ended_at.is_not(None)
    return or_(ended, LoginSession.expires_at <= now, LoginSession.used_at <= idle)


def _without(session: Session, statement: object) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[call-overload]
