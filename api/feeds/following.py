"""Following the log by HTTP: a page of events, at once or as soon as there is one."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request
from sqlalchemy import select

from api.domain.errors import INVALID, Refusal
from api.domain.events import types
from api.feeds import feed
from api.feeds.feed import Page, Wanted
from api.kit.actor import actor, known_actor
from api.kit.answers import answer, caching
from api.kit.service import service
from api.models import SavedSearch, log
from schemas.wording import Say

_NO_TYPE = Say("Der er ingen hændelser af typen {type}.", "There are no events of type {type}.")
_NO_SEARCH = Say("Du har ingen gemt søgning med det id.", "You have no saved search with that id.")
_BEYOND = Say(
    "Så langt er ingen nået: den nyeste hændelse er nummer {head}. Hent alt på ny og følg med derfra.",
    "Nothing has got that far: the newest event is number {head}. Fetch everything anew and follow from there.",
)


def answered(wanted: Mapping[str, Any]) -> Response:
    """A page of the feed as an answer."""
    found = _page(wanted)
    address = f"{request.path}?{urlencode({**request.args.to_dict(), 'after': found.cursor}, safe=',')}"
    body = b'{"items":[%b],"cursor":%d,"head":%d,"view":"%b","next":%b}' % (
        b",".join(told.body for told in found.items),
        found.cursor,
        found.head,
        feed.view_of(actor()).encode(),
        orjson.dumps(address),
    )
    return answer(body, f'W/"{zlib.crc32(body):08x}"', caching(actor()))


def _page(wanted: Mapping[str, Any]) -> Page:
    caller, asked = actor(), _asked(wanted)
    ends = time.monotonic() + wanted["wait"]
    after = wanted["after"]
    while True:
        with service().database.reading() as connection:
            found = feed.page(connection, caller, after, wanted["limit"], asked)
            if after > found.head:
                raise Refusal(INVALID, errors=[{"parameter": "after", "detail": _BEYOND.format(head=found.head)}])
        after = found.cursor
        if found.items or after < found.head or time.monotonic() >= ends or not _something(after, ends):
            return found


def _something(after: int, ends: float) -> bool:
    """Wait until anything has happened after that number; False when nothing has, or nobody else may wait."""
    sandbox = actor().sandbox
    while time.monotonic() < ends and service().seats.pause():
        with service().database.reading() as connection:
            if log.last(connection, sandbox) > after:
                return True
    return False


def _search(id: str | None) -> tuple[str, str] | None:
    if id is None:
        return None
    known_actor()
    with service().database.reading() as connection:
        kept = select(SavedSearch.resource, SavedSearch.query).where(SavedSearch.id == id, SavedSearch.seen_by(actor()))
        found = connection.execute(kept).first()
    if found is None:
        raise Refusal(INVALID, errors=[{"parameter": "search", "detail": _NO_SEARCH}])
    return found.resource, found.query


def _asked(wanted: Mapping[str, Any]) -> Wanted:
    asked = Wanted(wanted.get("type") or (), wanted.get("resource") or (), _search(wanted.get("search")))
    for type in asked.types:
        if type not in types():
            raise Refusal(INVALID, errors=[{"parameter": "type", "detail": _NO_TYPE.format(type=type)}])
    return asked
