"""Reading one record: its stored document handed out as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import Connection

from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, Refusal
from api.kit import conditional, embed, formats, parameters, statements
from api.kit.actor import actor, known_actor
from api.kit.answers import answer, caching, digest, kept, thinned
from api.kit.formats import Format
from api.kit.http import Representation
from api.kit.service import service
from api.models import Resource
from api.models.visible import parameters as seen_by
from api.models.visible import reach_of
from schemas.names import PLURALS
from schemas.query import ItemQuery


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
                tag = f'"{version}+{digest(document)}"'
        if wanted.get("fields"):
            document = thinned(document, kept(self.model.schema, wanted))
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
        return answer(body, f'"{version}+{format.name}-{digest(body)}"', told)


_MERGED = b',"state":"merged",'
"""What stands in the document of a partner that another one took over. In a text the quotes would be escaped."""


def _moved(document: bytes) -> Response:
    """Where the record that took its place is read, in the way that was asked for."""
    merged = orjson.loads(document)
    place = merged["links"]["self"].replace(merged["id"], merged["merged_into"])
    if request.query_string:
        place += f"?{request.query_string.decode()}"
    return Representation(b"", 301, {"Location": place, "Cache-Control": "no-cache"})
