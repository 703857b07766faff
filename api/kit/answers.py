"""Answers to reads: with a tag and how they may be kept, or 304 for a client that holds them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import orjson
from flask import Response

from api.domain.actor import Actor
from api.kit import conditional
from api.kit.http import Representation
from openapi.sensitivity import holds_personal_data
from schemas.base import JSON, Shape


def caching(caller: Actor, shape: Shape | None = None) -> dict[str, str]:
    """How an answer may be kept: always asked about again, and only by the caller when it depends on who that is.

    What is personal in its shape is not kept at all.
    """
    scope = "public, no-cache" if caller.anonymous else "private, no-cache"
    if shape is not None and _personal(shape):
        scope = "no-store"
    return {"Cache-Control": scope, "Vary": "Authorization, Accept, Accept-Encoding, Origin"}


def public(seconds: int) -> dict[str, str]:
    """How an answer may be kept that is the same for everybody: by anyone, for so many seconds."""
    return {"Cache-Control": f"public, max-age={seconds}", "Vary": "Accept, Accept-Encoding, Origin"}


_personal = cache(holds_personal_data)


def answer(body: bytes, tag: str, headers: Mapping[str, str]) -> Response:
    """A representation with its tag, or 304 when the client holds it."""
    if known := conditional.held(tag):
        return not_modified(known, headers)
    return Representation(body, 200, {"Content-Type": JSON, "Content-Length": str(len(body)), **headers, "ETag": tag})


def not_modified(tag: str, headers: Mapping[str, str]) -> Response:
    """304 with the headers a 200 would have had."""
    return Representation(b"", 304, {**headers, "ETag": tag})


def kept(shape: Shape, wanted: Mapping[str, Any]) -> frozenset[str]:
    """What stays of a record: the properties asked for, those that always come, and neighbours if asked for too."""
    return frozenset((*wanted["fields"], *(shape.always or ()), *(("embedded",) if wanted.get("embed") else ())))


def thinned(document: bytes, keep: Collection[str]) -> bytes:
    """The document with these properties only, in their usual order."""
    return orjson.dumps({name: value for name, value in orjson.loads(document).items() if name in keep})


def digest(content: bytes) -> str:
    """A short text that is another for other bytes."""
    return f"{zlib.crc32(content):08x}"
