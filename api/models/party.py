"""Parties: the partners that have a stake in a record, found by a facet of it or of a record it belongs to.

One declaration serves both questions: whose rows does the caller see (`clause`), and whose are these rows (`of`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, or_, select

from api.db import session
from schemas.vocabulary import Term

if TYPE_CHECKING:
    from api.models.base import Resource


Held = Iterator[tuple[str, str]]
"""Ids of records, each with a partner that has a stake in it."""


class Stake(Protocol):
    """Answers whose rows a caller sees, and who has a part in these of one model."""

    def clause(self, model: type[Resource], partners: Any) -> ColumnElement[bool]: ...
    def of(self, records: Sequence[Resource]) -> Held: ...


@dataclass(frozen=True, slots=True)
class Party:
    """The values of a facet: of the record itself, or of the `holder` that its column `key` names.

    With `back` it is the holder's column that names the record; such a party sees, but nothing is permitted to it, and
    `states` are those of the holder in which the stake counts. `since` is the column of the record that says from when
    on it counts; as long as it is empty it does not.
    """

    holder: str | None = None
    key: str = "id"
    facet: str = "owner"
    back: str | None = None
    states: frozenset[Term] = frozenset()
    since: str | None = None

    def clause(self, model: type[Resource], partners: Any) -> ColumnElement[bool]:
        """Whether any of the partners is such a party to a row of the model."""
        facets = self._facets(model).c
        held = select(facets.id).where(facets.name == self.facet, facets.value.in_(partners))
        if self.back:
            holder = self._holder(model)
            pointing = select(getattr(holder, self.back)).where(holder.id.in_(held), holder.state.in_(self.states))
            return model.id.in_(pointing)
        begun = (getattr(model, self.since).is_not(None),) if self.since else ()
        return and_(getattr(model, self.key).in_(held), *begun)

    def of(self, records: Sequence[Resource]) -> Held:
        """The partners that are this party to the records, asked for in one question."""
        if self.back:
            return self._pointing(records)
        counting = [one for one in records if self.since is None or getattr(one, self.since) is not None]
        return self._held(counting) if self.holder else self._own(counting)

    def _own(self, records: Sequence[Resource]) -> Held:
        for one in records:
            yield from ((one.id, str(value)) for value in one.FACETS[self.facet](one) if value is not None)

    def _held(self, records: Sequence[Resource]) -> Held:
        """By what the records belong to."""
        belonging = defaultdict(list)
        for one in records:
            belonging[getattr(one, self.key)].append(one.id)
        if belonging:
            facets = self._facets(type(records[0]))
            asked = {"name": self.facet, "ids": list(belonging)}
            for holder, value in session().execute(_values(facets), asked):
                yield from ((id, value) for id in belonging[holder])

    def _pointing(self, records: Sequence[Resource]) -> Held:
        """By what points at the records."""
        holder: Any = self._holder(type(records[0]))
        key, facets = getattr(holder, str(self.back)), holder.facets.c
        pointing = key.in_([one.id for one in records]), holder.state.in_(self.states)
        held = (
            select(key, facets.value).join(holder, holder.id == facets.id).where(facets.name == self.facet, *pointing)
        )
        yield from ((id, value) for id, value in session().execute(held))

    def _holder(self, model: type[Resource]) -> type[Resource]:
        return model.named(self.holder) if self.holder else model

    def _facets(self, model: type[Resource]) -> Any:
        return self._holder(model).facets


@cache
def _values(facets: Table) -> Select[Any]:
    """The values of one facet of some records."""
    which = facets.c.name == bindparam("name"), facets.c.id.in_(bindparam("ids", expanding=True))
    return select(facets.c.id, facets.c.value).where(*which)


@dataclass(frozen=True, slots=True)
class PartyOfParent:
    """Those that are this party to the record it belongs to, whichever kind that is."""

    name: str = "owner"

    def clause(self, model: type[Resource], partners: Any) -> ColumnElement[bool]:
        """Whether any of the partners is such a party to the parent of a row of the model."""
        return or_(
            *(
                key.in_(select(parent.id).where(parent.PARTIES[self.name].clause(parent, partners)))
                for parent, key in model.parents()
            )
        )

    def of(self, records: Sequence[Resource]) -> Held:
        """The partners that are this party to the records' parents."""
        for one in records:
            if one.parent:
                yield from ((one.id, partner) for partner in one.parent.party(self.name))
