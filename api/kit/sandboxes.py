"""Who works in a sandbox at the same time: any number of writers, or the one who empties it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from api.models import log

_LOCK = 0x0C0B3


def enter(session: Session, sandbox: str, *, alone: bool = False) -> None:
    """Work in a sandbox until the commit, beside others or `alone`; first of all, so that nobody waits in a ring."""
    if session.connection().dialect.name == "postgresql":  # SQLite's write transactions are one at a time anyway
        how = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        session.execute(text(f"SELECT {how}(:kind, :key)"), {"kind": _LOCK, "key": log.key(sandbox)})
