"""Who may see which row: one SQL clause per reach, part of every SELECT. What it hides does not exist (404)."""

from __future__ import annotations

import enum
from typing import Any, cast

from sqlalchemy import ColumnElement, bindparam, or_, select

from api.domain.actor import Actor
from api.models.base import Audience, Resource
from api.models.outcome import Outcome
from api.models.project import Project
from schemas.vocabulary import PlatformRole


class Reach(enum.StrEnum):
    """How far a caller sees: everybody's records, the network's and its own, or all."""

    PUBLIC = "public"
    NETWORK = "network"
    OWN = "own"
    ALL = "all"


def reach_of(actor: Actor) -> Reach:
    """How far this caller sees."""
    if actor.at_copi:
        return Reach.ALL
    if actor.roles:
        return Reach.OWN
    return Reach.NETWORK if PlatformRole.ADVISER in actor.duties else Reach.PUBLIC


def visible_to(model: type[Resource], reach: Reach) -> ColumnElement[bool]:
    """The clause for one reach; `OWN` needs the parameter `mine`, the caller's partners."""
    if reach is Reach.ALL:
        return model.audience != Audience.SANDBOX
    if reach is Reach.PUBLIC:
        return model.audience == Audience.PUBLIC
    network = model.audience.in_((Audience.PUBLIC, Audience.NETWORK))
    if reach is Reach.NETWORK:
        return network
    return or_(network, (model.audience == Audience.OWNERS) & _owned(model))


def _owned(model: type[Resource]) -> ColumnElement[bool]:
    """The caller's partners answer for the record: for an outcome, its project's do."""
    owning: type[Resource] = Project if model is Outcome else model
    key: Any = Outcome.project_id if model is Outcome else model.id
    facet = owning.facets.c
    mine = select(facet.id).where(facet.name == "owner", facet.value.in_(bindparam("mine", expanding=True)))
    return cast(ColumnElement[bool], key.in_(mine))


def parameters(actor: Actor) -> dict[str, Any]:
    """What `visible_to` needs to know of the caller."""
    return {"mine": list(actor.roles)} if reach_of(actor) is Reach.OWN else {}
