"""Reading lists: pages of stored documents, or all that match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import Connection, Select

from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, Refusal
from api.kit import conditional, cursors, embed, formats, limits, matching, parameters, statements, walking
from api.kit.actor import actor, known_actor
from api.kit.answers import answer, caching, digest, kept, not_modified, thinned
from api.kit.formats import Context, Format
from api.kit.freshness import head, remembered
from api.kit.links import links_of
from api.kit.service import service
from api.models import Resource
from api.models.visible import parameters as seen_by
from api.models.visible import reach_of
from openapi.limits import EXPORTS
from schemas.names import PLURALS
from schemas.query import ListQuery, Order

_NEWEST = (Order("updated_at", descending=True),)
_SOME_TIME = 1_000
"""Events after which the ways to records are considered anew."""


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
        with service().database.reading() as connection:
            now = head(connection, caller.sandbox)
            written = partial(self._written, connection, caller, wanted, now, parent)
            if _hangs_on_time(wanted):
                body, headers = written()
                tag = f'W/"{now}-{digest(body)}"'
            else:
                who = repr(caller.standing)  # part of what it is remembered by: an answer hangs on who asks
                tag = f'W/"{now}-{digest(who.encode())}"'
                if conditional.held(tag):
                    return not_modified(tag, caching(caller, self.model.schema))
                key = request.path, who, request.query_string
                body, headers = remembered(key, now, written, size=lambda answer: len(answer[0]))
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
            tag = f'W/"{now}-{digest(who.encode())}"'
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
            documents = [thinned(document, kept(self.model.schema, wanted)) for document in documents]
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
        narrow = matching.narrowed(self.query, wanted, resource, caller, dialect)
        values = narrow.values
        few = partial(self._few, connection, caller, now)
        touched = {one: few(statements.few(resource, one), f"f_{one.name}", values) for one in narrow.filters}
        if self.within and parent:
            self._demand_parent(connection, caller, parent)
            above = statements.Filter(self.within.__tablename__)
            values[f"f_{above.name}"], touched[above] = [parent], 0
        if wanted.get("since"):
            values["since"] = wanted["since"]
        shape = statements.Shape(
            resource,
            narrow.reach,
            dialect,
            tuple(
                replace(filter, rare=touched[filter] <= statements.ENOUGH)
                for filter in sorted(touched, key=touched.__getitem__)
            ),
            "since" in values,
            few(statements.few_words(resource, dialect), "q", values) <= statements.ENOUGH if "q" in values else None,
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
        self, connection: Connection, caller: Actor, now: int, statement: Select[Any], name: str, values: dict[str, Any]
    ) -> int:
        """About how many records match: it only chooses the way to them, so a count of some time ago will do."""
        if caller.sandbox:
            return statements.MANY  # a sandbox is always the shorter way
        asked = {name: values[name]}
        key = ("few", statement, repr(asked))
        return int(remembered(key, now // _SOME_TIME, lambda: connection.execute(statement, asked).scalar_one()))

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


def _hangs_on_time(wanted: Mapping[str, Any]) -> bool:
    """Whether the answer changes though nothing is written: what a caller may do ends at a deadline."""
    return "actions" in (wanted.get("embed") or ())
