"""Formats of a list: how one is asked for, what it holds, and who gets what of it."""

from __future__ import annotations

import json

import pytest

from tests.exports.reading import PATHS
from tests.v1.expect import problem

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize("accept", [None, "*/*", BROWSER, "application/json", "application/*", "text/csv;q=0",
                                    "application/json, text/csv", "text/csv;q=0.4, application/json;q=0.5",
                                    "*/*;q=0.9, application/x-ndjson;q=0.8", "text/html, */*;q=0.1"])  # fmt: skip
def test_who_does_not_ask_for_another_format_gets_json(cases, accept):
    answer = cases.get("/projects?limit=1", headers={} if accept is None else {"Accept": accept})
    if accept == "text/csv;q=0":
        problem(answer, 406)
    else:
        assert answer.status_code == 200
        assert answer.content_type == "application/json"


@pytest.mark.parametrize("path", PATHS)
def test_lines_hold_every_record_just_as_the_list_does(everyone, path):
    answer = everyone.get(f"{path}?format=ndjson")
    assert answer.content_type == "application/x-ndjson"
    lines = answer.data.decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == list(everyone.walk(path))
