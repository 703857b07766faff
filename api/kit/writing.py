"""The write path as a request sees it: caller, record, permission, version, body, references, commit, answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, g, request
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, undefer

from api import ledger
from api.domain import policy
from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, Refusal
from api.kit import body, conditional, idempotency, references, sandboxes, uploads
from api.kit.actor import actor, known_actor
from api.kit.changing import demand_fit, demand_once, demand_permitted, revise, updated
from api.kit.service import service
from api.models import Guarded, Resource
from api.models.visible import parameters, reach_of, visible_to
from schemas import base
from schemas.base import MULTIPART, Shape, creating


def _seen(model: type[Resource], caller: Actor) -> Select[Any]:
    return (
        select(model).where(visible_to(model, reach_of(caller, model.__tablename__))).options(undefer(model.document))
    )


def load(session: Session, model: type[Resource | Guarded], id: str, caller: Actor, *, lock: bool = False) -> Any:
    """The record of that id as far as the caller sees it, locked for a change if asked; 404 otherwise.

    What it belongs to is locked before it: whether the one may change hangs on the other, which may count it too.
    """
    if lock and issubclass(model, Resource):
        _lock_above(session, model, id)
    if issubclass(model, Guarded):
        query = select(model).where(model.id == id, model.seen_by(caller))
    else:
        query = _seen(model, caller).where(model.id == id)
    record = session.scalars(query.with_for_update() if lock else query, parameters(caller)).one_or_none()
    if record is None:
        raise Refusal(NOT_FOUND)
    return record


def _lock_above(session: Session, model: type[Resource], id: str) -> None:
    if session.get_bind().dialect.name == "sqlite":
        return  # its writers are one at a time anyway
    for parent, key in model.parents():
        holding = select(key).where(model.id == id).scalar_subquery()
        session.scalars(select(parent).where(parent.id == holding).with_for_update()).all()


@dataclass(frozen=True, slots=True)
class Write:
    """A view that writes: with `item` it changes that record, `within` one it adds to it, else it makes one."""

    permission: str | None
    item: type[Resource | Guarded] | None
    within: type[Resource] | None
    takes: type[Shape] | None
    gives: type[Shape] | None
    status: int

    def respond(self, view: Callable[..., Any], id: str | None) -> Response:
        """Run the view inside one transaction and answer what it returns."""
        caller = known_actor() if self.permission else actor()
        # Before the transaction: a slow sender must not hold the write lock.
        sent = _sent(self.takes)
        with transaction(caller) as session:
            return idempotency.once(session, caller, sent, lambda: self._act(session, caller, view, id, sent))

    def _act(self, session: Session, caller: Actor, view: Callable[..., Any], id: str | None, sent: Any) -> Response:
        if self.item is not None:
            record = load(session, self.item, id or "", caller, lock=True)
            result = self._change(session, caller, view, record, sent)
        else:
            record = None
            result = self._make(session, caller, view, id, sent)
        ledger.settle(session)
        return self._answer(result, record)

    def _change(self, session: Session, caller: Actor, view: Callable[..., Any], record: Any, sent: Any) -> Any:
        if self.permission is not None:
            policy.demand(caller, self.permission, record)
        if isinstance(record, Resource):
            conditional.demand_match(record)
        if not self.takes:
            return view(record)
        if self.takes is not type(record.schema):
            return view(fields_of(session, caller, self.takes, sent), record)
        fields = updated(session, caller, record, sent)
        if not isinstance(record, Resource):
            return view(fields, record)
        return revise(caller, record, fields, lambda: view(fields, record))

    def _make(self, session: Session, caller: Actor, view: Callable[..., Any], id: str | None, sent: Any) -> Any:
        around = [load(session, self.within, id or "", caller, lock=True)] if self.within else []
        if self.within and self.permission and self.permission.startswith(f"{self.within.__tablename__}:"):
            policy.demand(caller, self.permission, around[0])
        given = [fields_of(session, caller, self.takes, sent)] if self.takes else []
        result = view(*given, *around)
        if isinstance(result, Resource):
            # Before it is stored: whoever may not make it must not learn that there is one already.
            with session.no_autoflush:
                demand_permitted(caller, self.permission or "", result)
                demand_once(session, result)
            session.flush()  # its guards may ask for its neighbours, which it has once it is stored
            demand_fit(result)
        if isinstance(result, Guarded) and not around:
            policy.demand(caller, self.permission or "", result)
        if self.takes and self.takes.media == MULTIPART:
            uploads.keep(session, sent)
        return result

    def _answer(self, result: Any, record: Resource | Guarded | None) -> Response:
        if isinstance(result, Response):
            return result
        if isinstance(result, Resource) and self.gives is type(result.schema):
            return representation(result, self.status)
        response = unkept(result, self.gives, self.status)
        if isinstance(record, Resource):
            response.headers["ETag"] = conditional.etag(record.version)
        if isinstance(result, Guarded) and record is None and not self.within:
            response.headers["Location"] = f"{request.path}/{result.id}"
        return response


@dataclass(frozen=True, slots=True)
class Command:
    """A view that works on no record, such as logging in; it minds its own transactions."""

    permission: str | None
    takes: type[Shape] | None
    gives: type[Shape] | None
    status: int

    def respond(self, view: Callable[..., Any]) -> Response:
        """Run the view on the body that was sent, and answer what it returns."""
        if self.permission:
            known_actor()
        sent = _sent(self.takes)
        result = view(*[body.validated(self.takes(), sent)] if self.takes else ())
        return result if isinstance(result, Response) else unkept(result, self.gives, self.status)


def unkept(result: Any, gives: type[Shape] | None, status: int) -> Response:
    """An answer that nobody may keep."""
    said = orjson.dumps(gives().dump(result)) if gives else None
    response = Response(said, status, content_type=body.JSON if gives else None)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent(takes: type[Shape] | None) -> Any:
    """What came with the request, in the form the shape is sent in."""
    match takes and takes.media:
        case None:
            return None
        case base.MULTIPART:
            return uploads.read(takes())  # type: ignore[misc]
        case base.FORM:
            return body.form()
        case _:
            return body.read()


def fields_of(session: Session, caller: Actor, takes: type[Shape], sent: Any) -> dict[str, Any]:
    """The body as fields, all of it checked."""
    shape = takes() if takes.request else creating(takes)()
    fields = body.validated(shape, sent)
    references.check(session, caller, shape, fields, {})
    return fields


@contextmanager
def transaction(caller: Actor) -> Iterator[Session]:
    """One transaction in the caller's name."""
    with ledger.acting(caller, g.request_id), service().database.writing() as session:
        if caller.sandbox:
            sandboxes.enter(session, caller.sandbox)
        yield session


def representation(record: Resource, status: int = 200) -> Response:
    """The record after a write, with its new tag."""
    response = Response(record.document, status, content_type=body.JSON)
    response.headers["ETag"] = conditional.etag(record.version)
    response.headers["Cache-Control"] = "no-cache"
    if status == 201:
        links: Any = record.schema.fields["links"]
        response.headers["Location"] = links.addresses["self"].format(id=record.id)
    return response
