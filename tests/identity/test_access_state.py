"""Whatever may change what a caller is or may do raises the number by which callers are remembered."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from api.config import Settings
from api.identity import keys
from api.models import Client as ClientRow
from api.models import ClientSecret, LoginSession, Membership, RevokedToken, User
from schemas.vocabulary import ClientKind, Role

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def database(app):
    return app.extensions["copi"].database


def number(database):
    with database.reading() as connection:
        return connection.scalar(text("SELECT number FROM access_state"))


@pytest.fixture
def somebody(database, make):
    """A person with everything that can change: a role, a session, a client with a secret, a key."""
    user = make.user(roles={make.home: "editor"})
    with database.writing() as session:
        keys.current(session, Settings(secret="of-the-tests-" * 4))
        session.add_all([
            LoginSession(user_id=user, client_id="copi", created_at=NOW, used_at=NOW, expires_at=NOW),
            client := ClientRow(name="c", kind=ClientKind.SERVICE, created_at=NOW),
        ])  # fmt: skip
        session.flush()
        session.add(ClientSecret(client_id=client.id, digest="x", created_at=NOW))
    return user


CHANGES = {
    "a block": "UPDATE user_account SET blocked = NOT blocked",
    "a name": "UPDATE user_account SET name = 'x'",
    "duties": "UPDATE user_account SET duties = '[]'",
    "a role": "UPDATE membership SET role = 'manager'",
    "a role taken away": "DELETE FROM membership",
    "a client": "UPDATE client SET scopes = '[]'",
    "a secret taken away": "DELETE FROM client_secret",
    "a session ended": "UPDATE login_session SET ended_at = used_at",
    "a session taken away": "DELETE FROM login_session",
    "a key retired": "UPDATE signing_key SET retired_at = created_at",
    "a key taken away": "DELETE FROM signing_key",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_access_raises_the_number(database, somebody, change):
    before = number(database)
    with database.writes.begin() as connection:
        connection.execute(text(change))
    assert number(database) > before


def test_what_is_new_to_a_caller_who_is_known_raises_it_too(database, make):
    user, other = make.user(), make.partner()
    before = number(database)
    with database.writing() as session:
        session.add(Membership(user_id=user, partner_id=other, role=Role.MEMBER))
    between = number(database)
    with database.writing() as session:
        session.add(RevokedToken(jti="x", expires_at=NOW))
    assert before < between < number(database)


def test_what_changes_nobody_who_is_known_leaves_it(database, somebody, make):
    before = number(database)
    make.user()
    with database.writing() as session:
        session.add(LoginSession(user_id=somebody, client_id="copi", created_at=NOW, used_at=NOW, expires_at=NOW))
        session.add(User(name="x", created_at=NOW))
    assert number(database) == before


def test_what_is_taken_back_was_never_there(database, somebody):
    before = number(database)
    with database.writes.connect() as connection, connection.begin() as transaction:
        connection.execute(text(CHANGES["a block"]))
        transaction.rollback()
    assert number(database) == before
