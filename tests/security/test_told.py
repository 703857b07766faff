"""What is told to whom does not see it: what the log would keep of a failed write."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.exc import DBAPIError

from api.models import User


def test_an_error_of_the_database_tells_nothing_that_was_to_be_written(app, make):
    """The log keeps its message as it is."""
    make.user(email="karen@tests.example")
    karen = User(name="Karen Holm", email="karen@tests.example", password_hash="$argon2id$")
    karen.created_at = dt.datetime.now(dt.UTC)

    def write():
        with app.extensions["copi"].database.writing() as session:
            session.add(karen)

    with pytest.raises(DBAPIError) as wrong:
        write()
    assert "user_account" in str(wrong.value)
    assert "Karen Holm" not in str(wrong.value)
    assert "$argon2id$" not in str(wrong.value)
