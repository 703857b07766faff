"""Tasks: what waits for the caller, worked out from the records as they are now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from api.db import reading_session
from api.domain import clock, policy
from api.domain.actor import Actor
from api.domain.steps import is_ready
from api.domain.tasks import AWAITED, FOLLOW_UP, MILESTONE, Awaited
from api.kit.actor import known_actor
from api.kit.service import service
from api.models import RESOURCES, Outcome, Project, Resource
from schemas import vocabulary as v
from schemas.names import PLURALS
from schemas.wording import Say

P = v.ProjectState

_MOST = 1_000
"""Tasks of one kind that are looked at: a list nobody can work through need not be longer."""
_UNDER_WAY = frozenset({P.PLANNED, P.ACTIVE, P.ON_HOLD, P.IN_OPERATION})
_ENDED = frozenset({P.COMPLETED, P.IN_OPERATION})
_TOLD = (v.OutcomeState.SUBMITTED, v.OutcomeState.VERIFIED, v.OutcomeState.CORRECTED)
"""What an outcome must be to count as told: neither in the works nor taken back."""
_REPORTED_AT = {v.ReportingPoint.M12: 12, v.ReportingPoint.M48: 48}
"""So many months after the end."""


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the caller's tasks."""
    caller = known_actor()
    with service().database.reading() as connection, reading_session(connection) as session:
        tasks = sorted(chain(*(find(session, caller) for find in (_steps, _milestones, _follow_ups))), key=_urgency)
    start = ((wanted.get("page") or 1) - 1) * wanted["limit"]
    return {"items": tasks[start : start + wanted["limit"]], "total": len(tasks)}


def _urgency(task: Mapping[str, Any]) -> tuple[str, dt.datetime]:
    return task["due"] or "9999", task["since"]


def _steps(session: Session, caller: Actor) -> Iterator[dict[str, Any]]:
    for awaited in AWAITED:
        if awaited.party is None and not (caller.at_copi or caller.sandbox):
            continue
        for record in _waiting(session, caller, awaited):
            step = record.lifecycle.step(awaited.step)
            if is_ready(step.guards, record) and policy.may(caller, f"{awaited.resource}:{awaited.step}", record):
                yield _task(record, awaited.step, awaited.words, None)


def _waiting(session: Session, caller: Actor, awaited: Awaited) -> Iterator[Resource]:
    model = RESOURCES[awaited.resource]
    query = select(model).where(model.state == awaited.state, _theirs(model, awaited.party, caller))
    yield from session.scalars(query.order_by(model.id).limit(_MOST), {"mine": list(caller.roles)})


def _theirs(model: type[Resource], party: str | None, caller: Actor) -> ColumnElement[bool]:
    """Whose turn it is: the caller's partners that are this party, or CO-PI. In a sandbox the caller is all of them."""
    if caller.sandbox or party is None:
        return model.sandbox == caller.sandbox
    return and_(model.sandbox.is_(None), model.PARTIES[party].clause(model, bindparam("mine", expanding=True)))


def _milestones(session: Session, caller: Actor) -> Iterator[dict[str, Any]]:
    """What the caller's projects were to have reached by now."""
    for project in _projects(session, caller, _UNDER_WAY, "project:update"):
        for one in project.milestones:
            if _is_due(one["due_on"]) and not one["reached_on"]:
                title = Say(one["title"]["da"], one["title"]["en"] or one["title"]["da"])
                yield _task(project, "update", MILESTONE.format(title=title), one["due_on"])


def _follow_ups(session: Session, caller: Actor) -> Iterator[dict[str, Any]]:
    """Projects of the caller's whose effects are due and not yet told."""
    for project in _projects(session, caller, _ENDED, "outcome:create"):
        points = _points(project)
        for due in project.follow_up_due:
            if _is_due(due) and not _told(session, project, due, points.get(due)):
                yield _task(project, "report", FOLLOW_UP, due)


def _projects(session: Session, caller: Actor, states: Collection[P], permission: str) -> Iterator[Project]:
    """Those in these states that the caller's organisations answer for, and the caller may do this to."""
    query = (
        select(Project)
        .where(_theirs(Project, "owner", caller), Project.state.in_(states))
        .order_by(Project.id)
        .limit(_MOST)
    )
    for project in session.scalars(query, {"mine": list(caller.roles)}):
        if policy.may(caller, permission, project):
            yield project


def _is_due(date: str | None) -> bool:
    """Whether the day, or the month or year where no more is known, has come."""
    return date is not None and not clock.ahead(date)


def _points(project: Project) -> dict[str, v.ReportingPoint]:
    """The dates to ask for effects that are a reporting point: of those nearest to one the closest.

    Where no end is known, the first date is taken to be a year later.
    """
    if not project.follow_up_due:
        return {}
    end = _months(project.end) if project.end else _months(min(project.follow_up_due)) - 12
    found: dict[v.ReportingPoint, tuple[int, str]] = {}
    for due in project.follow_up_due:
        distance, point = min((abs(_months(due) - end - months), point) for point, months in _REPORTED_AT.items())
        found[point] = min((distance, due), found.get(point, (distance, due)))
    return {due: point for point, (_, due) in found.items()}


def _months(date: str) -> int:
    """A partial date in months; of a year the middle, so that a year later is twelve months however much is known."""
    return int(date[:4]) * 12 + int(date[5:7] or 7)


def _told(session: Session, project: Project, due: str, point: v.ReportingPoint | None) -> bool:
    """Whether somebody has told of the effects: at that point or, where the date is none, since then."""
    then = Outcome.reporting_point == point if point else Outcome.date_key >= due
    return bool(
        session.scalar(select(exists().where(Outcome.project_id == project.id, Outcome.state.in_(_TOLD), then)))
    )


def _task(record: Any, step: str, words: Any, due: str | None) -> dict[str, Any]:
    resource = record.__tablename__
    return {
        "resource": resource,
        "id": record.id,
        "step": step,
        "title": record.called,
        "detail": {"da": words.da, "en": words.en},
        "due": due,
        "since": record.updated_at,
        "href": f"/v1/{PLURALS[resource]}/{record.id}",
    }
