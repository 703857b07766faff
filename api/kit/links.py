"""The addresses of other pages (RFC 8288)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request


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
