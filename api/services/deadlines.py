"""Closing challenges whose deadline has passed: safe to run in any number of processes at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import undefer

from api.db import Database
from api.domain import clock, lifecycle
from api.kit.moving import take
from api.models import Challenge
from schemas.fields import rfc3339
from schemas.vocabulary import ChallengeState

_log = logging.getLogger("copi.tend")
_STEP = lifecycle.CHALLENGE.step("close")


def close_passed(database: Database) -> Iterator[str]:
    """Close every open challenge whose time for answers is over; yields the id of each one closed here."""
    due = select(Challenge.id).where(
        Challenge.state == ChallengeState.OPEN,
        Challenge.deadline_key != "",
        Challenge.deadline_key <= rfc3339(clock.now()),
    )
    with database.reading() as connection:
        ids = list(connection.scalars(due))
    for id in ids:
        try:
            closed = _close(database, due.where(Challenge.id == id))
        except Exception:
            _log.exception("challenge %s could not be closed", id)  # the others are not to wait for it
        else:
            if closed:
                yield id


def _close(database: Database, due: Select[Any]) -> bool:
    with database.writing() as session:
        # Whoever locks it first closes it; who comes after finds it closed, or is not made to wait.
        mine = due.with_only_columns(Challenge).options(undefer(Challenge.document))
        challenge = session.scalars(mine.with_for_update(skip_locked=True)).one_or_none()
        if challenge is not None:
            take(challenge, _STEP, {})
    return challenge is not None
