"""Turns: how many requests a server process works on at once, however many of them wait for something to happen.

The server has threads to spare for those who wait; one that waits gives its turn up, and so keeps nobody else waiting.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Semaphore
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
        self._turns, self._seats = Semaphore(at_once), Semaphore(waiting)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[_PLACE] = self
        with self._turns:
            return self._inner(environ, start_response)

    def pause(self) -> bool:
        """Let others have the turn for a moment; False when too many wait already."""
        if not self._seats.acquire(blocking=False):
            return False
        self._turns.release()
        try:
            time.sleep(_PAUSE)
        finally:
            self._seats.release()
            self._turns.acquire()
        return True


def register(app: Flask, at_once: int, waiting: int) -> None:
    """Let so many requests be worked on at once, and so many more wait."""
    app.wsgi_app = Turns(app.wsgi_app, at_once, waiting)  # type: ignore[method-assign]


def pause() -> bool:
    """Wait a moment with the request at hand; False when it should rather be answered now."""
    turns: Turns = request.environ[_PLACE]
    return turns.pause()
