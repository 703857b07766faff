"""XLSX: the first sheet as a table, read a row at a time, however much there is to unpack."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError  # only the error's name: what is sent is parsed by defusedxml

from defusedxml import DefusedXmlException

from api.imports.parts import Burst, Parts
from api.imports.rows import CORRECT, Rows, Unreadable, Wrong
from api.imports.tables import MOST_COLUMNS, Table, named, row
from schemas.wording import Say

MOST_BYTES = 1_073_741_824
"""Of all that is packed in a workbook."""
MOST_ROWS = 1_048_576
"""Excel's own limit; a file may claim more."""

_BOMB = Say("Regnearket fylder for meget, når det pakkes ud.", "The workbook is too large when it is unpacked.")
_SPLIT = Say("Del det op, eller gem det som CSV UTF-8.", "Split it up, or save it as CSV UTF-8.")
_BROKEN = Say("Regnearket kan ikke læses.", "The workbook cannot be read.")
SAVE = Say(
    "Gem det i Excel som .xlsx uden adgangskode, eller som CSV UTF-8.",
    "Save it in Excel as .xlsx without a password, or as CSV UTF-8.",
)
_EMPTY = Say("Regnearkets første ark er tomt.", "The first sheet of the workbook is empty.")
_HEADING = Say("Skriv kolonnernes navne i første række.", "Write the names of the columns in the first row.")
_ERROR = Say("Cellen viser en fejl: {value}.", "The cell shows an error: {value}.")
_FORMULA = Say("Ret formlen i regnearket.", "Correct the formula in the workbook.")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#I/T", "#REFERENCE!"})

_FAULTS = (zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, OSError, EOFError,
           ParseError, DefusedXmlException, NotImplementedError, RuntimeError)  # fmt: skip
"""What a file that is no workbook makes the readers of it raise."""


def workbook(file: IO[bytes]) -> Table:
    """The table on the first sheet."""
    with _told():
        rows = _cells(Parts(file, MOST_BYTES))
        line, heading = next(((line, cells) for line, cells in islice(rows, 100) if any(cells)), (0, []))
    if not heading:
        raise Unreadable(_EMPTY, _HEADING)
    names = named([_text(cell) for cell in heading], line)
    return Table(tuple(filter(None, names)), _rows(names, rows))


@contextmanager
def _told() -> Iterator[None]:
    """Whatever happens in reading a file is told as what is wrong with it."""
    try:
        yield
    except (Burst, MemoryError) as wrong:
        raise Unreadable(_BOMB, _SPLIT) from wrong
    except _FAULTS as wrong:
        raise Unreadable(_BROKEN, SAVE) from wrong


def _cells(parts: Parts) -> Iterator[tuple[int, list[Any]]]:
    """The rows with their number, each value in the place of its column."""
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
    from openpyxl.worksheet._reader import WorkSheetParser

    epoch = CALENDAR_MAC_1904 if parts.since_1904() else CALENDAR_WINDOWS_1900
    dates, durations = _dates(parts)
    reader = WorkSheetParser(None, parts.strings(), True, epoch, dates, durations)
    last = 0
    for count, element in enumerate(parts.rows(), start=1):
        if len(element) > 2 * MOST_COLUMNS:
            raise Unreadable(_BOMB, _SPLIT, line=last + 1)
        line, found = reader.parse_row(element)
        reader.row_dimensions.clear()  # how high it is, and the like
        cells = _in_place(found)
        if line > MOST_ROWS or count > MOST_ROWS or len(cells) > 2 * MOST_COLUMNS:
            raise Unreadable(_BOMB, _SPLIT, line=line)
        if line <= last:
            raise ValueError(line)
        last = line
        yield line, cells


def _dates(parts: Parts) -> tuple[set[int], set[int]]:
    """The styles that show a number as a time, and those that show one as a duration."""
    from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format

    dates, durations = set(), set()
    for style, (number, own) in enumerate(parts.formats()):
        shown = own if own is not None else builtin_format_code(number)
        if is_date_format(shown):
            dates.add(style)
        if is_timedelta_format(shown):
            durations.add(style)
    return dates, durations


def _in_place(found: Sequence[dict[str, Any]]) -> list[Any]:
    cells = [None] * max((cell["column"] for cell in found), default=0)
    for cell in found:
        cells[cell["column"] - 1] = cell["value"]
    return cells


def _rows(names: Sequence[str], rows: Iterator[tuple[int, list[Any]]]) -> Rows:
    with _told():
        for line, cells in rows:
            texts = [_text(cell) for cell in cells]
            if wrong := next((place for place, text in enumerate(texts) if text in _ERRORS), None):
                column = names[wrong] if wrong < len(names) else None
                yield Wrong(line, _ERROR.format(value=texts[wrong]), _FORMULA, column, texts[wrong])
            elif any(texts):
                yield row(line, names, texts, CORRECT)


def _text(cell: Any) -> str:
    """A cell as a CSV in UTF-8 would have it: dates as ISO 8601, a decimal point."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case dt.datetime() if cell.time() == dt.time():
            return cell.date().isoformat()
        case dt.datetime() | dt.date():
            return cell.isoformat()
        case _:
            return str(cell)
