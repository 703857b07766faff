"""The time, read in one place, so that tests and examples can hold it or move it on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

read: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)  # noqa: E731 - replaced as a whole


def now() -> dt.datetime:
    """This moment, in UTC."""
    return read()


def today() -> str:
    """This day, as dates of records are written."""
    return now().date().isoformat()


def ahead(date: str | None) -> bool:
    """Whether a day, or the month or year where no more is known, is still to come."""
    return date is not None and date > today()[: len(date)]
