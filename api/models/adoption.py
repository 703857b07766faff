"""Adoptions: others that take a solution into use (genbrug)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import session
from api.domain import lifecycle
from api.models import reuse
from api.models.base import Id, Resource, SortKey, years
from api.models.outcome import Outcome
from api.models.partner import Partner
from api.models.party import Party
from schemas import vocabulary as v
from schemas.adoptions import AdoptionSchema


class Adoption(Resource):
    """One reuse of an outcome, by a named organisation or known only as a number."""

    __tablename__ = "adoption"
    schema = AdoptionSchema()
    lifecycle = lifecycle.ADOPTION
    PARENTS = ("outcome",)
    ONCE = ("outcome_id", "partner_id")
    PARTIES: ClassVar = {"owner": Party(), "outcome": Party("project", key="project_id")}
    TEXTS = ("note",)
    SORTS: ClassVar = {**Resource.SORTS, "in_use_from": "in_use_key"}
    FACETS: ClassVar = {
        "owner": lambda a: [a.partner_id],
        "partner": lambda a: [a.partner_id],
        "outcome": lambda a: [a.outcome_id],
        "project": lambda a: [a.project_id],
        "kind": lambda a: [a.kind],
        "year": lambda a: years(a.in_use_from),
    }

    state: Mapped[v.AdoptionState]
    outcome_id: Mapped[Id] = mapped_column(ForeignKey("outcome.id"), index=True)
    project_id: Mapped[Id] = mapped_column(ForeignKey("project.id"), index=True)
    """The outcome's project, which never changes."""
    partner_id: Mapped[Id | None] = mapped_column(ForeignKey("partner.id"), index=True)
    count: Mapped[dict[str, Any] | None]
    kind: Mapped[v.AdoptionKind]
    in_use_from: Mapped[str | None]
    in_use_key: Mapped[SortKey]
    channel: Mapped[str | None]
    note: Mapped[dict[str, Any] | None]

    outcome: Mapped[Outcome] = relationship()

    @property
    def adopter_kind(self) -> v.PartnerKind | None:
        """What sort of organisation adopts, where one is named."""
        return session().get_one(Partner, self.partner_id).kind if self.partner_id else None

    @property
    def called(self) -> dict[str, Any]:
        return self.outcome.title

    def complete(self) -> None:
        self.project_id = session().get_one(Outcome, self.outcome_id).project_id

    def derive(self) -> None:
        super().derive()
        self.in_use_key = self.in_use_from or ""
        reuse.note_adoption(self)

    def settle(self) -> None:
        self.outcome.reuse = reuse.of_outcome(self.outcome)
        reuse.tell()
