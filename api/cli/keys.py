"""`copi keys`: the keys that sign access tokens, changed without a pause."""

from __future__ import annotations

import click
from flask import current_app
from sqlalchemy import select

from api.cli.access import acting, answer, answer_all, as_json
from api.cli.console import fail
from api.domain import clock
from api.identity import keys as signing
from api.models import SigningKey
from schemas.base import Shape
from schemas.fields import Moment, Text


class KeySchema(Shape):
    """A signing key, without the key."""

    kid = Text("Its name in tokens.", max=100)
    state = Text("`next`, `good` or `retired`.", max=10)
    created_at = Moment("When it was made.")
    signs_from = Moment("From when it signs, until the next one does.")
    retired_at = Moment("When tokens it signed are good no longer.")


@click.group()
def keys() -> None:
    """Look after the keys that sign access tokens."""


@keys.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """List keys, the newest first."""
    with acting() as session:
        found = session.scalars(select(SigningKey).order_by(SigningKey.signs_from.desc(), SigningKey.kid))
        told = [_told(one) for one in found]
    answer_all(KeySchema(), told, ("kid", "state", "signs_from", "retired_at"), as_json)


@keys.command()
@click.option("--now", is_flag=True, help="Sign with it at once; services that keep our key set may need minutes.")
@as_json
def rotate(now: bool, as_json: bool) -> None:
    """Make a new key, which signs in a few minutes; the old ones verify what they have signed until it expires."""
    with acting() as session:
        made = signing.rotate(session, current_app.extensions["copi"].settings, at_once=now)
        told = _told(made)
    answer(KeySchema(), told, as_json)


@keys.command()
@click.argument("kid")
@as_json
def retire(kid: str, as_json: bool) -> None:
    """Let a key verify no longer: tokens it signed are refused at once, and people log in again."""
    with acting() as session:
        key = signing.retire(session, kid) or fail(f"There is no key {kid}.")
        told = _told(key)
    answer(KeySchema(), told, as_json)


def _told(key: SigningKey) -> dict[str, object]:
    now = clock.now()
    state = "next" if key.signs_from > now else "good"
    if key.retired_at is not None and key.retired_at <= now:
        state = "retired"
    return {**{name: getattr(key, name) for name in ("kid", "created_at", "signs_from", "retired_at")}, "state": state}
