from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.conftest import Server
from tests.conftest import build as application
from tests.matrix import world as worlds


@pytest.fixture(scope="session")
def world(server: Server) -> Iterator[worlds.World]:
    """Every kind of record and every caller, once per engine; whoever uses it leaves it as it was."""
    app = application(server.database("matrix"))
    yield worlds.build(app)
    app.extensions["copi"].database.dispose()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Tens of thousands of requests are made here, of which pytest would keep every line."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)
