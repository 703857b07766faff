"""The event log: one row a change, in one gap-free order; feed, history, audit trail and webhook queue at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Id


class Event(Base):
    """One change of one record, with the document as it was after it."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "resource", "resource_id", "seq"),)

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    type: Mapped[str]
    resource: Mapped[str]
    resource_id: Mapped[Id]
    version: Mapped[int]
    at: Mapped[dt.datetime]
    actor_id: Mapped[str | None]
    reason: Mapped[str | None]
    changes: Mapped[list[str]]
    audience: Mapped[str]
    request_id: Mapped[str | None]
    document: Mapped[bytes] = mapped_column(LargeBinary)


class Setting(Base):
    """A fact about the database itself, e.g. which shape its documents were rendered in."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
