"""`copi tend`: what has to happen by itself, such as closing challenges at their deadline."""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import replace

import click
from sqlalchemy.exc import SQLAlchemyError

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
from api.storage import Storage, Unreachable

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
        try:
            if time.monotonic() - purged >= purge.SECONDS:
                purged = time.monotonic()
                _forget(database, settings)
            for id in deadlines.close_passed(database):
                _log.info("challenge %s closed at its deadline", id)
            digests.send_due(database, settings)
        except (SQLAlchemyError, Unreachable):
            # The next round tries again: what is away for a moment must not end this for good.
            _log.exception("tending failed")
        stop.wait(every)
