"""The data dictionary: every column of every resource, with all that the schemas know of it."""

from __future__ import annotations

import csv
import io

import pytest

from api.models import RESOURCES
from schemas.columns import columns_of
from schemas.names import PLURALS, SINGULARS
from tests.exports.reading import MEDIA, Reader
from tests.v1.expect import problem


@pytest.mark.parametrize("plural", SINGULARS)
def test_every_column_of_every_resource_is_told(client, plural):
    told = client.get(f"/data-dictionary/{plural}").json
    schema = type(RESOURCES[SINGULARS[plural]].schema)
    outside = [one["path"] for one in told["columns"] if one["within"] is None]
    assert outside == [column.path for column in columns_of(schema)]
    assert told["resource"] == plural
    for one in told["columns"]:
        assert one["description"].endswith((".", "?"))
        assert one["kind"] in {"text", "integer", "number", "decimal", "boolean", "list", "json"}
        if one["within"]:
            assert one["path"].startswith(f"{one['within']}[].")


def test_all_of_them_are_told_in_one_answer(client):
    everything = client.get("/data-dictionary").json
    assert [one["resource"] for one in everything["items"]] == list(PLURALS.values())
    assert everything["total"] == len(RESOURCES)
    assert everything["items"][0] == client.get(f"/data-dictionary/{everything['items'][0]['resource']}").json


def test_what_a_column_means(client):
    columns = {one["path"]: one for one in client.get("/data-dictionary/challenges").json["columns"]}
    assert columns["budget_indication.amount"] == {
        "path": "budget_indication.amount", "kind": "decimal", "format": None,
        "description": "What a solution may cost, as far as the owners say. The amount as an exact decimal.",
        "unit": "budget_indication.currency", "codes": None, "refers_to": None, "within": None, "required": True,
        "read_only": False, "fixed": False, "example": "6900000",
    }  # fmt: skip
    assert columns["theme"]["codes"] == {
        "scheme": "theme", "title": {"da": "Indsatsområder", "en": "Focus areas"},
        "links": {"self": "/v1/code-lists/theme"},
    }  # fmt: skip
    assert columns["cpv"]["codes"]["scheme"] == "cpv"
    assert columns["owners"]["refers_to"] == "partners"
    assert columns["timeline.posed"]["format"] == "partial-date"
    assert columns["timeline.response_deadline"]["format"] == columns["created_at"]["format"] == "date-time"
    assert columns["figures[].value"]["unit"] == "figures[].unit"
    assert columns["figures[].value"]["within"] == "figures"
    assert columns["theme"]["required"]
    assert not columns["phase"]["required"]
    assert columns["state"]["read_only"]
    assert columns["demand.supports"]["read_only"]
    assert columns["source.system"]["fixed"]
    assert not columns["theme"]["fixed"]


def test_every_code_list_named_is_there(client):
    everything = client.get("/data-dictionary").json["items"]
    addresses = {one["codes"]["links"]["self"] for told in everything for one in told["columns"] if one["codes"]}
    assert len(addresses) > 20
    for address in addresses:
        assert client.get(address.removeprefix("/v1")).status_code == 200, address


def test_its_links_lead_to_the_tables(as_):
    for told in as_.copi_editor.get("/data-dictionary").json["items"]:
        for name, address in told["links"].items():
            answer = as_.copi_editor.get(address.removeprefix("/v1"))
            assert answer.status_code == 200
            assert answer.mimetype == MEDIA.get(name, "application/json")


def test_it_is_a_table_too(app, client):
    told = client.get("/data-dictionary/challenges").json["columns"]
    answer = client.get("/data-dictionary/challenges?format=csv&dialect=excel-da")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=challenges-dictionary-20")
    rows = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    assert [row["path"] for row in rows] == [one["path"] for one in told]
    assert Reader(app).lines("/data-dictionary/challenges") == told
    sheet, *_ = Reader(app).sheets("/data-dictionary/challenges").values()
    assert [row["codes.scheme"] for row in sheet] == [(one["codes"] or {}).get("scheme") for one in told]


@pytest.mark.parametrize("query", ["", "format=csv", "format=csv&dialect=excel-da"])
def test_it_is_asked_for_again_for_nothing(client, query):
    answer = client.get(f"/data-dictionary/projects?{query}")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    held = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"/data-dictionary/projects?{query}", headers=held).status_code == 304


def test_a_resource_that_is_none_is_not_found(client):
    problem(client.get("/data-dictionary/users"), 404)
    problem(client.get("/data-dictionary/challenge"), 404)
    problem(client.get("/data-dictionary/challenges?colour=red"), 400, parameter="colour")
