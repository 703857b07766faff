"""Responses: what companies and consortia answer to a challenge (svar); never public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.domain import clock, lifecycle
from api.models.base import Id, Resource, SortKey, danish_key
from api.models.challenge import Challenge
from api.models.party import Party
from schemas import vocabulary as v
from schemas.responses import ResponseSchema

R = v.ResponseState


class Response(Resource):
    """One answer: the responder's, which acts for the consortium too; the challenge's owners see what was handed in."""

    __tablename__ = "response"
    schema = ResponseSchema()
    lifecycle = lifecycle.RESPONSE
    PARENTS = ("challenge",)
    ONCE = ("challenge_id", "partner_id")
    PARTIES: ClassVar = {
        "owner": Party(),
        "challenge": Party("challenge", key="challenge_id", since="submitted_at"),
    }
    TEXTS = ("title", "approach", "ip_note")
    SORTS: ClassVar = {**Resource.SORTS, "title": "title_key"}
    FACETS: ClassVar = {
        "owner": lambda r: r.parties,
        "partner": lambda r: r.parties,
        "challenge": lambda r: [r.challenge_id],
        "novelty": lambda r: [r.novelty],
        "export_market": lambda r: r.export_markets,
    }

    state: Mapped[v.ResponseState]
    challenge_id: Mapped[Id] = mapped_column(ForeignKey("challenge.id"), index=True)
    partner_id: Mapped[Id] = mapped_column(ForeignKey("partner.id"), index=True)
    consortium: Mapped[list[str]] = mapped_column(default=list)
    title: Mapped[dict[str, Any]]
    title_key: Mapped[SortKey]
    approach: Mapped[dict[str, Any]]
    novelty: Mapped[v.NoveltySought | None]
    trl: Mapped[int | None]
    references: Mapped[list[dict[str, Any]]] = mapped_column("reference_cases", default=list)  # a reserved word in SQL
    ip_note: Mapped[dict[str, Any] | None]
    export_markets: Mapped[list[str]] = mapped_column(default=list)
    price_indication: Mapped[dict[str, Any] | None]
    submitted_at: Mapped[dt.datetime | None]
    decline_reason: Mapped[v.DeclineReason | None]
    feedback: Mapped[dict[str, Any] | None]

    challenge: Mapped[Challenge] = relationship()

    @property
    def parties(self) -> Iterable[str]:
        """The responder, then its consortium."""
        return [self.partner_id, *self.consortium]

    def party(self, name: str) -> Collection[str]:
        return {self.partner_id} if name == "responder" else super().party(name)

    def taken(self, step: str, fields: Mapping[str, Any]) -> None:
        if step == "submit":
            self.submitted_at = clock.now()

    def derive(self) -> None:
        super().derive()
        self.title_key = danish_key(self.title["da"])

    def settle(self) -> None:
        self.challenge.count_responses()
