"""The data dictionary, worked out from the schemas: what each column of each resource's tables means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from api import reference
from schemas.base import Shape, creating, updating
from schemas.columns import NUMBERS, Column, columns_of, columns_within
from schemas.dictionary import ColumnSchema
from schemas.names import PLURALS

_UNITS = ("currency", "unit")
"""Members that say what the number beside them is counted in."""


def columns_told() -> Sequence[Column]:
    """The columns of a data dictionary that is itself a table."""
    return columns_of(ColumnSchema)


@cache
def told(schema: type[Shape]) -> Sequence[Mapping[str, Any]]:
    """What is said of each column of a schema, and of the members of objects that stand in one cell."""
    sent, changed = ({one.path: one for one in columns_of(derive(schema))} for derive in (creating, updating))
    return tuple(ColumnSchema().dump(entry) for entry in _told(columns_of(schema), sent, changed, None))


def _told(
    columns: Sequence[Column], sent: Mapping[str, Column], changed: Mapping[str, Column], within: str | None
) -> Iterator[dict[str, Any]]:
    for column in columns:
        path = f"{within}[].{column.path}" if within else column.path
        asked = sent.get(column.path)
        yield {
            **_meaning(column),
            "path": path,
            "unit": _unit(column, columns, within),
            "within": within,
            "required": asked is not None and asked.field.required,
            "read_only": asked is None,
            "fixed": asked is not None and column.path not in changed,
        }
        below = {one.path: one for one in columns_within(asked)} if asked else {}
        yield from _told(columns_within(column), below, below if column.path in changed else {}, path)


def _meaning(column: Column) -> dict[str, Any]:
    return {
        "kind": column.kind,
        "format": column.format,
        "description": column.description,
        "codes": _codes(column.code_list) if column.code_list else None,
        "refers_to": column.refers_to and PLURALS[column.refers_to],
        "example": column.write(column.field.example) or None,
    }


def _codes(scheme: str) -> dict[str, Any]:
    return {"scheme": scheme, "title": reference.code_list(scheme).title}


def _unit(column: Column, beside: Sequence[Column], within: str | None) -> str | None:
    """The column, in the same object as a number, that says what it is counted in."""
    above = column.names[:-1]
    units = [one for one in beside if one.names[:-1] == above and one.names[-1] in _UNITS]
    if not units or column.kind not in NUMBERS:
        return None
    return f"{within}[].{units[0].path}" if within else units[0].path
