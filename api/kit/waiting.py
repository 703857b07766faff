"""Waiting for something to happen, without keeping others waiting: so many of a process's threads may, and no more."""

from __future__ import annotations

import time
from threading import Semaphore

_PAUSE = 0.2
"""Seconds until somebody who waits looks again."""


class Seats:
    """Where those who wait sit; beyond them the process has threads for those who do not."""

    def __init__(self, number: int) -> None:
        self._seats = Semaphore(number)

    def pause(self) -> bool:
        """Wait a moment; False when too many do already, and the request at hand should rather be answered now."""
        if not self._seats.acquire(blocking=False):
            return False
        try:
            time.sleep(_PAUSE)
        finally:
            self._seats.release()
        return True
