"""Writing the security log, and forgetting what is older than it may be."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import delete
from sqlalchemy.orm import Session

from api.domain import clock
from api.models import SecurityEvent
from schemas.vocabulary import SecurityEventKind


def note(session: Session, kind: SecurityEventKind, about: str | None, /, **details: Any) -> None:
    """Write down, in the transaction at hand, what happened to whose access; by whom and from where is known.

    What no request has done, a command of the operator's has.
    """
    caller = g.get("actor") if has_request_context() else None
    origin = {} if has_request_context() else {"origin": "cli"}
    session.add(
        SecurityEvent(
            at=clock.now(),
            kind=kind,
            user_id=about,
            actor_id=caller.id if caller else None,
            address=request.remote_addr if has_request_context() else None,
            details={**details, **origin},
        )
    )


def forget(session: Session, days: int) -> int:
    """Take away what is older than so many days; how many there were."""
    oldest = clock.now() - dt.timedelta(days=days)
    return session.execute(delete(SecurityEvent).where(SecurityEvent.at < oldest)).rowcount  # type: ignore[attr-defined,no-any-return]
