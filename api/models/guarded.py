"""Rows that are no published records, yet seen and changed only by some: people, clients, what is theirs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped

from api.domain.actor import Actor
from api.models.base import Base, OwnId


class Guarded(Base):
    """A row with its own rule of who sees it; to everyone else it does not exist (404)."""

    __abstract__ = True

    noun: ClassVar[str]
    """What permissions call it."""
    schema: ClassVar[Any] = None
    """The shape it is made, read and changed in, where that is one."""
    parent: ClassVar[None] = None

    id: Mapped[OwnId]

    @classmethod
    def seen_by(cls, caller: Actor) -> ColumnElement[bool]:
        """Which rows the caller sees."""
        raise NotImplementedError

    def party(self, name: str) -> Collection[str]:
        """The partners with a stake in it; only `owner` means anything here."""
        raise NotImplementedError
