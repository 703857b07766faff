"""The security log: who logged in, failed, was refused, changed a role. Never a secret, and no longer than asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Id, OwnId
from schemas.vocabulary import SecurityEventKind


class SecurityEvent(Base):
    """One thing that happened to somebody's access. `user_id` is whom it concerns, `actor_id` who did it."""

    __tablename__ = "security_event"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "at"))

    id: Mapped[OwnId]
    at: Mapped[dt.datetime]
    kind: Mapped[SecurityEventKind]
    user_id: Mapped[Id | None]
    actor_id: Mapped[Id | None]
    address: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
