from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.models import SecurityEvent
from tests.clients import Client
from tests.make import PASSWORD

NEW = "fire graner ved en gul låge"
"""A password that may be chosen."""


@pytest.fixture
def home(make):
    """A partner with people."""
    return make.home


@pytest.fixture
def manager(app, make, home):
    """A manager of that partner."""
    return Client(app, make.user(roles={home: "manager"}, email="manager@tests.example"))


@pytest.fixture
def invite(manager, home) -> Callable[..., str]:
    """Invites somebody; returns the token."""

    def invited(
        email: str = "new@tests.example", role: str = "editor", partner: str = home, by: Client = manager
    ) -> str:
        made = by.post(f"/partners/{partner}/invitations", {"email": email, "role": role})
        assert made.status_code == 201, made.json
        token: str = made.json["token"]
        return token

    return invited


@pytest.fixture
def log_in(app) -> Callable[..., Client]:
    """Logs somebody in with a password, as a client of its own."""

    def logged_in(email: str, password: str = PASSWORD) -> Client:
        client = Client(app)
        made = client.post("/tokens", {"email": email, "password": password})
        assert made.status_code == 200, made.json
        client.headers["Authorization"] = f"Bearer {made.json['access_token']}"
        return client

    return logged_in


@pytest.fixture
def noted(app) -> Callable[..., list[Any]]:
    """What the security log holds, the oldest first: all of it, or of one kind."""

    def events(kind: str | None = None) -> list[Any]:
        with app.extensions["copi"].database.writing() as session:
            query = select(SecurityEvent).order_by(SecurityEvent.id)
            found = session.scalars(query).all()
            session.expunge_all()
        return [one for one in found if kind in (None, one.kind)]

    return events


def at_once(call: Callable[[], TestResponse], times: int = 20) -> list[TestResponse]:
    """The same call, many times at the same moment."""
    with ThreadPoolExecutor(times) as pool:
        return [done.result() for done in [pool.submit(call) for _ in range(times)]]
