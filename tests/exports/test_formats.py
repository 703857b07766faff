"""Formats of a list: how one is asked for, and what is refused."""

from __future__ import annotations

import pytest

from tests.exports.reading import LIST_AT, MEDIA, PATHS
from tests.v1.expect import problem

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
JSON = [None, "*/*", BROWSER, "application/json", "application/json, text/csv", "text/csv;q=0, */*",
        "text/csv;q=0.4, application/json;q=0.5", "*/*;q=0.9, application/x-ndjson;q=0.8", "text/html, */*;q=0.1",
        "application/*"]  # fmt: skip
OTHERS = [("text/csv", "csv"), ("text/*", "csv"), ("application/x-ndjson, text/csv;q=0.9", "ndjson"),
          ("text/csv;q=0.5, application/json;q=0.4, */*;q=0.1", "csv"), (MEDIA["xlsx"], "xlsx"),
          ("application/json;q=0.1, application/x-ndjson;q=0.2", "ndjson")]  # fmt: skip


@pytest.mark.parametrize("accept", JSON)
def test_who_does_not_ask_for_another_format_gets_json(cases, accept):
    answer = cases.get("/projects?limit=1", headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 200
    assert answer.content_type == "application/json"


@pytest.mark.parametrize(("accept", "format"), OTHERS)
def test_accept_chooses_what_it_wants_most(cases, accept, format):
    answer = cases.get("/projects", headers={"Accept": accept})
    assert answer.mimetype == MEDIA[format]
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", [*JSON, "application/pdf", "text/html"])
@pytest.mark.parametrize("format", MEDIA)
def test_a_link_names_the_format_whatever_the_program_accepts(cases, accept, format):
    answer = cases.get(f"/outcomes?format={format}", headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 200
    assert answer.mimetype == MEDIA[format]


def test_a_link_can_name_json_too(cases):
    answer = cases.get("/outcomes?format=json&limit=1", headers={"Accept": "text/csv"})
    assert answer.json["items"]
    assert "format=json" in answer.json["next"]


@pytest.mark.parametrize("accept", ["application/pdf", "text/html", "text/csv;q=0"])
def test_what_no_list_can_be_is_not_acceptable(cases, accept):
    problem(cases.get("/projects", headers={"Accept": accept}), 406)


def test_where_there_is_nothing_but_json_csv_is_not_acceptable(cases):
    problem(cases.get("/code-lists", headers={"Accept": "text/csv"}), 406)
    problem(cases.get("/code-lists?format=csv", headers={"Accept": "text/csv"}), 406)
    problem(cases.get("/code-lists?format=csv"), 400, parameter="format")


@pytest.mark.parametrize("format", MEDIA)
@pytest.mark.parametrize("parameter", ["limit=10", "page=1", "cursor=abc", "total=false", "total=true",
                                       "embed=actions"])  # fmt: skip
def test_what_belongs_to_pages_is_refused_by_name(cases, format, parameter):
    name = parameter.partition("=")[0]
    for path, headers in ((f"/projects?format={format}&{parameter}", {}),
                          (f"/projects?{parameter}", {"Accept": MEDIA[format]})):  # fmt: skip
        refused = problem(cases.get(path, headers=headers), 422, parameter=name)
        assert f"format={format}" in refused["errors"][0]["detail"]


@pytest.mark.parametrize("query", ["dialect=excel-da", "dialect=rfc4180&format=json", "dialect=excel-da&format=xlsx",
                                   "dialect=excel-da&format=ndjson"])  # fmt: skip
def test_a_dialect_is_of_csv_alone(cases, query):
    refused = problem(cases.get(f"/projects?{query}"), 422, parameter="dialect")
    assert "format=csv" in refused["errors"][0]["detail"]


@pytest.mark.parametrize("query", ["format=pdf", "format=CSV", "format=", "format=csv&dialect=excel", "dialect="])
def test_names_that_are_none_are_refused_with_those_there_are(cases, query):
    refused = problem(cases.get(f"/projects?{query}"), 422)
    assert "csv" in refused["errors"][0]["detail"] or "excel-da" in refused["errors"][0]["detail"]


def test_a_filter_is_refused_as_in_json(cases):
    problem(cases.get("/projects?format=csv&theme=magic"), 422, parameter="theme")
    problem(cases.get("/projects?format=csv&colour=red"), 400, parameter="colour")
    problem(cases.get("/responses?format=csv"), 401)
    missing = "019b76da-a800-7000-8000-00000000000a"
    problem(cases.get(f"/challenges/{missing}/supports?format=csv"), 404)


@pytest.mark.parametrize("path", PATHS)
def test_every_list_says_its_formats(path):
    document = LIST_AT[path].document
    content = document["responses"]["200"]["content"]
    assert {"application/json", *MEDIA.values()} <= set(content)
    parameters = {one["name"]: one["schema"] for one in document["parameters"] if "name" in one}
    assert parameters["format"]["enum"][:4] == ["json", *MEDIA]
    assert parameters["dialect"]["enum"] == ["rfc4180", "excel-da"]
    assert "Content-Disposition" in document["responses"]["200"]["headers"]
