"""Parties: the partners that have a stake in a record, found by a facet of it or of a record it belongs to.

One declaration serves both questions: whose rows does the caller see (`clause`), and who are they for this row (`of`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, or_, select

from api.db import session
from schemas.vocabulary import Term

if TYPE_CHECKING:
    from api.models.base import Resource


class Stake(Protocol):
    """Answers whose rows a caller sees, and who has a part in this one."""

    def clause(self, model: type[Resource], partners: Any) -> ColumnElement[bool]: ...
    def of(self, record: Resource) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Party:
    """The values of a facet: of the record itself, or of the `holder` that its column `key` names.

    With `back` it is the holder's column that names the record; such a party sees, but nothing is permitted to it.
    `states` are those in which the stake counts: of the record, or of a holder that points back.
    """

    holder: str | None = None
    key: str = "id"
    facet: str = "owner"
    back: str | None = None
    states: frozenset[Term] | None = None

    def clause(self, model: type[Resource], partners: Any) -> ColumnElement[bool]:
        """Whether any of the partners is such a party to a row of the model."""
        facets = self._facets(model).c
        held = select(facets.id).where(facets.name == self.facet, facets.value.in_(partners))
        if self.back:
            holder = self._holder(model)
            pointing = select(getattr(holder, self.back)).where(holder.id.in_(held), *self._counts(holder))
            return model.id.in_(pointing)
        return and_(getattr(model, self.key).in_(held), *self._counts(model))

    def of(self, record: Resource) -> Collection[str]:
        """The partners that are this party to the record."""
        if self.states is not None and record.state not in self.states:
            return ()
        if self.holder is None:
            return {str(one) for one in record.FACETS[self.facet](record) if one is not None}
        asked = {"name": self.facet, "id": getattr(record, self.key)}
        return session().scalars(_held(self._facets(type(record))), asked).all()

    def _holder(self, model: type[Resource]) -> type[Resource]:
        return model.named(self.holder) if self.holder else model

    def _facets(self, model: type[Resource]) -> Any:
        return self._holder(model).facets

    def _counts(self, model: type[Resource]) -> tuple[ColumnElement[bool], ...]:
        return () if self.states is None else (model.state.in_(self.states),)


@cache
def _held(facets: Table) -> Select[Any]:
    """The values of one facet of a record."""
    return select(facets.c.value).where(facets.c.name == bindparam("name"), facets.c.id == bindparam("id"))


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

    def of(self, record: Resource) -> Collection[str]:
        """The partners that are this party to the record's parent."""
        return record.parent.party(self.name) if record.parent else ()
