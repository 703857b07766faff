"""The page on security: every requirement once, nothing called met that no test shows, and numbers that are true."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from openapi.limits import LIMITS
from tests.clients import Client
from tests.conftest import build

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "openapi" / "security.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| (\d+\.\d+\.\d+|API\d+:2023) ", line)
]
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
ASVS = """
    4.1.1/1 4.1.2/2 4.1.3/2 4.2.1/2 4.3.1/2 4.3.2/2 4.4.1/1 4.4.2/2 4.4.3/2 4.4.4/2
    6.1.1/1 6.1.2/2 6.1.3/2 6.2.1/1 6.2.2/1 6.2.3/1 6.2.4/1 6.2.5/1 6.2.6/1 6.2.7/1 6.2.8/1 6.2.9/2 6.2.10/2 6.2.11/2
    6.2.12/2 6.3.1/1 6.3.2/1 6.3.3/2 6.3.4/2 6.4.1/1 6.4.2/1 6.4.3/2 6.4.4/2 6.5.1/2 6.5.2/2 6.5.3/2 6.5.4/2 6.5.5/2
    6.6.1/2 6.6.2/2 6.6.3/2 6.8.1/2 6.8.2/2 6.8.3/2 6.8.4/2
    7.1.1/2 7.1.2/2 7.1.3/2 7.2.1/1 7.2.2/1 7.2.3/1 7.2.4/1 7.3.1/2 7.3.2/2 7.4.1/1 7.4.2/1 7.4.3/2 7.4.4/2 7.4.5/2
    7.5.1/2 7.5.2/2 7.6.1/2 7.6.2/2
    8.1.1/1 8.1.2/2 8.2.1/1 8.2.2/1 8.2.3/2 8.3.1/1 8.4.1/2
    9.1.1/1 9.1.2/1 9.1.3/1 9.2.1/1 9.2.2/2 9.2.3/2 9.2.4/2
    10.1.1/2 10.1.2/2 10.2.1/2 10.2.2/2 10.3.1/2 10.3.2/2 10.3.3/2 10.3.4/2 10.4.1/1 10.4.2/1 10.4.3/1 10.4.4/1 10.4.5/1
    10.4.6/2 10.4.7/2 10.4.8/2 10.4.9/2 10.4.10/2 10.4.11/2 10.5.1/2 10.5.2/2 10.5.3/2 10.5.4/2 10.5.5/2 10.6.1/2 10.6.2/2
    10.7.1/2 10.7.2/2 10.7.3/2
"""
"""Every requirement of chapters 4 and 6 to 10 of ASVS 5.0.0 with its level, 1 or 2."""


@cache
def named_in(path: str) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_is_there_once_at_its_level() -> None:
    assert [f"{row[0]}/{row[1]}" for row in ROWS if not row[0].startswith("API")] == ASVS.split()


def test_every_risk_is_there_once() -> None:
    assert [row[0] for row in ROWS if row[0].startswith("API")] == [f"API{number}:2023" for number in range(1, 11)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_is_met_is_shown_and_what_is_not_is_explained(row: list[str]) -> None:
    status, words, tests = row[-3:]
    named = NAMED.findall(tests)
    assert len(named) == len(tests.split())
    for path, name in named:
        assert name in named_in(path), f"{path}::{name}"
    if status == "met":
        assert named
    else:
        assert status in {"not met", "not applicable"}
        assert words.endswith(".")


def test_the_page_tells_how_it_works_with_the_numbers_of_the_installation(server, tmp_path) -> None:
    numbers = {"token_seconds": 1140, "session_days": 21, "session_idle_days": 6, "security_log_days": 417}
    settings = {**numbers, **{limit.setting: 4_000 + place for place, limit in enumerate(LIMITS.values())}}
    app = build(server.database("figures"), limits_file=str(tmp_path / "limits"), **settings)
    page = Client(app).outside("/docs/security").text
    app.extensions["copi"].database.dispose()
    assert "{" not in page
    for said in ("19 minutter", "19 minutes", "21 dage", "21 days", "6 dage", "6 days", "417 dage", "417 days",
                 "15 to 128 characters", "7 days, once", "up to 5\nsecrets", "ES256", "1,048,576 bytes",
                 "lock anybody out", "common words, years", "two ways are all", "any number of places",
                 "no session here"):  # fmt: skip
        assert said in page, said
    for place, limit in enumerate(LIMITS.values()):
        assert f"{4_000 + place} in {limit.seconds} s" in page
