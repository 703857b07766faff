"""Who reads the real cases in bulk."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from api.models import User
from tests.exports.reading import Reader


@pytest.fixture
def everyone(cases_app: Flask) -> Reader:
    """Somebody at CO-PI, who sees every record of the cases."""
    with cases_app.extensions["copi"].database.reading() as connection:
        editor = connection.scalars(select(User.id).where(User.email == "editor@demo.example")).one()
    return Reader(cases_app, editor)
