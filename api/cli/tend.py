"""`copi tend`: what has to happen by itself, such as closing challenges at their deadline."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import click

from api import config
from api.cli.console import console
from api.cli.leash import heed, leashed
from api.config import Settings
from api.db import Database
from api.feeds import digests
from api.identity import purge
from api.imports import retention
from api.kit import logs
from api.services import deadlines, documents
from api.storage import Storage

_log = logging.getLogger("copi.tend")


@click.command()
@click.option("--every", default=0.0, help="Go on for ever, with so many seconds in between; once when left out.")
@click.option("--at", default="", hidden=True, help="Where the server it works beside is reached, unless it is set.")
@leashed
def tend(every: float, at: str, leashed: bool) -> None:
    """Close challenges whose deadline has passed, send digests, and forget what has had its time.

    Any number of these may run at once.
    """
    settings = config.read()
    settings = replace(settings, public_url=settings.public_url or at)
    logs.configure(settings.log)
    database = Database(settings.database_url)
    try:
        if every:
            _go_on(database, settings, every, leashed)
        else:
            closed = sum(1 for _ in deadlines.close_passed(database))
            sent = digests.send_due(database, settings)
            console.print(f"✓ closed {closed}, sent {sent} digests, forgot {_forget(database, settings)}")
    finally:
        database.dispose()


def _forget(database: Database, settings: Settings) -> int:
    """Take away what has had its time; how many rows."""
    files = retention.purge(database, settings)
    for sha256 in set(files):
        documents.erase_unshared(database, Storage(settings), sha256)
    return purge.purge(database, settings) + len(files)


def _go_on(database: Database, settings: Settings, every: float, leashed: bool) -> None:
    stop = threading.Event()
    heed(stop.set, leashed)
    purged = -math.inf
    while not stop.is_set():
        if time.monotonic() - purged >= purge.SECONDS:
            purged = time.monotonic()
            _attend("forgetting", lambda: _forget(database, settings))
        _attend("closing at the deadlines", lambda: _close(database))
        _attend("sending digests", lambda: digests.send_due(database, settings))
        stop.wait(every)


def _close(database: Database) -> None:
    for id in deadlines.close_passed(database):
        _log.info("challenge %s closed at its deadline", id)


def _attend(chore: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:
        # The next round tries again: nobody starts this anew, and what ails one chore must not end the others.
        _log.exception("%s failed", chore)
