"""Processes of ours beside the server: started with it, and ended when it ends, however that happens."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

leashed = click.option(
    "--leashed", is_flag=True, hidden=True, help="End when standard input closes: the starter is gone."
)


@contextmanager
def beside(*words: str) -> Iterator[None]:
    """Another of our commands in a process of its own for as long as this one lives."""
    command = [sys.executable, "-m", "api.cli", *words, "--leashed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603 - words of our own
        try:
            yield
        finally:
            process.terminate()


def heed(stop: Callable[[], None], leashed: bool) -> None:
    """Call `stop` when the process is told to end, or, on a leash, when its starter is gone."""
    if leashed:
        threading.Thread(target=_watch, args=(stop,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def _watch(stop: Callable[[], None]) -> None:
    sys.stdin.read()
    stop()
