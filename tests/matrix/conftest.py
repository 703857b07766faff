from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.conftest import Server
from tests.matrix import world as worlds


@pytest.fixture(scope="session")
def world(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[worlds.World]:
    """Every kind of record and every caller, once per engine; whoever uses it leaves it as it was."""
    with worlds.inhabited(server.database("matrix"), tmp_path_factory) as world:
        yield world


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Tens of thousands of requests are made here, of which pytest would keep every line."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)
