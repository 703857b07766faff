"""Turns: how many requests a server process works on at once, however many of them wait for something to happen.

The server has threads to spare for those who wait; one that waits gives its turn up, and so keeps nobody else waiting.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from threading import Lock, Semaphore
from typing import TYPE_CHECKING

from flask import Flask, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PLACE = "copi.turns"
_PAUSE = 0.2
"""Seconds until somebody who waits looks again."""


class Turns:
    """Around the application: a request waits for its turn before anything of it is looked at."""

    def __init__(self, inner: WSGIApplication, at_once: int, waiting: int) -> None:
        self._inner = inner
        self._free, self._queue, self._lock = at_once, deque[Lock](), Lock()
        self._seats = Semaphore(waiting)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[_PLACE] = self
        self._take()
        try:
            return self._inner(environ, start_response)
        finally:
            self._hand_on()

    def _take(self) -> None:
        """Wait for a turn: who came first has it first, or somebody might never have one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called = Lock()
            called.acquire()
            self._queue.append(called)
        called.acquire()

    def _hand_on(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._free += 1

    def pause(self) -> bool:
        """Let others have the turn for a moment; False when too many wait already."""
        if not self._seats.acquire(blocking=False):
            return False
        self._hand_on()
        try:
            time.sleep(_PAUSE)
        finally:
            self._seats.release()
            self._take()
        return True


def register(app: Flask, at_once: int, waiting: int) -> None:
    """Let so many requests be worked on at once, and so many more wait."""
    app.wsgi_app = Turns(app.wsgi_app, at_once, waiting)  # type: ignore[method-assign]


def pause() -> bool:
    """Wait a moment with the request at hand; False when it should rather be answered now."""
    turns: Turns = request.environ[_PLACE]
    return turns.pause()
