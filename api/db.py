"""The database: engines, the session of the write at hand, and what SQLite and PostgreSQL need to behave alike."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

_BUSY_MILLISECONDS = 10_000
_TRUSTED_SECONDS = 1.0
_current: ContextVar[Session] = ContextVar("session")


def session() -> Session:
    """The session of the write at hand; only inside `Database.writing`."""
    return _current.get()


@contextmanager
def reading_session(connection: Connection) -> Iterator[Session]:
    """A session over a connection that reads, for rules that ask records; nothing of it is ever written."""
    with Session(connection, autoflush=False) as opened:
        token = _current.set(opened)
        try:
            yield opened
        finally:
            _current.reset(token)


class Database:
    """One database behind two engines: reads without a transaction, writes in one each."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._idle: list[tuple[float, Connection]] = []
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)

    @property
    def name(self) -> str:
        """The engine's name as people know it."""
        return "sqlite" if self.is_sqlite else "postgresql"

    @cached_property
    def reads(self) -> Engine:
        """Connections in AUTOCOMMIT: a read is one statement and needs no transaction around it."""
        engine = self._engine(isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
        if self.is_sqlite:
            event.listen(engine, "connect", _query_only)
        return engine

    @cached_property
    def writes(self) -> Engine:
        """Connections whose transactions are meant to write."""
        engine = self._engine()
        if self.is_sqlite:
            event.listen(engine, "begin", _begin_immediate)
        return engine

    def _engine(self, **options: Any) -> Engine:
        if not self.is_sqlite:
            # A stuck lock or statement must not hold a worker for ever.
            options["connect_args"] = {"options": "-c lock_timeout=10s -c statement_timeout=30s", "connect_timeout": 5}
            options["pool_pre_ping"] = True
        engine = create_engine(
            self.url,
            pool_size=20,
            max_overflow=20,
            pool_timeout=10,
            hide_parameters=True,  # or the log of an error would tell what was to be written: digests, addresses
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            **options,
        )
        if self.is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
        return engine

    @cached_property
    def _sessions(self) -> sessionmaker[Session]:
        return sessionmaker(self.writes, autoflush=False, expire_on_commit=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read over, with every row that is committed by now."""
        connection = self._open()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append((time.monotonic(), connection))

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """A connection to read over, whose statements all see the rows that were committed at one moment."""
        with self.reading() as connection:
            level = "" if self.is_sqlite else " ISOLATION LEVEL REPEATABLE READ READ ONLY"
            connection.exec_driver_sql(f"BEGIN{level}")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")  # nothing was written; also behind a statement that failed

    def _open(self) -> Connection:
        """The connection used last, still open: fetching one from the pool costs more than the read itself."""
        try:
            since, connection = self._idle.pop()
        except IndexError:
            return self.reads.connect()
        if self.is_sqlite or (time.monotonic() - since < _TRUSTED_SECONDS and not _hung_up(connection)):
            return connection
        connection.close()  # the pool asks the server whether it still knows it
        return self.reads.connect()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back when anything is raised."""
        with self._sessions() as opened:
            token = _current.set(opened)
            try:
                with opened.begin():  # the commit, too, may ask the session
                    yield opened
            finally:
                _current.reset(token)

    def dispose(self) -> None:
        """Close every connection."""
        while self._idle:
            self._idle.pop()[1].close()
        for engine in ("reads", "writes"):
            if engine in self.__dict__:
                getattr(self, engine).dispose()


def _hung_up(connection: Connection) -> bool:
    """Whether the server has sent something unasked, which it does when it ends; no round trip to find out."""
    waiting = select.poll()
    waiting.register(connection.connection.driver_connection.fileno(), select.POLLIN)  # type: ignore[union-attr]
    return bool(waiting.poll(0))


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database for the length of a command: its connections are closed behind it."""
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # The driver must not begin transactions on its own: `_begin_immediate` does.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # an acknowledged write survives a power cut, not only a crash of the process
        f"busy_timeout = {_BUSY_MILLISECONDS}",
        "foreign_keys = ON",
        "cache_size = -65536",
        "mmap_size = 1073741824",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _query_only(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA query_only = ON")


def _begin_immediate(connection: Connection) -> None:
    # A deferred BEGIN that later wants to write fails at once when another writer got in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
