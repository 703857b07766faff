"""`copi db`: bring tables and documents up to date, back, check them, and write the next migration."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click
from alembic.util.exc import CommandError
from sqlalchemy import Connection, func, select

from api import config, ledger, migrations
from api.cli.console import console, fail, progress
from api.db import Database, opened


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Migrate the tables, then render documents anew whose shape has changed."""
    with opened(config.read().database_url) as database:
        upgrade(database)
    console.print("✓ the database is up to date")


@db.command("downgrade")
@click.argument("revision")
def downgrade_command(revision: str) -> None:
    """Migrate the tables back to REVISION; `base` takes everything away."""
    with opened(config.read().database_url) as database, database.writes.connect() as connection:
        migrations.downgrade(connection, revision)
    console.print(f"✓ the database is at {revision}")


@db.command("check")
def check_command() -> None:
    """Check on an empty database that the migrations go up, down and up, and end in the tables of the models."""
    with _empty_database() as connection:
        for move, revision in (("upgrade", "head"), ("downgrade", "base"), ("upgrade", "head")):
            getattr(migrations, move)(connection, revision)
        try:
            migrations.check(connection)
        except CommandError as wrong:
            fail(str(wrong))


@db.command("revision")
@click.argument("what_changes")
def revision_command(what_changes: str) -> None:
    """Write the next migration from the models; WHAT_CHANGES is its title, say "Challenges: funding deadline"."""
    if find_spec("ruff") is None:
        fail("Ruff is missing, which gives a migration its form: `make test` installs what developers need.")
    with _empty_database() as connection:
        migrations.upgrade(connection)
        try:
            path = migrations.revise(connection, what_changes)
        except CommandError as wrong:
            fail(str(wrong))
    console.print(f"✓ {path or 'the tables are those of the models: nothing to migrate'}")


@contextmanager
def _empty_database() -> Iterator[Connection]:
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(f"sqlite:///{Path(folder) / 'empty.db'}") as database,
        database.writes.connect() as connection,
    ):
        yield connection


def upgrade(database: Database) -> None:
    """Bring tables and documents up to date; nothing to do costs next to nothing."""
    with database.writes.connect() as connection:
        migrations.upgrade(connection)
    with database.reading() as connection:
        models = ledger.stale(connection)
    for model in models:
        with database.writing() as session:
            total = session.scalar(select(func.count()).select_from(model)) or 0
            with progress(f"Rendering {model.__tablename__} documents", total) as bar:
                for done in ledger.render_anew(session, model):
                    bar(done)
