"""Guidance: what CO-PI has answered, told again without telling who asked (vejledning)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.domain import lifecycle
from api.models.base import Id, Resource, SortKey, danish_key
from schemas import vocabulary as v
from schemas.guidance import GuidanceSchema


class Guidance(Resource):
    """One note that anyone can search. CO-PI alone writes it."""

    __tablename__ = "guidance"
    schema = GuidanceSchema()
    lifecycle = lifecycle.GUIDANCE
    PARTIES: ClassVar = {}
    TEXTS = ("title", "question", "answer", "keywords")
    SORTS: ClassVar = {**Resource.SORTS, "title": "title_key"}
    FACETS: ClassVar = {
        "theme": lambda g: [g.theme],
        "keyword": lambda g: g.keywords,
        "route": lambda g: g.procurement_routes,
    }

    state: Mapped[v.GuidanceState]
    enquiry_id: Mapped[Id | None] = mapped_column(ForeignKey("enquiry.id"), index=True)
    """The enquiry it grew out of: never part of the document."""
    title: Mapped[dict[str, Any]]
    title_key: Mapped[SortKey]
    question: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    theme: Mapped[v.Theme | None]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    procurement_routes: Mapped[list[str]] = mapped_column(default=list)

    def derive(self) -> None:
        super().derive()
        self.title_key = danish_key(self.title["da"])
