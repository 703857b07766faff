"""XLSX: the first sheet as a table, read a row at a time, after a look at how much there is to unpack."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError  # only the error's name: openpyxl parses by defusedxml

from defusedxml import DefusedXmlException

from api.imports.rows import CORRECT, Rows, Unreadable, Wrong
from api.imports.tables import MOST_COLUMNS, Table, named, row
from schemas.wording import Say

MOST_BYTES = 1_073_741_824
"""Of all that is packed in a workbook."""
MOST_STRINGS = 67_108_864
"""Bytes of the texts that cells share, which are in memory at once."""
MOST_ROWS = 1_048_576
"""Excel's own limit; a file may claim more."""
_STRINGS = "xl/sharedStrings.xml"

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
"""What a file that is no workbook makes openpyxl raise."""


def workbook(file: IO[bytes]) -> Table:
    """The table on the first sheet."""
    import openpyxl

    try:
        _demand_modest(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size need not be true
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        line, heading = next(((line, cells) for line, cells in islice(rows, 100) if any(cells)), (0, ()))
    except _FAULTS as wrong:
        raise Unreadable(_BROKEN, SAVE) from wrong
    if not heading:
        raise Unreadable(_EMPTY, _HEADING)
    names = named([_text(cell) for cell in heading], line)
    return Table(tuple(filter(None, names)), _rows(names, rows))


def _demand_modest(file: IO[bytes]) -> None:
    """Refuse what would unpack to more than we take; reading stops at the sizes the archive states."""
    with zipfile.ZipFile(file) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if sum(sizes.values()) > MOST_BYTES or sizes.get(_STRINGS, 0) > MOST_STRINGS:
        raise Unreadable(_BOMB, _SPLIT)
    file.seek(0)


def _rows(names: Sequence[str], rows: Iterator[tuple[int, tuple[Any, ...]]]) -> Rows:
    try:
        for line, cells in rows:
            if line > MOST_ROWS or len(cells) > 2 * MOST_COLUMNS:
                raise Unreadable(_BOMB, _SPLIT, line=line)
            texts = [_text(cell) for cell in cells]
            if wrong := next((place for place, text in enumerate(texts) if text in _ERRORS), None):
                column = names[wrong] if wrong < len(names) else None
                yield Wrong(line, _ERROR.format(value=texts[wrong]), _FORMULA, column, texts[wrong])
            elif any(texts):
                yield row(line, names, texts, CORRECT)
    except _FAULTS as wrong:
        raise Unreadable(_BROKEN, SAVE) from wrong


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
