"""What is in the files: every record of the list and nothing else, as it is there, whoever asks."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import select

from api.models import RESOURCES
from schemas.columns import NUMBERS, columns_of
from schemas.query import AnyOf
from tests.exports.reading import LIST_AT, MEDIA, PATHS, Reader, as_rows_say_it, put_together, schema_at
from tests.make import SANDBOX, Make


@pytest.mark.parametrize("path", PATHS)
class TestEveryList:
    def test_lines_are_the_records_themselves(self, everyone, path):
        assert everyone.lines(path) == everyone.walk(path)

    def test_rows_put_together_are_the_records(self, everyone, path):
        rows = everyone.rows(path)
        records = everyone.walk(path)
        assert [put_together(row, path) for row in rows] == [as_rows_say_it(record) for record in records]

    def test_sheets_hold_what_the_rows_hold(self, everyone, path):
        rows, (name, sheet) = everyone.rows(path), next(iter(everyone.sheets(path).items()))
        assert name == path.rpartition("/")[2]
        columns = {column.path: column for column in columns_of(schema_at(path))}
        assert len(sheet) == len(rows)
        for cells, row in zip(sheet, rows, strict=True):
            assert list(cells) == list(row) == list(columns)
            for path_, value in cells.items():
                text = row[path_]
                if columns[path_].kind in NUMBERS and text:
                    assert value == float(text)
                elif isinstance(value, bool):
                    assert str(value).lower() == text
                else:
                    assert (value or "") == text

    def test_the_workbook_explains_its_columns(self, everyone, path):
        *_, dictionary = everyone.sheets(path).values()
        told = {entry["path"] for entry in dictionary}
        assert told >= {column.path for column in columns_of(schema_at(path))}

    def test_every_filter_applies(self, everyone, path):
        operation = LIST_AT[path]
        with everyone.app.extensions["copi"].database.reading() as connection:
            filters = {name: values for name in operation.parameters
                       if (values := _values(connection, operation.resource, name))}  # fmt: skip
        for name, values in filters.items():
            for asked in (values[0], ",".join(values[:3])):
                found = everyone.walk(f"{path}?{name}={asked}")
                assert everyone.lines(f"{path}?{name}={asked}") == found, name
        assert "state" in filters or not everyone.walk(path)

    def test_words_time_and_order_apply(self, everyone, path):
        keys = next(one for one in LIST_AT[path].document["parameters"] if one.get("name") == "sort")
        orders = [f"sort={key}" for key in keys["schema"]["items"]["enum"]]
        for query in ("q=kommune", "since=2026-06-01T00:00:00Z", "since=2099-01-01T00:00:00Z", *orders):
            ids = [record["id"] for record in everyone.walk(f"{path}?{query}")]
            assert [row["id"] for row in everyone.rows(f"{path}?{query}")] == ids, query

    def test_fields_choose_the_columns(self, everyone, path):
        always = schema_at(path).always or ()
        rows = everyone.rows(f"{path}?fields=created_at,source")
        chosen = {column.path for column in columns_of(schema_at(path))
                  if column.names[0] in {"created_at", "source", *always}}  # fmt: skip
        assert all(set(row) == chosen for row in rows)
        assert everyone.lines(f"{path}?fields=created_at,source") == everyone.walk(f"{path}?fields=created_at,source")

    def test_who_sees_less_takes_less_out(self, callers, path):
        seen = {}
        for name, caller in callers.items():
            answer = caller.get(path)
            assert caller.get(f"{path}?format=csv").status_code == answer.status_code
            if answer.status_code == 200:
                ids = [record["id"] for record in caller.walk(path)]
                assert [row["id"] for row in caller.rows(path)] == ids, name
                assert [record["id"] for record in caller.lines(path)] == ids, name
                seen[name] = set(ids)
        assert all(ids <= seen["editor"] for ids in seen.values())


def _values(connection, resource, name):
    field = _filters(resource).get(name)
    if field is None:
        return []
    facets = RESOURCES[field.via or resource].facets.c
    found = select(facets.value).distinct().where(facets.name == name).order_by(facets.value).limit(3)
    return [value for value in connection.scalars(found) if "," not in value]


def _filters(resource):
    from importlib import import_module

    from schemas.names import PLURALS

    query = getattr(import_module(f"schemas.{PLURALS[resource]}"), f"{resource.title()}Query")
    return {name: field for name, field in query._declared_fields.items() if isinstance(field, AnyOf)}


@pytest.mark.parametrize("format", MEDIA)
def test_what_is_hidden_is_in_no_file(app, make, format):
    shown = make.challenge()
    hidden = [make.challenge("draft"), make.challenge(visibility="private"), make.challenge(visibility="network")]
    readers = {"anonymous": Reader(app), "editor": Reader(app, make.user(["copi_editor"]))}
    taken = {name: _ids(reader, "/challenges", format) for name, reader in readers.items()}
    assert taken == {"anonymous": {shown}, "editor": {shown, *hidden}}


def _ids(reader, path, format):
    if format == "ndjson":
        return {record["id"] for record in reader.lines(path)}
    rows = reader.rows(path) if format == "csv" else next(iter(reader.sheets(path).values()))
    return {row["id"] for row in rows}


# --- What a file is ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", MEDIA)
def test_a_file_is_called_after_what_it_holds_and_the_day(app, make, client, travel, format):
    travel("2026-11-27")
    answer = client.get(f"/challenges?format={format}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=challenges-2026-11-27.{format}"
    below = client.get(f"/challenges/{make.challenge()}/supports?format={format}")
    assert below.headers["Content-Disposition"] == f"attachment; filename=supports-2026-11-27.{format}"


def test_csv_for_programs_is_rfc_4180_in_utf_8(client, make):
    make.challenge(title={"da": 'Rødgrød, "blåbær" og æbler;', "en": None})
    answer = client.get("/challenges?format=csv")
    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    assert answer.data.startswith(b"id,version,")
    assert b'"R\xc3\xb8dgr\xc3\xb8d, ""bl\xc3\xa5b\xc3\xa6r"" og \xc3\xa6bler;"' in answer.data
    assert re.search(rb"[^\r]\n", answer.data) is None


def test_csv_for_excel_in_danish_opens_by_a_double_click(client, make):
    make.challenge(title={"da": "Rødgrød; blåbær", "en": None},
                   budget_indication={"amount": "-1250000.50", "currency": "DKK", "qualifier": None})  # fmt: skip
    answer = client.get("/challenges?format=csv&dialect=excel-da")
    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    assert answer.data.startswith(b"\xef\xbb\xbfid;version;")
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    assert row["title.da"] == "Rødgrød; blåbær"
    assert row["budget_indication.amount"] == "-1250000,50"


EVIL = ['=HYPERLINK("https://evil.example")', "+4533663366", "-2+3", "@SUM(1)", "＝1+1", "'=1"]


@pytest.mark.parametrize("text", EVIL)
def test_what_looks_like_a_formula_is_text_wherever_it_is_opened(app, make, text):
    reader = Reader(app)
    make.challenge(title={"da": text, "en": None}, summary={"da": f"{text}\n{text}", "en": "\t=1"})
    danish = reader.get("/challenges?format=csv&dialect=excel-da").data.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(danish, newline=""), delimiter=";", strict=True)
    assert row["title.da"] == f"'{text}"
    assert row["summary.en"] == "'\t=1"

    [plain] = reader.rows("/challenges")
    assert plain["title.da"] == text, "what programs read is as it was said"
    sheet = next(iter(reader.sheets("/challenges").values()))
    assert sheet[0]["title.da"] == text, "a text, never a formula: `sheets` looks"


def test_numbers_stay_numbers_in_a_workbook(app, make):
    make.challenge(budget_indication={"amount": "-1250000.50", "currency": "DKK", "qualifier": None})
    make.challenge(budget_indication={"amount": "123456789012345.67", "currency": "DKK", "qualifier": None})
    rows = next(iter(Reader(app).sheets("/challenges?sort=created_at").values()))
    assert rows[0]["budget_indication.amount"] == -1250000.5
    assert rows[1]["budget_indication.amount"] == "123456789012345.67", "Excel would round it"


def test_a_cell_that_cannot_hold_everything_says_so(app, make):
    figure = {"indicator": "jobs", "label": {"da": "𝄞" * 190, "en": "b" * 200}, "value": 1, "unit": "job",
              "value_kind": "measured"}  # fmt: skip
    make.challenge(figures=[figure] * 50)
    [row] = next(iter(Reader(app).sheets("/challenges").values()))
    whole = Reader(app).rows("/challenges")[0]["figures"]
    assert len(row["figures"].encode("utf-16-le")) <= 32_767 * 2 < len(whole.encode("utf-16-le"))
    shown, _, end = row["figures"].partition(" … ")
    assert whole.startswith(shown)
    assert end == "[CSV, NDJSON]"


def test_a_list_of_nothing_is_a_table_without_rows(app):
    reader = Reader(app)
    assert reader.rows("/challenges") == reader.lines("/challenges") == []
    first, dictionary = reader.sheets("/challenges").values()
    assert first == []
    assert dictionary


# --- Sandboxes -----------------------------------------------------------------------------------------------


def test_nothing_of_a_sandbox_gets_out_and_nothing_else_into_it(app, make):
    database = app.extensions["copi"].database
    tester = make.test_client()
    real, inside = make.challenge(), Make(database, tester).challenge()
    Make(database, SANDBOX).challenge()
    in_sandbox = Reader(app, tester, client=tester, scope="challenge:read")
    assert [row["id"] for row in in_sandbox.rows("/challenges")] == [inside]
    for caller in (Reader(app), Reader(app, make.user(["copi_editor"]))):
        assert [row["id"] for row in caller.rows("/challenges")] == [real]
