"""What every request and answer has in common: ids, the log, security headers, CORS, media types."""

from __future__ import annotations

import logging
import re
import time

import uuid_utils
from flask import Flask, Response, current_app, g, request

from api.domain.errors import NOT_ACCEPTABLE, Refusal
from api.kit.service import service
from openapi.spec import VERSION

_log = logging.getLogger("copi.access")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_EXPOSED = (
    "ETag, Location, Link, X-Total-Count, Retry-After, API-Version, X-Request-ID, Accept-Patch, "
    "Content-Disposition, Content-Range, Accept-Ranges"
)
_ALLOWED = (
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Request-ID, Accept-Language, "
    "Range, If-Range"
)


def register(app: Flask) -> None:
    """Put the common parts around every request."""
    app.before_request(_arrive)
    app.after_request(_leave)


def _arrive() -> None:
    g.arrived = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given.lower() if _UUID.match(given) else str(uuid_utils.uuid7())
    if not _acceptable():
        raise Refusal(NOT_ACCEPTABLE)


def _acceptable() -> bool:
    wanted = request.headers.get("Accept")
    if wanted is None or "*/*" in wanted or "application/json" in wanted or not request.path.startswith("/v1/"):
        return True
    return bool(request.accept_mimetypes.best_match(["application/json", "application/problem+json", *_streamed()]))


def _streamed() -> tuple[str, ...]:
    """The media types besides JSON that the address answers with."""
    views = getattr(current_app.view_functions.get(request.endpoint or ""), "view_class", None)
    return views.get._apidoc["described"].streams if views and hasattr(views, "get") else ()


def _leave(response: Response) -> Response:
    headers = response.headers
    headers["API-Version"] = VERSION
    headers["X-Request-ID"] = g.request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    if (transaction := request.headers.get("x-TransaktionsId", "")) and _UUID.match(transaction):
        headers["x-TransaktionsId"] = transaction
    if "Origin" in request.headers:
        _cross_origin(response)
    _record(response)
    return response


def _cross_origin(response: Response) -> None:
    """CORS for the exact origins of the settings; credentials are never sent, tokens are."""
    origin = request.headers["Origin"]
    if origin not in service().settings.origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    response.vary.add("Origin")
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED
        response.headers["Access-Control-Max-Age"] = "600"


def _record(response: Response) -> None:
    if not _log.isEnabledFor(logging.INFO):
        return
    caller = g.get("actor")
    _log.info(
        "%s %s %s",
        request.method,
        request.path,
        response.status_code,
        extra={
            "request_id": g.request_id,
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - g.arrived) * 1000, 2),
            "actor": caller.id if caller else None,
            "transaction_id": response.headers.get("x-TransaktionsId"),
        },
    )
