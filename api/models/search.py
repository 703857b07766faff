"""Saved searches: a question to one of the lists, kept to be asked again, followed, or told of by mail."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Id
from api.models.guarded import Made
from schemas.names import PLURALS
from schemas.searches import SearchSchema
from schemas.vocabulary import Digest, Language

_Number = BigInteger().with_variant(Integer, "sqlite")


FEEDS = frozenset({"challenge", "partner", "project", "outcome", "guidance"})
"""Whose lists are answered as Atom feeds too."""


class SavedSearch(Made):
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
    told_until: Mapped[int] = mapped_column(_Number)
    """The number of the newest event when the last digest was made."""
    next_digest_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    leased_until: Mapped[dt.datetime | None]

    @property
    def links(self) -> dict[str, str | None]:
        """Where what it finds is read, and followed."""
        listed = f"/v1/{PLURALS[self.resource]}?{self.query}" if self.query else f"/v1/{PLURALS[self.resource]}"
        joint = "&" if self.query else "?"
        return {
            "list": listed,
            "events": f"/v1/events?search={self.id}",
            "csv": f"{listed}{joint}format=csv",
            "atom": f"{listed}{joint}format=atom" if self.resource in FEEDS else None,
        }
