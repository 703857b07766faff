"""What people write into cells, as our columns have it: numbers with a comma, dates of other forms, words for codes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas.columns import NUMBERS, Column, Kind
from schemas.dialects import unguarded
from schemas.fields import Moment, PartialDate
from schemas.wording import Say


class Unclear(Exception):
    """A cell that can mean two things."""

    def __init__(self, detail: Say, advice: Say) -> None:
        super().__init__(detail.en)
        self.detail, self.advice = detail, advice


@dataclass(frozen=True, slots=True)
class Way:
    """How the cells of one column are to be read. In `danish` tables, numbers and dates are as Excel shows them."""

    column: Column
    danish: bool = False
    terms: Mapping[str, str] = field(default_factory=dict)
    date: str | None = None
    decimal: str | None = None
    split: str | None = None
    prefix: str = ""
    default: str | None = None

    def read(self, text: str) -> str:
        """The cell as the export would have written it; what makes no sense is left for the schema to refuse."""
        text = unguarded(text.strip(" \t\u00a0")) if self.danish else text.strip(" \t\u00a0")
        if self.column.kind is Kind.LIST:
            return self.column.write([self._one(part) for part in self._parts(text) if part])
        return self._one(text) if text else self.default or ""

    def _parts(self, text: str) -> list[str]:
        text = text or self.default or ""
        return [part.strip() for part in text.split(self.split)] if self.split else self.column.read(text)

    def _one(self, text: str) -> str:
        text = self.terms.get(text, text)
        if self.column.kind in NUMBERS:
            return _number(text, self.decimal, danish=self.danish)
        if self.column.kind is Kind.BOOLEAN:
            return _FLAGS.get(text.casefold(), text)
        if self.column.kind is Kind.TEXT:
            return self.prefix + self._dated(text)
        return self.prefix + text

    def _dated(self, text: str) -> str:
        if self.date:
            return _date(text, self.date, moment=isinstance(self.column.value, Moment))
        found = self.danish and isinstance(self.column.field, PartialDate) and _DANISH_DATE.match(text)
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


_FLAGS = {
    **dict.fromkeys(("true", "sand", "ja", "yes", "1", "x"), "true"),
    **dict.fromkeys(("false", "falsk", "nej", "no", "0"), "false"),
}
_DANISH_DATE = re.compile(r"([0-9]{1,2})[-./]([0-9]{1,2})[-./]([0-9]{4})\Z")
_SPACES = re.compile(r"[ \u00a0\u202f\u2009]")
_GROUPS: Mapping[str, re.Pattern[str]] = {
    mark: re.compile(rf"-?[0-9]{{1,3}}(\{mark}[0-9]{{3}})+(?=\Z|[.,])") for mark in ".,"
}

_TWO_WAYS = Say(
    "Tallet {text} kan læses på to måder: {mark} kan stå før decimaler eller mellem tusinder.",
    "The number {text} can be read in two ways: {mark} may stand before decimals or between thousands.",
)
_PLAINLY = Say(
    "Skriv tallet uden tegn mellem tusinder, eller angiv decimal i en profil.",
    "Write the number without marks between thousands, or say decimal in a profile.",
)


def _number(text: str, decimal: str | None, *, danish: bool) -> str:
    """A number as JSON writes it. A lone mark before three digits is not guessed at: it is a factor of a thousand."""
    text = _SPACES.sub("", text)
    point = decimal or ("," if danish else ".")
    between = "." if point == "," else ","
    if between not in text:
        return text.replace(point, ".")
    grouped = _GROUPS[between].match(text)
    if decimal or point in text or text.count(between) > 1:
        # What is no number is left as one that JSON does not know, for the schema to refuse.
        return text.replace(between, "").replace(point, ".") if grouped else text.replace(".", ",")
    if grouped:
        raise Unclear(_TWO_WAYS.format(text=text, mark=between), _PLAINLY)
    return text.replace(between, ".")


def _date(text: str, form: str, *, moment: bool) -> str:
    """A date as ISO 8601 has it, to the year, the month or the day as its form does; or a moment."""
    try:
        found = dt.datetime.strptime(text, form)
    except ValueError:
        return text
    if moment:
        return found.isoformat()
    length = 10 if "%d" in form else 7 if "%m" in form else 4
    return found.date().isoformat()[:length]


def plain(value: Any, column: Column) -> str:
    """A value out of JSON as the text of a cell."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and column.kind is Kind.LIST:
        return column.write([one if isinstance(one, str) else _json(one) for one in value])
    return _json(value)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
