"""References in a file: instead of an id of ours it may say where a record comes from, or an organisation's number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import marshmallow as ma
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from api.domain.actor import Actor
from api.imports.rows import shown
from api.kit import references
from api.kit.upsert import IS_ID
from api.models import RESOURCES, Resource
from api.models.base import system_in
from api.models.visible import parameters, reach_of, visible_to
from schemas.base import creating
from schemas.fields import Many, Object, Ref
from schemas.vocabulary import IdentifierScheme
from schemas.wording import Say

SOURCE, ORGANISATION = "source:", "org-id:"
"""How a reference begins that names a source (`source:system/id`), or a number as org-id.guide writes it."""

NO_SOURCE = Say(
    "Der er ingen {noun} med kilden {said}, som du kan se.", "There is no {noun} of the source {said} that you can see."
)
NO_NUMBER = Say(
    "Der er ingen partner med nummeret {said}, som du kan se.",
    "There is no partner with the number {said} that you can see.",
)
MANY_NUMBERS = Say(
    "Flere partnere har nummeret {said}: {ids}.",
    "Several partners have the number {said}: {ids}.",
)
CHOOSE = Say(
    "Skriv id eller kilde (source:system/id) på den, der menes.",
    "Write the id or the source (source:system/id) of the one that is meant.",
)
EARLIER = Say(
    "Indlæs den først. Står den i samme fil, skal dens linje stå før dem, der henviser til den.",
    "Import it first. If it is in the same file, its line must come before those that refer to it.",
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One place in a body that names another record."""

    pointer: str
    resource: str
    said: str
    holder: Any
    key: str | int

    def becomes(self, id: str) -> None:
        """Put the id in the place of what was said."""
        self.holder[self.key] = id

    @property
    def source(self) -> tuple[str, str] | None:
        """System and id, where it names a source."""
        if not self.said.startswith(SOURCE):
            return None
        system, _, external_id = self.said.removeprefix(SOURCE).partition("/")
        return system, external_id


_NOUNS = {
    "partner": Say("partner", "partner"),
    "challenge": Say("udfordring", "challenge"),
    "project": Say("projekt", "project"),
    "outcome": Say("resultat", "outcome"),
}


def references_in(model: type[Resource], body: Any) -> Iterator[Reference]:
    """Every place in a body where the id of a record is expected, as far as the body has the right form."""
    yield from _among(_places(creating(type(model.schema))), body, "")


@cache
def _places(shape: type[ma.Schema]) -> dict[str, Any]:
    """The members that hold ids, or objects that do: a resource, a list of one, or the members further down."""
    found = {name: _place(field) for name, field in shape().fields.items()}
    return {name: place for name, place in found.items() if place}


def _place(field: Any) -> Any:
    match field:
        case Ref():
            return field.resource
        case Many():
            inner = _place(field.inner)
            return inner and [inner]
        case Object():
            return _places(type(field.schema))
    return None


def _among(places: Mapping[str, Any], body: Any, pointer: str) -> Iterator[Reference]:
    if not isinstance(body, dict):
        return
    for name, place in places.items():
        if body.get(name) is not None:
            yield from _at(place, body, name, f"{pointer}/{name}")


def _at(place: Any, holder: Any, key: Any, pointer: str) -> Iterator[Reference]:
    value = holder[key]
    if isinstance(place, str):
        if isinstance(value, str):
            yield Reference(pointer, place, value, holder, key)
    elif isinstance(place, dict):
        yield from _among(place, value, pointer)
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from _at(place[0], value, index, f"{pointer}/{index}")


class Neighbours:
    """The records that the lines of a batch refer to, asked for together; kept at hand as long as this is."""

    def __init__(self, session: Session, caller: Actor) -> None:
        self._session, self._caller = session, caller
        self._kept: dict[str, dict[str, Resource]] = defaultdict(dict)
        self._by_source: dict[tuple[str, tuple[str, str]], str] = {}
        self._by_number: dict[str, list[str]] = defaultdict(list)

    def id_of(self, reference: Reference) -> str | None:
        """The id of the record a reference names; None when the caller sees none, or several have the number."""
        if reference.source:
            return self._by_source.get((reference.resource, reference.source))
        found = self._by_number.get(reference.said, [])
        return found[0] if len(found) == 1 else None

    def wanting(self, reference: Reference) -> tuple[Say, Say]:
        """What to say, and to advise, when a reference names no record, or more than one."""
        said = shown(reference.said, 120)
        if found := self._by_number.get(reference.said):
            return MANY_NUMBERS.format(said=said, ids=", ".join(sorted(found)[:5])), CHOOSE
        words = NO_SOURCE if reference.source else NO_NUMBER
        return words.format(said=said, noun=_NOUNS[reference.resource]), EARLIER

    def fetch(self, wanted: Iterable[Reference]) -> None:
        """Look for what is not at hand yet: one question for each kind of record."""
        by_resource: dict[str, list[Reference]] = defaultdict(list)
        for one in wanted:
            by_resource[one.resource].append(one)
        for resource, all_of_it in by_resource.items():
            self._fetch(resource, all_of_it)
        references.seen(self._session, {resource: found.keys() for resource, found in self._kept.items()})

    def _fetch(self, resource: str, wanted: list[Reference]) -> None:
        model = RESOURCES[resource]
        clause = _any_of(model, self._caller, wanted, self._kept[resource])
        if clause is None:
            return
        found = select(model).where(clause, visible_to(model, reach_of(self._caller, resource)))
        for record in self._session.scalars(found, parameters(self._caller)):
            heir = getattr(record, "merged_into", None)
            id = heir or record.id
            if heir is None:
                self._kept[resource][id] = record
            if record.source:
                self._by_source[resource, (record.source["system"], record.source["external_id"])] = id
            for one in getattr(record, "identifiers", ()):
                number = f"{ORGANISATION}{one['scheme']}-{one['value']}"
                if id not in self._by_number[number]:
                    self._by_number[number].append(id)


def _any_of(
    model: type[Resource], caller: Actor, wanted: list[Reference], kept: Mapping[str, Any]
) -> ColumnElement[bool] | None:
    by_system: dict[str, set[str]] = defaultdict(set)
    ids, numbers = set(), set()
    for one in wanted:
        if one.source:
            by_system[system_in(one.source[0], caller.sandbox)].add(one.source[1])
        elif one.said.startswith(ORGANISATION):
            numbers.add(_number(one.said))
        elif one.said not in kept and IS_ID.match(one.said):
            ids.add(one.said)
    clauses = [and_(model.source_system == system, model.source_id.in_(ids)) for system, ids in by_system.items()]
    if ids:
        clauses.append(model.id.in_(ids))
    if numbers and model.__tablename__ == "partner":
        held = model.facets.c
        clauses.append(model.id.in_(select(held.id).where(held.name == "identifier", held.value.in_(numbers))))
    return or_(*clauses) if clauses else None


def _number(said: str) -> str:
    """As partners are found by: the scheme, a colon, and the number."""
    text = said.removeprefix(ORGANISATION)
    scheme = next((str(one) for one in IdentifierScheme if text.startswith(f"{one}-")), "")
    return f"{scheme}:{text[len(scheme) + 1 :]}"
