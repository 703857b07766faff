"""Outcomes: what came of projects."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import session
from api.domain import lifecycle
from api.models import reuse
from api.models.base import Id, Resource, SortKey, danish_key, years
from api.models.party import Party
from api.models.project import Project
from schemas import vocabulary as v
from schemas.outcomes import OutcomeSchema


class Outcome(Resource):
    """One thing that came of a project; whoever answers for that answers for it, and others see it only with that."""

    __tablename__ = "outcome"
    schema = OutcomeSchema()
    lifecycle = lifecycle.OUTCOME
    PARENTS = ("project",)
    PARTIES: ClassVar = {"owner": Party("project", key="project_id")}
    TEXTS = ("title", "summary", "keywords", "lesson", "measures")
    SORTS: ClassVar = {**Resource.SORTS, "title": "title_key", "date": "date_key"}
    FACETS: ClassVar = {
        "project": lambda o: [o.project_id],
        "kind": lambda o: [o.kind],
        "theme": lambda o: [o.theme],
        "keyword": lambda o: o.keywords,
        "reused_by": lambda o: o.reused_by,
        "indicator": lambda o: [measure["indicator"] for measure in o.measures],
        "value_kind": lambda o: [measure["value_kind"] for measure in o.measures],
        "novelty": lambda o: [o.novelty],
        "reporting_point": lambda o: [o.reporting_point],
        "export_market": lambda o: o.export_markets,
        "year": lambda o: years(o.date),
    }

    state: Mapped[v.OutcomeState]
    project_id: Mapped[Id] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[v.OutcomeKind]
    title: Mapped[dict[str, Any]]
    title_key: Mapped[SortKey]
    date_key: Mapped[SortKey]
    summary: Mapped[dict[str, Any]]
    theme: Mapped[v.Theme | None]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    date: Mapped[str | None]
    reporting_point: Mapped[v.ReportingPoint | None]
    measures: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    value_dimensions: Mapped[list[str]] = mapped_column(default=list)
    novelty: Mapped[v.Novelty | None]
    lesson: Mapped[dict[str, Any] | None]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    reused_by: Mapped[list[str]] = mapped_column(default=list)
    reuse_count: Mapped[dict[str, Any] | None]
    export_markets: Mapped[list[str]] = mapped_column(default=list)
    export_value: Mapped[dict[str, Any] | None]
    reuse: Mapped[dict[str, Any]] = mapped_column(default=lambda: dict(reuse.OF_OUTCOME))

    project: Mapped[Project] = relationship(viewonly=True, load_on_pending=True)

    def complete(self) -> None:
        self.theme = self.theme or session().get_one(Project, self.project_id).theme

    def settle(self) -> None:
        reuse.tell()

    def derive(self) -> None:
        super().derive()
        self.title_key = danish_key(self.title["da"])
        self.date_key = self.date or ""
        self.reuse = reuse.of_outcome(self)
        reuse.note_outcome(self)
