"""Who may see which row: one SQL clause per reach, part of every SELECT. What it hides does not exist (404).

A record is seen by the circle its audience names; what belongs to another record only by those who see that one too.
Partners with a stake in a record see it whatever its state. Sandboxes are apart: who calls from one sees what is in it
and nothing else, and nobody else sees that, CO-PI included.
"""

from __future__ import annotations

import enum
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_

from api.domain.actor import Actor
from api.models.base import Audience, Resource
from schemas.vocabulary import PlatformRole


class Reach(enum.StrEnum):
    """How far a caller sees: everybody's records, the network's and its own, or all."""

    PUBLIC = "public"
    NETWORK = "network"
    OWN = "own"
    ALL = "all"
    SANDBOX = "sandbox"
    SANDBOX_PUBLIC = "sandbox_public"


SANDBOXES = frozenset({Reach.SANDBOX, Reach.SANDBOX_PUBLIC})


def reach_of(actor: Actor, resource: str) -> Reach:
    """How far this caller sees records of a kind; a service that has no scope to read them sees what everybody does."""
    scoped = actor.has_scope(f"{resource}:read")
    if actor.sandbox:
        return Reach.SANDBOX if scoped else Reach.SANDBOX_PUBLIC
    if not scoped:
        return Reach.PUBLIC
    if actor.at_copi:
        return Reach.ALL
    if actor.roles:
        return Reach.OWN
    return Reach.NETWORK if PlatformRole.ADVISER in actor.duties else Reach.PUBLIC


def visible_to(model: type[Resource], reach: Reach) -> ColumnElement[bool]:
    """The clause for one reach; `OWN` needs the parameter `mine`, the caller's partners, a sandbox `sandbox`."""
    if reach is Reach.ALL:
        return model.sandbox.is_(None)
    if reach is Reach.SANDBOX:
        return model.sandbox == bindparam("sandbox")
    published = and_(_in_circle(model, reach), *_with_parent(model, reach))
    if reach is not Reach.OWN or not model.PARTIES:
        return published
    return or_(published, and_(model.sandbox.is_(None), _has_a_stake(model)))


def _in_circle(model: type[Resource], reach: Reach) -> ColumnElement[bool]:
    if reach is Reach.PUBLIC:
        return model.audience == Audience.PUBLIC
    if reach is Reach.SANDBOX_PUBLIC:
        return and_(model.sandbox == bindparam("sandbox"), model.audience == Audience.SANDBOX_PUBLIC)
    return model.audience.in_((Audience.PUBLIC, Audience.NETWORK))


def _with_parent(model: type[Resource], reach: Reach) -> tuple[ColumnElement[bool], ...]:
    # Asked of each row, so that a page needs no list of every parent that is seen.
    seen = [
        exists().where(parent.id == key, visible_to(parent, reach)).correlate(model) for parent, key in model.parents()
    ]
    return (or_(*seen),) if seen else ()


def _has_a_stake(model: type[Resource]) -> ColumnElement[bool]:
    mine: Any = bindparam("mine", expanding=True)
    return or_(*(party.clause(model, mine) for party in model.PARTIES.values()))


def parameters(actor: Actor) -> dict[str, Any]:
    """What `visible_to` needs to know of the caller."""
    if actor.sandbox:
        return {"sandbox": actor.sandbox}
    return {"mine": list(actor.roles)} if actor.roles and not actor.at_copi else {}
