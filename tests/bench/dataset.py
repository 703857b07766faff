"""Data sets: written once by the service's own write path into a SQLite file that is kept between runs."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from api.cli.console import progress
from api.cli.db import upgrade
from api.config import DATA
from api.db import Database
from api.domain import clock
from api.identity import hashed
from api.models import Base, Membership, Outcome, Partner, Project, Resource, User
from schemas.base import creating
from schemas.vocabulary import Role
from tests.bench import facts

ROOT = Path(__file__).resolve().parents[2]
CACHE = DATA / "bench"
EMAIL, PASSWORD = "bench@bench.example", "correct horse battery staple"

_TRANSACTION = 1_000
# The records of one flush have one moment in common: some ties in the order, as an import makes them.
_FLUSH = 20
_SAMPLE = 40


@cache
def fingerprint() -> str:
    """What today's code makes of the first few facts, table by table: when it differs, kept data sets are stale."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sample.db"
        _write(Database(f"sqlite:///{file}"), _SAMPLE)
        connection = sqlite3.connect(file)
        schema = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        digest = hashlib.sha256(repr(schema).encode())
        # A password's hash is another one each time.
        for table in (one for one in Base.metadata.sorted_tables if one.name != "user_account"):
            rows = connection.execute(f"SELECT * FROM {table.name}").fetchall()
            digest.update(repr(sorted(map(repr, rows))).encode())
        connection.close()
    return digest.hexdigest()[:12]


def kept(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """The file of that name, made unless an earlier run has; with another key it is another file."""
    file = CACHE / f"{name}-{key}.db"
    if not file.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for old in CACHE.glob(f"{name}-*"):
            old.unlink()  # also what a broken run has left
        making = file.with_suffix(".making")
        make(making)
        with sqlite3.connect(making) as connection:  # one plain file, so that it can be renamed
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        making.rename(file)
    return file


def service_file(rows: int) -> Path:
    """The service's database with so many projects."""
    return kept(f"service-{rows}", fingerprint(), lambda file: _write(Database(f"sqlite:///{file}"), rows))


def _write(database: Database, rows: int) -> None:
    upgrade(database)
    _write_all(database, Partner, facts.partners_for(rows), facts.partners(rows))
    _write_all(database, Project, rows, facts.projects(rows))
    _write_all(database, Outcome, rows // 2, facts.outcomes(rows))
    _write_user(database)
    database.dispose()


def _write_all(database: Database, model: type[Resource], count: int, made: Iterable[facts.Fields]) -> None:
    shape = creating(type(model.schema))()
    usual, clock.read = clock.read, _ticking()
    try:
        with progress(f"Writing {model.__tablename__}s", count) as bar:
            for place, batch in enumerate(batches(made, _TRANSACTION)):
                with database.writing() as session:
                    for few in batches(batch, _FLUSH):
                        for fields in few:
                            model.add(_checked(shape, fields))
                        session.flush()
                bar(place * _TRANSACTION + len(batch))
    finally:
        clock.read = usual


def _ticking() -> Callable[[], dt.datetime]:
    """A clock on which every flush comes a second after the one before."""
    numbers = itertools.count()
    return lambda: facts.moment(next(numbers))


def _checked(shape: Any, fields: facts.Fields) -> facts.Fields:
    """The fields as a client's would be checked, and what only an import may set."""
    own = {name: fields.pop(name) for name in ("id", "state")}
    return {**shape.load(fields), **own}


def _write_user(database: Database) -> None:
    with database.writing() as session:
        session.add(
            User(
                id=facts.id_of("user", 0),
                email=EMAIL,
                name="Bench",
                password_hash=hashed(PASSWORD),
                created_at=facts.EPOCH,
                memberships=[Membership(partner_id=facts.id_of("partner", 0), role=Role("editor"))],
            )
        )


def batches(made: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The same in lists of at most `size`."""
    rest = iter(made)
    while batch := list(itertools.islice(rest, size)):
        yield batch
