"""CSV: a record a row, for spreadsheets and statistics programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import orjson

from api.exports.pieces import in_pieces
from api.kit.formats import Context, Format
from schemas.columns import laying_out
from schemas.dialects import DIALECTS, RFC_4180, Dialect


def write(documents: Iterator[bytes], about: Context) -> Iterator[bytes]:
    """The documents as rows below their columns' paths (RFC 4180), in the dialect asked for."""
    return in_pieces(_lines(documents, about, DIALECTS[about.dialect or RFC_4180.name]))


def _lines(documents: Iterator[bytes], about: Context, dialect: Dialect) -> Iterator[bytes]:
    columns, laid_out = about.columns, laying_out(about.columns)
    line = csv.writer(_Handed(), delimiter=dialect.delimiter, lineterminator="\r\n").writerow
    yield dialect.mark + line([column.path for column in columns])
    for document in documents:
        cells = zip(columns, laid_out(orjson.loads(document)), strict=True)
        yield line([dialect.write(column, column.write(value)) for column, value in cells])


class _Handed:
    """Takes what a writer writes and hands it straight back."""

    def write(self, line: str) -> bytes:
        return line.encode()


CSV = Format(
    "csv", "text/csv", write, saved=True, dialects=tuple(DIALECTS), parameters="; charset=utf-8; header=present"
)
