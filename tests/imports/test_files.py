"""Files as people have them: every encoding, dialect and format is read, and what cannot be is told with its line."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import xlsxwriter

from api.imports import parts, workbooks
from tests.imports.conftest import Imports, counts, csv, partner, places

UTF8_MARK = b"\xef\xbb\xbf"
DANISH = csv(partner(1, **{"name.da": "Ærø Køb & Låsesmed"}), separator=";")


def names(imports: Imports) -> list[str]:
    return sorted(one["name"]["da"] for one in imports.client.get("/partners?limit=250").json["items"])


def workbook(*rows: list[Any], more: dict[str, bytes] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made, "a") as archive:
        for name, content in (more or {}).items():
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


# --- Encodings and dialects -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        DANISH.encode(),
        UTF8_MARK + DANISH.encode(),
        DANISH.encode("cp1252"),
        DANISH.encode("utf-16"),
        DANISH.replace("\r\n", "\n").encode(),
        DANISH.replace("\r\n", "\r").encode("cp1252"),
        DANISH.replace(";", ",").encode(),
        DANISH.replace(";", "\t").encode(),
        b"sep=;\r\n" + DANISH.encode(),
        DANISH.encode() + b";;;\r\n\r\n",
        DANISH.rstrip().encode(),
    ],
    ids=["utf-8", "marked", "windows-1252", "utf-16", "lf", "cr", "comma", "tab", "sep", "empty rows", "no end"],
)
def test_every_encoding_and_dialect_is_recognised(imports: Imports, content: bytes):
    job = imports.take_in(content)
    assert counts(job) == (1, 0, 0, 0), job
    assert names(imports) == ["Ærø Køb & Låsesmed"]


def test_excel_in_danish(imports: Imports):
    """Decimal commas, dates and truth as Excel writes them, and an apostrophe before what looks like a formula."""
    heading = (
        "source.system;source.external_id;title.da;summary.da;theme;start;end;total_budget.amount;total_budget.currency"
    )
    row = 'x;1;\'=Projekt;"Linje 1\nlinje 2";green_transition;23-04-2022;1.2.2023;1.250.000,50;DKK'
    job = imports.take_in(UTF8_MARK + f"{heading}\r\n{row}\r\n".encode(), resource="projects")
    assert counts(job) == (1, 0, 0, 0), job
    [project] = imports.client.get("/projects").json["items"]
    assert project["title"]["da"] == "=Projekt"
    assert project["summary"]["da"] == "Linje 1\nlinje 2"
    assert (project["start"], project["end"]) == ("2022-04-23", "2023-02-01")
    assert project["total_budget"] == {"amount": "1250000.50", "currency": "DKK", "qualifier": None}


@pytest.mark.parametrize(
    ("separator", "text", "number"),
    [
        (";", "12", "12"), (";", "12,5", "12.5"), (";", "1.234,5", "1234.5"), (";", "1.234.567", "1234567"),
        (";", "1.5", "1.5"), (";", "1 234,50", "1234.50"), (";", "-3,5", "-3.5"),
        (";", "1.234", None), (";", "1,2,3", None), (";", "12 kr.", None), (";", "1.23.456", None),
        (",", "12.5", "12.5"), (",", '"12,5"', "12.5"), (",", '"1,234"', None), (",", '"1,234.5"', "1234.5"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_meant_or_not_at_all(imports: Imports, separator, text, number):
    heading = "source.system,source.external_id,title.da,summary.da,theme,total_budget.amount,total_budget.currency"
    content = (
        heading.replace(",", separator) + "\n" + separator.join(["x", "1", "T", "S", "green_transition", text, "DKK"])
    )
    job = imports.take_in(content, resource="projects")
    if number is None:
        assert places(job) == [(2, "total_budget.amount")], job
    else:
        [project] = imports.client.get("/projects").json["items"]
        assert project["total_budget"]["amount"] == number


@pytest.mark.parametrize(
    ("numbers", "danish"),
    [(["1.250.000,50"], True), (["12,5"], True), (["12.5"], False), (["12,5", "12.5", "1.5"], False), (["12"], False)],
)
def test_a_table_with_tabs_is_danish_when_its_numbers_are(imports: Imports, numbers, danish):
    heading = (
        "source.system source.external_id title.da summary.da theme start total_budget.amount total_budget.currency"
    )
    rows = [
        ["x", str(place), "T", "S", "green_transition", "23-04-2022", number, "DKK"]
        for place, number in enumerate(numbers)
    ]
    content = "\n".join("\t".join(row) for row in [heading.split(), *rows])
    job = imports.take_in(content, resource="projects")
    if danish:
        assert counts(job) == (1, 0, 0, 0), job
        [project] = imports.client.get("/projects").json["items"]
        assert project["start"] == "2022-04-23"
        assert project["total_budget"]["amount"] == {"1.250.000,50": "1250000.50", "12,5": "12.5"}[numbers[0]]
    else:
        assert {column for _, column in places(job)} == {"start"}, "a day and a month are not guessed at"


def test_an_amount_in_another_spelling_is_no_change(imports: Imports):
    """In a cell of its own, and in an object in a list."""

    def content(amount: str, granted: str) -> str:
        funding = f'[{{""kind"":""grant"",""money"":{{""amount"":""{granted}"",""currency"":""DKK""}}}}]'
        line = {"source.system": "x", "source.external_id": "1", "title.da": "T", "summary.da": "S", "theme": "green_transition",
                "total_budget.amount": amount, "total_budget.currency": "DKK", "funding": f'"{funding}"'}  # fmt: skip
        return csv(line)

    def taken(*amounts: str) -> tuple[int, int, int, int]:
        return counts(imports.take_in(content(*amounts), resource="projects"))

    assert taken("1250000.50", "100") == (1, 0, 0, 0)
    assert taken("1250000.5", "100.00") == (0, 0, 1, 0)
    assert taken("1250000.51", "100.00") == (0, 1, 0, 0)
    assert taken("1250000.51", "100.01") == (0, 1, 0, 0)


def test_a_line_break_in_a_value_is_shown_as_one(imports: Imports):
    job = imports.take_in(csv(partner(1, kind='"company\n"')))
    assert (places(job), job["errors"][0]["value"]) == ([(2, "kind")], "company↵")


UNREAD = csv({"source.system": "x", "source.external_id": "1", "title.da": "T", "summary.da": "S", "theme": "grøn",
              "total_budget.amount": "1.234", "total_budget.currency": "kroner", "trl": "12", "start": "2022"},
             separator=";")  # fmt: skip


def test_an_unreadable_cell_does_not_hide_what_else_is_wrong_in_its_line(imports: Imports):
    job = imports.take_in(UNREAD, resource="projects")
    found = {one["column"]: one["detail"]["en"] for one in job["errors"]}
    assert set(found) == {"total_budget.amount", "total_budget.currency", "theme", "trl"}, job
    assert "two ways" in found["total_budget.amount"], "and not that it is missing"
    assert len(job["errors"]) == 4
    assert job["refused"] == 1


@pytest.mark.parametrize("mode", ["line_by_line", "all_or_nothing"])
def test_a_line_with_an_unreadable_cell_alone_is_refused_and_nothing_of_it_done(imports: Imports, mode):
    good = csv({"source.system": "x", "source.external_id": "1", "title.da": "T", "summary.da": "S",
                "theme": "green_transition", "total_budget.amount": "1", "total_budget.currency": "DKK"}, separator=";")  # fmt: skip
    assert imports.take_in(good, resource="projects")["created"] == 1
    unclear = good.replace(";T;S;", ";Nyt;S;").replace(";1;DKK", ";1.234;DKK")
    for number in ("1", "2"):
        job = imports.take_in(unclear.replace("x;1;", f"x;{number};"), resource="projects", mode=mode)
        assert (counts(job), places(job)) == ((0, 0, 0, 1), [(2, "total_budget.amount")]), job
    [project] = imports.client.get("/projects").json["items"]
    assert (project["title"]["da"], project["total_budget"]["amount"], project["version"]) == ("T", "1", 1)


def test_a_table_of_utf8_with_a_broken_line_is_not_taken_for_windows_1252(imports: Imports):
    rows = [partner(number, **{"name.da": f"Ærø {number}"}) for number in range(3)]
    broken = csv(*rows).encode().replace("Ærø 1".encode(), b"\xc6r\xf8 1")
    job = imports.take_in(broken)
    assert counts(job) == (2, 0, 0, 1)
    assert places(job) == [(3, None)]
    assert names(imports) == ["Ærø 0", "Ærø 2"]


def test_what_the_export_tells_besides_is_passed_over(imports: Imports):
    job = imports.take_in(csv(partner(1, id="whatever", version="7", created_at="2020", **{"links.self": "/x"})))
    assert counts(job) == (1, 0, 0, 0)


# --- Workbooks ------------------------------------------------------------------------------------------------


def test_a_workbook(imports: Imports):
    heading = [
        "source.system",
        "source.external_id",
        "title.da",
        "summary.da",
        "theme",
        "start",
        "trl",
        "keywords",
        None,
    ]
    content = workbook(
        heading,
        ["x", 17, "Projekt Ø", "S", "green_transition", dt.datetime(2022, 4, 23), 7.0, "a|b", None],
        [None] * 9,
        ["x", 18, "#REF!", "S", "green_transition", None, None, None, None],
        ["x", 19, "T", "S", "grøn", None, None, None, None],
    )
    job = imports.take_in(content, "p.xlsx", resource="projects")
    assert counts(job) == (1, 0, 0, 2), job
    assert places(job) == [(4, "title.da"), (5, "theme")]
    [project] = imports.client.get("/projects").json["items"]
    assert project["source"]["external_id"] == "17"
    assert (project["start"], project["trl"], project["keywords"]) == ("2022-04-23", 7, ["a", "b"])


# --- JSON -----------------------------------------------------------------------------------------------------


def test_records_in_json_a_line_each(imports: Imports):
    body = {
        "source": {"system": "x", "external_id": "1"},
        "name": {"da": "Å"},
        "kind": "company",
        "id": "0",
        "version": 3,
    }
    lines = [orjson.dumps(body), b"", b'{"name": ', b"[1]", b'{"source": {"system": "x", "external_id": "\\ud800"}}',
             orjson.dumps({"name": {"da": "B"}}), orjson.dumps({**body, "nickname": "B"})]  # fmt: skip
    job = imports.take_in(b"\n".join(lines), "p.ndjson")
    assert counts(job) == (1, 0, 0, 5), job
    assert places(job) == [(3, None), (4, None), (5, None), (6, "/source"), (7, "/nickname")]
    assert names(imports) == ["Å"]


# --- What cannot be read --------------------------------------------------------------------------------------

TWO = csv(partner(1), partner(2))


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"\r\n \r\n", 1, "empty"),
        (b"source.system,source.external_id,name.da,nmae.en\n", 1, "no column called nmae.en"),
        (b"source.external_id,name.da\n1,x\n", 1, "source.system is missing"),
        (b"name.da,name.da\nx,y\n", 1, "Two columns"),
        (b"PK\x03\x04 no workbook", 1, "cannot be read"),
        (b'"source.system,name.da\nx,y\n', 1, "quotation marks"),
        (b"a" * 1_100_000, 1, "longer than 1 MiB"),
        (",".join(f"c{number}" for number in range(501)).encode(), 1, "more than 500"),
        (b"\xff\xfe\x00", 1, "UTF-16"),
        (b"\xef\xbb\xbfna\0me\nx", 1, "NUL"),
        (workbook([]), 1, "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, 1, "neither CSV, a workbook (.xlsx) nor JSON"),
        (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", 1, "neither CSV"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0", 1, "neither CSV"),
        (b"x" * 600_000 + b"\x7f", 1, f"no column called {'x' * 100}."),
        (b"a\x7fb\xc2\x85c\nx\n", 1, "no column called a\ufffdb\ufffdc."),
        (b"y" * 600 + b"," + b"y" * 600 + b"\nx,y\n", 1, f"called {'y' * 100}."),
    ],
    ids=["blank", "unknown column", "no source", "twice", "no workbook", "open quote", "one long line", "columns",
         "utf-16", "nul", "empty workbook", "xls", "pdf", "png", "no heading", "control characters", "long names twice"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(imports: Imports, content, line, says):
    job = imports.take_in(content)
    assert job["state"] == "failed"
    assert says in job["problem"]["en"]
    assert len(job["problem"]["en"]) < 200
    [error] = job["errors"]
    assert error["line"] == line
    assert len(error["column"] or "") <= 300
    assert error["advice"]["da"]
    assert names(imports) == []


def remade(*changes: tuple[str, str, str]) -> bytes:
    """A workbook with something put in the place of something else in its parts."""
    source = zipfile.ZipFile(io.BytesIO(workbook(list(partner(1)), list(partner(1).values()))))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            content = source.read(name)
            for part, old, new in changes:
                if part == name:
                    assert old.encode() in content, (part, content[:1000])
                    content = content.replace(old.encode(), new.encode(), 1)
            archive.writestr(name, content)
        for part, old, new in changes:
            if not old:
                archive.writestr(part, new)
    return made.getvalue()


SHEET, MAIN = "xl/worksheets/sheet1.xml", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXTS = (
    "[Content_Types].xml",
    "</Types>",
    '<Override PartName="/xl/texts.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml'
    '.sharedStrings+xml"/></Types>',
)
MANY = 600_000
BOMBS = {
    "cells in a row": lambda: remade((SHEET, "</row>", "<c/>" * MANY + "</row>")),
    "more cells than columns": lambda: remade((SHEET, "</row>", "<c/>" * 1001 + "</row>")),
    "a long text": lambda: remade((SHEET, "</row>", f"<c><v>{'1' * 8 * MANY}</v></c></row>")),
    "what is no row": lambda: remade((SHEET, "<sheetData>", "<sheetData>" + "<x/>" * MANY)),
    "within what is no row": lambda: remade((SHEET, "<sheetData>", "<y>" + "<z/>" * MANY + "</y><sheetData>")),
    "rows": lambda: remade((SHEET, "</sheetData>", "<row/>" * 60_000 + "</sheetData>")),
    "fonts": lambda: remade(("xl/styles.xml", "</fonts>", "<font/>" * 3 * MANY + "</fonts>")),
    "sheets": lambda: remade(("xl/workbook.xml", "</sheets>", "<sheet/>" * 2 * MANY + "</sheets>")),
    "shared texts by any name": lambda: remade(
        TEXTS, ("xl/texts.xml", "", f'<sst xmlns="{MAIN}">{"<si><t>ab</t></si>" * 7 * MANY}</sst>')
    ),
    "shared texts, each short": lambda: remade(
        TEXTS, ("xl/texts.xml", "", f'<sst xmlns="{MAIN}">{"<si/>" * MANY}</sst>')
    ),
    "parts": lambda: workbook(["a"], more={f"xl/{number}": b"" for number in range(30_000)}),
}  # fmt: skip


def memory(kind: str) -> int:
    """Kilobytes of this process."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(kind)]
    return int(line.split()[1])


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_workbook_that_would_burst_is_not_unpacked(imports: Imports, monkeypatch: pytest.MonkeyPatch, bomb: str):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 50_000)
    monkeypatch.setattr(parts, "MOST_TEXTS", 20_000_000)
    content = BOMBS[bomb]()
    assert len(content) < 5_000_000
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak there was
    before = memory("VmRSS")
    job = imports.take_in(content)
    assert (job["state"], job["problem"]["en"]) == ("failed", "The workbook is too large when it is unpacked.")
    assert memory("VmHWM") - before < 200 * 1024


def test_all_of_a_workbook_may_be_so_much_unpacked(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbooks, "MOST_BYTES", 5_000_000)
    job = imports.take_in(workbook(["a"], more={"xl/bomb.xml": b"0" * 6_000_000}))
    assert (job["state"], job["problem"]["en"]) == ("failed", "The workbook is too large when it is unpacked.")


def test_memory_that_is_not_there_is_a_refusal(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    def no_room(_):
        raise MemoryError

    monkeypatch.setattr(parts.Parts, "strings", no_room)
    job = imports.take_in(workbook(["a"], ["b"]))
    assert (job["state"], job["problem"]["en"]) == ("failed", "The workbook is too large when it is unpacked.")


def test_rows_that_go_backwards_are_no_workbook(imports: Imports):
    job = imports.take_in(remade((SHEET, '<row r="2"', '<row r="1"')))
    assert (job["state"], job["problem"]["en"]) == ("failed", "The workbook cannot be read.")


def test_a_workbook_as_people_have_them(imports: Imports):
    """Formatted to the edge and beyond the data, with more sheets, a chart, other shared texts, days since 1904."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"date_1904": True})
    chart = book.add_chartsheet("Kurve")
    sheet, date = book.add_worksheet("Data"), book.add_format({"num_format": "dd-mm-yyyy"})
    curve = book.add_chart({"type": "line"})
    curve.add_series({"values": "=Andet!$A$1:$A$5"})
    chart.set_chart(curve)
    book.add_worksheet("Andet").write_column(0, 0, ["andet"] * 500)
    sheet.write_row(
        2, 0, [*(f"source.{name}" for name in ("system", "external_id")), "title.da", "summary.da", "theme"]
    )
    sheet.write_row(2, 5, ["start", "trl", "keywords"])
    sheet.set_row(3, 40)
    sheet.write_row(5, 0, ["x", 17])
    sheet.write_rich_string(5, 2, "Projekt ", book.add_format({"bold": True}), "Ø")
    sheet.write_row(5, 3, ["S", "green_transition"])
    sheet.write_datetime(5, 5, dt.datetime(2022, 4, 23), date)
    sheet.write_formula(5, 6, "=3+4", None, 7)
    sheet.write(5, 7, "a|b")
    sheet.write_blank(5, 900, None, date)
    sheet.merge_range(20, 0, 20, 5, None)
    book.close()
    job = imports.take_in(made.getvalue(), "p.xlsx", resource="projects")
    assert counts(job) == (1, 0, 0, 0), job
    [project] = imports.client.get("/projects").json["items"]
    assert (project["source"]["external_id"], project["title"]["da"]) == ("17", "Projekt Ø")
    assert (project["start"], project["trl"], project["keywords"]) == ("2022-04-23", 7, ["a", "b"])


def after(line: str | bytes) -> bytes:
    """Two rows that are in order, with something between them."""
    first, second, third = TWO.encode().splitlines(keepends=True)
    return first + second + (line.encode() if isinstance(line, str) else line) + third


@pytest.mark.parametrize(
    ("line", "wrong", "taken"),
    [
        ("tests,3,x,company,extra\n", [(3, None)], 2),
        ("tests,3\n", [(3, None)], 2),
        ("tests,3,a\0b,company\n", [(3, None)], 2),
        (b"tests,3,\x81\x8d,company\n", [(3, None)], 2),
        ('tests,3,"a" b,company\n', [(3, None)], 2),
        ('tests,3,"never closed,company\n', [(3, None)], 2),
        ("tests,3," + "x" * 1_100_000 + ",company\n", [(3, None)], 2),
        ('tests,3,"two\nlines",company\n' + "tests,4,x,compny\n", [(3, "name.da"), (5, "kind")], 2),
        ('tests,3,two,"comp\nany"\n', [(3, "kind")], 2),
        ("tests,,x,company\n", [(3, "source.external_id")], 2),
        (",3,x,company\n", [(3, "source.external_id")], 2),
        ("tests,3,,company\n", [(3, "name.da")], 2),
        ("tests,3," + "x" * 201 + ",company\n", [(3, "name.da")], 2),
        ("tests,3,x,\n", [(3, "kind")], 2),
        ("tests," + "3" * 201 + ",x,company\n", [(3, "source.external_id")], 2),
    ],
    ids=["too many cells", "too few", "nul", "bytes", "after the quote", "open quote", "long line", "line break",
         "line break in a code", "no id", "no system", "required", "long text", "empty code", "long id"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_costs_itself_alone(imports: Imports, line, wrong, taken):
    job = imports.take_in(after(line))
    assert job["state"] == "done"
    assert places(job) == wrong, job["errors"]
    assert job["created"] == taken
    assert job["refused"] == len({place for place, _ in wrong})
    for error in job["errors"]:
        assert error["detail"]["da"] != error["detail"]["en"]
        assert error["advice"]["da"]
        assert len(error["value"] or "") <= 100


def test_a_profile_that_names_no_column_of_the_file_quotes_its_columns_in_short(imports: Imports):
    job = imports.take_in("z" * 5000 + "\nx\n", resource="projects", profile="cordis-projects")
    assert len(job["errors"][0]["advice"]["en"]) < 250, job


def test_an_open_quotation_mark_in_the_last_line(imports: Imports):
    job = imports.take_in(TWO + 'tests,3,"open,company')
    assert (job["created"], places(job)) == (2, [(4, None)])


def test_an_empty_file_is_refused_at_once(imports: Imports):
    refused = imports.send(b"")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/file")


def test_a_file_above_the_limit_is_refused_at_once(imports: Imports, monkeypatch: pytest.MonkeyPatch):
    import dataclasses

    service = imports.app.extensions["copi"]
    monkeypatch.setattr(service, "settings", dataclasses.replace(service.settings, max_import_bytes=1000))
    assert imports.send(b"x" * 1001).status_code == 413
    assert imports.send(b"x" * 1000).status_code == 202
