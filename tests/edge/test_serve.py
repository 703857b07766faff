"""`copi serve` ends when it is told to, at whatever moment; what works beside it comes back when it dies."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import UNLIMITED

ROOT = Path(__file__).parents[2]
SLOW = """
import pathlib, time
pathlib.Path({marks!r}, str(__import__("os").getpid())).touch()
time.sleep(60)
"""


class Serving:
    """A `copi serve` of the tests' own, on a fresh database."""

    def __init__(self, folder: Path, **more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COPI_")}
        settings = {**{f"COPI_{name.upper()}": "0" for name in UNLIMITED}, "COPI_DATABASE_URL": f"sqlite:///{folder}/x.db",
                    "COPI_SECRET": "s" * 40, "COPI_LOG": "none", "COPI_DOCUMENTS": str(folder / "d"), "COPI_ENVIRONMENT": "production",
                    "COPI_PUBLIC_URL": "https://api.tests.example",
                    "COPI_WORKERS": "2", "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", **more}  # fmt: skip
        self.log = folder / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)],
                env={**kept, **settings}, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def until(self, done: Callable[[], Any]) -> Any:
        """What is asked for, once it is there."""
        deadline = time.monotonic() + 60
        while not (found := done()):
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return found

    def beside(self) -> dict[str, int]:
        """The processes that work beside it, by their command."""
        return {
            words[words.index("api.cli") + 1]: pid
            for pid, words in _children(self.process.pid)
            if "api.cli" in words and "--leashed" in words
        }


def _children(parent: int) -> Iterator[tuple[int, list[str]]]:
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            if int((place / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(place.name), (place / "cmdline").read_text().split("\0")


@pytest.mark.slow
def test_what_works_beside_it_comes_back_when_it_dies_and_ends_with_it(tmp_path):
    (tmp_path / "wsgi.py").write_text("def app(environ, start_response): return []\n")
    with Serving(tmp_path, COPI_LOG="json") as serving:
        first = serving.until(lambda: len(found := serving.beside()) == 3 and found)
        assert set(first) == {"tend", "deliver", "import"}
        for killed in first.values():
            os.kill(killed, signal.SIGKILL)
        second = serving.until(
            lambda: len(found := serving.beside()) == 3 and not set(found.values()) & set(first.values()) and found
        )
        os.kill(second["deliver"], signal.SIGKILL)
        time.sleep(0.2)
        begun = time.monotonic()
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(15) == 0
        assert time.monotonic() - begun < 10, "not even while one is about to be started again"
        for left in (*first.values(), *second.values()):
            with pytest.raises(ProcessLookupError):
                os.kill(left, 0)
    said = [json.loads(line)["message"] for line in serving.log.read_text().splitlines() if line.startswith("{")]
    assert said.count("copi deliver ended with -9; it is started again in 1 s") == 1
    assert said.count("copi deliver ended with -9; it is started again in 2 s") == 1


@pytest.mark.slow
def test_a_sigterm_ends_it_while_its_workers_are_still_starting(tmp_path):
    """The workers import a `wsgi.py` that takes a minute: without a handler of their own, so the signal must end them."""
    marks = tmp_path / "started"
    marks.mkdir()
    (tmp_path / "wsgi.py").write_text(SLOW.format(marks=str(marks)))
    with Serving(tmp_path) as serving:
        serving.until(lambda: len(list(marks.iterdir())) >= 2)
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(15) == 0, "ended by itself, not by the last resort"
        for worker in marks.iterdir():
            with pytest.raises(ProcessLookupError):
                os.kill(int(worker.name), 0)
