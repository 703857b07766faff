from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from api.domain import clock
from api.feeds.dispatcher import Dispatcher
from tests.clients import Client
from tests.conftest import Server, build
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture(scope="session")
def _receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def _app(server: Server, _receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that may send to the tests' receiver, though it is on this machine."""
    documents = str(tmp_path_factory.mktemp("documents"))
    app = build(server.database("webhooks"), documents=documents, webhook_allow=_receiver.place)
    yield app
    app.extensions["copi"].database.dispose()


@pytest.fixture
def receiver(_receiver: Receiver) -> Receiver:
    _receiver.begin_anew()
    return _receiver


@pytest.fixture
def dispatcher(app: Flask) -> Dispatcher:
    service = app.extensions["copi"]
    return Dispatcher(service.database, service.settings)


Subscribe = Callable[..., Any]


@pytest.fixture
def subscribe(receiver: Receiver) -> Subscribe:
    """Makes a webhook of a client's that sends to the receiver."""

    def made(client: Client, **given: Any) -> Any:
        answer = client.post("/webhooks", {"url": f"{receiver.address}/copi", **given})
        assert answer.status_code == 201, answer.json
        return answer.json

    return made


class Hours:
    """The service's clock, which stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.UTC)

    def on(self, **lengths: float) -> None:
        self.now += dt.timedelta(**lengths)


@pytest.fixture
def hours() -> Iterator[Hours]:
    usual, held = clock.read, Hours()
    clock.read = lambda: held.now
    yield held
    clock.read = usual
