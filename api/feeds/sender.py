"""Sending: one request to one receiver, to the address that was judged, within ten seconds whatever it does."""

from __future__ import annotations

import io
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from urllib3.connection import HTTPConnection, HTTPException, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.util.ssl_match_hostname import CertificateError

from api.feeds import retrying
from api.feeds.guard import Guard, Refused, Target
from openapi.spec import VERSION
from schemas.vocabulary import DeliveryError

SECONDS = 10.0
"""From dialling to the end of the answer."""
_TO_CONNECT = 4.0
_ANSWER_READ = 4096
"""Bytes of an answer that are read, so that the connection can go on; they are kept nowhere."""
_KEPT_SECONDS = 60.0
"""How long a connection may serve before its name is looked up again."""
_ABOUT_US = {
    "Content-Type": "application/json",
    "User-Agent": f"CO-PI-API/{VERSION}",
    "Accept-Encoding": "identity",
}


# It would write receivers' addresses, which may hold what only they may know.
logging.getLogger("urllib3.connection").disabled = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request went; `retry_after` are the seconds the receiver asks to be left alone."""

    status: int | None
    milliseconds: int
    error: DeliveryError | None
    retry_after: float | None = None


class Line:
    """The way to one receiver, kept open from one request to the next."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._connection: HTTPConnection | None = None
        self._leads_to: Target | None = None
        self._since = 0.0
        self.used = 0.0
        """When it was last used, by the monotonic clock."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send once; whatever goes wrong is an outcome."""
        begun = time.monotonic()
        status = retry_after = None
        try:
            status, retry_after = self._exchange(self._guard.target(url), headers, body, begun + SECONDS)
            error = _meaning(status)
        except Refused as refused:
            error = refused.error
        except (OSError, HTTPError, HTTPException, CertificateError) as wrong:
            error = _fault(wrong)
        if error is not None:
            self.close()
        self.used = time.monotonic()
        asked = None if status is None else retrying.asked_for(status, retry_after)
        return Outcome(status, int((self.used - begun) * 1000), error, asked)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
        self._connection = None

    def _exchange(self, target: Target, headers: Mapping[str, str], body: bytes, ends: float) -> tuple[int, str | None]:
        told = {**_ABOUT_US, "Host": target.authority, **headers}
        if self._open_to(target):
            try:
                return self._ask(target, told, body, ends)
            except (OSError, HTTPError, HTTPException):
                # A receiver may hang up between two requests; anything else will show again.
                self.close()
        self._connect(target, ends)
        return self._ask(target, told, body, ends)

    def _open_to(self, target: Target) -> bool:
        fresh = time.monotonic() - self._since < _KEPT_SECONDS
        if self._connection is not None and fresh and self._leads_to == target and self._connection.is_connected:
            return True
        self.close()
        return False

    def _connect(self, target: Target, ends: float) -> None:
        """Dial the addresses that were judged, one after the other; the name is asked for no second time."""
        failed: Exception | None = None
        for address in self._guard.addresses(target):
            connection = _to(address, target, min(_TO_CONNECT, _left(ends)))
            try:
                connection.connect()
            except (OSError, HTTPError) as wrong:
                connection.close()
                failed = wrong
                continue
            connection.sock = _Timed(connection.sock)
            self._connection, self._leads_to, self._since = connection, target, time.monotonic()
            return
        raise failed or TimeoutError

    def _ask(self, target: Target, headers: Mapping[str, str], body: bytes, ends: float) -> tuple[int, str | None]:
        connection: Any = self._connection
        connection.sock.ends = ends
        connection.request("POST", target.path, body, headers, preload_content=False, decode_content=False)
        with closing(connection.getresponse()) as answer:
            if connection.sock is None or not _read_whole(answer):
                self.close()
            return answer.status, answer.headers.get("Retry-After")


def _to(address: str, target: Target, seconds: float) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=seconds)
    name = target.host
    return HTTPSConnection(
        address, target.port, timeout=seconds, cert_reqs="CERT_REQUIRED", server_hostname=name, assert_hostname=name
    )


def _read_whole(answer: Any) -> bool:
    """Whether the answer is at its end after what is read of it."""
    try:
        return len(answer.read(_ANSWER_READ + 1, decode_content=False)) <= _ANSWER_READ
    except (OSError, HTTPError, HTTPException):
        return False


def _meaning(status: int) -> DeliveryError | None:
    if 200 <= status < 300:
        return None
    if status == 410:
        return DeliveryError.GONE
    return DeliveryError.REDIRECTED if 300 <= status < 400 else DeliveryError.STATUS


def _fault(wrong: Exception) -> DeliveryError:
    if isinstance(wrong, ssl.SSLError | CertificateError):
        return DeliveryError.NO_TLS
    if isinstance(wrong, NewConnectionError):  # which urllib3 counts among those that took too long
        return DeliveryError.NO_CONNECTION
    late = isinstance(wrong, TimeoutError | ConnectTimeoutError | ReadTimeoutError)
    return DeliveryError.TIMED_OUT if late else DeliveryError.NO_CONNECTION


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Timed:
    """A socket whose every wait ends at one moment: a receiver that answers a byte at a time gains nothing by it."""

    def __init__(self, plain: Any) -> None:
        self._plain: socket.socket = plain
        self.ends = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def sendall(self, content: Any) -> None:
        """Send everything in time."""
        rest = memoryview(content)
        while rest:
            self._plain.settimeout(_left(self.ends))
            rest = rest[self._plain.send(rest) :]

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """What comes back, as long as there is time."""
        return io.BufferedReader(_Reader(self))

    def receive(self, buffer: Any) -> int:
        """Some of what comes back."""
        self._plain.settimeout(_left(self.ends))
        return self._plain.recv_into(buffer)


class _Reader(io.RawIOBase):
    def __init__(self, timed: _Timed) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._timed.receive(buffer)
