"""Records as rows: the flat columns of a schema, how a record goes into their cells, and how it comes out again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Any

import marshmallow as ma
import orjson

from schemas.base import Shape
from schemas.fields import (
    Choice,
    Code,
    Counts,
    Decimal,
    Field,
    Flag,
    Integer,
    Links,
    Many,
    Moment,
    Number,
    Object,
    Ref,
    Text,
)

SEPARATOR, ESCAPE = "|", "\\"
"""What stands between the values of a list in one cell, and before either of these two inside a value."""


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    LIST = "list"
    JSON = "json"


NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL})
"""The kinds a spreadsheet can add up."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a plain member of the record, however deep, by its dotted path."""

    names: tuple[str, ...]
    field: Field
    kind: Kind
    nullable: tuple[bool, ...]
    """Of each name on the way, whether what it names may be null."""

    @property
    def path(self) -> str:
        """What the column is called."""
        return ".".join(self.names)

    @property
    def value(self) -> Field:
        """The field of the value itself: of a list, of each."""
        return self.field.inner if isinstance(self.field, Many) else self.field  # type: ignore[return-value]

    @property
    def code_list(self) -> str | None:
        """The code list that its values are of."""
        match self.value:
            case Choice() as choice:
                return choice.terms.scheme
            case Code() as code:
                return code.scheme
        return None

    @property
    def refers_to(self) -> str | None:
        """The resource whose ids its values are."""
        return self.value.resource if isinstance(self.value, Ref) else None

    def of(self, document: Mapping[str, Any]) -> Any:
        """Its value in a record; None when any object on the way is."""
        found: Any = document
        for name in self.names:
            if found is None:
                return None
            found = found.get(name)
        return found

    def write(self, value: Any) -> str:
        """A value as the text of a cell; null, and a list without values, are an empty one."""
        return "" if value is None else _WRITE[self.kind](value)

    def read(self, text: str) -> Any:
        """The value a cell means. What is none of its kind stays text: the schema then says what is wrong with it."""
        if not text:
            return [] if isinstance(self.field, Many) else None
        if self.kind is Kind.LIST:
            kind = _kind(self.value)
            return [_READ[kind](item) for item in _split(text)]
        return _READ[self.kind](text)


@cache
def columns_of(schema: type[Shape]) -> tuple[Column, ...]:
    """The columns of a shape: of one that clients send what they may send, of one they get what they are told."""
    return tuple(_columns(schema.request, schema().fields, (), ()))


def _columns(
    sent: bool, fields: Mapping[str, Any], names: tuple[str, ...], nullable: tuple[bool, ...]
) -> Iterator[Column]:
    for name, field in fields.items():
        if field.dump_only if sent else field.load_only:
            continue
        path, ways = (*names, name), (*nullable, bool(field.allow_none))
        members = members_of(field)
        if members is None:
            yield Column(path, field, _kind(field), ways)
        else:
            yield from _columns(sent, members, path, ways)


def members_of(field: ma.fields.Field[Any]) -> Mapping[str, Any] | None:
    """The members that have columns of their own; None for what stands in one cell."""
    match field:
        case Object():
            return field.schema.fields
        case Counts():
            return {str(term): Integer(f"{term.en}.", min=0, required=True, example=0) for term in field.terms}
        case Links():
            return {name: _address(field, name) for name in field.addresses}
    return None


def _address(field: Links, name: str) -> Text:
    words = f"Address of the record's {name}." if name != "self" else "Address of the record itself."
    return Text(words, max=2000, format="uri-reference", required=True, example=field.example[name])


def _kind(field: ma.fields.Field[Any]) -> Kind:
    if isinstance(field, Many):
        return Kind.JSON if _kind(field.inner) is Kind.JSON else Kind.LIST
    known = next((kind for kind, kinds in _FIELDS.items() if isinstance(field, kinds)), None)
    return known or Kind.JSON


_FIELDS: Mapping[Kind, tuple[type[Any], ...]] = {
    Kind.BOOLEAN: (Flag,),
    Kind.INTEGER: (Integer,),
    Kind.NUMBER: (Number,),
    Kind.DECIMAL: (Decimal,),
    Kind.TEXT: (Text, Choice, Moment),
}


def flatten(document: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
    """A record as the cells of a row."""
    return [column.write(column.of(document)) for column in columns]


def unflatten(cells: Mapping[str, str], columns: Sequence[Column]) -> dict[str, Any]:
    """The record, or the part of it, that cells by path mean: `flatten` the other way round.

    A column that is not there says nothing. An empty cell is null, and so is an object all of whose cells are empty;
    where null is not allowed, it is as if the column were not there.
    """
    return _body([column for column in columns if column.path in cells], cells, 0)


def _body(columns: Sequence[Column], cells: Mapping[str, str], depth: int) -> dict[str, Any]:
    body = {}
    for name, below in groupby(columns, key=lambda column: column.names[depth]):
        inside = list(below)
        first = inside[0]
        if len(first.names) == depth + 1:
            value = first.read(cells[first.path])
        else:
            members = _body(inside, cells, depth + 1)
            value = members if any(member not in (None, []) for member in members.values()) else None
        if value is not None or first.nullable[depth]:
            body[name] = value
    return body


# --- Cells --------------------------------------------------------------------------------------------------


def _json(value: Any) -> str:
    return orjson.dumps(value).decode() if value != [] else ""


def _join(values: Sequence[Any]) -> str:
    return SEPARATOR.join(_escaped(value if isinstance(value, str) else _json(value)) for value in values)


def _escaped(text: str) -> str:
    return text.replace(ESCAPE, ESCAPE * 2).replace(SEPARATOR, ESCAPE + SEPARATOR)


_MARK = re.compile(r"\\[\\|]|.", re.DOTALL)


def _split(text: str) -> list[str]:
    """What `_join` joined; a backslash before anything but the two signs it escapes stands for itself."""
    items = [""]
    for mark in _MARK.findall(text):
        if mark == SEPARATOR:
            items.append("")
        else:
            items[-1] += mark[-1] if len(mark) == 2 else mark
    return items


# A number in JSON (RFC 8259, section 6), of no more digits than one can mean.
_NUMERAL = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?\Z")


def _number(text: str) -> Any:
    return orjson.loads(text) if _NUMERAL.match(text) else text


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


_WRITE: Mapping[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.DECIMAL: str,
    Kind.INTEGER: _json,
    Kind.NUMBER: _json,
    Kind.BOOLEAN: _json,
    Kind.JSON: _json,
    Kind.LIST: _join,
}
_READ: Mapping[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.DECIMAL: str,
    Kind.INTEGER: _number,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: lambda text: {"true": True, "false": False}.get(text, text),
    Kind.JSON: _parsed,
}
