"""Supports: public bodies that join the demand behind another's challenge (tilslutninger)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.domain import lifecycle
from api.models.base import Id, Resource
from api.models.challenge import Challenge
from api.models.partner import Partner
from api.models.party import Party
from schemas import vocabulary as v
from schemas.supports import SupportSchema


class Support(Resource):
    """One body's support of one challenge; the body answers for it, and the challenge's owners see it."""

    __tablename__ = "support"
    schema = SupportSchema()
    lifecycle = lifecycle.SUPPORT
    PARENTS = ("challenge",)
    ONCE = ("challenge_id", "partner_id")
    PARTIES: ClassVar = {"owner": Party(), "challenge": Party("challenge", key="challenge_id")}
    TEXTS = ("note",)
    FACETS: ClassVar = {
        "owner": lambda s: [s.partner_id],
        "partner": lambda s: [s.partner_id],
        "challenge": lambda s: [s.challenge_id],
        "level": lambda s: [s.level],
    }

    state: Mapped[v.SupportState]
    challenge_id: Mapped[Id] = mapped_column(ForeignKey("challenge.id"), index=True)
    partner_id: Mapped[Id] = mapped_column(ForeignKey("partner.id"), index=True)
    level: Mapped[v.SupportLevel]
    annual_volume: Mapped[dict[str, Any] | None]
    annual_value: Mapped[dict[str, Any] | None]
    valid_until: Mapped[str | None]
    signed_at: Mapped[str | None]
    note: Mapped[dict[str, Any] | None]

    challenge: Mapped[Challenge] = relationship()
    partner: Mapped[Partner] = relationship(viewonly=True)

    @property
    def called(self) -> dict[str, Any]:
        return self.challenge.title

    def settle(self) -> None:
        self.challenge.count_demand()
