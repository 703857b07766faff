"""XLSX: the records in a workbook for Excel and its like, with the data dictionary on the last sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from api.exports.dictionary import columns_told, told
from api.exports.pieces import SIZE
from api.kit.formats import Context, Format
from schemas.columns import NUMBERS, Column, Kind, laying_out
from schemas.dialects import looks_like_formula

ROWS = 1_048_575
"""Rows of a sheet, below the one with the columns' names; more go on the next."""
LONGEST = 32_767
"""What a cell can hold, in UTF-16 units."""
SHORTENED = " … [CSV, NDJSON]"
"""The end of a cell that could not hold everything: which formats do."""
_DIGITS = 15
"""Digits of a number that Excel keeps."""
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
}


def write(documents: Iterator[bytes], about: Context) -> Iterator[bytes]:
    """The workbook. It can only be sent once it is whole; until then it is on disk, not in memory."""
    with TemporaryDirectory(prefix="copi-") as folder:
        path = Path(folder) / "workbook.xlsx"
        with Workbook(str(path), {**_OPTIONS, "tmpdir": folder}) as workbook:
            workbook.set_properties({"title": about.noun, "created": about.at.replace(tzinfo=None)})
            _fill(workbook, about.noun, about.columns, (orjson.loads(document) for document in documents))
            _fill(workbook, "data dictionary", columns_told(), told(about.schema))
        with path.open("rb") as file:
            while piece := file.read(SIZE):
                yield piece


def _fill(workbook: Workbook, name: str, columns: Sequence[Column], records: Iterable[Any]) -> None:
    sheet = _sheet(workbook, name, columns)
    text, laid_out = workbook.add_format({"quote_prefix": True}), laying_out(columns)
    for number, record in enumerate(records):
        row = number % ROWS + 1
        if row == 1 and number:
            sheet = _sheet(workbook, f"{name} {number // ROWS + 1}", columns)
        for place, (column, value) in enumerate(zip(columns, laid_out(record), strict=True)):
            if value is not None:
                _cell(sheet, row, place, column, value, text)


def _sheet(workbook: Workbook, name: str, columns: Sequence[Column]) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 24)
    bold = workbook.add_format({"bold": True})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.path, bold)
    return sheet


def _cell(sheet: Worksheet, row: int, place: int, column: Column, value: Any, text: Any) -> None:
    written = column.write(value)
    if column.kind is Kind.BOOLEAN:
        sheet.write_boolean(row, place, value)
    elif column.kind in NUMBERS and sum(map(str.isdigit, written)) <= _DIGITS:
        sheet.write_number(row, place, float(value))
    elif written:
        # Without the prefix, whoever edits the cell would turn its text into a formula.
        sheet.write_string(row, place, fitting(written), text if looks_like_formula(written) else None)


def fitting(text: str) -> str:
    """The text, or as much of it as a cell holds."""
    if len(text) <= LONGEST // 2 or len(text.encode("utf-16-le")) <= LONGEST * 2:
        return text
    room = (LONGEST - len(SHORTENED)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + SHORTENED


XLSX = Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write, saved=True)
