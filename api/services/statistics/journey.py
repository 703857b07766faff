"""From need to effect: how far challenges have come, and how long it took.

Dates are known to the year, the month or the day. One that is not known to the day is read as the middle of what it
says (2022 as 1 July 2022, 2022-04 as 15 April 2022), which errs as often one way as the other.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median, quantiles
from typing import Any

from flask import Response
from sqlalchemy import func, or_, select

from api.kit.statements import ENOUGH
from api.models import Challenge, Outcome, Project, reuse
from api.models.visible import visible_to
from api.services.statistics.question import Question, respond
from schemas import vocabulary as v
from schemas.challenges import ChallengeQuery
from schemas.statistics import JourneySchema


def read_journey(wanted: Mapping[str, Any]) -> Response:
    """The journey of the challenges that match, as far as the caller sees it."""
    return respond(Challenge, ChallengeQuery, wanted, _work_out, JourneySchema)


def _work_out(question: Question) -> dict[str, Any]:
    posed = dict(question.rows(select(Challenge.id, Challenge.posed_key).where(question.published)).all())
    projects = _projects(question, posed.keys())
    starts = {challenge: [start for _, start in found] for challenge, found in projects.items()}
    outcomes = _outcomes(question, {id for found in projects.values() for id, _ in found})
    reached = {
        challenge: [one for id, _ in found for one in outcomes.get(id, ())] for challenge, found in projects.items()
    }
    effects = {
        challenge: [date for kind, date, _ in found if kind == v.OutcomeKind.MEASURED_EFFECT]
        for challenge, found in reached.items()
    }
    return {
        "challenges": len(posed),
        "answered": len(projects),
        "with_outcome": sum(map(bool, reached.values())),
        "with_measured_effect": sum(map(bool, effects.values())),
        "reused": sum(any(taken for *_, taken in found) for found in reached.values()),
        "posed_to_start": _duration(posed, starts),
        "posed_to_measured_effect": _duration(posed, effects),
    }


def _projects(question: Question, challenges: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """The visible projects that answer each challenge, and when they began."""
    facets = Project.facets.c
    statement = (
        select(facets.value, Project.id, Project.start_key)
        .join(Project, Project.id == facets.id)
        .where(facets.name == "challenge", visible_to(Project, question.reach))
    )
    if len(challenges) <= ENOUGH:
        statement = statement.where(facets.value.in_(list(challenges)))
    found = defaultdict(list)
    for challenge, id, start in question.rows(statement):
        if challenge in challenges:
            found[challenge].append((id, start))
    return found


def _outcomes(question: Question, projects: Collection[str]) -> dict[str, list[tuple[str, str, bool]]]:
    """The visible published outcomes of each project: kind, date, and whether anyone took them over."""
    number: Any = Outcome.reuse_count
    named = Outcome.id.in_(select(reuse.known().c.outcome))
    taken = func.coalesce(or_(named, number["count"].as_integer() > 0), False)
    published = Outcome.state.in_(list(Outcome.lifecycle.published))
    statement = select(Outcome.project_id, Outcome.kind, Outcome.date_key, taken).where(
        published, visible_to(Outcome, question.reach)
    )
    if len(projects) <= ENOUGH:
        statement = statement.where(Outcome.project_id.in_(list(projects)))
    found = defaultdict(list)
    for project, kind, date, reused in question.rows(statement):
        found[project].append((str(kind), date, bool(reused)))
    return found


def _duration(posed: Mapping[str, str], later: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The days from the first date to the earliest of the later ones."""
    pairs = [
        (day(posed[id]), min((day(date) for date in dates if date), key=lambda one: one.middle))
        for id, dates in later.items()
        if posed[id] and any(dates)
    ]
    days = [max((end.middle - start.middle).days, 0) for start, end in pairs if end.last >= start.first]
    lower, _, upper = _quartiles(days)
    return {
        "count": len(days),
        "median": median(days) if days else None,
        "lower": lower,
        "upper": upper,
        "earlier": len(pairs) - len(days),
    }


def _quartiles(days: Sequence[int]) -> Sequence[float | None]:
    if not days:
        return (None, None, None)
    return quantiles(days, n=4, method="inclusive") if len(days) > 1 else (days[0],) * 3


@dataclass(frozen=True, slots=True)
class Day:
    """The days that a partial date may be, and the one it is read as."""

    first: dt.date
    middle: dt.date
    last: dt.date


@lru_cache(maxsize=10_000)
def day(text: str) -> Day:
    """A partial date, read."""
    year, month, exact = (*map(int, text.split("-")), 0, 0)[:3]
    last_month = month or 12
    return Day(
        first=dt.date(year, month or 1, exact or 1),
        middle=dt.date(year, month or 7, exact or (15 if month else 1)),
        last=dt.date(year, last_month, exact or calendar.monthrange(year, last_month)[1]),
    )
