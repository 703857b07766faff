"""Leases: who may send to a webhook, kept in the database so that one that was killed is followed by another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from api.db import Database
from api.domain import clock
from api.feeds.sender import SECONDS
from api.models import Webhook

LEASE = dt.timedelta(seconds=SECONDS + 10)
"""How long one lasts unless it is renewed: longer than any one delivery takes, until it is written down."""


def free(now: Any) -> ColumnElement[bool]:
    """Which webhooks nobody sends to."""
    return or_(Webhook.lease_until.is_(None), Webhook.lease_until <= now)


@contextmanager
def leased(database: Database, webhook: Webhook, holder: str) -> Iterator[bool]:
    """Hold a webhook that is still as it was read; False when somebody else does, or has changed it."""
    until = clock.now() + LEASE
    as_read = (Webhook.id == webhook.id, Webhook.version == webhook.version, Webhook.after == webhook.after)
    with database.writing() as session:
        taken = changed(session, *as_read, free(clock.now()), lease_holder=holder, lease_until=until)
    if not taken:
        yield False
        return
    yield True
    # Not when anything was raised: whoever comes next must not come sooner than a request can take.
    with database.writing() as session:
        held = (Webhook.id == webhook.id, Webhook.lease_holder == holder)
        changed(session, *held, lease_holder=None, lease_until=None)


def changed(session: Session, *which: ColumnElement[bool], **values: Any) -> bool:
    """Whether there was such a webhook to change; past the session, which holds none, at half the cost."""
    return session.connection().execute(update(Webhook).where(*which).values(values)).rowcount == 1
