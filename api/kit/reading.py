"""The read path: stored documents handed out as they are, alone or as pages."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request
from sqlalchemy import Connection, Select

from api import search
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, Refusal
from api.kit import conditional, cursors, embed, formats, limits, parameters, statements, walking
from api.kit.actor import actor, known_actor
from api.kit.formats import Context, Format
from api.kit.freshness import head, remembered
from api.kit.http import Representation
from api.kit.service import service
from api.models import Resource
from api.models.visible import parameters as seen_by
from api.models.visible import reach_of
from openapi.limits import EXPORTS
from openapi.sensitivity import holds_personal_data
from schemas.base import Shape
from schemas.names import PLURALS
from schemas.query import AnyOf, ItemQuery, ListQuery, Order

JSON = "application/json"
_NEWEST = (Order("updated_at", descending=True),)
_SOME_TIME = 1_000
"""Events after which the ways to records are considered anew."""


def caching(caller: Actor, shape: Shape | None = None) -> dict[str, str]:
    """How an answer may be kept: always asked about again, and only by the caller when it depends on who that is.

    What is personal in its shape is not kept at all.
    """
    scope = "public, no-cache" if caller.anonymous else "private, no-cache"
    if shape is not None and _personal(shape):
        scope = "no-store"
    return {"Cache-Control": scope, "Vary": "Authorization, Accept, Accept-Encoding, Origin"}


_personal = cache(holds_personal_data)


def answer(body: bytes, tag: str, headers: Mapping[str, str]) -> Response:
    """A representation with its tag, or 304 when the client holds it."""
    if known := conditional.held(tag):
        return not_modified(known, headers)
    return Representation(body, 200, {"Content-Type": JSON, "Content-Length": str(len(body)), **headers, "ETag": tag})


def not_modified(tag: str, headers: Mapping[str, str]) -> Response:
    """304 with the headers a 200 would have had."""
    return Representation(b"", 304, {**headers, "ETag": tag})


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads one record of a kind."""

    model: type[Resource]
    query: ItemQuery
    named: bool = False
    formats: tuple[Format, ...] = ()

    def respond(self, id: str) -> Response:
        """The record, thinned or with neighbours as asked; 404 when there is none to see."""
        caller, wanted = known_actor() if self.named else actor(), parameters.read(self.query)
        with service().database.reading() as connection:
            row = connection.execute(
                statements.one(self.model.__tablename__, reach_of(caller, self.model.__tablename__)),
                {"id": id, **seen_by(caller)},
            ).first()
            if row is None:
                raise Refusal(NOT_FOUND)
            version, document = row
            if _MERGED in document:
                return _moved(document)
            tag = conditional.etag(version)
            if format := formats.asked(self.formats, wanted):
                return self._in_format(connection, format, caller, wanted, version, document)
            if wanted.get("embed"):
                [document] = embed.compose(connection, self.model.__tablename__, caller, wanted["embed"], [document])
                tag = f'"{version}+{_digest(document)}"'
        if wanted.get("fields"):
            document = thinned(document, _kept(self.model.schema, wanted))
        return answer(document, tag, caching(caller, self.model.schema))

    def _in_format(
        self,
        connection: Connection,
        format: Format,
        caller: Actor,
        wanted: Mapping[str, Any],
        version: int,
        document: bytes,
    ) -> Response:
        formats.demand_fitting(format)
        about = formats.context(PLURALS[self.model.__tablename__], type(self.model.schema), wanted)
        if names := format.embeds.get(self.model.__tablename__):
            [document] = embed.compose(connection, self.model.__tablename__, caller, names, [document])
        body = b"".join(format.write(iter([document]), about))
        told = {**caching(caller, self.model.schema), **formats.headers(format, about)}
        return answer(body, f'"{version}+{format.name}-{_digest(body)}"', told)


_MERGED = b',"state":"merged",'
"""What stands in the document of a partner that another one took over. In a text the quotes would be escaped."""


def _moved(document: bytes) -> Response:
    """Where the record that took its place is read."""
    merged = orjson.loads(document)
    place = merged["links"]["self"].replace(merged["id"], merged["merged_into"])
    return Representation(b"", 301, {"Location": place, "Cache-Control": "no-cache"})


@dataclass(frozen=True, slots=True)
class ListReader:
    """Reads pages of one kind: filters, order, total and the links to other pages."""

    model: type[Resource]
    query: ListQuery
    within: type[Resource] | None = None
    named: bool = False
    formats: tuple[Format, ...] = ()

    def respond(self, parent: str | None = None) -> Response:
        """One page, or 304 when nothing at all has changed since the client's."""
        caller, wanted = known_actor() if self.named else actor(), parameters.read(self.query)
        if format := formats.asked(self.formats, wanted):
            return self._in_format(format, caller, wanted, parent)
        # Part of what it is remembered by: an answer hangs on who asks.
        who = repr((caller.standing, _minute(wanted)))
        with service().database.reading() as connection:
            now = head(connection, caller.sandbox)
            tag = f'W/"{now}-{_digest(who.encode())}"'
            if conditional.held(tag):
                return not_modified(tag, caching(caller, self.model.schema))
            body, headers = remembered(
                (request.path, who, request.query_string),
                now,
                lambda: self._written(connection, caller, wanted, now, parent),
                size=lambda answer: len(answer[0]),
            )
        return answer(body, tag, {**caching(caller, self.model.schema), **headers})

    def _in_format(self, format: Format, caller: Actor, wanted: Mapping[str, Any], parent: str | None) -> Response:
        """All that matches, or one page of it, in another format; or 304 as above."""
        formats.demand_fitting(format)
        about = formats.context(PLURALS[self.model.__tablename__], type(self.model.schema), wanted)
        # What is shown at once has whole addresses and a language.
        who = repr((caller.standing, format.name, about.dialect, "" if format.saved else (about.base, about.language)))
        told = {**caching(caller, self.model.schema), **formats.in_language(format, about)}
        database = service().database
        with database.reading() as connection:
            now = head(connection, caller.sandbox)
            tag = f'W/"{now}-{_digest(who.encode())}"'
            if conditional.held(tag):
                return not_modified(tag, told)
            if not format.saved:
                body = remembered(
                    (request.path, who, request.query_string),
                    now,
                    lambda: self._shown(connection, caller, wanted, now, parent, format, about),
                    size=len,
                )
                return answer(body, tag, {**told, **formats.headers(format, about)})
            limits.demand(EXPORTS.name, caller.id or limits.address())
            shape, values = self.question(connection, caller, wanted, now, parent)
            # Read when it is written, and over a connection of its own: the client may take its time.
            documents = walking.walk(database, shape, values)
        return formats.streamed(format, documents, about, {**told, "ETag": tag})

    def _shown(
        self,
        connection: Connection,
        caller: Actor,
        wanted: Mapping[str, Any],
        now: int,
        parent: str | None,
        format: Format,
        about: Context,
    ) -> bytes:
        """The page, or everything, in a format that is read at once."""
        if format.newest and "sort" not in request.args:
            wanted = {**wanted, "sort": _NEWEST}
        shape, values = self.question(connection, caller, wanted, now, parent)
        if format.whole:
            limits.demand(EXPORTS.name, caller.id or limits.address())
            return b"".join(format.write(walking.walk(service().database, shape, values), about))
        documents, last = self._page(connection, shape, values, wanted)
        if following := links_of(wanted, None, last).get("next"):
            about = replace(about, following=f"{about.base}{following}")
        if names := format.embeds.get(self.model.__tablename__):
            documents = embed.compose(connection, self.model.__tablename__, caller, names, documents)
        return b"".join(format.write(iter(documents), about))

    def _written(
        self, connection: Connection, caller: Actor, wanted: Mapping[str, Any], now: int, parent: str | None
    ) -> tuple[bytes, dict[str, str]]:
        """The page and the headers of its own."""
        shape, values = self.question(connection, caller, wanted, now, parent)
        total = self._total(connection, shape, values, now) if wanted["total"] else None
        documents, last = self._page(connection, shape, values, wanted)
        if wanted.get("embed"):
            documents = embed.compose(connection, self.model.__tablename__, caller, wanted["embed"], documents)
        if wanted.get("fields"):
            documents = [thinned(document, _kept(self.model.schema, wanted)) for document in documents]
        links = links_of(wanted, total, last)
        headers = {"Link": ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items())}
        if total is not None:
            headers["X-Total-Count"] = str(total)
        body = b'{"items":[%b],"total":%b,"next":%b}' % (
            b",".join(documents),
            orjson.dumps(total),
            orjson.dumps(links.get("next")),
        )
        return body, headers

    def question(
        self, connection: Connection, caller: Actor, wanted: Mapping[str, Any], now: int, parent: str | None = None
    ) -> tuple[statements.Shape, dict[str, Any]]:
        """The shape of the SQL and its parameters."""
        resource, dialect = self.model.__tablename__, connection.dialect.name
        values: dict[str, Any] = dict(seen_by(caller))
        touched: dict[statements.Filter, int] = {}
        for name, field in self.query.fields.items():
            if isinstance(field, AnyOf) and (asked := wanted.get(name)) is not None:
                values[f"f_{name}"] = list(asked)
                filter = statements.Filter(name, field.via)
                asking = {f"f_{name}": asked}
                touched[filter] = self._few(connection, caller, statements.few(resource, filter), asking, now)
        if self.within and parent:
            filter = statements.Filter(self.within.__tablename__)
            self._demand_parent(connection, caller, parent)
            values[f"f_{filter.name}"] = [parent]
            touched[filter] = 0
        if wanted.get("since"):
            values["since"] = wanted["since"]
        rare = None
        if wanted.get("q"):
            values["q"] = search.expression(wanted["q"], dialect)
            words = statements.few_words(resource, dialect)
            rare = self._few(connection, caller, words, {"q": values["q"]}, now) <= statements.ENOUGH
        shape = statements.Shape(
            resource,
            reach_of(caller, resource),
            dialect,
            tuple(
                replace(filter, rare=touched[filter] <= statements.ENOUGH)
                for filter in sorted(touched, key=touched.__getitem__)
            ),
            "since" in values,
            rare,
            wanted["sort"],
            bool(wanted.get("cursor")),
        )
        return shape, values

    def _demand_parent(self, connection: Connection, caller: Actor, id: str) -> None:
        above: str = self.within.__tablename__  # type: ignore[union-attr]
        statement = statements.one(above, reach_of(caller, above))
        if connection.execute(statement, {"id": id, **seen_by(caller)}).first() is None:
            raise Refusal(NOT_FOUND)

    def _few(
        self, connection: Connection, caller: Actor, statement: Select[Any], asked: Mapping[str, Any], now: int
    ) -> int:
        """About how many records match: it only chooses the way to them, so a count of some time ago will do."""
        if caller.sandbox:
            return statements.MANY  # a sandbox is always the shorter way
        key = ("few", statement, repr(asked))
        return int(remembered(key, now // _SOME_TIME, lambda: connection.execute(statement, dict(asked)).scalar_one()))

    def _total(self, connection: Connection, shape: statements.Shape, values: dict[str, Any], now: int) -> int:
        key = (shape, repr(sorted(values.items())))
        return int(remembered(key, now, lambda: connection.execute(statements.count(shape), values).scalar_one()))

    def _page(
        self, connection: Connection, shape: statements.Shape, values: dict[str, Any], wanted: Mapping[str, Any]
    ) -> tuple[list[bytes], str | None]:
        """The documents, and the cursor behind the last one when there are more."""
        limit = wanted["limit"]
        bounds = {"limit": limit + 1, "offset": ((wanted.get("page") or 1) - 1) * limit}
        if wanted.get("cursor"):
            bounds |= cursors.decode(shape.order, wanted["cursor"], statements.sort_columns(shape))
        rows = connection.execute(statements.page(shape), {**values, **bounds}).all()
        more = cursors.encode(shape.order, rows[limit - 1][1:]) if len(rows) > limit else None
        return [row[0] for row in rows[:limit]], more


def _minute(wanted: Mapping[str, Any]) -> int:
    """What a caller may do hangs on the time too: a deadline passes without anything being written."""
    return int(clock.now().timestamp()) // 60 if "actions" in (wanted.get("embed") or ()) else 0


def _kept(shape: Shape, wanted: Mapping[str, Any]) -> frozenset[str]:
    """What stays of a record: the properties asked for, those that always come, and neighbours if asked for too."""
    return frozenset((*wanted["fields"], *(shape.always or ()), *(("embedded",) if wanted.get("embed") else ())))


def thinned(document: bytes, keep: Collection[str]) -> bytes:
    """The document with these properties only, in their usual order."""
    return orjson.dumps({name: value for name, value in orjson.loads(document).items() if name in keep})


def links_of(wanted: Mapping[str, Any], total: int | None, cursor: str | None) -> dict[str, str]:
    """The other pages (RFC 8288): by number where the caller pages by number, else by cursor."""
    page, limit = wanted.get("page"), wanted["limit"]
    links = {"first": _address(page=1 if page else None, cursor=None)}
    if page and page > 1:
        links["prev"] = _address(page=page - 1)
    if cursor:
        links["next"] = _address(page=page + 1) if page else _address(cursor=cursor)
    if page and total:
        links["last"] = _address(page=-(-total // limit))
    return links


def _address(**changes: Any) -> str:
    """The address of the request at hand with some parameters changed; None takes one away."""
    if not request.query_string and not any(changes.values()):
        return request.path
    kept = {name: value for name, value in {**request.args.to_dict(), **changes}.items() if value is not None}
    return f"{request.path}?{urlencode(kept, safe=',:')}" if kept else request.path


def _digest(content: bytes) -> str:
    return f"{zlib.crc32(content):08x}"
