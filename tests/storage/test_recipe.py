"""CONTRIBUTING's recipe for a new field, followed word for word in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Server

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What a contributor must find by himself: the line after which the new one stands.
PLACES = {
    "api/models/challenge.py": "    close_reason: Mapped[v.CloseReason | None]\n",
    "schemas/challenges.py": '    novelty_sought = Choice(v.NoveltySought, "How new the answer must be.", example="any")\n',
}

READ_BACK = """
import json, sys
from tests.conftest import build
from tests.clients import Everybody
from tests.make import Make, challenge_body

app = build(sys.argv[1])
make = Make(app.extensions["copi"].database)
owner = make.partner(kind="municipality")
body = challenge_body(owner, funding_deadline="2027-05")
made = Everybody(app, make).copi_editor.post("/challenges", body)
assert made.status_code == 201, made.text
read = Everybody(app, make).copi_editor.get(f"/challenges/{made.json['id']}")
wrong = Everybody(app, make).copi_editor.post("/challenges", {**body, "funding_deadline": "May"})
print(json.dumps({"field": read.json["funding_deadline"], "wrong": wrong.status_code}))
"""


@pytest.fixture(scope="module")
def recipe() -> list[tuple[str, str]]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## A new field")[1].split("\n## ")[0]
    return BLOCK.findall(section)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, recipe: list[tuple[str, str]]) -> Path:
    """A copy of the project in which the recipe has been followed."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("api", "openapi", "schemas", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for language, block in recipe:
        if language == "python":
            _write(copy, block)
        else:
            for line in block.splitlines():
                assert line.startswith(".venv/bin/copi ")
                _copi(copy, *shlex.split(line)[1:])
    return copy


def _write(copy: Path, block: str) -> None:
    for path, lines in re.findall(r"^# (\S+)\n((?:(?!# ).*\n)+)", block, re.MULTILINE):
        source = (copy / path).read_text(encoding="utf-8")
        assert source.count(PLACES[path]) == 1
        indented = "".join(f"    {line}\n" for line in lines.splitlines())
        (copy / path).write_text(source.replace(PLACES[path], PLACES[path] + indented), encoding="utf-8")


def _copi(copy: Path, *words: str) -> str:
    return _python(copy, "-c", "from api.cli import main; main()", *words)


def _python(copy: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
class TestANewField:
    def test_gets_the_next_migration_written_like_the_others(self, project: Path) -> None:
        versions = project / "api" / "migrations" / "versions"
        number = len(list((ROOT / "api" / "migrations" / "versions").glob("0*.py"))) + 1
        written = versions / f"{number:04}_challenges_funding_deadline.py"
        text = written.read_text(encoding="utf-8")
        assert text.startswith('"""Challenges: funding deadline"""\n')
        assert f'revision = "{number:04}"\ndown_revision = "{number - 1:04}"\n' in text
        assert 'batch_op.add_column(sa.Column("funding_deadline", sa.String(), nullable=True))' in text
        assert 'batch_op.drop_column("funding_deadline")' in text
        assert "# ###" not in text
        for tool in (("check",), ("format", "--check")):
            _python(project, "-m", "ruff", *tool, "--no-cache", "--quiet", str(written))

    def test_leaves_nothing_for_a_second_revision_or_contract(self, project: Path) -> None:
        _copi(project, "db", "check")
        before = sorted((project / "api" / "migrations" / "versions").glob("*.py"))
        assert "nothing to migrate" in _copi(project, "db", "revision", "Again")
        assert sorted((project / "api" / "migrations" / "versions").glob("*.py")) == before
        _copi(project, "contract", "--check")

    def test_is_in_the_contract(self, project: Path) -> None:
        contract = json.loads((project / "openapi" / "openapi.json").read_bytes())
        for name in ("Challenge", "ChallengeCreate", "ChallengePatch"):
            field = contract["components"]["schemas"][name]["properties"]["funding_deadline"]
            assert field["description"] == "When the owners must have decided on money."

    def test_is_read_back_over_http(self, project: Path, server: Server) -> None:
        told = json.loads(_python(project, "-c", READ_BACK, server.database("recipe")).splitlines()[-1])
        assert told == {"field": "2027-05", "wrong": 422}
