"""The pages that tell how to use the API are run as their readers run them: in one bash, against a real server."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from api.cli.seed import seeded_id
from openapi.spec import HERE
from tests.bench.servers import service

BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\s*```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
PAGES: dict[str, list[tuple[str, str]]] = {
    name: BLOCK.findall((HERE / f"{name}.md").read_text(encoding="utf-8")) for name in ("journey", "integrating")
}
"""The blocks of each page, and what the page says they print."""

HOST = "http://127.0.0.1:8000"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
END = "\x1e"
"""Printed after each block, so that its answers can be told from the next one's."""

# The readers' curl, which also notes how each request was answered and lets a refusal stop the story.
NOTED = r"""
set -euo pipefail
curl() { command curl --show-error --fail-with-body -w '%{stderr}%{http_code} %{method} %{url}\n' "$@"; }
"""


class Told(NamedTuple):
    """What one run of the page printed, block by block, and how its requests were answered."""

    answers: list[str]
    requests: list[str]


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    """The page's name."""
    return str(request.param)


@pytest.fixture(scope="module")
def told(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp(page)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COPI_SECRET_FILE", str(folder / "secret"))
        patched.setenv("COPI_DOCUMENTS", str(folder / "documents"))
        with service(f"sqlite:///{folder / 'copi.db'}") as server:
            yield run(PAGES[page], f"http://127.0.0.1:{server.port}", folder)


def run(blocks: list[tuple[str, str]], host: str, folder: Path) -> Told:
    story = "".join(f"{code}printf '{END}'\n" for code, _ in blocks)
    command = ["bash", "-c", NOTED + story.replace(HOST, host)]
    bash = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert bash.returncode == 0, bash.stdout + bash.stderr
    return Told(bash.stdout.split(END)[:-1], bash.stderr.splitlines())


def renamed() -> Callable[[str], str]:
    """Ids in the order they appear: the same story has other ids each time, but in the same places."""
    seen: dict[str, str] = {}
    return lambda text: ID.sub(lambda found: seen.setdefault(found[0], f"id-{len(seen) + 1}"), text)


pytestmark = pytest.mark.slow


def test_every_request_is_answered_with_success(told, page):
    assert len(told.requests) >= sum(code.count("curl ") for code, _ in PAGES[page][2:])
    assert [line for line in told.requests if not re.match(r"2\d\d (GET|HEAD|POST|PATCH|PUT) http", line)] == []


def test_each_block_prints_what_the_page_shows(told, page):
    shown_there, here = renamed(), renamed()
    for (code, shown), answer in zip(PAGES[page], told.answers, strict=True):
        assert here(answer) == shown_there(shown), code


def test_the_lineage_ends_with_the_adoption(told, page):
    if page == "journey":
        [lineage] = [answer for answer, (code, _) in zip(told.answers, PAGES[page], strict=True) if "/lineage" in code]
        adopter = seeded_id("partner", "kolding-kommune")
        assert f'projects.outcomes.adoptions.partner_id: [[["{adopter}"]]]' in lineage


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("journey", ("challenges", "supports", "questions", "responses", "projects", "outcomes", "adoptions",
                     "form-project", "lineage", "history", "tasks", "statistics")),
        ("integrating", ("events", "by-source", "imports", "data-dictionary", "catalog", "ocds/releases")),
    ],
)  # fmt: skip
def test_a_page_leaves_nothing_of_its_matter_out(page, names):
    for name in names:
        assert f"/{name}" in "".join(code for code, _ in PAGES[page]), name
