"""The write path as a request sees it: caller, record, permission, version, body, references, commit, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, g
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api import ledger
from api.domain import policy
from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, WRONG_STATE, Refusal
from api.domain.lifecycle import Lifecycle, Step
from api.kit import body, conditional, references
from api.kit.actor import actor, known_actor
from api.kit.service import service
from api.models import Resource
from api.models.visible import parameters, reach_of, visible_to
from schemas.base import Shape, creating, merged, updating
from schemas.wording import Say


def load(session: Session, model: type[Resource], id: str, caller: Actor, *, lock: bool = False) -> Any:
    """The record of that id as far as the caller sees it, locked for a change if asked; 404 otherwise."""
    query = select(model).where(model.id == id, visible_to(model, reach_of(caller))).options(undefer(model.document))
    record = session.scalars(query.with_for_update() if lock else query, parameters(caller)).one_or_none()
    if record is None:
        raise Refusal(NOT_FOUND)
    return record


@dataclass(frozen=True, slots=True)
class Write:
    """A view that writes: with `item` it changes that record, without it makes one."""

    permission: str | None
    item: type[Resource] | None
    takes: type[Shape] | None
    gives: type[Shape] | None
    status: int

    def respond(self, view: Callable[..., Any], id: str | None) -> Response:
        """Run the view inside one transaction and answer what it returns."""
        caller = known_actor() if self.permission else actor()
        # Before the transaction: a slow sender must not hold the write lock.
        sent = body.read() if self.takes else None
        with _writing(caller) as session:
            given: list[Any] = []
            if self.item is not None:
                record = load(session, self.item, id or "", caller, lock=True)
                self._demand(caller, record)
                conditional.demand_match(record)
                given.append(record)
            if self.takes:
                given.insert(0, self._fields(session, caller, self.takes, sent, given[0] if given else None))
            result = view(*given)
            if self.item is None and isinstance(result, Resource):
                self._demand(caller, result)
        return self._answer(result, given[-1] if self.item else None)

    def _demand(self, caller: Actor, record: Resource) -> None:
        if self.permission is not None:
            policy.demand(caller, self.permission, record)

    def _fields(
        self, session: Session, caller: Actor, takes: type[Shape], sent: Any, record: Resource | None
    ) -> dict[str, Any]:
        if record is not None and takes is type(record.schema):
            shape = updating(takes)()
            known = shape.dump(record)
            if isinstance(sent, Mapping):  # anything else is not an object, and the schema says so
                sent = merged(known, sent)
        else:
            shape, known = takes() if takes.request else creating(takes)(), {}
        fields = body.validated(shape, sent)
        references.check(session, caller, shape, fields, known)
        return fields

    def _answer(self, result: Any, record: Resource | None) -> Response:
        if isinstance(result, Response):
            return result
        if isinstance(result, Resource) and self.gives is type(result.schema):
            return representation(result, self.status)
        shape = self.gives() if self.gives else None
        response = Response(orjson.dumps(shape.dump(result)) if shape else b"", self.status, content_type=body.JSON)
        response.headers["Cache-Control"] = "no-store"
        if record is not None:
            response.headers["ETag"] = conditional.etag(record.version)
        return response


@dataclass(frozen=True, slots=True)
class Move:
    """A lifecycle step of one record."""

    permission: str
    model: type[Resource]
    step: Step
    takes: type[Shape] | None
    gives: type[Shape]

    def respond(self, id: str) -> Response:
        """Take the step, or say why not."""
        caller = known_actor()
        sent = body.read(optional=self.takes is None)
        with _writing(caller) as session:
            record = load(session, self.model, id, caller, lock=True)
            policy.demand(caller, self.permission, record)
            conditional.demand_match(record)
            shape = (self.takes or _Nothing)()
            fields = body.validated(shape, {} if sent is None else sent)
            references.check(session, caller, shape, fields, {})
            _demand_state(record, self.step)
            record.change({name: value for name, value in fields.items() if hasattr(record, name)})
            record.state = self.step.target
            record.happened(self.step.event, fields.get("reason"))
        return representation(record)


class _Nothing(Shape):
    """The body of a step that asks for nothing."""


_NOT_NOW = Say(
    "Posten er i tilstanden {state}. Mulige trin er nu: {steps}.",
    "The record is in state {state}. Possible steps now: {steps}.",
)
_NONE = Say("ingen", "none")


def _demand_state(record: Resource, step: Step) -> None:
    if record.state in step.sources:
        return
    lifecycle: Lifecycle = record.lifecycle
    possible = ", ".join(one.name for one in lifecycle.possible(record.state)) or _NONE
    raise Refusal(WRONG_STATE, _NOT_NOW.format(state=record.state, steps=possible))


def _writing(caller: Actor) -> Any:
    ledger.origin.set(ledger.Origin(caller, g.request_id))
    return service().database.writing()


def representation(record: Resource, status: int = 200) -> Response:
    """The record after a write, with its new tag."""
    response = Response(record.document, status, content_type=body.JSON)
    response.headers["ETag"] = conditional.etag(record.version)
    response.headers["Cache-Control"] = "no-cache"
    if status == 201:
        links: Any = record.schema.fields["links"]
        response.headers["Location"] = links.addresses["self"].format(id=record.id)
    return response
