"""How the tests of exports read: a whole list by its pages, and a file by the programs others read it with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from openpyxl import load_workbook
from werkzeug.test import TestResponse

from api.models import RESOURCES
from schemas.base import Shape
from schemas.columns import columns_of, unflatten
from schemas.names import EXAMPLE_IDS, SINGULARS
from tests.clients import Client
from tests.v1.operations import LISTS

MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ndjson": "application/x-ndjson",
}
PATHS = [one.path.replace("{id}", EXAMPLE_IDS[SINGULARS[one.path.split("/")[1]]]) for one in LISTS]
"""Every list of records, those below another record in the address of one that the demo has."""
LIST_AT = dict(zip(PATHS, LISTS, strict=True))


class Reader(Client):
    """Somebody who reads whole lists."""

    def walk(self, path: str) -> list[Any]:
        """Every record of a list, by its pages."""
        return [record for page in self._pages(path) for record in page.json["items"]]

    def _pages(self, path: str) -> Iterator[TestResponse]:
        address: str | None = path
        while address:
            page = self.get(address)
            assert page.status_code == 200, page.json
            yield page
            address = (page.json["next"] or "").removeprefix("/v1") or None

    def lines(self, path: str) -> list[Any]:
        """Every record of a list, as lines of JSON."""
        text = self._read(path, "ndjson").decode()
        assert text.endswith("\n") or not text
        return [json.loads(line) for line in text.splitlines()]

    def rows(self, path: str) -> list[dict[str, str]]:
        """Every row of a list, as CSV."""
        text = self._read(path, "csv").decode("utf-8")
        assert text.endswith("\r\n")
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))

    def sheets(self, path: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of each sheet of a list's workbook."""
        book = load_workbook(io.BytesIO(self._read(path, "xlsx")))
        return {sheet.title: _below_names(sheet) for sheet in book}

    def _read(self, path: str, format: str) -> bytes:
        answer = self.get(f"{path}{'&' if '?' in path else '?'}format={format}")
        assert answer.status_code == 200, answer.json
        assert answer.mimetype == MEDIA[format]
        return bytes(answer.data)


def _below_names(sheet: Any) -> list[dict[str, Any]]:
    names, *rows = sheet.iter_rows()
    assert sheet.freeze_panes == "A2"
    assert all(cell.data_type != "f" for row in rows for cell in row)
    return [{name.value: cell.value for name, cell in zip(names, row, strict=True)} for row in rows]


def schema_at(path: str) -> type[Shape]:
    """The schema of a list's records."""
    return type(RESOURCES[str(LIST_AT[path].resource)].schema)


def put_together(row: Mapping[str, str], path: str) -> dict[str, Any]:
    """The record that a row is of."""
    return unflatten(row, columns_of(schema_at(path)))


def as_rows_say_it(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record in which an object without anything in it is null, as a row must take it for."""
    return {name: _said(value) if isinstance(value, Mapping) else value for name, value in record.items()}


def _said(value: Mapping[str, Any]) -> dict[str, Any] | None:
    members = as_rows_say_it(value)
    return members if any(member not in (None, []) for member in members.values()) else None
