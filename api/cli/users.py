"""`copi users`: everybody's accounts, and the first administrator of an installation."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from api.cli.access import acting, answer, answer_all, as_json
from api.cli.console import fail
from api.identity import accounts, passwords
from api.identity import users as accounts_of_all
from api.kit.body import validated
from api.models import User
from schemas.base import Shape
from schemas.people import LetterSchema, NewUserSchema, UserSchema
from schemas.vocabulary import PlatformRole

_COLUMNS = ("id", "email", "name", "duties", "blocked")
_duties = click.option("--duty", "duties", multiple=True, type=click.Choice([str(duty) for duty in PlatformRole]))
_reason = click.option("--reason", default="At the command line.", show_default=True, help="For the security log.")
_password = click.option(
    "--password",
    is_flag=True,
    help="Take the password from standard input (asked for in a terminal); without it, a letter is printed, by which "
    "the person chooses one.",
)


@click.group()
def users() -> None:
    """Look after accounts. USER is an id or an e-mail address."""


@users.command("list")
@as_json
def list_users(as_json: bool) -> None:
    """List accounts."""
    with acting() as session:
        found = select(User).order_by(User.name, User.id).options(selectinload(User.memberships))
        told = [accounts_of_all.told(one) for one in session.scalars(found)]
    answer_all(UserSchema(), told, _COLUMNS, as_json)


@users.command()
@click.argument("user")
@as_json
def show(user: str, as_json: bool) -> None:
    """Show an account."""
    with acting() as session:
        told = accounts_of_all.told(_found(session, user))
    answer(UserSchema(), told, as_json)


@users.command()
@click.option("--email", required=True, help="The address the person logs in with.")
@click.option("--name", required=True, help="What the person is called.")
@_duties
@_password
@as_json
def create(email: str, name: str, duties: tuple[str, ...], password: bool, as_json: bool) -> None:
    """Create an account; --duty copi_admin makes an administrator."""
    given = _asked() if password else None
    with acting() as session:
        fields = validated(NewUserSchema(), {"email": email, "name": name, "duties": list(duties)})
        shape, told = _opened_up(session, accounts_of_all.create(**fields), given)
    answer(shape, told, as_json)


@users.command()
@click.argument("user")
@_reason
@as_json
def block(user: str, reason: str, as_json: bool) -> None:
    """Shut somebody out, everywhere at once."""
    with acting() as session:
        told = accounts_of_all.block(_found(session, user), reason)
    answer(UserSchema(), told, as_json)


@users.command()
@click.argument("user")
@_reason
@as_json
def unblock(user: str, reason: str, as_json: bool) -> None:
    """Let somebody in again."""
    with acting() as session:
        told = accounts_of_all.unblock(_found(session, user), reason)
    answer(UserSchema(), told, as_json)


@users.command("set-duties")
@click.argument("user")
@_duties
@as_json
def set_duties(user: str, duties: tuple[str, ...], as_json: bool) -> None:
    """Give somebody these roles on the platform and no others."""
    with acting() as session:
        wanted = [PlatformRole(duty) for duty in dict.fromkeys(duties)]
        told = accounts_of_all.set_duties(_found(session, user), wanted)
    answer(UserSchema(), told, as_json)


@users.command("reset-password")
@click.argument("user")
@_password
@as_json
def reset_password(user: str, password: bool, as_json: bool) -> None:
    """Help somebody to a new password."""
    given = _asked() if password else None
    with acting() as session:
        shape, told = _opened_up(session, _found(session, user), given)
    answer(shape, told, as_json)


def _found(session: Session, named: str) -> User:
    user = None
    with suppress(ValueError):
        by = User.email == named.casefold() if "@" in named else User.id == str(UUID(named))
        user = session.scalars(select(User).where(by).with_for_update()).one_or_none()
    return user or fail(f"There is no user {named}.")


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _opened_up(session: Session, user: User, password: str | None) -> tuple[Shape, dict[str, Any]]:
    """An account with the password that was given, or a letter of one use by which the person chooses one."""
    if password is None:
        return LetterSchema(), accounts_of_all.offer_reset(user)
    passwords.demand(password, "password", accounts.context_of(session, user))
    accounts.set_password(session, user, passwords.hashed(password))
    return UserSchema(), accounts_of_all.told(user)
