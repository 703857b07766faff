"""What a body points at must be there: records (as far as the caller sees them, and that no other one has taken over)
and codes of published lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

import marshmallow as ma
from sqlalchemy import Select, bindparam, null, select
from sqlalchemy.orm import Session

from api import reference
from api.domain.actor import Actor
from api.domain.errors import INVALID, Refusal
from api.models import RESOURCES, Partner
from api.models.visible import Reach, parameters, reach_of, visible_to
from schemas.base import Shape
from schemas.fields import Code, Ref
from schemas.wording import Say

_NO_RECORD = Say("Der er ingen sådan post, eller du kan ikke se den.", "There is no such record, or you cannot see it.")
_TAKEN_OVER = Say(
    "Partneren er sammenlagt med en anden; henvis til den: {id}.",
    "The partner is merged into another one; point to that: {id}.",
)
_NO_CODE = Say("Koden findes ikke i listen {scheme}.", "The code is not in the list {scheme}.")


def check(session: Session, actor: Actor, shape: Shape, fields: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Refuse (422) what points at nothing, naming each place.

    What the record pointed at already (`known`) is let be: a neighbour hidden since must not stop other changes.
    """
    kept = {value for _, _, value in _leaves(shape, known, "")}
    wrong: list[dict[str, Any]] = []
    wanted: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for pointer, field, value in _leaves(shape, fields, ""):
        if value in kept:
            continue
        if isinstance(field, Ref):
            wanted[field.resource][value].append(pointer)
        elif not reference.knows(field.scheme, value):
            wrong.append({"pointer": pointer, "detail": _NO_CODE.format(scheme=field.scheme)})
    for resource, places in wanted.items():
        there = _there(session, actor, resource, list(places))
        for id, pointers in places.items():
            if id not in there:
                wrong += [{"pointer": pointer, "detail": _NO_RECORD} for pointer in pointers]
            elif heir := there[id]:
                wrong += [{"pointer": pointer, "detail": _TAKEN_OVER.format(id=heir)} for pointer in pointers]
    if wrong:
        raise Refusal(INVALID, errors=sorted(wrong, key=lambda one: one["pointer"]))


def seen(session: Session, ids: Mapping[str, Collection[str]]) -> None:
    """Remember, until the session ends, records that the caller sees and none has taken over: not to be asked for."""
    known = session.info.setdefault(_SEEN, defaultdict(set))
    for resource, some in ids.items():
        known[resource].update(some)


def _there(session: Session, actor: Actor, resource: str, ids: list[str]) -> dict[str, str | None]:
    """Those of some ids that the caller sees, each with the id of the record that has taken its place, if any has."""
    known = session.info.get(_SEEN, {}).get(resource, frozenset())
    there: dict[str, str | None] = dict.fromkeys(id for id in ids if id in known)
    if others := [id for id in ids if id not in known]:
        found = session.execute(_among(resource, reach_of(actor, resource)), {"ids": others, **parameters(actor)})
        there |= {row[0]: row[1] for row in found}
    return there


_SEEN = "references.seen"


@cache
def _among(resource: str, reach: Reach) -> Select[Any]:
    """Those of some ids that are seen, and what has taken their place."""
    model = RESOURCES[resource]
    heir: Any = Partner.merged_into if model is Partner else null()
    return select(model.id, heir).where(model.id.in_(bindparam("ids", expanding=True)), visible_to(model, reach))


def _leaves(shape: ma.Schema, fields: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Ref | Code, str]]:
    for name, value in fields.items():
        if value is not None:
            yield from _within(shape.fields[name], value, f"{pointer}/{name}")


def _within(field: ma.fields.Field[Any], value: Any, pointer: str) -> Iterator[tuple[str, Ref | Code, str]]:
    if isinstance(field, Ref | Code):
        yield pointer, field, value
    elif isinstance(field, ma.fields.Nested):
        yield from _leaves(field.schema, value, pointer)
    elif isinstance(field, ma.fields.List):
        for index, item in enumerate(value):
            yield from _within(field.inner, item, f"{pointer}/{index}")
