"""Tasks: what waits for the caller, worked out from the records as they are now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from api.db import reading_session
from api.domain import clock, policy
from api.domain.actor import Actor
from api.domain.steps import is_ready
from api.domain.tasks import AWAITED, FOLLOW_UP, Awaited
from api.kit.actor import known_actor
from api.kit.service import service
from api.models import RESOURCES, Outcome, Project, Resource
from schemas import vocabulary as v
from schemas.names import PLURALS

_MOST = 1_000
"""Tasks of one kind that are looked at: a list nobody can work through need not be longer."""
_REPORTED_AT = {0: v.ReportingPoint.M12, 1: v.ReportingPoint.M48}


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the caller's tasks."""
    caller = known_actor()
    with service().database.reading() as connection, reading_session(connection) as session:
        tasks = sorted([*_steps(session, caller), *_follow_ups(session, caller)], key=_urgency)
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
            if is_ready(step, record) and policy.may(caller, f"{awaited.resource}:{awaited.step}", record):
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


def _follow_ups(session: Session, caller: Actor) -> Iterator[dict[str, Any]]:
    """Projects of the caller's whose effects are due and not yet told."""
    today = clock.now().date().isoformat()
    mine = _theirs(Project, "owner", caller)
    ended = Project.state.in_((v.ProjectState.COMPLETED, v.ProjectState.IN_OPERATION))
    for project in session.scalars(select(Project).where(mine, ended).limit(_MOST), {"mine": list(caller.roles)}):
        if not policy.may(caller, "outcome:create", project):
            continue
        for place, due in enumerate(project.follow_up_due):
            if due <= today[: len(due)] and not _told(session, project, place):
                yield _task(project, "report", FOLLOW_UP, due)


def _told(session: Session, project: Project, place: int) -> bool:
    point = _REPORTED_AT.get(place)
    told = Outcome.project_id == project.id, Outcome.reporting_point == point
    return bool(session.scalar(select(exists().where(*told))))


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
