"""What opens the door: clients and their secrets, log-ins that go on by refresh tokens, signing keys, revoked tokens.

Nothing here could be used by who reads the tables: secrets and refresh tokens are kept as digests, keys sealed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.models.base import Base, Id, OwnId
from schemas.vocabulary import ClientKind


class Client(Base):
    """A program that is known here: a service, which acts for itself, or a frontend, through which people act.

    A service is also a user, of the same id, whose memberships are the partners it acts for; `scopes` are the most it
    may do for them. A `test` client lives in a sandbox of its own.
    """

    __tablename__ = "client"

    id: Mapped[OwnId]
    name: Mapped[str]
    kind: Mapped[ClientKind]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    origins: Mapped[list[str]] = mapped_column(default=list)
    test: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]
    created_by: Mapped[Id | None]
    secrets: Mapped[list[ClientSecret]] = relationship(cascade="all, delete-orphan", order_by="ClientSecret.created_at")


class ClientSecret(Base):
    """One secret of a client, as a digest; several at once let it change them without a pause."""

    __tablename__ = "client_secret"

    id: Mapped[OwnId]
    client_id: Mapped[Id] = mapped_column(ForeignKey("client.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]


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


class SigningKey(Base):
    """A key that signs access tokens from one moment on, and verifies them until it is retired."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[dict[str, Any]]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime]
    signs_from: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]
