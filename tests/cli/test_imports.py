"""`copi import`: the same engine at the command line, and the runner of what was sent to the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from api.cli import copi
from api.models import Partner
from tests.imports.conftest import Imports, csv, partner


@pytest.fixture
def command(app: Flask, tmp_path: Path) -> Any:
    """Runs `copi import` on the database of the tests, on a file with this content."""
    database, settings = app.extensions["copi"].database, app.extensions["copi"].settings
    environment = {
        "COPI_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "COPI_DOCUMENTS": settings.documents,
        "COPI_LOG": "none",
    }

    def run(content: str | None, *words: str) -> Result:
        file = tmp_path / "partners.csv"
        file.write_text(content or "", encoding="utf-8")
        named = [] if content is None else [str(file), "--resource", "partners"]
        return CliRunner().invoke(copi, ["import", *named, *words], env=environment)

    return run


def partners(app: Flask) -> int:
    with app.extensions["copi"].database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(Partner)) or 0


TWO_AND_A_HALF = csv(partner(1), partner(2, kind="firma"), partner(3))


def test_refused_lines_are_told_and_end_with_1(app: Flask, command):
    result = command(TWO_AND_A_HALF)
    assert result.exit_code == 1
    assert "line 3, kind (firma): Must be one of" in result.output
    assert "read 3 lines: 2 created, 0 changed, 0 unchanged, 1 refused" in result.output
    assert partners(app) == 2
    assert command(csv(partner(1), partner(4))).exit_code == 0


@pytest.mark.parametrize("words", [("--dry-run",), ("--all-or-nothing",)])
def test_nothing_is_written_when_nothing_is_to_be(app: Flask, command, words):
    result = command(TWO_AND_A_HALF, *words, "--json")
    told = json.loads(result.output)
    assert (result.exit_code, told["created"], told["refused"]) == (1, 2, 1)
    assert [(one["line"], one["column"]) for one in told["errors"]] == [(3, "kind")]
    assert partners(app) == 0


@pytest.mark.parametrize("words", [("--dry-run",), ("--all-or-nothing",), ("--dry-run", "--all-or-nothing")])
def test_what_has_not_been_done_is_not_told_as_done(app: Flask, command, words):
    output = " ".join(command(TWO_AND_A_HALF, *words).output.split())
    assert "3 lines: 2 would be created, 0 would be changed, 0 unchanged, 1 refused" in output
    assert partners(app) == 0


def test_all_of_it(app: Flask, command):
    assert command(csv(partner(1), partner(2)), "--all-or-nothing").exit_code == 0
    assert partners(app) == 2


def test_who_runs_the_service_may_take_in_longer_files_as_a_whole(app: Flask, command, monkeypatch):
    monkeypatch.setattr("api.imports.runner.MOST_WHOLE", 1)
    assert command(csv(partner(1), partner(2)), "--all-or-nothing").exit_code == 0
    assert partners(app) == 2


def test_in_somebodys_name(app: Flask, command, make):
    make.user(email="nobody@tests.example")
    result = command(csv(partner(1)), "--as", "nobody@tests.example")
    assert (result.exit_code, partners(app)) == (1, 0)
    assert "You must be" in result.output
    assert "There is no user" in command(csv(partner(1)), "--as", "gone@tests.example").output


def test_what_cannot_be_read(command):
    result = command("a,b\n1,2\n")
    assert result.exit_code == 1
    assert "There is no column called a." in result.output
    assert "There is no such profile" in command("a\n1\n", "--profile", "none").output
    assert command(None).exit_code == 2


def test_the_queue(app: Flask, command, as_):
    imports = Imports(app, as_.copi_editor)
    sent = imports.send(TWO_AND_A_HALF)
    assert "worked on 1 imports" in command(None, "--queued").output
    assert imports.read(sent.json["id"])["state"] == "done"
