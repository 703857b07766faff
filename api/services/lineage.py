"""Lineage: challenge, supports, projects, outcomes and adoptions in one answer, each as far as the caller sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, select

from api.db import session
from api.kit.actor import actor
from api.models import Adoption, Challenge, Outcome, Project, Resource, Support
from api.models.visible import parameters, reach_of, visible_to


def of(challenge: Challenge) -> dict[str, Any]:
    """The lineage of one challenge."""
    projects = _visible(Project, Project.id.in_(_answering(challenge)))
    outcomes = _visible(Outcome, Outcome.project_id.in_([one.id for one in projects]))
    adoptions = _visible(Adoption, Adoption.outcome_id.in_([one.id for one in outcomes]))
    adoptions_of = _grouped(adoptions, lambda one: one.outcome_id)
    outcomes_of = _grouped(
        [{"outcome": one, "adoptions": adoptions_of[one.id]} for one in outcomes], lambda one: one["outcome"].project_id
    )
    return {
        "challenge": challenge,
        "supports": _visible(Support, Support.challenge_id == challenge.id),
        "projects": [{"project": one, "outcomes": outcomes_of[one.id]} for one in projects],
    }


def _answering(challenge: Challenge) -> Select[str]:
    """The projects that answer the challenge, and those that they as programmes consist of, however far down."""
    facets = Project.facets.c
    answering = select(facets.id).where(facets.name == "challenge", facets.value == challenge.id).cte(recursive=True)
    parts = select(Project.id).join(answering, Project.parent_id == answering.c.id)
    return select(answering.union(parts).c.id)


def _visible(model: type[Resource], condition: Any) -> Sequence[Any]:
    caller = actor()
    query = select(model).where(condition, visible_to(model, reach_of(caller, model.__tablename__))).order_by(model.id)
    return session().scalars(query, parameters(caller)).all()


def _grouped(records: Sequence[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return groups
