"""Code lists as answers: an overview, and pages of one list."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

from api import reference
from api.domain.errors import NOT_FOUND, Refusal
from api.kit.answers import answer, public
from api.reference import CodeList
from schemas.system import CodeListSchema, CodeListsSchema

_HEADERS = public(3600)


def overview() -> Response:
    """All lists, without their items."""
    return _cacheable(_overview())


def page(scheme: str, wanted: Mapping[str, Any]) -> Response:
    """One page of a list, searched if asked."""
    try:
        reference.code_list(scheme)
    except KeyError as missing:
        raise Refusal(NOT_FOUND) from missing
    return _cacheable(_page(scheme, wanted.get("q"), wanted.get("page") or 1, wanted["limit"], request.path))


def _cacheable(body: bytes) -> Response:
    return answer(body, f'"{zlib.crc32(body):08x}"', dict(_HEADERS))


@lru_cache(maxsize=1)
def _overview() -> bytes:
    lists = [_summary(one) for one in reference.code_lists().values()]
    return orjson.dumps(CodeListsSchema().dump({"items": lists, "total": len(lists)}))


@lru_cache(maxsize=512)
def _page(scheme: str, q: str | None, page: int, limit: int, path: str) -> bytes:
    code_list = reference.code_list(scheme)
    found: Sequence[Any] = reference.find(code_list, q) if q else code_list.items
    start = (page - 1) * limit
    more = {"page": page + 1, "limit": limit, **({"q": q} if q else {})}
    answer = {
        **_summary(code_list),
        "items": found[start : start + limit],
        "total": len(found),
        "next": f"{path}?{urlencode(more)}" if start + limit < len(found) else None,
    }
    return orjson.dumps(CodeListSchema().dump(answer))


def _summary(code_list: CodeList) -> dict[str, Any]:
    names = ("scheme", "title", "description", "version", "licence", "source", "valid_from", "valid_to")
    return {**{name: getattr(code_list, name) for name in names}, "count": len(code_list.items)}
