"""`copi serve` ends when it is told to, at whatever moment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import UNLIMITED

ROOT = Path(__file__).parents[2]
SLOW = """
import pathlib, time
pathlib.Path({marks!r}, str(__import__("os").getpid())).touch()
time.sleep(60)
"""


@pytest.mark.slow
def test_a_sigterm_ends_it_while_its_workers_are_still_starting(tmp_path):
    """The workers import a `wsgi.py` that takes a minute: without a handler of their own, so the signal must end them."""
    marks = tmp_path / "started"
    marks.mkdir()
    (tmp_path / "wsgi.py").write_text(SLOW.format(marks=str(marks)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COPI_")}
    settings = {**{f"COPI_{name.upper()}": "0" for name in UNLIMITED}, "COPI_DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
                "COPI_SECRET": "s" * 40, "COPI_LOG": "none", "COPI_DOCUMENTS": str(tmp_path / "d"), "COPI_ENVIRONMENT": "production",
                "COPI_PUBLIC_URL": "https://api.tests.example",
                "COPI_WORKERS": "2", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)],
        env={**kept, **settings}, cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while len(list(marks.iterdir())) < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, "ended by itself, not by the last resort"
        for worker in marks.iterdir():
            with pytest.raises(ProcessLookupError):
                os.kill(int(worker.name), 0)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
