"""What a record may be when it is made or changed: by its schema, its state, its guards and the caller's role."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db import session
from api.domain import policy
from api.domain.actor import Actor
from api.domain.errors import CONFLICT, INVALID, NOT_READY, WRONG_STATE, Refusal
from api.domain.steps import Guard, Lifecycle
from api.kit import body, references
from api.models import RESOURCES, Guarded, Resource
from api.models.base import WITHDRAWN
from schemas.base import merged, updating
from schemas.names import PLURALS
from schemas.wording import Say

_NOT_EDITABLE = Say(
    "I tilstanden {state} kan kun dette ændres: {names}. Mulige trin er nu: {steps}.",
    "In state {state} only this can be changed: {names}. Possible steps now: {steps}.",
)
_THERE_IS_ONE = Say(
    "Organisationen har allerede en: {address}. Ret den, eller træk den tilbage først.",
    "The organisation has one already: {address}. Change that, or withdraw it first.",
)
_NOTHING_EDITABLE = Say(
    "I tilstanden {state} kan intet ændres. Mulige trin er nu: {steps}.",
    "In state {state} nothing can be changed. Possible steps now: {steps}.",
)
_FIXED = Say("Kan ikke ændres nu.", "Cannot be changed now.")
_NONE = Say("ingen", "none")


def updated(session: Session, caller: Actor, record: Resource | Guarded, patch: Any, at: str = "") -> dict[str, Any]:
    """The fields of a record with a JSON merge patch worked in, checked as if they had been sent whole."""
    shape = updating(type(record.schema))()
    known = shape.dump(record)
    # What is not an object is refused by the schema.
    fields = body.validated(shape, merged(known, patch) if isinstance(patch, Mapping) else patch, at)
    references.check(session, caller, shape, fields, known)
    return fields


def demand_once(session: Session, record: Resource) -> None:
    """Refuse (409) a second one of what there may be once, naming the first."""
    model = type(record)
    same = [getattr(model, name) == getattr(record, name) for name in model.ONCE if getattr(record, name) is not None]
    if len(same) == len(model.ONCE) > 0:
        there = session.scalar(select(model.id).where(model.state != WITHDRAWN, *same))
        if there is not None:
            raise Refusal(CONFLICT, _THERE_IS_ONE.format(address=f"/{PLURALS[model.__tablename__]}/{there}"))


def demand_permitted(caller: Actor, permission: str, record: Resource) -> None:
    """Refuse (403) a new record that the caller may not make, or may not have name what it names."""
    policy.demand(caller, permission, record)
    named = {name: getattr(record, name) for name in policy.NAMING.get(record.__tablename__, ())}
    demand_naming(caller, record, named, dict.fromkeys(named))


def demand_fit(record: Resource) -> None:
    """Refuse a new record that lacks what must be there from the first.

    One that is past its first state, when it comes, was made elsewhere and long ago.
    """
    first = record.lifecycle.first if record.state == record.lifecycle.initial else ()
    demand_guards((*first, *record.lifecycle.changes), record, {})


def revise(caller: Actor, record: Resource, fields: Mapping[str, Any], change: Callable[[], Any]) -> Any:
    """Have a record changed to these fields, as far as its state, its guards and the caller's role allow."""
    before = changes(record, fields)
    policy.demand_fields(caller, record.__tablename__, before, record)
    demand_naming(caller, record, fields, before)
    demand_editable(record, before)
    result = change()
    policy.demand_still(caller, record.__tablename__, before, record)
    demand_guards(record.lifecycle.changes, record, before)
    return result


def demand_naming(caller: Actor, record: Resource, fields: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Refuse (403) what the fields name anew, where that is for those alone who may change what is named."""
    naming = policy.NAMING.get(record.__tablename__, {})
    for name in naming.keys() & before.keys():
        model = RESOURCES[naming[name].partition(":")[0]]
        for id in _ids(fields[name]) - _ids(before[name]):
            policy.demand_naming(caller, record.__tablename__, name, session().get_one(model, id))


def _ids(value: Any) -> set[str]:
    return set(value) if isinstance(value, list) else {value} - {None}


def changes(record: Resource, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the record says now of the fields that are about to differ."""
    return {name: getattr(record, name) for name, value in fields.items() if getattr(record, name) != value}


def possible(record: Resource) -> str | Say:
    """The steps that its state lets a record take, to be named in a refusal."""
    return ", ".join(one.name for one in record.lifecycle.possible(record.state)) or _NONE


def demand_editable(record: Resource, names: Iterable[str]) -> None:
    """Refuse (409) to change what the record's state holds fast."""
    lifecycle: Lifecycle = record.lifecycle
    editable = lifecycle.editable.get(record.state)
    if editable is None or not (fixed := sorted(set(names) - set(editable))):
        return
    words = _NOT_EDITABLE if editable else _NOTHING_EDITABLE
    detail = words.format(state=record.state, names=", ".join(sorted(editable)), steps=possible(record))
    raise Refusal(WRONG_STATE, detail, errors=[{"pointer": f"/{name}", "detail": _FIXED} for name in fixed])


def demand_guards(guards: Iterable[Guard], record: Resource, sent: Mapping[str, Any]) -> None:
    """Refuse what must be put right first: 422 where a value that was sent decides, otherwise 409."""
    for guard in guards:
        if guard.holds(record, sent):
            continue
        if guard.about:
            raise Refusal(INVALID, errors=[{"pointer": f"/{guard.about}", "detail": guard.words}])
        raise Refusal(NOT_READY, guard.words)
