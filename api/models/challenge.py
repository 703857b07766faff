"""Challenges: concrete public needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from sqlalchemy import exists, func, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from api.db import session
from api.domain import clock, lifecycle
from api.models import demand, places
from api.models.base import Audience, Resource, SortKey, danish_key, years
from api.models.partner import Partner
from api.models.party import Party
from schemas import vocabulary as v
from schemas.challenges import ChallengeSchema, TimelineSchema
from schemas.fields import rfc3339

_UNDATED: Mapping[str, None] = dict.fromkeys(TimelineSchema._declared_fields)

C, R, S = v.ChallengeState, v.ResponseState, v.SupportState
RECEIVED = frozenset({R.SUBMITTED, R.SHORTLISTED, R.SELECTED, R.DECLINED})
"""The states of a response in which the challenge's owners have it."""


class Challenge(Resource):
    """A need; its owners (behovsejere) answer for it. Who joins it sees it before it is published, and who has answered
    it still sees it, and why, when it is withdrawn.
    """

    __tablename__ = "challenge"
    schema = ChallengeSchema()
    lifecycle = lifecycle.CHALLENGE
    PARTIES: ClassVar = {
        "owner": Party(),
        "supporter": Party("support", back="challenge_id", states=frozenset({S.PROPOSED, S.CONFIRMED})),
        "responder": Party("response", back="challenge_id", states=RECEIVED),
    }
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
        "demand": lambda c: [level for level, count in c.demand["by_level"].items() if count],
        "supporter": lambda c: c.demand["partner_ids"],
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
    addenda: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    demand: Mapped[dict[str, Any]] = mapped_column(default=demand.none)
    response_count: Mapped[int | None]

    @property
    def deadline_passed(self) -> bool:
        """Whether the time for answers is over."""
        return bool(self.deadline_key) and self.deadline_key <= rfc3339(clock.now())

    @property
    def has_project(self) -> bool:
        """Whether a project says that it answers the challenge."""
        facets = self.named("project").facets.c
        return bool(session().scalar(select(exists().where(facets.name == "challenge", facets.value == self.id))))

    @property
    def owner_kinds(self) -> Collection[v.PartnerKind]:
        """What sorts of organisation own it."""
        return {one.kind for one in Partner.these(self.owners)}

    @property
    def seen_by(self) -> Audience:
        # Archiving must not bring back what was withdrawn.
        return Audience.OWNERS if self.state == C.ARCHIVED and self.close_reason is None else super().seen_by

    def party(self, name: str) -> Collection[str]:
        if name != "trusted":
            return super().party(name)
        return session().scalars(select(Partner.id).where(Partner.id.in_(self.owners), Partner.trusted)).all()

    @property
    def has_open_responses(self) -> bool:
        """Whether answers are still to be decided on."""
        response: Any = self.named("response")
        undecided = response.state.in_({R.SUBMITTED, R.SHORTLISTED})
        return bool(session().scalar(select(exists().where(response.challenge_id == self.id, undecided))))

    def taken(self, step: str, fields: Mapping[str, Any]) -> None:
        if step == "publish":
            known = {**_UNDATED, **(self.timeline or {})}
            self.timeline = {**known, "posed": known["posed"] or clock.today()}
        if step == "amend":
            self.addenda = [*self.addenda, {"text": fields["text"], "published_at": rfc3339(clock.now())}]

    @property
    def joint_demand(self) -> dict[str, Any]:
        """What its owners and the supports that are confirmed need together."""
        owners = Partner.these(self.owners)
        if not inspect(self).persistent:
            return demand.of(owners, ())  # nobody can have joined yet
        support: Any = self.named("support")
        confirmed = support.challenge_id == self.id, support.state == S.CONFIRMED
        return demand.of(owners, session().scalars(select(support).where(*confirmed).order_by(support.id)))

    def count_demand(self) -> None:
        """Take over what a support has changed in the joint demand."""
        if (counted := self.joint_demand) != self.demand:
            self.demand = counted
            self.happened("demand_changed")

    def count_responses(self) -> None:
        """Tell how many answers came in, once the time for them is over: before, it would tell competitors."""
        if self.state in (C.DRAFT, C.IN_REVIEW, C.OPEN):
            self.response_count = None
            return
        response: Any = self.named("response")
        received = response.challenge_id == self.id, response.state.in_(RECEIVED)
        self.response_count = session().scalar(select(func.count()).select_from(response).where(*received))

    def complete(self) -> None:
        places.take_over(self, self.owners)

    def derive(self) -> None:
        super().derive()
        timeline = self.timeline or {}
        self.title_key = danish_key(self.title["da"])
        self.posed_key = timeline.get("posed") or ""
        self.deadline_key = timeline.get("response_deadline") or ""
        self.demand = self.joint_demand
        self.count_responses()
