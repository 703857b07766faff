"""Challenges: concrete public needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped, mapped_column

from api.domain import lifecycle
from api.models import places
from api.models.base import Resource, SortKey, danish_key, years
from schemas import vocabulary as v
from schemas.challenges import ChallengeSchema


class Challenge(Resource):
    """A need; its owners (behovsejere) answer for it."""

    __tablename__ = "challenge"
    schema = ChallengeSchema()
    lifecycle = lifecycle.CHALLENGE
    TEXTS = (
        "title",
        "summary",
        "problem",
        "desired_effect",
        "current_practice",
        "not_wanted",
        "users_affected",
        "keywords",
    )
    SORTS: ClassVar = {**Resource.SORTS, "title": "title_key", "posed": "posed_key", "deadline": "deadline_key"}
    FACETS: ClassVar = {
        "owner": lambda c: c.owners,
        "theme": lambda c: [c.theme],
        "keyword": lambda c: c.keywords,
        "cpv": lambda c: c.cpv,
        "municipality": lambda c: c.municipality_codes,
        "region": places.regions,
        "phase": lambda c: [c.phase],
        "route": lambda c: [c.procurement_route_considered],
        "novelty": lambda c: [c.novelty_sought],
        "indicator": lambda c: [figure["indicator"] for figure in c.figures],
        "year": lambda c: years((c.timeline or {}).get("posed")),
    }

    state: Mapped[v.ChallengeState]
    title: Mapped[dict[str, Any]]
    title_key: Mapped[SortKey]
    posed_key: Mapped[SortKey]
    deadline_key: Mapped[SortKey]
    summary: Mapped[dict[str, Any]]
    problem: Mapped[dict[str, Any] | None]
    desired_effect: Mapped[dict[str, Any] | None]
    current_practice: Mapped[dict[str, Any] | None]
    not_wanted: Mapped[dict[str, Any] | None]
    users_affected: Mapped[dict[str, Any] | None]
    owners: Mapped[list[str]]
    theme: Mapped[v.Theme]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    cpv: Mapped[list[str]] = mapped_column(default=list)
    municipality_codes: Mapped[list[str]] = mapped_column(default=list)
    region_codes: Mapped[list[str]] = mapped_column(default=list)
    figures: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    phase: Mapped[v.ChallengePhase | None]
    budget_indication: Mapped[dict[str, Any] | None]
    timeline: Mapped[dict[str, Any] | None]
    procurement_route_considered: Mapped[v.ProcurementRoute | None]
    export_note: Mapped[dict[str, Any] | None]
    novelty_sought: Mapped[v.NoveltySought | None]
    close_reason: Mapped[v.CloseReason | None]

    @property
    def owner_ids(self) -> Collection[str]:
        return self.owners

    def complete(self) -> None:
        places.take_over(self, self.owners)

    def derive(self) -> None:
        super().derive()
        timeline = self.timeline or {}
        self.title_key = danish_key(self.title["da"])
        self.posed_key = timeline.get("posed") or ""
        self.deadline_key = timeline.get("response_deadline") or ""
