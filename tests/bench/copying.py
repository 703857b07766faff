"""The SQLite data sets once more in PostgreSQL, row by row."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import MetaData, create_engine

from api.cli.console import progress
from api.cli.db import upgrade
from api.db import Database
from api.models import Base
from tests import engines
from tests.bench.peer.models import Base as PeerBase


def service_database(server: str, rows: int, file: Path) -> str:
    """The service's data set on a server."""
    url = engines.fresh_database(server, f"service{rows}")
    database = Database(url)
    upgrade(database)
    database.dispose()
    _copy_all(file, url, Base.metadata)
    return url


def peer_database(server: str, rows: int, file: Path) -> str:
    """The peer's data set on a server."""
    url = engines.fresh_database(server, f"peer{rows}")
    engine = create_engine(url)
    PeerBase.metadata.create_all(engine)
    engine.dispose()
    _copy_all(file, url, PeerBase.metadata)
    return url


def libpq(url: str) -> str:
    """A SQLAlchemy address as the driver takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def _copy_all(file: Path, url: str, metadata: MetaData) -> None:
    source = sqlite3.connect(file)
    with psycopg.connect(libpq(url), autocommit=True) as target:
        # The rows are known to be sound, and their moments, where SQLite has no zone, are UTC.
        target.execute("SET session_replication_role = replica")
        target.execute("SET timezone = 'UTC'")
        for table in metadata.sorted_tables:
            _copy(source, target, table.name, [column.name for column in table.columns])
        target.execute("VACUUM ANALYZE")
        # Otherwise the server would be busy with it while the first contender is measured.
        target.execute("CHECKPOINT")
    source.close()


def _copy(
    source: sqlite3.Connection, target: psycopg.Connection[tuple[object, ...]], table: str, columns: list[str]
) -> None:
    [(count,)] = source.execute(f"SELECT count(*) FROM {table}")
    names = ", ".join(f'"{column}"' for column in columns)
    target.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with progress(f"Copying {table}", count) as bar, target.cursor() as cursor, cursor.copy(into) as copy:
        for place, row in enumerate(source.execute(f"SELECT {names} FROM {table}")):
            copy.write_row(row)
            if place % 1000 == 0:
                bar(place)
