"""Who called, and how, when proxies stand in front: what they say of it (`X-Forwarded-*`), and nobody before them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PORT = re.compile(r"(?<=[\d\]]):\d+\Z")


def register(app: Flask, proxies: int) -> None:
    """Believe so many proxies; without any, the headers are what anybody may have written, and are not looked at."""
    if proxies:
        app.wsgi_app = trusting(app.wsgi_app, proxies)  # type: ignore[method-assign, assignment]


def trusting(app: WSGIApplication, proxies: int) -> WSGIApplication:
    """The application, told of the request as the first of the trusted proxies saw it.

    Not werkzeug's ProxyFix: that takes a header for missing when it has fewer values than there are proxies, as it has
    where each proxy writes X-Forwarded-Proto over; and it keeps the port that Azure's gateways write behind an address.
    """

    def forwarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        said: Callable[[str], str] = lambda name: _said(environ.get(name, ""), proxies)  # noqa: E731
        if address := said("HTTP_X_FORWARDED_FOR"):
            environ["REMOTE_ADDR"] = _without_port(address)
        if (scheme := said("HTTP_X_FORWARDED_PROTO").lower()) in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if host := said("HTTP_X_FORWARDED_HOST"):
            environ["HTTP_HOST"] = host
        return app(environ, start_response)

    return forwarded


def _said(header: str, proxies: int) -> str:
    """The value that the first of the last so many proxies wrote."""
    values = [value.strip() for value in header.split(",")]
    return values[-min(proxies, len(values))]


def _without_port(address: str) -> str:
    """`192.0.2.1:5000` and `[2001:db8::1]:5000` as addresses; a bare IPv6 address is one already."""
    if address.count(":") == 1 or address.startswith("["):
        address = _PORT.sub("", address)
    return address.strip("[]")
