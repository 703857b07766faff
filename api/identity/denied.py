"""Refusals as OAuth words them (RFC 6749 section 5.2), which its client libraries understand."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response

from api.domain.errors import Refusal
from api.kit import problems

INVALID_REQUEST = "invalid_request"
INVALID_CLIENT = "invalid_client"
INVALID_GRANT = "invalid_grant"
UNAUTHORIZED_CLIENT = "unauthorized_client"
UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
INVALID_SCOPE = "invalid_scope"

_SAYABLE = frozenset(string.printable) - frozenset('"\\\t\n\r\x0b\x0c')
"""The characters an error description may hold."""


class Denied(Exception):
    """An OAuth request that is not granted."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


def answer(denied: Denied) -> Response:
    """The refusal as a response."""
    return _answer(denied.error, denied.description, 401 if denied.error == INVALID_CLIENT else 400)


def answer_refusal(refusal: Refusal) -> Response:
    """A problem with what was sent, said as OAuth says it; what OAuth has no word for stays a problem."""
    if refusal.kind.status not in (400, 422):
        return problems.respond(refusal)
    said = [_named(one) for one in refusal.errors] or [refusal.detail.en]
    response = _answer(INVALID_REQUEST, " ".join(said), 400)
    response.headers.update(refusal.headers)
    return response


def _named(error: Mapping[str, Any]) -> str:
    """What is wrong, and with which parameter."""
    name = str(error.get("pointer") or error.get("parameter") or "").lstrip("/")
    return f"{name}: {error['detail'].en}" if name else str(error["detail"].en)


def _answer(error: str, description: str, status: int) -> Response:
    said = "".join(mark if mark in _SAYABLE else "?" for mark in description)
    body = orjson.dumps({"error": error, "error_description": said})
    response = Response(body, status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="CO-PI"'
    return response
