"""Release packages: pages of challenges and projects, in the order they were last changed."""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request
from sqlalchemy import Connection, Select, bindparam, select, tuple_

from api.domain.actor import Actor
from api.exports import terms
from api.exports.ocds import challenges, projects
from api.exports.ocds.neighbours import Neighbours
from api.exports.ocds.releases import Publication
from api.exports.ocds.values import pruned
from api.kit import conditional, cursors
from api.kit.actor import actor
from api.kit.answers import answer, caching, not_modified
from api.kit.freshness import head, remembered
from api.kit.problems import base_url
from api.kit.service import service
from api.models import Challenge, Resource
from api.models.visible import Reach, parameters, reach_of, visible_to
from schemas.query import Order

_RELEASES = {"challenge": challenges.release, "project": projects.release}
_ORDER = (Order("updated_at", descending=False),)
_EXTENSION = "https://raw.githubusercontent.com/open-contracting-extensions/ocds_pagination_extension/master/"


def respond(wanted: Mapping[str, Any]) -> Response:
    """One package, as far as the caller sees; 304 when nothing has changed since the client's."""
    caller, base = actor(), base_url()
    headers, who = caching(caller), repr((caller.standing, base))
    with service().database.reading() as connection:
        now = head(connection, caller.sandbox)
        tag = f'W/"{now}-{zlib.crc32(who.encode()):08x}"'
        if conditional.held(tag):
            return not_modified(tag, headers)
        key = ("ocds", who, request.query_string)
        body = remembered(key, now, lambda: _package(connection, caller, base, wanted), size=len)
    return answer(body, tag, headers)


def _package(connection: Connection, caller: Actor, base: str, wanted: Mapping[str, Any]) -> bytes:
    rows, more = _page(connection, caller, wanted)
    records = [(kind, orjson.loads(document)) for kind, document in rows]
    some = {kind: [record for name, record in records if name == kind] for kind in _RELEASES}
    near = Neighbours.of(connection, caller, some["challenge"], some["project"])
    publication = Publication(base, service().settings.ocid_prefix, near)
    releases = [pruned(_RELEASES[kind](publication, record)) for kind, record in records]
    return orjson.dumps(
        {
            "uri": f"{base}{request.full_path.removesuffix('?')}",
            "version": "1.1",
            "extensions": [f"{_EXTENSION}extension.json"],
            "publishedDate": max((one["date"] for one in releases), default="1970-01-01T00:00:00Z"),
            "publisher": {"name": terms.PUBLISHER.da, "uri": terms.HOMEPAGE},
            "license": terms.LICENCE,
            "publicationPolicy": f"{base}{terms.POLICY}",
            "releases": releases,
            **({"links": {"next": _next(base, more)}} if more else {}),
        }
    )


def _next(base: str, cursor: str) -> str:
    return f"{base}{request.path}?{urlencode({**request.args.to_dict(), 'cursor': cursor}, safe=':')}"


def _page(connection: Connection, caller: Actor, wanted: Mapping[str, Any]) -> tuple[Sequence[Any], str | None]:
    """The kinds and documents of the page, and the cursor behind it when there are more."""
    after = _after(wanted)
    found: Iterator[Any] = heapq.merge(
        *(_rows(connection, caller, kind, after, wanted) for kind in _RELEASES), key=itemgetter(0, 1)
    )
    rows, limit = list(found), wanted["limit"]
    more = cursors.encode(_ORDER, rows[limit - 1][:2]) if len(rows) > limit else None
    return [(kind, document) for _, _, kind, document in rows[:limit]], more


def _after(wanted: Mapping[str, Any]) -> dict[str, Any]:
    if not wanted.get("cursor"):
        return {}
    keys = cursors.decode(_ORDER, wanted["cursor"], (Challenge.updated_at, Challenge.id))
    return {"at": keys["c0"], "id": keys["c1"]}


def _rows(
    connection: Connection, caller: Actor, kind: str, after: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[Any]:
    since = {"since": wanted["since"]} if wanted.get("since") else {}
    statement = _statement(kind, reach_of(caller, kind), bool(after), bool(since))
    values = {**parameters(caller), **after, **since, "limit": wanted["limit"] + 1}
    return ((at, id, kind, document) for at, id, document in connection.execute(statement, values))


@cache
def _statement(kind: str, reach: Reach, after: bool, since: bool) -> Select[Any, Any, Any]:
    model = Resource.named(kind)
    keys = model.updated_at, model.id
    statement = select(*keys, model.document).where(visible_to(model, reach))
    if after:
        bounds = bindparam("at", type_=model.updated_at.type), bindparam("id", type_=model.id.type)
        statement = statement.where(tuple_(*keys) > tuple_(*bounds))
    if since:
        statement = statement.where(model.updated_at >= bindparam("since"))
    return statement.order_by(*keys).limit(bindparam("limit"))
