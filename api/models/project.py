"""Projects: public-private collaborations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Self

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.domain import clock, lifecycle
from api.models import places, reuse, tree
from api.models.base import Id, Resource, SortKey, danish_key, years
from api.models.partner import Partner
from api.models.party import Party
from schemas import vocabulary as v
from schemas.projects import ProjectSchema
from schemas.values import in_time

R = v.ParticipantRole
ANSWERABLE = frozenset({R.LEAD, R.NEED_OWNER, R.CLIENT, R.OWNER, R.BUYER})
"""Roles whose holders answer for a project's record."""

PROVIDERS = frozenset({R.LEAD, R.NEED_OWNER, R.SOLUTION_PROVIDER, R.SUPPLIER})
"""Roles whose holders made the solution: its reuse by others is to their credit."""

FOLLOW_UP_YEARS = (1, 4)
"""Effects are asked for 12 and 48 months after the end."""


class Project(Resource):
    """A collaboration; whoever takes part sees it, participants in an answerable role answer for it."""

    __tablename__ = "project"
    schema = ProjectSchema()
    lifecycle = lifecycle.PROJECT
    PARTIES: ClassVar = {"owner": Party(), "participant": Party(facet="partner")}
    TEXTS = ("title", "summary", "keywords", "programme", "location", "procurement_note")
    SORTS: ClassVar = {**Resource.SORTS, "title": "title_key", "start": "start_key", "end": "end_key"}
    FACETS: ClassVar = {
        "owner": lambda p: p.owner_ids,
        "partner": lambda p: [participant["partner_id"] for participant in p.participants],
        "provider": lambda p: p.provider_ids,
        "challenge": lambda p: p.challenge_ids,
        "parent": lambda p: [p.parent_id],
        "theme": lambda p: [p.theme],
        "keyword": lambda p: p.keywords,
        "form": lambda p: [p.collaboration_form],
        "route": lambda p: [p.procurement_route],
        "method": lambda p: [p.method],
        "stage": lambda p: [p.stage],
        "cpv": lambda p: p.cpv,
        "municipality": lambda p: p.municipality_codes,
        "region": places.regions,
        "year": lambda p: years(p.start or p.end, p.end),
        "export_market": lambda p: (p.export_potential or {}).get("markets", ()),
    }

    state: Mapped[v.ProjectState]
    state_as_of: Mapped[str | None]
    title: Mapped[dict[str, Any]]
    title_key: Mapped[SortKey]
    start_key: Mapped[SortKey]
    end_key: Mapped[SortKey]
    summary: Mapped[dict[str, Any]]
    theme: Mapped[v.Theme]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    method: Mapped[str | None]
    programme: Mapped[str | None]
    parent_id: Mapped[Id | None] = mapped_column(ForeignKey("project.id"), index=True)
    challenge_ids: Mapped[list[str]] = mapped_column(default=list)
    participants: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    cpv: Mapped[list[str]] = mapped_column(default=list)
    municipality_codes: Mapped[list[str]] = mapped_column(default=list)
    region_codes: Mapped[list[str]] = mapped_column(default=list)
    location: Mapped[str | None]
    collaboration_form: Mapped[v.CollaborationForm | None]
    procurement_route: Mapped[v.ProcurementRoute | None]
    procurement_note: Mapped[dict[str, Any] | None]
    procurement_refs: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    funding: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    total_budget: Mapped[dict[str, Any] | None]
    phases: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    start: Mapped[str | None]
    end: Mapped[str | None]
    stage: Mapped[v.ProjectStage | None]
    trl: Mapped[int | None]
    export_potential: Mapped[dict[str, Any] | None]
    evaluation: Mapped[dict[str, Any] | None]
    follow_up_due: Mapped[list[str]] = mapped_column(default=list)
    discontinuation: Mapped[dict[str, Any] | None]

    @property
    def owner_ids(self) -> Collection[str]:
        """The participants that answer for the record."""
        return self.answerable(self.participants)

    @staticmethod
    def answerable(participants: Iterable[Mapping[str, Any]]) -> Collection[str]:
        """Those of the participants whose role is to answer for the record."""
        return _holding(participants, ANSWERABLE)

    @property
    def provider_ids(self) -> Collection[str]:
        """The participants that made the solution."""
        return self.holding(PROVIDERS)

    def holding(self, roles: Collection[v.ParticipantRole]) -> Collection[str]:
        """The participants that hold any of these roles."""
        return _holding(self.participants, roles)

    @property
    def below_itself(self) -> bool:
        """Whether it would be part of itself."""
        return self.id in tree.above(self)

    @property
    def participant_kinds(self) -> Collection[v.PartnerKind]:
        """What sorts of organisation take part."""
        return {one.kind for one in Partner.these({one["partner_id"] for one in self.participants})}

    def complete(self) -> None:
        places.take_over(self, self.owner_ids)
        self.plan_follow_up()

    def taken(self, step: str, fields: Mapping[str, Any]) -> None:
        if step == "start":
            self.start = self.start or clock.today()
        if step == "complete":
            if not fields.get("end") and (not self.end or clock.ahead(self.end)):
                self.end = clock.today()
            if not in_time(self.start, self.end):
                self.start = None  # it was but planned, or is the day on which somebody took the step
            self.follow_end()
            self.plan_follow_up()

    @property
    def start_since_made(self) -> bool:
        """Whether its start lies in the time since it was registered: planned, or told by the step."""
        return bool(self.start) and str(self.start) >= self.created_at.date().isoformat()[: len(str(self.start))]

    def plan_follow_up(self) -> None:
        """Say when to ask for effects, unless that is planned already."""
        if not self.follow_up_due:
            self.follow_up_due = _follow_ups(self.end)

    def follow_end(self) -> Self:
        """Let the dates to ask for effects move with the end, as long as they are those that followed from it."""
        if self.follow_up_due == _follow_ups(self.was("end")):
            self.follow_up_due = _follow_ups(self.end)
        return self

    def derive(self) -> None:
        super().derive()
        self.title_key = danish_key(self.title["da"])
        self.start_key, self.end_key = self.start or "", self.end or ""
        reuse.note_project(self, _holding(self.was("participants") or (), PROVIDERS))

    def settle(self) -> None:
        reuse.tell()


def _follow_ups(end: str | None) -> list[str]:
    """When to ask for effects after an end: in the same month of later years."""
    if not end:
        return []
    years = [int(end[:4]) + later for later in FOLLOW_UP_YEARS]
    return [f"{year}{end[4:7]}" for year in years if year <= dt.MAXYEAR]


def _holding(participants: Iterable[Mapping[str, Any]], roles: Collection[v.ParticipantRole]) -> Collection[str]:
    return [one["partner_id"] for one in participants if one["role"] in roles]
