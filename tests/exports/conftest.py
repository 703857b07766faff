"""Who reads the real cases in bulk."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from api.models import User
from tests.exports.reading import Reader


@pytest.fixture
def callers(cases_app: Flask) -> dict[str, Reader]:
    """Somebody of each kind, who sees more or less of the cases."""
    with cases_app.extensions["copi"].database.reading() as connection:
        users = connection.execute(select(User.email, User.id).where(User.email.is_not(None))).all()
    known = {email.partition("@")[0]: Reader(cases_app, id) for email, id in users if email.endswith("@demo.example")}
    [manager] = [Reader(cases_app, id) for email, id in users if email == "manager@aarhus.example"]
    return {**known, "manager": manager, "anonymous": Reader(cases_app)}


@pytest.fixture
def everyone(callers: dict[str, Reader]) -> Reader:
    """Somebody at CO-PI, who sees every record of the cases."""
    return callers["editor"]
