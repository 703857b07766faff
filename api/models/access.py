"""What opens the door: clients and their secrets, log-ins that go on by refresh tokens, signing keys, revoked tokens.

Nothing here could be used by who reads the tables: secrets and refresh tokens are kept as digests, keys sealed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, LargeBinary, and_, or_, select, true
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from api.domain.actor import Actor
from api.models.base import Base, Id, OwnId
from api.models.guarded import Guarded
from api.models.user import Membership
from schemas.clients import ClientSchema
from schemas.vocabulary import ClientKind, PlatformRole, Role


class Client(Guarded):
    """A program that is known here: a service, which acts for itself, or a frontend, through which people act.

    A service is also a user, of the same id, whose memberships are the partners it acts for; `scopes` are the most it
    may do for them. A `test` client lives in a sandbox of its own.
    """

    noun = "client"
    schema = ClientSchema()
    __tablename__ = "client"

    name: Mapped[str]
    kind: Mapped[ClientKind]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    origins: Mapped[list[str]] = mapped_column(default=list)
    test: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]
    created_by: Mapped[Id | None]
    secrets: Mapped[list[ClientSecret]] = relationship(
        cascade="all, delete-orphan", order_by="ClientSecret.created_at", lazy="selectin"
    )
    memberships: Mapped[list[Membership]] = relationship(
        primaryjoin=lambda: Client.id == foreign(Membership.user_id),
        order_by=Membership.partner_id,
        lazy="selectin",
        viewonly=True,
    )

    @property
    def secret(self) -> str | None:
        """The secret it has just got, which is shown once."""
        return next((one.secret for one in self.secrets if one.secret), None)

    @classmethod
    def seen_by(cls, caller: Actor) -> ColumnElement[bool]:
        """Those that act for partners the caller leads, those the caller made for tests; CO-PI's administrators all.

        A service sees itself, and whoever is in a sandbox the client it is of.
        """
        if not caller.in_person:
            return cls.id == (caller.sandbox or caller.id)
        if PlatformRole.COPI_ADMIN in caller.duties:
            return true()
        led = [partner for partner, role in caller.roles.items() if role is Role.MANAGER]
        acting = select(Membership.user_id).where(Membership.partner_id.in_(led))
        return or_(cls.id.in_(acting), and_(cls.created_by == caller.id, cls.test))

    def party(self, name: str) -> Collection[str]:
        """The partners it acts for; or who made it, while it is a service for tests that acts for nobody."""
        partners = [one.partner_id for one in self.memberships]
        if name != "test_maker":
            return partners
        alone = self.test and self.kind == ClientKind.SERVICE and not partners
        return [self.created_by] if alone and self.created_by else []


class ClientSecret(Base):
    """One secret of a client, as a digest; several at once let it change them without a pause."""

    __tablename__ = "client_secret"

    id: Mapped[OwnId]
    client_id: Mapped[Id] = mapped_column(ForeignKey("client.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]

    secret = ""
    """What it is, where it has just been made; it is not kept."""


class LoginSession(Base):
    """One log-in of one person, until it is ended or runs out: the family its refresh tokens belong to."""

    __tablename__ = "login_session"

    id: Mapped[OwnId]
    user_id: Mapped[Id] = mapped_column(ForeignKey("user_account.id"), index=True)
    client_id: Mapped[str]
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class RefreshToken(Base):
    """A refresh token, as a digest. Using it a second time ends its session: one of the two users has stolen it."""

    __tablename__ = "refresh_token"

    digest: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[Id] = mapped_column(ForeignKey("login_session.id"), index=True)
    used_at: Mapped[dt.datetime | None]


class RevokedToken(Base):
    """An access token that counts no longer, by its `jti`, until it would have expired."""

    __tablename__ = "revoked_token"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[dt.datetime]


class AccessState(Base):
    """One row with a number, which the database itself raises at whatever may change what a caller is or may do.

    Its triggers stand in the migration: no way of writing gets past them.
    """

    __tablename__ = "access_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


class SigningKey(Base):
    """A key that signs access tokens from one moment on, and verifies them until it is retired."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[dict[str, Any]]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime]
    signs_from: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]
