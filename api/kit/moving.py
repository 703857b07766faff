"""Steps of lifecycles: a record goes on to another state, or it is said why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from api import ledger
from api.domain import policy
from api.domain.actor import Actor
from api.domain.errors import INVALID, WRONG_STATE, Refusal
from api.domain.steps import Step
from api.kit import body, conditional, idempotency
from api.kit.actor import known_actor
from api.kit.changing import changes, demand_guards, possible, updated
from api.kit.writing import fields_of, load, representation, transaction
from api.models import Resource
from schemas.base import Shape
from schemas.wording import Say

_CORRECTS_NOTHING = Say(
    "Rettelsen ændrer ingenting; skriv det, der skal være anderledes.",
    "The correction changes nothing; say what shall be otherwise.",
)
_NOT_NOW = Say(
    "Posten er i tilstanden {state}. Mulige trin er nu: {steps}.",
    "The record is in state {state}. Possible steps now: {steps}.",
)


@dataclass(frozen=True, slots=True)
class Move:
    """A lifecycle step of one record."""

    permission: str
    model: type[Resource]
    step: Step
    takes: type[Shape] | None
    gives: type[Shape]
    afterwards: Callable[[Any], None] | None = None
    """What follows once the step is committed, and does not undo it should it fail."""

    def respond(self, id: str) -> Response:
        """Take the step, or say why not."""
        caller = known_actor()
        sent = body.read(
            optional=self.takes is None or not any(field.required for field in self.takes().fields.values())
        )
        moved: list[Resource] = []

        def move() -> Response:
            moved.append(self._move(session, caller, id, sent))
            ledger.settle(session)
            return representation(moved[0])

        with transaction(caller) as session:
            answer = idempotency.once(session, caller, sent, move)
        if self.afterwards and moved:
            self.afterwards(moved[0])
        return answer

    def _move(self, session: Session, caller: Actor, id: str, sent: Any) -> Resource:
        if "merged_into" in self.step.asks:
            _hold_both(session, self.model, id, sent)
        record: Resource = load(session, self.model, id, caller, lock=True)
        policy.demand(caller, self.permission, record)
        conditional.demand_match(record)
        demand_state(record, self.step)  # before the body: no body makes a step possible whose turn it is not
        fields = fields_of(session, caller, self.takes or _Nothing, sent)
        if "correction" in self.step.asks:
            corrected = updated(session, caller, record, sent["correction"], at="/correction")
            if not changes(record, corrected):
                raise Refusal(INVALID, errors=[{"pointer": "/correction", "detail": _CORRECTS_NOTHING}])
            fields |= corrected
        take(record, self.step, fields)
        return record


def _hold_both(session: Session, model: type[Resource], id: str, sent: Any) -> None:
    """Lock both records of a merging in the order of their ids: two that are merged into each other at once would each
    hold one and wait for the other.
    """
    ids = [id]
    with suppress(AttributeError, TypeError, KeyError, ValueError):  # what names no record is refused further on
        ids.append(str(UUID(sent["merged_into"])))
    session.execute(select(model.id).where(model.id.in_(ids)).order_by(model.id).with_for_update())


class _Nothing(Shape):
    """The body of a step that asks for nothing."""

    request = True


def take(record: Resource, step: Step, fields: Mapping[str, Any]) -> None:
    """Move a record on, or refuse: it is not in the state, or something must be put right first."""
    demand_ready(record, step, fields)
    record.change({name: value for name, value in fields.items() if hasattr(record, name)})
    record.state = step.target
    record.happened(step.event, fields.get("reason"))
    flag_modified(record, "updated_at")  # a step is a version and an event, also when it changes nothing
    record.taken(step.name, fields)


def demand_ready(record: Resource, step: Step, fields: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Refuse a step (409) that is not possible from where the record is, or for which something is missing."""
    demand_state(record, step)
    demand_guards(step.guards, record, fields)


def demand_state(record: Resource, step: Step) -> None:
    """Refuse a step (409) that does not lead on from where the record is."""
    if record.state not in step.sources:
        raise Refusal(WRONG_STATE, _NOT_NOW.format(state=record.state, steps=possible(record)))
