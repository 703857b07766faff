"""`copi tend`: what has to happen by itself, such as closing challenges at their deadline."""

from __future__ import annotations

import logging
import math
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError

from api import config
from api.cli.console import console
from api.config import Settings
from api.db import Database
from api.identity import purge
from api.kit import logs
from api.services import deadlines

_log = logging.getLogger("copi.tend")


@click.command()
@click.option("--every", default=0.0, help="Go on for ever, with so many seconds in between; once when left out.")
@click.option("--leashed", is_flag=True, hidden=True, help="End when standard input closes: the starter is gone.")
def tend(every: float, leashed: bool) -> None:
    """Close challenges whose deadline has passed, and forget what has had its time.

    Any number of these may run at once.
    """
    settings = config.read()
    logs.configure(settings.log)
    database = Database(settings.database_url)
    try:
        if every:
            _go_on(database, settings, every, leashed)
        else:
            closed = sum(1 for _ in deadlines.close_passed(database))
            console.print(f"✓ closed {closed}, forgot {purge.purge(database, settings)}")
    finally:
        database.dispose()


@contextmanager
def tended(every: float = 15.0) -> Iterator[None]:
    """A process beside this one that tends; it ends when this one does, however that happens."""
    command = [sys.executable, "-m", "api.cli", "tend", "--leashed", "--every", str(every)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603 - words of our own
        try:
            yield
        finally:
            process.terminate()


def _watch(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _go_on(database: Database, settings: Settings, every: float, leashed: bool) -> None:
    stop = threading.Event()
    if leashed:
        threading.Thread(target=_watch, args=(stop,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    purged = -math.inf
    while not stop.is_set():
        try:
            if time.monotonic() - purged >= purge.SECONDS:
                purged = time.monotonic()
                purge.purge(database, settings)
            for id in deadlines.close_passed(database):
                _log.info("challenge %s closed at its deadline", id)
        except SQLAlchemyError:
            # The next round tries again: a database that is away for a moment must not end this for good.
            _log.exception("tending failed")
        stop.wait(every)
