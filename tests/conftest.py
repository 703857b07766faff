"""What every test stands on: an app per engine, an empty database per test, clients per role, records by the dozen."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from api import create_app
from api.cli.db import upgrade
from api.cli.demo import seed_demo_records, seed_demo_users
from api.cli.seed import seed_cases
from api.config import Settings
from api.db import Database
from api.domain import clock
from api.models import RESOURCES, Base
from openapi.limits import LIMITS
from tests import engines
from tests.clients import Client, Everybody
from tests.make import Make

ENGINES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove", action="store_true", help="run the proofs, and nothing else")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Proofs are run when they are asked for: they test the tests, and take longer than all of these."""
    wanted = [item for item in items if ("proof" in item.keywords) == config.getoption("--prove")]
    kept = set(wanted)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = wanted


@dataclasses.dataclass
class Server:
    """Where one engine's databases are made."""

    engine: str
    url: str

    def database(self, name: str) -> str:
        """The URL of a new, empty database."""
        return engines.fresh_database(self.url, name)


@pytest.fixture(scope="session")
def _servers() -> Iterator[dict[str, str]]:
    """Started when first asked for, so that a test of plain tables starts no server."""
    with ExitStack() as running:
        yield _Lazily(running)


class _Lazily(dict[str, str]):
    def __init__(self, running: ExitStack) -> None:
        super().__init__()
        self._running = running

    def __missing__(self, engine: str) -> str:
        opened = engines.sqlite() if engine == "sqlite" else engines.postgres()
        self[engine] = self._running.enter_context(opened)
        return self[engine]


@pytest.fixture(scope="session", params=ENGINES)
def server(request: pytest.FixtureRequest, _servers: dict[str, str]) -> Server:
    """One engine after the other: whatever uses it runs on both."""
    return Server(request.param, _servers[request.param])


_DOCUMENTS = tempfile.TemporaryDirectory(prefix="copi-documents-")


UNLIMITED = {limit.setting: 0 for limit in LIMITS.values()}
"""Tests ask more than people do, and all from one address."""


def build(url: str, **settings: Any) -> Flask:
    """An application on a database, its tables up to date; documents are kept as long as the tests run."""
    settings = UNLIMITED | settings
    settings.setdefault("documents", _DOCUMENTS.name)
    settings.setdefault("secret", "of-the-tests-" * 4)
    app = create_app(Settings(database_url=url, log="text", **settings))
    upgrade(app.extensions["copi"].database)
    return app


@pytest.fixture(scope="session")
def _app(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = build(server.database("tests"), documents=str(tmp_path_factory.mktemp("documents")))
    yield app
    app.extensions["copi"].database.dispose()


@pytest.fixture
def app(_app: Flask) -> Iterator[Flask]:
    """The application, on a database that is empty again after each test."""
    yield _app
    empty(_app.extensions["copi"].database)
    _app.extensions["copi"].memory.clear()


def empty(database: Database) -> None:
    """Take every row away. Real commits and a broom, rather than one long transaction, so that tests run what users run."""
    tables = [
        table.name for table in reversed(Base.metadata.sorted_tables) if table.name not in ("setting", "access_state")
    ]
    words = [f"{name}_words" for name in RESOURCES]
    sweep = [f"DELETE FROM {name}" for name in (*words, *tables)]
    with database.writes.begin() as connection:
        # PostgreSQL takes them in one round trip, SQLite's driver one at a time.
        for statement in sweep if database.is_sqlite else ["; ".join(sweep)]:
            connection.exec_driver_sql(statement)


@pytest.fixture
def make(app: Flask) -> Make:
    """Builders of records with defaults: state only what matters."""
    return Make(app.extensions["copi"].database)


@pytest.fixture
def client(app: Flask) -> Client:
    """Somebody without a log-in."""
    return Client(app)


@pytest.fixture
def as_(app: Flask, make: Make) -> Everybody:
    """Clients by role: `as_.copi_editor`, or `as_(partner, "editor")`."""
    return Everybody(app, make)


@pytest.fixture
def travel() -> Iterator[Callable[[str], None]]:
    """Moves the service's clock to a day."""
    usual = clock.read

    def to(day: str) -> None:
        moment = dt.datetime.fromisoformat(f"{day}T09:00:00+00:00")
        clock.read = lambda: moment

    yield to
    clock.read = usual


@pytest.fixture(scope="session")
def cases_app(server: Server) -> Iterator[Flask]:
    """The application with the real cases and the demo log-ins; for tests that only read."""
    app = build(server.database("cases"))
    database = app.extensions["copi"].database
    seed_cases(database)
    seed_demo_users(database)
    seed_demo_records(database, app.extensions["copi"].storage)
    yield app
    database.dispose()


@pytest.fixture
def cases(cases_app: Flask) -> Client:
    """Somebody without a log-in who reads the real cases."""
    return Client(cases_app)
