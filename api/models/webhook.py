"""Webhooks: who is told of which events where, the secrets that is signed with, and what was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    and_,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from api.domain.actor import Actor
from api.models.access import Client
from api.models.base import Base, Id, OwnId
from api.models.guarded import Made
from api.models.search import SavedSearch
from api.models.user import Membership
from schemas.vocabulary import DeliveryError, DeliveryKind, DeliveryState, Role, WebhookState, WebhookStop
from schemas.webhooks import WebhookSchema

_Number = BigInteger().with_variant(Integer, "sqlite")


class Webhook(Made):
    """A subscription of one account, and how far it has come. Whoever holds the lease is the one who sends.

    `version` is raised by whatever its maker changes, so that who sends by the old rules notices. A service's webhook
    is told no more than `scopes` let it see: those of the token that made or last changed it.
    """

    noun = "webhook"
    schema = WebhookSchema()
    __tablename__ = "webhook"

    url: Mapped[str]
    description: Mapped[str | None]
    types: Mapped[list[str]] = mapped_column(default=list)
    resources: Mapped[list[str]] = mapped_column(default=list)
    search_id: Mapped[Id | None] = mapped_column(ForeignKey("saved_search.id"), index=True)
    state: Mapped[WebhookState] = mapped_column(default=WebhookState.ACTIVE, index=True)
    disabled_reason: Mapped[WebhookStop | None]
    after: Mapped[int] = mapped_column(_Number)
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[Id] = mapped_column(ForeignKey("user_account.id"), index=True)
    scopes: Mapped[list[str] | None]
    updated_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[dt.datetime | None]
    next_attempt_at: Mapped[dt.datetime | None]
    lease_holder: Mapped[Id | None]
    lease_until: Mapped[dt.datetime | None]
    service: Mapped[Client | None] = relationship(
        primaryjoin=lambda: foreign(Webhook.created_by) == Client.id, viewonly=True, lazy="select"
    )
    search: Mapped[SavedSearch | None] = relationship(lazy="selectin", viewonly=True)
    secrets: Mapped[list[WebhookSecret]] = relationship(
        cascade="all, delete-orphan", order_by="WebhookSecret.created_at, WebhookSecret.id", lazy="selectin"
    )

    secret = ""
    """Its first secret, where it has just been made."""

    @classmethod
    def seen_by(cls, caller: Actor) -> ColumnElement[bool]:
        """One's own, and those of the services that act for partners the caller leads: who answers for it sees it."""
        if not caller.in_person or not (led := [one for one, role in caller.roles.items() if role is Role.MANAGER]):
            return super().seen_by(caller)
        acting = select(Membership.user_id).where(Membership.partner_id.in_(led), Membership.user_id == Client.id)
        return or_(super().seen_by(caller), and_(cls.created_by.in_(acting), cls.sandbox.is_(None)))

    def party(self, name: str) -> Collection[str]:
        """Its maker; and the partners its maker acts for, when that is a service."""
        if name == "owner" and self.service is not None:
            return self.service.party(name)
        return super().party(name)

    @property
    def test(self) -> bool:
        """Whether it is told of a sandbox."""
        return self.sandbox is not None


class WebhookSecret(Base):
    """One secret of a webhook, sealed; several at once let its receiver change them without a pause."""

    __tablename__ = "webhook_secret"

    id: Mapped[OwnId]
    webhook_id: Mapped[Id] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime]

    secret = ""
    """What it is, where it has just been made."""


class WebhookDelivery(Base):
    """One attempt to send something: made, or asked for and waiting. Nothing of what was sent or answered is kept."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(None, "webhook_id", "id"),
        Index(None, "at"),
        Index(
            "ix_webhook_delivery_queued",
            "webhook_id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )

    id: Mapped[OwnId]
    webhook_id: Mapped[Id] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    kind: Mapped[DeliveryKind]
    message_id: Mapped[str]
    seq: Mapped[int | None] = mapped_column(_Number)
    attempt: Mapped[int] = mapped_column(default=1)
    state: Mapped[DeliveryState]
    at: Mapped[dt.datetime]
    status_code: Mapped[int | None]
    milliseconds: Mapped[int | None]
    error: Mapped[DeliveryError | None]
    next_attempt_at: Mapped[dt.datetime | None]

    @property
    def message(self) -> dict[str, Any] | None:
        """Why it failed, for people."""
        return self.error.label if self.error else None
