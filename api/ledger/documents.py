"""What is stored of a record to be read: its document, the values it is filtered by and the words it is found by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert

from api import search
from api.models import Resource


def render(record: Resource) -> bytes:
    """The record's document: the bytes that every read of it answers."""
    return orjson.dumps(record.schema.dump(record))


def index(connection: Connection, model: type[Resource], records: Sequence[Resource]) -> None:
    """Replace the values the records are filtered and found by."""
    connection.execute(delete(model.facets).where(model.facets.c.id.in_([record.id for record in records])))
    rows = [row for record in records for row in facets_of(record)]
    if rows:
        connection.execute(insert(model.facets), rows)
    plain = ((record.id, list(search.texts([getattr(record, name) for name in record.TEXTS]))) for record in records)
    search.store(connection, model.__tablename__, plain)


def facets_of(record: Resource) -> Iterator[dict[str, Any]]:
    """The rows of the record among the facets."""
    for name, values in record.FACETS.items():
        for value in sorted({str(value) for value in values(record) if value is not None}):
            yield {"name": name, "value": value, "id": record.id}
