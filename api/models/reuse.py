"""Reuse (genbrug): who has taken which solution over, from adoptions that are confirmed and from what sources name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, Subquery, func, inspect, select, union

from api.db import session
from api.models.base import Resource
from schemas.vocabulary import AdoptionState

OF_OUTCOME = {"organisations": 0, "adoptions": 0}
OF_PARTNER = {"taken_over": 0, "passed_on": 0}


def of_outcome(outcome: Any) -> dict[str, int]:
    """How many organisations, by name, have taken an outcome's solution over, and how many adoptions are confirmed."""
    adopters = _adopters(outcome) if inspect(outcome).persistent else []
    named = {partner for partner in (*outcome.reused_by, *adopters) if partner}
    return {"organisations": len(named), "adoptions": len(adopters)}


def _adopters(outcome: Any) -> list[str | None]:
    adoption = _model("adoption")
    confirmed = adoption.outcome_id == outcome.id, adoption.state == AdoptionState.CONFIRMED
    return list(session().scalars(select(adoption.partner_id).where(*confirmed)))


def tell(project: Any, reusers: Collection[str]) -> None:
    """Bring up to date the partners whose counts hang on a reuse: the reusers, and those who made the solution."""
    partner = _model("partner")
    concerned = {*reusers, *project.provider_ids}
    for one in session().scalars(select(partner).where(partner.id.in_(concerned)).order_by(partner.id)):
        one.reuse = _of_partner(one.id)


def _of_partner(id: str) -> dict[str, int]:
    """How many solutions a partner has taken over, and how often others took over those it helped to make."""
    pairs, outcome, facets = known().c, _model("outcome"), _model("project").facets.c
    taken_over = select(func.count(pairs.outcome.distinct())).where(pairs.partner == id)
    helped_to_make = select(facets.id).where(facets.name == "provider", facets.value == id)
    theirs = select(outcome.id).where(outcome.project_id.in_(helped_to_make))
    passed_on = select(func.count(pairs.partner)).where(pairs.outcome.in_(theirs), pairs.partner != id)
    return {"taken_over": _count(taken_over), "passed_on": _count(passed_on)}


def known() -> Subquery:
    """Pairs of outcome and partner, each once."""
    adoption = _model("adoption")
    named, adopters = _model("outcome").facets.c, adoption.facets.c
    by_source = select(named.id.label("outcome"), named.value.label("partner")).where(named.name == "reused_by")
    confirmed = (
        select(adoption.outcome_id, adopters.value)
        .join(adoption.facets, adopters.id == adoption.id)
        .where(adopters.name == "owner", adoption.state == AdoptionState.CONFIRMED)
    )
    return union(by_source, confirmed).subquery()


def _model(name: str) -> Any:
    return Resource.named(name)


def _count(statement: Select[int]) -> int:
    return session().scalar(statement) or 0
