"""What was answered to a POST with an Idempotency-Key, for as long as it may be sent again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Id

KEPT = dt.timedelta(hours=24)
"""How long a key stands for its answer."""


class IdempotencyKey(Base):
    """One key of one caller, in one sandbox or none: `digest` stands for the three.

    The answer is sealed, because it may show a secret that is shown once; until the write that holds the key is
    committed there is none, and nobody but that write sees the row.
    """

    __tablename__ = "idempotency_key"

    digest: Mapped[str] = mapped_column(primary_key=True)
    sandbox: Mapped[Id | None] = mapped_column(index=True)
    fingerprint: Mapped[str]
    """Of the request the key was used for."""
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
