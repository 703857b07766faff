"""Changes to the tables, in order: Alembic, run by `copi db`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

HERE = Path(__file__).parent


def config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to a revision."""
    command.upgrade(config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Bring the tables back to a revision."""
    command.downgrade(config(connection), revision)


def check(connection: Connection) -> None:
    """Raise when the tables of the latest revision are not those of the models."""
    command.check(config(connection))


def words_tables(name: str | None, kind: str, *_: Any) -> bool:
    """Leave the full-text tables to the migrations: they are engine-specific and not part of the models."""
    return not (kind == "table" and name is not None and "_words" in name)
