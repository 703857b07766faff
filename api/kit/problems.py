"""Refusals on the wire: every error the stack can produce becomes problem details (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from api.domain import errors
from api.domain.errors import Refusal
from api.kit.service import service
from api.storage import Unreachable
from schemas.wording import Say

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("copi")
_NOT_LISTED = Say("Kun de første 100 fejl er nævnt.", "Only the first 100 errors are listed.")


def register(app: Flask) -> None:
    """Answer every exception with a problem."""
    for exception in (Refusal, HTTPException, DBAPIError, StaleDataError, TimeoutError, RecursionError, Exception):
        app.register_error_handler(exception, answer)


def answer(error: Exception) -> Response:
    """The problem that stands for an exception."""
    refusal = translate(error)
    if refusal.kind.status >= 500:
        _log.error("request failed", exc_info=error)
    return respond(refusal)


def translate(error: Exception) -> Refusal:
    """The refusal that an exception of the libraries means."""
    match error:
        case Refusal():
            return error
        case HTTPException():
            return _from_http(error)
        case IntegrityError():
            return Refusal(errors.CONFLICT)
        # The record itself is locked and compared with If-Match: what is stale is a record that counts it.
        case StaleDataError() | OperationalError() | TimeoutError() | Unreachable():
            return Refusal(errors.UNAVAILABLE, headers={"Retry-After": "5"})
        case _:
            return Refusal(errors.INTERNAL)


def _from_http(error: HTTPException) -> Refusal:
    kind = errors.BY_STATUS.get(error.code or 500)
    if kind is None:
        kind = errors.MALFORMED if 400 <= (error.code or 500) < 500 else errors.INTERNAL
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return Refusal(kind, headers=kept)


def respond(refusal: Refusal) -> Response:
    """The refusal as a response in the reader's language."""
    language = language_of_request()
    kind = refusal.kind
    problem: dict[str, Any] = {
        "type": f"{base_url()}/problems/{kind.slug}",
        "title": kind.title.in_(language),
        "status": kind.status,
        "detail": refusal.detail.in_(language),
        "instance": f"urn:uuid:{g.request_id}",
        "errors": [_localized(error, language) for error in refusal.errors[:100]],
    }
    if len(refusal.errors) > 100:
        problem["detail"] += " " + _NOT_LISTED.in_(language)
    response = Response(orjson.dumps(problem), kind.status, content_type=MEDIA_TYPE)
    response.headers.update(refusal.headers)
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="CO-PI"'
    return response


def _localized(error: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {name: value.in_(language) if isinstance(value, Say) else value for name, value in error.items()}


def language_of_request() -> str:
    """`da` unless the reader prefers English."""
    if "Accept-Language" not in request.headers:
        return "da"
    return request.accept_languages.best_match(["da", "en"]) or "da"


def base_url() -> str:
    """Where the service is reached, without a slash at the end."""
    return service().settings.public_url or f"{request.environ['wsgi.url_scheme']}://{request.host}"


def in_body(messages: Any, at: str = "") -> list[dict[str, Any]]:
    """marshmallow's tree of messages as a flat list, each with its JSON pointer (RFC 6901)."""
    return [{"pointer": pointer, "detail": detail} for pointer, detail in _flat(messages, at)]


def _flat(messages: Any, pointer: str) -> Iterator[tuple[str, Say]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _flat(inner, pointer + step)
        return
    for message in messages:
        yield _printable(pointer), message if isinstance(message, Say) else Say(str(message), str(message))


def _printable(echo: str) -> str:
    """What a client called something, fit to be read back: without control characters, and not endless."""
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in echo[:100])


def in_query(messages: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same for parameters, each named."""
    return [
        {"parameter": _printable(name), "detail": detail}
        for name, inner in messages.items()
        for _, detail in _flat(inner, "")
    ]


def samples() -> Iterator[tuple[int, str, dict[str, Any]]]:
    """One sample problem per status, for the contract."""
    for status, kind in errors.BY_STATUS.items():
        sample = {
            "type": f"http://127.0.0.1:8000/problems/{kind.slug}",
            "title": kind.title.da,
            "status": status,
            "detail": kind.advice.da,
            "instance": "urn:uuid:01941f29-7c00-7c5e-8a9b-3f6f0a1d2e4c",
            "errors": [],
        }
        yield status, f"{kind.title.en}.", sample
