"""Alembic's entry: migrates over the connection it is handed."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from alembic import context

from api.migrations import words_tables
from api.migrations.kinds import spelled
from api.models import Base

connection = context.config.attributes["connection"]
on_sqlite = connection.dialect.name == "sqlite"


@contextmanager
def unchecked() -> Iterator[None]:
    """SQLite changes a column by making the table anew: what points at it points at nothing for a moment.

    Its driver is asked itself, because the switch does nothing inside a transaction, in which SQLAlchemy would be.
    """
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def whole(**_: Any) -> None:
    """Undo a migration after which a row points at nothing."""
    if on_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"The migration leaves rows that point at nothing: {broken[:5]}")


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=on_sqlite,
    compare_type=True,
    include_name=words_tables,
    render_item=spelled,
    transaction_per_migration=True,
    on_version_apply=whole,  # type: ignore[arg-type]
)
if connection.dialect.name == "postgresql":
    # A migration that waits for a lock makes everybody wait behind it: better to fail and be tried again.
    connection.exec_driver_sql("SET lock_timeout = '5s'")
    connection.exec_driver_sql("SET statement_timeout = '30min'")
    connection.commit()
with unchecked() if on_sqlite else nullcontext(), context.begin_transaction():
    context.run_migrations()
