"""Enquiries: procurement sparring asked of CO-PI (udbudsfaglig sparring)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.domain import lifecycle
from api.models.base import Id, Resource, SortKey, danish_key
from schemas import vocabulary as v
from schemas.enquiries import EnquirySchema


class Enquiry(Resource):
    """One question to CO-PI's advisers; seen by the asker and CO-PI alone."""

    __tablename__ = "enquiry"
    schema = EnquirySchema()
    lifecycle = lifecycle.ENQUIRY
    TEXTS = ("title", "question", "context", "answer")
    SORTS: ClassVar = {**Resource.SORTS, "title": "title_key"}
    FACETS: ClassVar = {
        "owner": lambda e: [e.partner_id],
        "partner": lambda e: [e.partner_id],
        "challenge": lambda e: [e.challenge_id],
        "project": lambda e: [e.project_id],
        "route": lambda e: [e.procurement_route_considered],
        "adviser": lambda e: [e.adviser],
    }

    state: Mapped[v.EnquiryState]
    partner_id: Mapped[Id] = mapped_column(ForeignKey("partner.id"), index=True)
    challenge_id: Mapped[Id | None] = mapped_column(ForeignKey("challenge.id"), index=True)
    project_id: Mapped[Id | None] = mapped_column(ForeignKey("project.id"), index=True)
    title: Mapped[dict[str, Any]]
    title_key: Mapped[SortKey]
    question: Mapped[dict[str, Any]]
    context: Mapped[dict[str, Any] | None]
    procurement_route_considered: Mapped[v.ProcurementRoute | None]
    adviser: Mapped[str | None]
    answer: Mapped[dict[str, Any] | None]

    def derive(self) -> None:
        super().derive()
        self.title_key = danish_key(self.title["da"])
