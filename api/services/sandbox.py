"""A test client's sandbox: the small world it begins with, what is in it, and emptying it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Request
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, literal, select, union_all
from sqlalchemy.orm import Session

from api import search
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import FORBIDDEN, Refusal
from api.kit import sandboxes
from api.kit.actor import known_actor
from api.kit.freshness import head, remembered
from api.kit.service import service
from api.models import RESOURCES, Document, IdempotencyKey, Invitation, Membership, Partner, Resource, log
from api.services.documents import erase_all
from schemas import vocabulary as v
from schemas.base import creating
from schemas.names import PLURALS
from schemas.partners import PartnerSchema
from schemas.wording import Say

K = v.PartnerKind
_WORLD: tuple[tuple[K, str, str, dict[str, Any]], ...] = (
    (K.MUNICIPALITY, "Testkommune Fjordby", "Test Municipality of Fjordby", {"municipality_code": "0461"}),
    (K.REGION, "Testregion Kystland", "Test Region of Kystland", {"region_code": "1083"}),
    (K.COMPANY, "Testfirma Lyng ApS", "Test Company Lyng ApS", {"size": "micro"}),
    (K.KNOWLEDGE_INSTITUTION, "Testuniversitet Engholm", "Test University of Engholm", {}),
    (K.BUSINESS_PROMOTION, "Testerhvervshus Broby", "Test Business Hub Broby", {}),
)
"""Invented organisations; the codes are real ones, so that places and populations add up to something."""
NEEDS = Say("Det kræver, at du er en testklient.", "You must be a test client.")


def furnishing(authenticate: Callable[[Request], Actor]) -> Callable[[Request], Actor]:
    """Authentication by which no test client ever finds its sandbox bare."""

    def known(request: Request) -> Actor:
        caller = authenticate(request)
        if caller.sandbox:
            remembered(("furnished", caller.sandbox), 0, lambda: _furnish_once(str(caller.sandbox)))
        return caller

    return known


def contents() -> dict[str, Any]:
    """How many records of each kind are in the caller's sandbox."""
    sandbox = _own()
    with service().database.reading() as connection:
        return _contents(connection, sandbox)


def reset() -> dict[str, Any]:
    """Take everything out of the caller's sandbox and put what it began with back."""
    sandbox = _own()
    with service().database.writing() as session:
        sandboxes.enter(session, sandbox, alone=True)
        left_over = _empty(session, sandbox)
        _furnish(sandbox)
        session.flush()
        told = _contents(session.connection(), sandbox)
    erase_all(left_over)
    return told


def _own() -> str:
    caller = known_actor()
    if caller.sandbox is None:
        raise Refusal(FORBIDDEN, NEEDS)
    return caller.sandbox


def _furnish_once(sandbox: str) -> bool:
    """Furnish a sandbox in which nothing has ever happened."""
    database = service().database
    with database.reading() as connection:
        if head(connection, sandbox):
            return True
    with database.writing() as session:
        sandboxes.enter(session, sandbox, alone=True)
        if not log.last(session.connection(), sandbox):
            _furnish(sandbox)
    return True


def _furnish(sandbox: str) -> None:
    shape = creating(PartnerSchema)()
    for kind, da, en, codes in _WORLD:
        fields = shape.load({"name": {"da": da, "en": en}, "kind": str(kind), **codes})
        Partner.add({**fields, "state": v.PartnerState.ACTIVE, "sandbox": sandbox})


def _empty(session: Session, sandbox: str) -> list[str]:
    """Take every row of the sandbox away, what points before what is pointed at; the files that nobody may need now."""
    connection, here = session.connection(), {"sandbox": sandbox}
    files = connection.scalars(select(Document.sha256).distinct().where(_inside(Document)), here).all()
    partners = select(Partner.id).where(_inside(Partner))
    for named in (Membership, Invitation):
        connection.execute(delete(named).where(named.partner_id.in_(partners)), here)
    for model in _POINTING_FIRST:
        ids = connection.scalars(select(model.id).where(_inside(model)), here).all()
        search.forget(connection, model.__tablename__, ids)
        inside = select(model.id).where(_inside(model))
        connection.execute(delete(model.facets).where(model.facets.c.id.in_(inside)), here)
        connection.execute(delete(model).where(_inside(model)), here)
    connection.execute(delete(IdempotencyKey).where(_inside(IdempotencyKey)), here)
    log.begin_anew(connection, sandbox, clock.now())
    return list(files)


_TABLES = Resource.metadata.sorted_tables
_POINTING_FIRST = sorted(RESOURCES.values(), key=lambda model: -_TABLES.index(model.__table__))  # type: ignore[arg-type]


def _contents(connection: Connection, sandbox: str) -> dict[str, Any]:
    counted: dict[str, int] = dict(connection.execute(_COUNTS, {"sandbox": sandbox}).all())
    items = [{"resource": name, "count": counted[name], "href": f"/v1/{plural}"} for name, plural in PLURALS.items()]
    return {"items": items, "total": sum(counted.values())}


def _inside(model: Any) -> ColumnElement[bool]:
    inside: ColumnElement[bool] = model.sandbox == bindparam("sandbox", type_=model.sandbox.type)
    return inside


_COUNTS = union_all(
    *(select(literal(name), func.count()).select_from(model).where(_inside(model)) for name, model in RESOURCES.items())
)
