"""Saved searches: a question to one of the lists, kept to be asked again, followed, or told of by mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Integer, and_, true
from sqlalchemy.orm import Mapped, mapped_column

from api.domain.actor import Actor
from api.models.base import Id
from api.models.guarded import Guarded
from schemas.names import PLURALS
from schemas.searches import SearchSchema
from schemas.vocabulary import Digest, Language, PlatformRole

_Number = BigInteger().with_variant(Integer, "sqlite")


class SavedSearch(Guarded):
    """A search of one account, and how far its digest has come."""

    noun = "search"
    schema = SearchSchema()
    __tablename__ = "saved_search"

    name: Mapped[str]
    resource: Mapped[str]
    query: Mapped[str]
    digest: Mapped[Digest | None]
    language: Mapped[Language]
    created_by: Mapped[Id] = mapped_column(ForeignKey("user_account.id"), index=True)
    sandbox: Mapped[Id | None]
    created_at: Mapped[dt.datetime]
    told_until: Mapped[int] = mapped_column(_Number)
    """The number of the newest event when the last digest was made."""
    next_digest_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    leased_until: Mapped[dt.datetime | None]

    @classmethod
    def seen_by(cls, caller: Actor) -> ColumnElement[bool]:
        """One's own; CO-PI's administrators all."""
        if PlatformRole.COPI_ADMIN in caller.duties:
            return true()
        return and_(cls.created_by == caller.id, cls.sandbox == caller.sandbox)

    def party(self, name: str) -> Collection[str]:
        """The account that made it; no partner has a part in it."""
        return [self.created_by] if name == "maker" else []

    @property
    def links(self) -> dict[str, str]:
        """Where what it finds is read, and followed."""
        listed = f"/v1/{PLURALS[self.resource]}?{self.query}" if self.query else f"/v1/{PLURALS[self.resource]}"
        joint = "&" if self.query else "?"
        return {
            "list": listed,
            "events": f"/v1/events?search={self.id}",
            "csv": f"{listed}{joint}format=csv",
            "atom": f"{listed}{joint}format=atom",
        }
