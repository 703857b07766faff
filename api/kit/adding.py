"""What may be added to a record now: asked of the very rows and guards that decide when it is added.

The record to come is imagined for each of the caller's partners, and for one that the caller could name, and then asked
what it would be asked once it was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from api.domain import policy
from api.domain.actor import Actor
from api.domain.steps import Guard
from api.ledger.recording import apply_defaults
from api.models import RESOURCES, Partner, Resource
from api.models.base import WITHDRAWN
from api.models.visible import parameters, reach_of, visible_to
from schemas.vocabulary import PartnerState


def kinds_below(resource: str) -> list[type[Resource]]:
    """What can belong to a record of this resource and be added to it, by a name among its actions."""
    return [model for model in RESOURCES.values() if resource in model.PARENTS and model.lifecycle.adding]


@dataclass(slots=True)
class Additions:
    """What a caller may add to the records of one page, which are of one kind."""

    session: Session
    actor: Actor
    records: Sequence[Resource]
    _mine: Sequence[Partner] = field(init=False, default=())
    _there: set[tuple[Any, ...]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        if not self.records or not (kinds := kinds_below(self.records[0].__tablename__)):
            return
        if roles := list(self.actor.roles):
            named = Partner.id.in_(roles), Partner.state != PartnerState.MERGED
            seen = visible_to(Partner, reach_of(self.actor, Partner.__tablename__))
            query = select(Partner).where(*named, seen).order_by(Partner.id)
            self._mine = self.session.scalars(query, parameters(self.actor)).all()
        for model in kinds:
            self._there.update(self._once(model))

    def to(self, record: Resource) -> Iterator[str]:
        """The names of what may be added to one of the records."""
        for model in kinds_below(record.__tablename__):
            if any(self._may_add(model, record, partner) for partner in (*self._of(model), None)):
                yield model.lifecycle.adding

    def _of(self, model: type[Resource]) -> Sequence[Partner]:
        return self._mine if hasattr(model, "partner_id") else ()

    def _once(self, model: type[Any]) -> Iterator[tuple[Any, ...]]:
        """What the caller's partners have there already, of which there may be no second one."""
        if model.ONCE and self._mine:
            above = getattr(model, f"{self.records[0].__tablename__}_id")
            active = (
                above.in_([record.id for record in self.records]),
                model.partner_id.in_([partner.id for partner in self._mine]),
                model.state != WITHDRAWN,
            )
            for row in self.session.execute(select(*(getattr(model, name) for name in model.ONCE)).where(*active)):
                yield (model, *row)

    def _may_add(self, model: type[Resource], record: Resource, partner: Partner | None) -> bool:
        one = _imagined(model, record, partner)
        if model.ONCE and (model, *(getattr(one, name) for name in model.ONCE)) in self._there:
            return False
        guards = (*model.lifecycle.first, *model.lifecycle.changes)
        ready = all(guard.holds(one, {}) for guard in guards if _decides(guard, partner))
        return ready and policy.may(self.actor, f"{model.lifecycle.resource}:create", one)


def _decides(guard: Guard, partner: Partner | None) -> bool:
    """Whether a guard asks for nothing but what is known of the record to come."""
    if guard.of_partner or guard.about == "partner_id":
        return partner is not None
    return guard.about is None


def _imagined(model: type[Resource], record: Resource, partner: Partner | None) -> Resource:
    """The record that would be added, with its neighbours; it is in no session and never will be."""
    above = record.__tablename__
    one = model(state=model.lifecycle.initial, **{f"{above}_id": record.id})
    neighbours: dict[str, Any] = {above: record}
    if partner is not None:
        one.partner_id = partner.id  # type: ignore[attr-defined]
        neighbours["partner"] = partner
    apply_defaults(one)
    one.complete()
    for name in inspect(model).relationships.keys() & neighbours.keys():
        set_committed_value(one, name, neighbours[name])
    return one
