"""A record by its id in the system it comes from: made when it is not there, otherwise replaced as a PUT means."""

from __future__ import annotations

import enum
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
from api.kit import body, changing, problems, references
from api.models import Resource
from api.models.base import system_in
from api.models.visible import Reach, parameters, reach_of, visible_to
from schemas.base import Shape, SourceSchema, creating
from schemas.wording import Say


class Outcome(enum.StrEnum):
    """What an upsert came to."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def upsert(
    session: Session,
    caller: Actor,
    model: type[Resource],
    system: str,
    external_id: str,
    sent: Mapping[str, Any],
    *,
    demand: Callable[[Resource | None], None] = lambda _: None,
    past: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Resource, Outcome]:
    """The record of that source as `sent` says it, in the transaction at hand; every rule of a POST or PATCH holds.

    What is left out goes back to its default, what only steps set stays. `demand` is asked of what is there, or is not,
    before anything happens, and may refuse. `past` is what steps have made of a record that is new here but not in the
    world: its state, and what goes with it; who may say that is the caller's to know. What is refused leaves the
    transaction as it was, so that others in it can be committed; nothing is sent to the database before it is flushed.
    Of two transactions that make one record at once, the second one's flush fails with an IntegrityError: tried again,
    it finds the record.
    """
    source = sourced(system, external_id)
    fields = _read(model, source, sent)
    _catch_up(session, model, source)
    there = _there(session, caller, model, source)
    if there is None:
        demand(None)
        return _create(session, caller, model, fields, past), Outcome.CREATED
    policy.demand(caller, f"{model.__tablename__}:update", there)
    demand(there)
    changed = _replace(session, caller, there, fields)
    return there, Outcome.CHANGED if changed else Outcome.UNCHANGED


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
_OTHER_SOURCE = Say("Skal være som i adressen, eller udelades.", "Must be as in the address, or be left out.")
_FIXED = Say("Kan ikke ændres, når posten er oprettet.", "Cannot be changed once the record is made.")


def foresee(session: Session, caller: Actor, model: type[Resource], sources: Collection[tuple[str, str]]) -> None:
    """Look for many at once, each by its system and external id, that are upserted next in this transaction.

    Each is taken from there the first time; a second time it is asked for as ever.
    """
    by_system: dict[str, list[str]] = defaultdict(list)
    for system, external_id in sources:
        by_system[system].append(external_id)
    foreseen = session.info.setdefault(_FORESEEN, {})
    foreseen.clear()
    for system, ids in by_system.items():
        foreseen.update({(model, Source(system, id)): None for id in ids})
        asked = {"system": system_in(system, caller.sandbox), "external_ids": ids, **parameters(caller)}
        for found in session.execute(_found(model, reach_of(caller, model.__tablename__), True), asked):
            foreseen[model, Source(system, str(found[0].source_id))] = found


def foreseen(session: Session, model: type[Resource], system: str, external_id: str) -> Resource | None:
    """The record that `foresee` has found, as far as the caller sees it, and nothing has touched since."""
    found = session.info[_FORESEEN].get((model, Source(system, external_id)))
    return found[0] if found and found[1] else None


_FORESEEN = "upsert.foreseen"


def _catch_up(session: Session, model: type[Resource], source: Source) -> None:
    """What this transaction has done to the record already must be there to be found."""
    touched: set[Any] = session.info.setdefault("upsert.touched", set())
    if (model, source) in touched:
        session.flush()
    touched.add((model, source))


def _there(session: Session, caller: Actor, model: type[Resource], source: Source) -> Resource | None:
    known = session.info.get(_FORESEEN, {})
    if (model, source) in known:
        found = known.pop((model, source))
    else:
        asked = {**source.within(caller), **parameters(caller)}
        found = session.execute(_found(model, reach_of(caller, model.__tablename__), False), asked).one_or_none()
    if found is None:
        return None
    record: Resource
    record, seen = found
    if not seen:
        raise Refusal(CONFLICT, _TAKEN)
    return record


@cache
def _found(model: type[Resource], reach: Reach, many: bool) -> Select[Resource, bool]:
    """The record of a source, locked, and whether the caller sees it: building this costs more than running it."""
    of_these = (model.source_system == bindparam("system")) & model.source_id.in_(
        bindparam("external_ids", expanding=True)
    )
    query = select(model, visible_to(model, reach).label("seen")).where(of_these if many else is_from(model))
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
    fields = {name: getattr(whole, name) for name in fields}
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
