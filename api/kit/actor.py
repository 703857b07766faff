"""The caller of the request at hand: taken from its token, never from its body."""

from __future__ import annotations

from flask import g, request

from api.domain.actor import ANONYMOUS, Actor
from api.domain.errors import UNAUTHENTICATED, Refusal
from api.kit.service import service


def actor() -> Actor:
    """Who calls. No token at all is anonymous; a token that is not good is refused (401), never ignored."""
    if "actor" not in g:
        g.actor = service().authenticate(request) if "Authorization" in request.headers else ANONYMOUS
    return g.actor  # type: ignore[no-any-return]


def known_actor() -> Actor:
    """Who calls, when nobody may be anonymous."""
    caller = actor()
    if caller.anonymous:
        raise Refusal(UNAUTHENTICATED)
    return caller
