"""CSV as RFC 4180 has it and as Excel writes it in Denmark: semicolons, and a comma before the decimals."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

from api.imports.lines import LONGEST, BrokenLine, Lines
from api.imports.rows import CORRECT, Row, Rows, Unreadable, Wrong, shown
from schemas.wording import Say

csv.field_size_limit(LONGEST)

MOST_COLUMNS = 500

_SAYS_SO = re.compile(r"\ufeff?sep=(.)\r?\n?\Z")
"""A first line that Excel understands and RFC 4180 does not know."""
_QUOTED = re.compile(r'"(?:[^"]|"")*"')

_LOOKED_AT = 200
"""Lines of a table with tabs, as Excel copies and saves it, by which its numbers are judged."""
_COMMA = re.compile(r"-?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]{1,2}\Z")
_POINT = re.compile(r"-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)\.[0-9]{1,2}\Z")

_QUOTES = Say(
    "Anførselstegnene på linjen går ikke op.",
    "The quotation marks on the line do not match.",
)
_DOUBLE = Say(
    'Sæt hele cellen i anførselstegn, og skriv et anførselstegn i teksten som to: "".',
    'Put the whole cell in quotation marks, and write a quotation mark in the text as two: "".',
)
_CELLS = Say("Linjen har {have} celler; overskriften har {want}.", "The line has {have} cells; the heading has {want}.")
_SEPARATOR = Say(
    "Sæt celler, som indeholder {separator} eller linjeskift, i anførselstegn.",
    "Put cells that contain {separator} or line breaks in quotation marks.",
)
_TWICE = Say("To kolonner hedder {column}.", "Two columns are called {column}.")
_NAMES = Say("Giv kolonnerne hver sit navn.", "Give each column a name of its own.")
_EMPTY = Say("Filen er tom.", "The file is empty.")
_HEADING = Say(
    "Første linje skal være kolonnernes navne, og der skal være mindst én linje mere.",
    "The first line must be the names of the columns, followed by at least one more line.",
)
_NAMELESS = Say("Der står noget i en kolonne uden navn.", "There is something in a column without a name.")
_MANY = Say("Filen har flere end {most} kolonner.", "The file has more than {most} columns.")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with named columns. In `danish` ones numbers have a decimal comma."""

    columns: tuple[str, ...]
    rows: Rows
    danish: bool = False


def table(file: IO[bytes]) -> Table:
    """A CSV file: its encoding, separator and decimals are found out."""
    lines = Lines(file)
    try:
        separator = _separator(lines)
        records = _records(lines, separator)
        line, heading = _heading(records)
    except BrokenLine as broken:
        raise Unreadable(broken.wrong.detail, broken.wrong.advice, line=broken.wrong.line) from broken
    names = named(heading, line)
    first = list(islice(records, _LOOKED_AT)) if separator == "\t" else []
    danish = separator == ";" or _looks_danish(cell for one in first if isinstance(one, tuple) for cell in one[1])
    return Table(tuple(filter(None, names)), _rows(names, chain(first, records), separator), danish)


def _looks_danish(cells: Iterable[str]) -> bool:
    """Whether there are numbers with a decimal comma, and more of them than with a point."""
    texts = [cell.strip() for cell in cells]
    return sum(map(bool, map(_COMMA.match, texts))) > sum(map(bool, map(_POINT.match, texts)))


def _separator(lines: Lines) -> str:
    first = lines.first()
    if said := _SAYS_SO.match(first):
        next(lines)
        return said[1]
    bare = _QUOTED.sub("", first)
    return max(";", ",", "\t", key=bare.count)


def _heading(records: Iterator[tuple[int, list[str]] | Wrong]) -> tuple[int, list[str]]:
    found = next(records, None)
    if found is None:
        raise Unreadable(_EMPTY, _HEADING)
    if isinstance(found, Wrong):
        raise Unreadable(found.detail, found.advice, line=found.line)
    return found


def named(heading: Sequence[str], line: int = 1) -> list[str]:
    """The names of the columns; each stands once, and what is beside the table has none."""
    names = [name.strip() for name in heading]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Unreadable(_EMPTY, _HEADING, line=line)
    if len(names) > MOST_COLUMNS:
        raise Unreadable(_MANY.format(most=MOST_COLUMNS), _HEADING, line=line)
    twice = next((name for place, name in enumerate(names) if name and name in names[:place]), None)
    if twice is not None:
        raise Unreadable(_TWICE.format(column=shown(twice)), _NAMES, line=line, column=twice)
    return names


def _records(lines: Lines, separator: str) -> Iterator[tuple[int, list[str]] | Wrong]:
    """The cells of each record with the line it begins on; a broken one costs no more than its own lines."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except BrokenLine as broken:
            if broken.wrong.line == lines.start:
                lines.go_back()
            yield broken.wrong
        except csv.Error:
            yield Wrong(lines.start, _QUOTES, _DOUBLE)
            lines.go_back()
        else:
            if cells:
                yield lines.start, cells


def _rows(names: Sequence[str], records: Iterable[tuple[int, list[str]] | Wrong], separator: str) -> Rows:
    advice = _SEPARATOR.format(separator={"\t": "tab"}.get(separator, separator))
    for found in records:
        if isinstance(found, Wrong):
            yield found
            continue
        line, cells = found
        if len(cells) < len(names) and any(cells):
            yield Wrong(line, _CELLS.format(have=len(cells), want=len(names)), advice)
        elif any(cells):
            yield row(line, names, cells, advice)


def row(line: int, names: Sequence[str], cells: Sequence[str], advice: Say = CORRECT) -> Row | Wrong:
    """The cells by the names of their columns; nothing may stand beside the table."""
    if any(cells[len(names) :]):
        return Wrong(line, _CELLS.format(have=len(cells), want=len(names)), advice)
    if any(cell and not name for name, cell in zip(names, cells, strict=False)):
        return Wrong(line, _NAMELESS, _NAMES)
    return Row(line, {name: cell for name, cell in zip(names, cells, strict=False) if name})
