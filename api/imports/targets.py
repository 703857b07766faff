"""What a line can say of a record: the columns as the export names them, and the history it may bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import marshmallow as ma

from api.models import RESOURCES, Resource
from schemas.base import creating
from schemas.columns import Column, columns_of
from schemas.names import SINGULARS
from schemas.vocabulary import ImportResource

HISTORY: Mapping[str, tuple[str, ...]] = {
    "partner": ("state",),
    "challenge": ("state", "close_reason"),
    "project": ("state", "discontinuation"),
    "outcome": ("state",),
}
"""What steps set, and CO-PI's people may bring along when a record is new here but not in the world."""


@dataclass(frozen=True, slots=True)
class Target:
    """The kind of record that the lines of a file are."""

    model: type[Resource]
    columns: Mapping[str, Column]
    """By their dotted paths."""
    told: frozenset[str]
    """Columns of the export that only the service writes: in a file they are passed over."""
    answered: frozenset[str]
    """The same of the members of a record in JSON."""

    @property
    def noun(self) -> str:
        """What one of them is called."""
        return str(self.model.__tablename__)

    def history(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take what steps set out of a body."""
        return {name: body.pop(name) for name in HISTORY[self.noun] if name in body}

    def past(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """What was taken out, checked as the fields themselves do; raises marshmallow's ValidationError."""
        wrong, past = {}, {}
        for name, value in said.items():
            if value is None:
                continue
            try:
                past[name] = _settable(self.model, name).deserialize(value)
            except ma.ValidationError as refused:
                wrong[name] = refused.messages
        if wrong:
            raise ma.ValidationError(wrong)
        return past


@cache
def target(resource: ImportResource) -> Target:
    """What the lines of a file of this resource are."""
    model = RESOURCES[SINGULARS[resource]]
    shape = type(model.schema)
    read = {column.path: column for column in columns_of(shape)}
    ours = {column.path: column for column in columns_of(creating(shape))}
    past = {path: column for path, column in read.items() if column.names[0] in HISTORY[model.__tablename__]}
    columns = {**ours, **past}
    told = frozenset(read.keys() - columns.keys())
    answered = {name for name, field in model.schema.fields.items() if field.dump_only}
    return Target(model, columns, told, frozenset(answered - set(HISTORY[model.__tablename__])))


@cache
def _settable(model: type[Resource], name: str) -> ma.fields.Field[Any]:
    field: ma.fields.Field[Any] = type(model.schema)().fields[name]
    return field
