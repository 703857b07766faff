"""Processes of ours beside the server: started with it, again whenever one dies, and ended when it ends."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

leashed = click.option(
    "--leashed", is_flag=True, hidden=True, help="End when standard input closes: the starter is gone."
)


_log = logging.getLogger("copi.beside")

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before one that has died is started again: twice as many each time, and few again after a long life."""


@contextmanager
def beside(*words: str) -> Iterator[None]:
    """Another of our commands in a process of its own for as long as this one lives; one that dies is started again."""
    kept = _Kept(words)
    try:
        yield
    finally:
        kept.end()


class _Kept:
    """A process, and the thread that waits for its end."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._starting, self._ending = threading.Lock(), threading.Event()
        self._process = self._start()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def end(self) -> None:
        """Have it end, and not begin again."""
        with self._starting:
            self._ending.set()
            self._process.terminate()
        self._watching.join()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "api.cli", *self._words, "--leashed"]
        return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - words of our own

    def _watch(self) -> None:
        wait = FIRST_WAIT
        while True:
            begun = time.monotonic()
            with self._process as process:
                code = process.wait()
            if self._ending.is_set():
                return
            wait = FIRST_WAIT if time.monotonic() - begun >= LONGEST_WAIT else wait
            if not self._again(f"ended with {code}", wait):
                return
            wait = min(2 * wait, LONGEST_WAIT)

    def _again(self, why: str, wait: float) -> bool:
        """Whether it has been started again, and not been told to end before."""
        _log.error("copi %s %s; it is started again in %.0f s", self._words[0], why, wait)
        while not self._ending.wait(wait):
            with self._starting:
                if self._ending.is_set():
                    break
                try:
                    self._process = self._start()
                except OSError as wrong:
                    # The machine has no room for a process at the moment: nobody else would try again.
                    _log.error("copi %s cannot be started: %s", self._words[0], wrong)
                else:
                    return True
        return False


def heed(stop: Callable[[], None], leashed: bool) -> None:
    """Call `stop` when the process is told to end, or, on a leash, when its starter is gone."""
    if leashed:
        threading.Thread(target=_watch, args=(stop,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def _watch(stop: Callable[[], None]) -> None:
    sys.stdin.read()
    stop()
