"""`copi documents`: bring the documents and their bytes into agreement."""

from __future__ import annotations

import click

from api import config
from api.cli.console import console, fail
from api.db import Database
from api.services.documents import lost, tidy
from api.storage import Storage, Unreachable


@click.command()
def documents() -> None:
    """Erase stored bytes that no document refers to, and name the documents whose bytes are missing."""
    settings = config.read()
    database, storage = Database(settings.database_url), Storage(settings)
    try:
        erased = tidy(database, storage)
        missing = list(lost(database, storage))
    except Unreachable as reason:
        fail(f"The storage {settings.documents} does not answer: {reason.__cause__}")
    finally:
        database.dispose()
    console.print(f"✓ erased {erased} contents that nothing referred to")
    for id, name in missing:
        console.print(f"  missing: the bytes of document {id}, {name}")
    if missing:
        fail("Bytes are missing. Bring them back from a backup of the storage.")
