from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from api.domain import clock
from tests.clients import Client, service
from tests.make import Make


@pytest.fixture
def a(app: Flask, make: Make) -> Client:
    """A test client, whose id is its sandbox's."""
    return service(app, make.test_client())


@pytest.fixture
def b(app: Flask, make: Make) -> Client:
    """Another one."""
    return service(app, make.test_client())


@pytest.fixture
def still() -> Iterator[None]:
    """What a caller may do hangs on the time: here it stands still."""
    usual, moment = clock.read, clock.read()
    clock.read = lambda: moment
    yield
    clock.read = usual


@pytest.fixture
def quiet() -> Iterator[None]:
    """Of thousands of requests pytest would keep every line."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
