"""The event log: one row a change, in one gap-free order; feed, history, audit trail and webhook queue at once.

Each sandbox has a log of its own, with its own numbers: nothing that happens there shows in the real one, not even as a
number left out.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from api.models.base import Base, Id

_Number = BigInteger().with_variant(Integer, "sqlite")


class Change(Base):
    """One change of one record, with the document as it was after it."""

    __abstract__ = True

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
    previous: Mapped[int | None] = mapped_column(_Number)
    """The number of the record's event before this one: who saw the record until now."""
    document: Mapped[bytes] = mapped_column(LargeBinary)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - SQLAlchemy hands the class
        return (Index(None, "resource", "resource_id", "seq"),)


class Event(Change):
    """A change of a real record."""

    __tablename__ = "event"

    seq: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)


class EventStake(Base):
    """Somebody who sees an event though its audience is the owners alone: a partner, or an account by its id."""

    __tablename__ = "event_stake"

    seq: Mapped[int] = mapped_column(_Number, ForeignKey("event.seq"), primary_key=True, autoincrement=False)
    holder: Mapped[Id] = mapped_column(primary_key=True)


class SandboxEvent(Change):
    """A change of a test record, numbered within its sandbox."""

    __tablename__ = "sandbox_event"

    sandbox: Mapped[Id] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)


class Setting(Base):
    """A fact about the database itself, e.g. which shape its documents were rendered in."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
