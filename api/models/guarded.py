"""Rows that are no published records, yet seen and changed only by some: people, clients, what is theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Mapped

from api.domain.actor import Actor
from api.models.base import Base, Id, OwnId
from schemas.vocabulary import PlatformRole


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


class Made(Guarded):
    """A row that only the account that made it sees; and, outside the sandboxes, CO-PI's administrators."""

    __abstract__ = True

    created_at: Mapped[dt.datetime]
    created_by: Mapped[Id]
    sandbox: Mapped[Id | None]

    @classmethod
    def seen_by(cls, caller: Actor) -> ColumnElement[bool]:
        """One's own, in the sandbox where one made them."""
        if caller.sandbox is None and PlatformRole.COPI_ADMIN in caller.duties:
            return cls.sandbox.is_(None)
        here = cls.sandbox == caller.sandbox if caller.sandbox else cls.sandbox.is_(None)
        return and_(cls.created_by == caller.id, here)

    def party(self, name: str) -> Collection[str]:
        """It is nobody's but its maker's."""
        return [self.created_by] if name == "maker" else []
