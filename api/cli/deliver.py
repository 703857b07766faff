"""`copi deliver`: send events to webhooks."""

from __future__ import annotations

import click

from api import config
from api.cli.console import console
from api.cli.leash import heed, leashed
from api.db import Database
from api.feeds.dispatcher import Dispatcher
from api.kit import logs


@click.command()
@click.option("--every", default=0.0, help="Go on for ever, looking every so many seconds; once when left out.")
@leashed
def deliver(every: float, leashed: bool) -> None:
    """Send to each webhook the events it has not been told.

    Any number of these may run at once, on any number of machines.
    """
    settings = config.read()
    logs.configure(settings.log)
    database = Database(settings.database_url)
    dispatcher = Dispatcher(database, settings)
    try:
        if every:
            heed(dispatcher.stop, leashed)
            dispatcher.run(every)
        else:
            console.print(f"✓ {dispatcher.drain()} requests sent")
    finally:
        database.dispose()
