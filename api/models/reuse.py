"""Reuse (genbrug): who has taken which solution over, from adoptions that are confirmed and from what sources name.

A partner's counts stand in its public record, so they are of what everybody sees: published outcomes and adoptions, of
projects that are public too. Whoever changes any of that notes the partners concerned before it is stored, when it can
still be told what was before, and has them counted afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, inspect, select, union

from api.db import session
from api.models.base import Audience, Resource
from api.models.visible import Reach, visible_to
from schemas.vocabulary import AdoptionState, PartnerState

OF_OUTCOME = {"organisations": 0, "adoptions": 0}
OF_PARTNER = {"taken_over": 0, "passed_on": 0}

_CONCERNED = "reuse.concerned"
_SHOWN = frozenset({Audience.PUBLIC, Audience.SANDBOX_PUBLIC})


def of_outcome(outcome: Any) -> dict[str, int]:
    """How many organisations, by name, have taken an outcome's solution over, and how many adoptions are confirmed."""
    adopters = _adopters(outcome)
    named = {partner for partner in (*outcome.reused_by, *adopters) if partner}
    return {"organisations": len(named), "adoptions": len(adopters)}


def _adopters(outcome: Any) -> list[str | None]:
    if not inspect(outcome).persistent:
        return []
    adoption = _model("adoption")
    confirmed = adoption.outcome_id == outcome.id, adoption.state == AdoptionState.CONFIRMED
    return list(session().scalars(select(adoption.partner_id).where(*confirmed)))


# --- Whose counts a change concerns --------------------------------------------------------------------------


def note_outcome(outcome: Any) -> None:
    """Note whom it concerns that an outcome names other reusers, or is shown to others, than until now."""
    if _moves(outcome, "reused_by"):
        reusers = (*outcome.reused_by, *(outcome.was("reused_by") or ()), *_adopters(outcome))
        _note((*reusers, *outcome.project.provider_ids))


def note_adoption(adoption: Any) -> None:
    """Note whom it concerns that an adoption is confirmed, withdrawn or another's."""
    if _moves(adoption, "partner_id"):
        project: Any = session().get_one(_model("project"), adoption.project_id)
        _note((adoption.partner_id, adoption.was("partner_id"), *project.provider_ids))


def note_project(project: Any, providers_before: Collection[str]) -> None:
    """Note whom it concerns that a project has other providers, or is shown to others, than until now."""
    if not inspect(project).persistent or not _moves(project, "participants"):
        return
    pairs, outcome = known().c, _model("outcome")
    theirs = select(outcome.id).where(outcome.project_id == project.id)
    if reusers := session().scalars(select(pairs.partner).distinct().where(pairs.outcome.in_(theirs))).all():
        _note((*reusers, *project.provider_ids, *providers_before))


def _moves(record: Resource, column: str) -> bool:
    """Whether what is about to be stored changes the column, or who sees the record, of one that is or was public."""
    before = record.was("audience")
    shown = record.audience in _SHOWN or before in _SHOWN
    return shown and (record.audience != before or getattr(record, column) != record.was(column))


def _note(partners: Iterable[str | None]) -> None:
    session().info.setdefault(_CONCERNED, set()).update(partner for partner in partners if partner)


def tell() -> None:
    """Bring the counts of the partners concerned up to date."""
    opened = session()
    if not (concerned := opened.info.pop(_CONCERNED, None)):
        return
    opened.flush()  # they are read anew
    partner = _model("partner")
    # Each is locked before it is counted, always in the same order: of two reuses at once the second counts both.
    those = partner.id.in_(concerned), partner.state != PartnerState.MERGED
    rows = select(partner).where(*those).order_by(partner.id).with_for_update()
    for one in opened.scalars(rows.execution_options(populate_existing=True)).all():
        one.reuse = _of_partner(one)


# --- Counting ------------------------------------------------------------------------------------------------


def _of_partner(partner: Any) -> dict[str, int]:
    """How many solutions a partner has taken over, and how often others took over those it helped to make."""
    pairs = known(Reach.SANDBOX_PUBLIC if partner.sandbox else Reach.PUBLIC).c
    outcome, facets, id = _model("outcome"), _model("project").facets.c, partner.id
    taken_over = select(func.count(pairs.outcome.distinct())).where(pairs.partner == id)
    helped_to_make = select(facets.id).where(facets.name == "provider", facets.value == id)
    theirs = select(outcome.id).where(outcome.project_id.in_(helped_to_make))
    passed_on = select(func.count(pairs.partner)).where(pairs.outcome.in_(theirs), pairs.partner != id)
    return {"taken_over": _count(taken_over, partner), "passed_on": _count(passed_on, partner)}


def known(reach: Reach | None = None) -> Subquery:
    """Pairs of outcome and partner, each once; of those that are seen so far, or all for whoever chooses themselves."""
    outcome, adoption = _model("outcome"), _model("adoption")
    named, adopters = outcome.facets.c, adoption.facets.c
    by_source = (
        select(named.id.label("outcome"), named.value.label("partner"))
        .join(outcome, outcome.id == named.id)
        .where(named.name == "reused_by", *_seen(outcome, reach))
    )
    confirmed = (
        select(adoption.outcome_id, adopters.value)
        .join(adoption.facets, adopters.id == adoption.id)
        .where(adopters.name == "owner", adoption.state == AdoptionState.CONFIRMED, *_seen(adoption, reach))
    )
    return union(by_source, confirmed).subquery()


def _seen(model: Any, reach: Reach | None) -> tuple[ColumnElement[bool], ...]:
    return () if reach is None else (visible_to(model, reach),)


def _model(name: str) -> Any:
    return Resource.named(name)


def _count(statement: Select[int], partner: Any) -> int:
    return session().scalar(statement, {"sandbox": partner.sandbox} if partner.sandbox else {}) or 0
