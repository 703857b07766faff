"""A receiver of webhooks of the tests' own, which can fail, lag and be rude."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.listening import Silent, listening


@dataclass(frozen=True)
class Got:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Keeps what comes, and answers as it is told: a status, or whatever `rude` does with the request."""

    address: str
    got: list[Got] = field(default_factory=list)
    status: Callable[[Got], int] = lambda got: 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    rude: Callable[[BaseHTTPRequestHandler], None] | None = None

    @property
    def place(self) -> str:
        return self.address.partition("//")[2]

    @property
    def seqs(self) -> list[int]:
        return [one.event["seq"] for one in self.got]

    def begin_anew(self) -> None:
        self.got.clear()
        self.status, self.headers, self.body, self.rude = (lambda got: 204), {}, b"", None

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers["Content-Length"])
        body = request.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("whoever sent was killed in the middle")
        headers = {name.lower(): value for name, value in request.headers.items()}
        one = Got(request.path, headers, body, id(request))
        status = self.status(one)
        self.got.append(one)
        if self.rude:
            self.rude(request)
            return
        request.send_response(status)
        for name, value in {"Content-Length": str(len(self.body)), **self.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(self.body)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Such a receiver, at an address of its own."""

    class Handler(Silent):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:  # noqa: N802 - as the standard library calls it
            try:
                receiver.answer(self)
            except OSError:
                self.close_connection = True  # whoever sent has gone

    with listening(Handler, tls) as address:
        receiver = Receiver(address)
        yield receiver
