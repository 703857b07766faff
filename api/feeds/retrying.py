"""When a delivery that failed is tried again, and when no more.

| failures so far | waits at most |
|---|---|
| 1 | 5 seconds |
| 2 | 30 seconds |
| 3 | 2 minutes |
| 4 | 10 minutes |
| 5 | 30 minutes |
| 6 | 1 hour |
| 7 | 2 hours |
| 8 | 4 hours |
| 9 | 8 hours |
| 10 and more | 12 hours |

The wait is drawn evenly between nothing and that (full jitter), so that receivers that come back are not asked by
everybody at once. Five days after the first failure of an event its webhook is disabled.
"""

from __future__ import annotations

import datetime as dt
import random
from email.utils import parsedate_to_datetime

from api.domain import clock

STEPS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
"""Seconds."""
GIVES_UP = dt.timedelta(days=5)
LONGEST_ASKED = 86_400.0
"""The longest that a receiver can ask for, in seconds."""

_chance = random.SystemRandom()


def wait(failures: int, asked: float | None = None) -> dt.timedelta:
    """How long to wait after so many failures, and never less than the receiver asked for."""
    drawn = _chance.uniform(0, STEPS[min(failures, len(STEPS)) - 1])
    return dt.timedelta(seconds=max(drawn, min(asked or 0.0, LONGEST_ASKED)))


def asked_for(status: int, retry_after: str | None) -> float | None:
    """The seconds in a Retry-After of 429 or 503 (RFC 9110 section 10.2.3): a number, or until a date."""
    if status not in (429, 503) or retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or dt.UTC) - clock.now()).total_seconds())
