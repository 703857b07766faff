"""Who acts: people, those an outside issuer vouches for, service accounts; and their roles in partners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.domain.actor import Actor
from api.models.base import Base, Id, OwnId
from api.models.guarded import Guarded
from schemas.vocabulary import PlatformRole, Role


class User(Guarded):
    """Somebody who acts. A person logs in with e-mail and password, or comes with the token of an outside issuer, who
    knows them as `subject`; a service account is the user of the client with the same id. `duties` are roles on the
    platform itself.
    """

    noun = "user"
    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    duties: Mapped[list[str]] = mapped_column(default=list)
    blocked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]
    memberships: Mapped[list[Membership]] = relationship(cascade="all, delete-orphan")

    @classmethod
    def seen_by(cls, caller: Actor) -> ColumnElement[bool]:
        """Oneself; CO-PI's administrators everybody. From within a sandbox, nobody: accounts are never played with."""
        if caller.sandbox is not None:
            return false()
        return true() if PlatformRole.COPI_ADMIN in caller.duties else cls.id == caller.id

    def party(self, name: str) -> Collection[str]:
        """The partners it acts for."""
        return [one.partner_id for one in self.memberships]


class Membership(Base):
    """One role of one user in one partner."""

    __tablename__ = "membership"

    user_id: Mapped[Id] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    partner_id: Mapped[Id] = mapped_column(ForeignKey("partner.id"), primary_key=True, index=True)
    role: Mapped[Role]


class Invitation(Base):
    """A letter of one use: into a role in a partner, or, without one, to choose a new password.

    Only the digest of what is written in it is kept.
    """

    __tablename__ = "invitation"

    id: Mapped[OwnId]
    digest: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    partner_id: Mapped[Id | None] = mapped_column(ForeignKey("partner.id"), index=True)
    role: Mapped[Role | None]
    invited_by: Mapped[Id | None]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    accepted_at: Mapped[dt.datetime | None]
