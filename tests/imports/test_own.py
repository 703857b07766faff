"""Records that were born here go out in an export and come in again: named by their own id, for they have no source."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
import pytest

from tests.imports.conftest import Imports, counts, csv, places

FORMATS = {
    "csv": "format=csv",
    "excel": "format=csv&dialect=excel-da",
    "xlsx": "format=xlsx",
    "ndjson": "format=ndjson",
}


@pytest.fixture(params=FORMATS)
def exported(request: pytest.FixtureRequest, imports: Imports) -> Any:
    """A list as a file, and the same with some words in the place of others."""

    def taken_out(resource: str, was: str = "", becomes: str = "") -> bytes:
        answer = imports.client.get(f"/{resource}?{FORMATS[request.param]}")
        assert answer.status_code == 200, answer.json
        content: bytes = answer.data
        if request.param == "xlsx":
            return _replaced(content, was, becomes)
        return content.replace(was.encode(), becomes.encode()) if was else content

    return taken_out


def _replaced(content: bytes, was: str, becomes: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            if was and isinstance(cell.value, str):
                cell.value = cell.value.replace(was, becomes)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def born(imports: Imports, make: Any, resource: str) -> list[str]:
    """Three records without a source, of which the second is called Fjorden."""
    if resource == "partners":
        ids = [make.partner() for _ in range(3)]
        name = "name"
    else:
        ids = [make.challenge("draft", owner=make.home) for _ in range(3)]
        name = "title"
    changed = imports.client.patch(f"/{resource}/{ids[1]}", {name: {"da": "Fjorden", "en": "The fjord"}}, version=1)
    assert changed.status_code == 200, changed.json
    return ids


@pytest.mark.parametrize("resource", ["partners", "challenges"])
def test_an_export_of_records_born_here_comes_in_again(imports: Imports, make, exported, resource):
    ids = born(imports, make, resource)
    before = imports.client.get(f"/{resource}?limit=250").json["items"]
    job = imports.take_in(exported(resource), resource=resource)
    assert counts(job) == (0, 0, len(before), 0), job
    assert imports.client.get(f"/{resource}?limit=250").json["items"] == before
    job = imports.take_in(exported(resource, "Fjorden", "Åen"), resource=resource, dry_run="true")
    assert counts(job) == (0, 1, len(before) - 1, 0), job
    job = imports.take_in(exported(resource, "Fjorden", "Åen"), resource=resource)
    assert counts(job) == (0, 1, len(before) - 1, 0), job
    read = imports.client.get(f"/{resource}/{ids[1]}").json
    assert (read["version"], read["source"]) == (3, None)
    assert "Åen" in json.dumps(read, ensure_ascii=False)
    assert len(imports.client.get(f"/{resource}?limit=250").json["items"]) == len(before), "nothing is there twice"


def row(id: str, name: str = "Nyt", **more: str) -> dict[str, str]:
    return {"id": id, "source.system": "", "source.external_id": "", "name.da": name, **more}


def test_what_the_file_has_no_column_for_stays(imports: Imports, make):
    id = make.partner(website="https://fjord.example")
    job = imports.take_in(csv({"id": id, "name.da": "Nyt"}))
    assert counts(job) == (0, 1, 0, 0), job
    read = imports.client.get(f"/partners/{id}").json
    assert (read["name"]["da"], read["website"]) == ("Nyt", "https://fjord.example")


def test_a_record_named_twice_is_changed_twice(imports: Imports, make):
    id = make.partner()
    for options in ({"dry_run": "true"}, {}):
        job = imports.take_in(csv(row(id, "Én"), row(id, "To"), row(id, "To")), **options)
        assert counts(job) == (0, 2, 1, 0), job
    assert imports.client.get(f"/partners/{id}").json["name"]["da"] == "To"


def test_an_id_that_is_of_no_record_makes_none(imports: Imports, make):
    before = len(imports.client.get("/partners?limit=250").json["items"])
    job = imports.take_in(csv(row("01940000-0000-7000-8000-000000000000"), row("17"), row("")))
    assert places(job) == [(2, "id"), (3, "id"), (4, "source.external_id")], job
    assert "that you can see" in job["errors"][0]["detail"]["en"]
    assert len(imports.client.get("/partners?limit=250").json["items"]) == before


def test_an_id_and_the_source_of_another_record_contradict_each_other(imports: Imports, make):
    mine, other = make.partner(), make.partner(source={"system": "x", "external_id": "1", "url": None})
    sourced = {"source.system": "x", "source.external_id": "1", "kind": "company"}
    fresh = {"source.system": "x", "source.external_id": mine, "kind": "company"}
    for options in ({"dry_run": "true"}, {}):
        job = imports.take_in(csv(row(mine, **sourced), row(mine, **fresh), row(other, **sourced)), **options)
        assert places(job) == [(2, "id"), (3, "id")], job
        assert job["refused"] == 2
        assert "Leave source.system" in job["errors"][0]["advice"]["en"]
    assert imports.client.get(f"/partners/{mine}").json["version"] == 1


def test_an_id_of_another_installation_is_passed_over(imports: Imports):
    """What was taken out there is made here by its source, and again by it the next time."""
    there = row("01940000-0000-7000-8000-000000000000", kind="company") | {
        "source.system": "x",
        "source.external_id": "1",
    }
    assert counts(imports.take_in(csv(there))) == (1, 0, 0, 0)
    assert counts(imports.take_in(csv(there))) == (0, 0, 1, 0)


def test_who_may_not_change_a_record_may_not_by_a_file_either(imports: Imports, as_, make):
    own, hidden, open_ = (
        make.challenge("draft", owner=make.home),
        make.challenge("draft"),
        make.challenge("open"),
    )
    lines = [{"id": id, "title.da": "Nyt"} for id in (own, hidden, open_)]
    job = imports.by(as_(make.home, "editor")).take_in(csv(*lines), resource="challenges")
    assert (job["changed"], [one["line"] for one in job["errors"]]) == (1, [3, 4]), job
    assert job["errors"][0]["column"] == "id"
    assert "that you can see" in job["errors"][0]["detail"]["en"]
    assert "You must be" in job["errors"][1]["detail"]["en"]


def test_a_record_that_has_a_source_keeps_it(imports: Imports, make):
    source = {"system": "x", "external_id": "1", "url": "https://x.example/1"}
    id = make.partner(source=source)
    job = imports.take_in(csv(row(id)))
    assert counts(job) == (0, 1, 0, 0), job
    assert imports.client.get(f"/partners/{id}").json["source"] == source


def test_records_in_json_are_named_by_their_id_too(imports: Imports, make):
    id = make.partner()
    lines = [
        {"id": id, "source": None, "name": {"da": "Nyt"}},
        {"id": id, "name": {"en": "New"}},
        {"id": "no"},
        {"name": {"da": "X"}},
    ]
    job = imports.take_in("\n".join(json.dumps(one) for one in lines), "p.ndjson")
    assert (job["changed"], places(job)) == (2, [(3, "/id"), (4, "/source")]), job
    assert imports.client.get(f"/partners/{id}").json["name"] == {"da": "Nyt", "en": "New"}
