"""The client: a process of its own that keeps a few connections busy and does next to nothing else.

Reads one job from standard input (port, connections, seconds, expected status, requests) and writes how many answers
came, of how many bytes, and how long each took.
"""

from __future__ import annotations

import pickle
import re
import select
import socket
import sys
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_GRACE = 10.0
"""Seconds without any answer after which the server counts as stuck."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to ask, of whom, how long."""

    port: int
    connections: int
    seconds: float
    status: int
    requests: Sequence[bytes]
    most: int = 1_000_000


@dataclass(slots=True)
class Tally:
    """What came of a job."""

    seconds: float = 0.0
    volume: int = 0
    wrong: int = 0
    examples: list[bytes] = field(default_factory=list)
    latencies: array[float] = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class Line:
    """One connection and what has arrived on it."""

    socket: socket.socket
    asked: float = 0.0
    missing: int = -1
    """Bytes still to come of the answer; -1 before its head is complete."""
    head: bytes = b""


def run(job: Job) -> Tally:
    """Ask, one request at a time on every connection, until the time is up."""
    tally, waiting = Tally(), select.epoll()
    lines = [Line(socket.create_connection(("127.0.0.1", job.port))) for _ in range(job.connections)]
    by_number = {line.socket.fileno(): line for line in lines}
    clock, requests, count, place = time.perf_counter, job.requests, len(job.requests), 0
    expected = b"HTTP/1.1 %d" % job.status
    for number, line in by_number.items():
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(number, select.EPOLLIN)
    started = clock()
    for line in lines:
        place = (place + 1) % count
        line.asked = clock()
        line.socket.sendall(requests[place])
    while (now := clock()) < started + job.seconds and len(tally.latencies) < job.most:
        ready = waiting.poll(_GRACE)
        if not ready:
            raise TimeoutError(f"no answer for {_GRACE} s")
        for number, _ in ready:
            line = by_number[number]
            if not _arrived(line, tally, expected, job.status):
                continue
            now = clock()
            tally.latencies.append(now - line.asked)
            place = (place + 1) % count
            line.asked = now
            line.socket.sendall(requests[place])
    tally.seconds = clock() - started
    for line in lines:
        line.socket.close()
    return tally


def _arrived(line: Line, tally: Tally, expected: bytes, status: int) -> bool:
    """Take in what is there; true when the answer is complete."""
    some = line.socket.recv(1 << 18)
    if not some:
        raise ConnectionError("the server closed the connection")
    tally.volume += len(some)
    if line.missing < 0:
        line.head += some
        end = line.head.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not line.head.startswith(expected):
            tally.wrong += 1
            tally.examples.append(line.head[:500])
        length = None if status == 304 else _LENGTH.search(line.head, 0, end)
        line.missing = (int(length[1]) if length else 0) + end + 4 - len(line.head)
        line.head = b""
    else:
        line.missing -= len(some)
    if line.missing > 0:
        return False
    line.missing = -1
    return True


def main() -> None:
    """One job in, one tally out."""
    pickle.dump(run(pickle.load(sys.stdin.buffer)), sys.stdout.buffer)
