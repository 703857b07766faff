"""The data dictionary as answers: of one resource or of all, as JSON and as a table."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from flask import Response

from api.domain.errors import NOT_FOUND, Refusal
from api.exports import TABLES
from api.exports.dictionary import told
from api.kit import conditional, formats
from api.kit.answers import answer, not_modified, public
from api.models import RESOURCES
from schemas.dictionary import ColumnSchema, DataDictionariesSchema, DataDictionarySchema
from schemas.names import PLURALS, SINGULARS

_HEADERS = public(3600)


def overview() -> Response:
    """The dictionaries of all resources."""
    body = _everything()
    return answer(body, _tag(body), _HEADERS)


def of(plural: str, wanted: Mapping[str, Any]) -> Response:
    """The dictionary of one resource, in the format asked for."""
    if plural not in SINGULARS:
        raise Refusal(NOT_FOUND)
    body, format = _one(plural), formats.asked(TABLES, wanted)
    if format is None:
        return answer(body, _tag(body), _HEADERS)
    tag = f'W/"{format.name}-{wanted["dialect"] or ""}-{zlib.crc32(body):08x}"'
    if conditional.held(tag):
        return not_modified(tag, _HEADERS)
    about = formats.context(f"{plural}-dictionary", ColumnSchema, wanted)
    columns = (orjson.dumps(column) for column in told(_schema(plural)))
    return formats.streamed(format, columns, about, {**_HEADERS, "ETag": tag})


def _tag(body: bytes) -> str:
    return f'"{zlib.crc32(body):08x}"'


@lru_cache(maxsize=1)
def _everything() -> bytes:
    items = [_dictionary(plural) for plural in PLURALS.values()]
    return orjson.dumps(DataDictionariesSchema().dump({"items": items, "total": len(items)}))


@lru_cache(maxsize=100)
def _one(plural: str) -> bytes:
    return orjson.dumps(DataDictionarySchema().dump(_dictionary(plural)))


def _dictionary(plural: str) -> dict[str, Any]:
    schema = _schema(plural)
    description = " ".join((schema.__doc__ or "").split())
    return {"resource": plural, "description": description, "columns": told(schema)}


def _schema(plural: str) -> Any:
    return type(RESOURCES[SINGULARS[plural]].schema)
