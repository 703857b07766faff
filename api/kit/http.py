"""What every request and answer has in common: ids, the log, security headers, CORS, media types."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import uuid_utils
from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import Headers

from api.domain.errors import INSECURE, NOT_ACCEPTABLE, Refusal
from api.kit import limits, logs, origins, problems
from api.kit.compression import compress
from api.kit.service import service
from openapi.spec import PREFIX, VERSION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_EXPOSED = (
    "ETag, Location, Link, X-Total-Count, Retry-After, RateLimit, RateLimit-Policy, API-Version, X-Request-ID, "
    "x-TransaktionsId, Idempotency-Replayed, Deprecation, Sunset, Accept-Patch, Content-Disposition, Content-Range, "
    "Accept-Ranges"
)
_ALLOWED = (
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Request-ID, x-TransaktionsId, "
    "Accept-Language, Range, If-Range"
)
_ON_EVERYTHING = [
    ("API-Version", VERSION),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    # Frontends elsewhere read answers by CORS, which this does not touch; it keeps pages from embedding them without.
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
_DATA = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
_HTTPS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")  # means nothing over HTTP (RFC 6797, 7.2)
_COMMON = {
    (scheme, pages): [*_ON_EVERYTHING, *([] if pages else [_DATA]), *([_HTTPS] if scheme == "https" else [])]
    for scheme in ("http", "https")
    for pages in (True, False)
}
"""By scheme, and whether the answer has a policy of its own."""
_STATUS = f"{PREFIX}/status"
"""What monitoring asks, often and from within: it is not counted, and answered without HTTPS too."""


class Answer(Response):
    """Every answer. What all of them say is added as they leave, past werkzeug's search for each name."""

    of_request: Sequence[tuple[str, str]] = ()
    """Headers that the request at hand gives its answer, whatever the answer is."""

    def get_wsgi_response(self, environ: WSGIEnvironment) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        body, status, headers = super().get_wsgi_response(environ)
        common = _COMMON[environ["wsgi.url_scheme"], "Content-Security-Policy" in self.headers]
        return body, status, [*headers, *self.of_request, *common]


class Representation(Answer):
    """An answer that is complete when it is made: werkzeug need not look through it again.

    It leaves as a list, which the server takes whole; anything else it would ask for piece by piece.
    """

    default_mimetype = None

    def __init__(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        super().__init__([body], status, _Known([*headers.items()]))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, [*self.headers, *self.of_request, *_COMMON[environ["wsgi.url_scheme"], False]])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self.response  # type: ignore[return-value]


class _Known(Headers):
    """Headers of our own making, which need no check for line breaks."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._list = pairs


def register(app: Flask) -> None:
    """Put the common parts around every request."""
    app.response_class = Answer
    app.before_request(_arrive)
    app.after_request(_leave)


def _arrive() -> None:
    g.arrived = time.perf_counter()
    asked = request.environ
    given = asked.get("HTTP_X_REQUEST_ID")
    g.request_id = given.lower() if given and _UUID.match(given) else str(uuid_utils.uuid7())
    if asked["PATH_INFO"] != _STATUS:
        here = service()
        if asked["wsgi.url_scheme"] != "https" and here.settings.production:
            raise Refusal(INSECURE)
        # A browser asks what it may do (OPTIONS) by itself and without the log-in; it touches nothing.
        if asked["REQUEST_METHOD"] != "OPTIONS":
            limits.demand_request(here.limits, asked)
    if not _acceptable():
        raise Refusal(NOT_ACCEPTABLE)


def _acceptable() -> bool:
    wanted = request.environ.get("HTTP_ACCEPT")
    if (
        wanted is None
        or "*/*" in wanted
        or "application/json" in wanted
        or not request.path.startswith(("/v1/", "/.well-known/"))
    ):
        return True
    further = _further()
    if further and "format" in request.args:
        return True  # what the address names is worth more
    return bool(request.accept_mimetypes.best_match(["application/json", "application/problem+json", *further]))


def _further() -> tuple[str, ...]:
    """The media types besides JSON that the address answers with."""
    views = getattr(current_app.view_functions.get(request.endpoint or ""), "view_class", None)
    if not views or not hasattr(views, "get"):
        return ()
    described = views.get._apidoc["described"]
    return (*described.streams, *described.formats)


def _leave(response: Response) -> Response:
    asked, state = request.environ, g._get_current_object()  # a proxy would look both up at every use
    if refusal := limits.settled():
        response = current_app.make_response(problems.respond(refusal))
    transaction = asked.get("HTTP_X_TRANSAKTIONSID")
    if transaction and not _UUID.match(transaction):
        transaction = None
    compress(response, asked.get("HTTP_ACCEPT_ENCODING"))
    if "HTTP_ORIGIN" in asked:
        _cross_origin(response)
    cast(Answer, response).of_request = [
        ("X-Request-ID", state.request_id),
        *([("x-TransaktionsId", transaction)] if transaction else ()),
        *limits.headers(state.get("counted", ())),
        *state.get("announced", ()),
    ]
    caller = state.get("actor")
    logs.answered(
        {
            "request_id": state.request_id,
            "method": asked["REQUEST_METHOD"],
            "path": _told_path(asked),
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - state.arrived) * 1000, 2),
            "actor": caller.id if caller else None,
            "address": asked.get("REMOTE_ADDR"),
            "transaction_id": transaction or None,
        }
    )
    return response


def _told_path(asked: Mapping[str, Any]) -> str:
    """Where the call went, for the log; of an address that holds a token, its pattern."""
    rule = request.url_rule
    return rule.rule if rule is not None and "token" in rule.arguments else str(asked["PATH_INFO"])


def _cross_origin(response: Response) -> None:
    """CORS for exact origins; credentials are never sent, tokens are."""
    origin = request.headers["Origin"]
    response.vary.add("Origin")
    if not origins.may_read(origin):
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED
        response.headers["Access-Control-Max-Age"] = "600"
