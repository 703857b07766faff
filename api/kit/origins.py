"""Which browser frontends may read an answer (CORS): the exact origins of the settings and of the clients."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask import g
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api.domain import clock
from api.kit.freshness import remembered
from api.kit.service import service
from api.models import Client
from schemas.vocabulary import ClientKind

_LISTED = select(Client.id, Client.origins).where(Client.kind == ClientKind.FRONTEND, ~Client.blocked)


def may_read(origin: str) -> bool:
    """Whether pages of that origin may read the answer at hand.

    What a token was shown for is read by pages of the token's own client alone; what anyone may have, and the question
    of a browser that sends no token yet (a preflight), by those of any client.
    """
    if origin in service().settings.origins:
        return True
    try:
        listed = _listed()
    except SQLAlchemyError:
        return False  # the database is away, which is what the answer at hand says
    if g.get("actor") is None or g.actor.anonymous:
        return any(origin in origins for origins in listed.values())
    token = g.get("token") or g.get("vouched")
    return origin in listed.get(getattr(token, "client", None) or "", ())


def _listed() -> Mapping[str, Collection[str]]:
    """The origins by client, looked up once a second at most, so that a change counts a second later everywhere."""
    this_second = int(clock.now().timestamp())
    return remembered(_listed, this_second, _looked_up)  # type: ignore[no-any-return]


def _looked_up() -> dict[str, frozenset[str]]:
    with service().database.reading() as connection:
        return {id: frozenset(origins) for id, origins in connection.execute(_LISTED)}
