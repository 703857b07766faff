"""Forgetting imports that have ended: their rows, their errors, and which files nothing needs any more."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select

from api.config import Settings
from api.db import Database
from api.domain import clock
from api.models import Import, LineError

_AT_ONCE = 100


def purge(database: Database, settings: Settings) -> list[str]:
    """Take away imports that ended so many days ago; the contents of their files, which others may still need."""
    before = clock.now() - dt.timedelta(days=settings.import_days)
    gone: list[str] = []
    while some := _some(database, before):
        gone += some
    return gone


def _some(database: Database, before: dt.datetime) -> list[str]:
    with database.writing() as session:
        over = select(Import.id, Import.sha256).where(Import.finished_at <= before).limit(_AT_ONCE)
        found = session.execute(over.with_for_update(skip_locked=True)).all()
        ids = [row.id for row in found]
        session.execute(delete(LineError).where(LineError.import_id.in_(ids)))
        session.execute(delete(Import).where(Import.id.in_(ids)))
    return [row.sha256 for row in found]
