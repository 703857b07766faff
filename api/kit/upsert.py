"""A record by its id in the system it comes from, made when it is not there; or by its own id, when it must be."""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import marshmallow as ma
from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import Session, undefer

from api.domain import policy
from api.domain.actor import Actor
from api.domain.errors import CONFLICT, INVALID, Refusal
from api.kit import body, changing, problems, references, spelling
from api.models import Resource
from api.models.base import system_in
from api.models.visible import Reach, parameters, reach_of, visible_to
from schemas.base import Shape, SourceSchema, creating, merged
from schemas.fields import UUID
from schemas.wording import Say


class Outcome(enum.StrEnum):
    """What an upsert came to."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


Demand = Callable[[Resource | None], None]


def upsert(
    session: Session,
    caller: Actor,
    model: type[Resource],
    system: str,
    external_id: str,
    sent: Mapping[str, Any],
    *,
    demand: Demand = lambda _: None,
    past: Mapping[str, Any] = MappingProxyType({}),
    partial: bool = False,
) -> tuple[Resource, Outcome]:
    """The record of that source as `sent` says it, in the transaction at hand; every rule of a POST or PATCH holds.

    What is left out goes back to its default or, when it is `partial`, stays as it is; what only steps set stays.
    `demand` is asked of what is there, or is not, before anything happens, and may refuse. `past` is what steps have
    made of a record that is new here but not in the world: its state, and what goes with it; who may say that is the
    caller's to know. What is refused leaves the transaction as it was, so that others in it can be committed; nothing
    is sent to the database before it is flushed. Of two transactions that make one record at once, the second one's
    flush fails with an IntegrityError: tried again, it finds the record.
    """
    source = sourced(system, external_id)
    fields = {} if partial else _read(model, source, sent)  # what makes no sense is refused before anything is asked
    _catch_up(session, model, source)
    there = _there(session, caller, model, source)
    if partial:
        fields = _read(model, source, _over(there, sent) if there else sent)
    if there is None:
        demand(None)
        return _create(session, caller, model, fields, past), Outcome.CREATED
    return _change(session, caller, there, fields, demand)


def change(
    session: Session,
    caller: Actor,
    model: type[Resource],
    id: str,
    sent: Mapping[str, Any],
    *,
    demand: Demand = lambda _: None,
) -> tuple[Resource, Outcome]:
    """The record of that id with what `sent` says put over it, as `upsert` does it to one that is there.

    Refused (422) when the caller sees no such record.
    """
    _catch_up(session, model, id)
    there = _there(session, caller, model, id)
    if there is None:
        raise Refusal(INVALID, errors=[{"pointer": "/id", "detail": _NO_SUCH}])
    return _change(session, caller, there, body.validated(_shape(model), _over(there, sent)), demand)


def _change(
    session: Session, caller: Actor, there: Resource, fields: dict[str, Any], demand: Demand
) -> tuple[Resource, Outcome]:
    policy.demand(caller, f"{there.__tablename__}:update", there)
    demand(there)
    changed = _replace(session, caller, there, fields)
    return there, Outcome.CHANGED if changed else Outcome.UNCHANGED


def _over(there: Resource, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The record with what is said put over it: what nothing is said of stays as it is."""
    return dict(merged(_shape(type(there)).dump(there), sent))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record comes from, fit to be looked up."""

    system: str
    external_id: str

    def within(self, caller: Actor) -> dict[str, str]:
        """The columns' values in the caller's sandbox, or among real records."""
        return {"system": system_in(self.system, caller.sandbox), "external_id": self.external_id}


def sourced(system: str, external_id: str) -> Source:
    """The two names of a source, or a refusal (422) that says which cannot be one."""
    try:
        _SOURCE.load({"system": system, "external_id": external_id})
    except ma.ValidationError as wrong:
        raise Refusal(INVALID, errors=problems.in_query(wrong.messages)) from wrong  # type: ignore[arg-type]
    return Source(system, external_id)


def is_from(model: type[Resource]) -> Any:
    """The clause that finds the one record of a source; its parameters are `system` and `external_id`."""
    return (model.source_system == bindparam("system")) & (model.source_id == bindparam("external_id"))


_SOURCE = SourceSchema()
_TAKEN = Say(
    "En post, du ikke kan se, har allerede dette id i dette system. Brug et andet, eller spørg CO-PI.",
    "A record that you cannot see already has this id in this system. Use another one, or ask CO-PI.",
)
_NO_SUCH = Say("Der er ingen post med det id, som du kan se.", "There is no record with that id that you can see.")
_OTHER_SOURCE = Say("Skal være som i adressen, eller udelades.", "Must be as in the address, or be left out.")
_FIXED = Say("Kan ikke ændres, når posten er oprettet.", "Cannot be changed once the record is made.")


def foresee(
    session: Session,
    caller: Actor,
    model: type[Resource],
    sources: Collection[tuple[str, str]],
    ids: Mapping[str, tuple[str, str] | None] = MappingProxyType({}),
) -> None:
    """Look for many at once, each by its system and external id, that are upserted next in this transaction.

    Each is taken from there the first time; a second time it is asked for as ever. `ids` are those that are named by
    their own id, alone or beside such a source.
    """
    by_system: dict[str, list[str]] = defaultdict(list)
    for system, external_id in sources:
        by_system[system].append(external_id)
    foreseen = session.info.setdefault(_FORESEEN, {})
    foreseen.clear()
    for system, external_ids in by_system.items():
        foreseen.update({(model, Source(system, one)): None for one in external_ids})
        asked = {"system": system_in(system, caller.sandbox), "external_ids": external_ids, **parameters(caller)}
        for found in session.execute(_found(model, reach_of(caller, model.__tablename__), True), asked):
            foreseen[model, Source(system, str(found[0].source_id))] = found
    _foresee_by_id(session, caller, model, ids)


def _foresee_by_id(
    session: Session, caller: Actor, model: type[Resource], ids: Mapping[str, tuple[str, str] | None]
) -> None:
    foreseen = session.info[_FORESEEN]
    named = {id: foreseen.get((model, Source(*source))) if source else None for id, source in ids.items()}
    wanted = [id for id, found in named.items() if found is None or found[0].id != id]
    foreseen.update({(model, id): None for id in wanted})
    query = _found_by_id(model, reach_of(caller, model.__tablename__))
    asked = {"ids": [id for id in wanted if IS_ID.match(id)], **parameters(caller)}
    for record in session.scalars(query, asked) if asked["ids"] else ():
        foreseen[model, record.id] = record, True


def elsewhere(session: Session, model: type[Resource], id: str) -> bool:
    """Whether an id that was foreseen beside a source is that of another record the caller sees."""
    return session.info[_FORESEEN].get((model, id)) is not None


_FORESEEN = "upsert.foreseen"
IS_ID = re.compile(UUID.removesuffix("$") + r"\Z")


Name = Source | str
"""What a record is found by: where it comes from, or its own id."""


def _catch_up(session: Session, model: type[Resource], name: Name) -> None:
    """What this transaction has done to the record already must be there to be found."""
    touched: set[Any] = session.info.setdefault("upsert.touched", set())
    if (model, name) in touched:
        session.flush()
    touched.add((model, name))


def _there(session: Session, caller: Actor, model: type[Resource], name: Name) -> Resource | None:
    known = session.info.get(_FORESEEN, {})
    found = known.pop((model, name)) if (model, name) in known else _asked(session, caller, model, name)
    if found is None:
        return None
    record: Resource
    record, seen = found
    if not seen:
        raise Refusal(CONFLICT, _TAKEN)
    return record


def _asked(session: Session, caller: Actor, model: type[Resource], name: Name) -> Any:
    reach = reach_of(caller, model.__tablename__)
    if isinstance(name, Source):
        return session.execute(_found(model, reach, False), {**name.within(caller), **parameters(caller)}).one_or_none()
    ids = [name] if IS_ID.match(name) else []
    seen = session.scalars(_found_by_id(model, reach), {"ids": ids, **parameters(caller)}).one_or_none()
    return seen and (seen, True)


@cache
def _found(model: type[Resource], reach: Reach, many: bool) -> Select[Resource, bool]:
    """The record of a source, locked, and whether the caller sees it: building this costs more than running it."""
    of_these = (model.source_system == bindparam("system")) & model.source_id.in_(
        bindparam("external_ids", expanding=True)
    )
    query = select(model, visible_to(model, reach).label("seen")).where(of_these if many else is_from(model))
    return query.options(undefer(model.document)).with_for_update(of=model)


@cache
def _found_by_id(model: type[Resource], reach: Reach) -> Select[Resource]:
    """The records of these ids that the caller sees, locked."""
    of_these = model.id.in_(bindparam("ids", expanding=True))
    query = select(model).where(of_these, visible_to(model, reach))
    return query.options(undefer(model.document)).with_for_update(of=model)


@cache
def _shape(model: type[Resource]) -> Shape:
    return creating(type(model.schema))()


@cache
def _fixed(model: type[Resource]) -> frozenset[str]:
    """What a record keeps for good; the page in `source` may move."""
    fields = _shape(model).fields.items()
    return frozenset(name for name, field in fields if getattr(field, "create_only", False)) - {"source"}


def _read(model: type[Resource], source: Source, sent: Any) -> dict[str, Any]:
    """The body as fields, with the source of the address."""
    fields = body.validated(_shape(model), sent)
    given = fields["source"] or {"url": None}
    own = {"system": source.system, "external_id": source.external_id}
    if wrong := [name for name, value in own.items() if given.get(name, value) != value]:
        raise Refusal(INVALID, errors=[{"pointer": f"/source/{name}", "detail": _OTHER_SOURCE} for name in wrong])
    return {**fields, "source": {**own, "url": given["url"]}}


def _create(
    session: Session, caller: Actor, model: type[Resource], fields: dict[str, Any], past: Mapping[str, Any]
) -> Resource:
    references.check(session, caller, _shape(model), fields, {})
    record = model.add({**fields, **past})
    with _undone_if_refused(session, record):
        changing.demand_permitted(caller, f"{model.__tablename__}:create", record)
        changing.demand_fit(record)
    return record


def _replace(session: Session, caller: Actor, record: Resource, fields: dict[str, Any]) -> bool:
    """Whether anything has changed."""
    model = type(record)
    known = {name: getattr(record, name) for name in fields}
    if wrong := sorted(name for name in _fixed(model) if fields[name] != known[name]):
        raise Refusal(INVALID, errors=[{"pointer": f"/{name}", "detail": _FIXED} for name in wrong])
    references.check(session, caller, _shape(model), fields, known)
    # What a new record takes from its neighbours, this one does too: sent twice, a body says the same twice.
    whole = model.fresh(fields)
    fields = spelling.as_known(_shape(model).fields, {name: getattr(whole, name) for name in fields}, known)
    if fields == known:
        return False
    with _undone_if_refused(session, record):
        changing.revise(caller, record, fields, lambda: record.change(fields))
    return True


@contextmanager
def _undone_if_refused(session: Session, record: Resource) -> Iterator[None]:
    try:
        yield
    except Refusal:
        (session.expire if inspect(record).persistent else session.expunge)(record)
        raise
