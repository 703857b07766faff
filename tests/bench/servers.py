"""The contenders' servers: started as each is served in earnest, asked, and their processor time read."""

from __future__ import annotations

import http.client
import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from api.config import Settings
from openapi.limits import LIMITS
from tests.bench.dataset import ROOT
from tests.bench.load import Job, Tally

_TICK = os.sysconf("SC_CLK_TCK")
_SECONDS_TO_START = 60
_CLIENT = [sys.executable, "-c", "from tests.bench.load import main; main()"]


@dataclass(slots=True)
class Server:
    """A running server and how its addresses begin."""

    name: str
    port: int
    prefix: str
    process: subprocess.Popen[bytes]
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Any, Mapping[str, str]]:
        """One answer: status, the parsed body, the headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", self.prefix + path, headers=dict(headers or {}))
            response = connection.getresponse()
            body = response.read()
            return response.status, orjson.loads(body) if body else None, dict(response.headers)
        finally:
            connection.close()

    def post(self, path: str, body: Any) -> Any:
        """The parsed answer to a JSON body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", self.prefix + path, orjson.dumps(body), {"Content-Type": "application/json"})
            return orjson.loads(connection.getresponse().read())
        finally:
            connection.close()

    def request(self, path: str, headers: Mapping[str, str]) -> bytes:
        """A request as it goes over the wire."""
        lines = [f"GET {self.prefix}{path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def processor_seconds(self) -> float:
        """What its processes have used so far, in both user and system mode."""
        return processor_seconds([self.process.pid, *_below(self.process.pid)])


def measure(server: Server, requests: Sequence[bytes], status: int, seconds: float, connections: int) -> Tally:
    """Keep a server busy from a process of its own."""
    job = Job(server.port, connections, seconds, status, requests)
    done = subprocess.run(_CLIENT, input=pickle.dumps(job), stdout=subprocess.PIPE, check=False, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"{server.name} broke off; its process: {server.process.poll() or 'still there'}")
    tally: Tally = pickle.loads(done.stdout)
    if tally.wrong:
        raise RuntimeError(f"{server.name}: {tally.wrong} wrong answers, the first was {tally.examples[0]!r}")
    return tally


def processor_seconds(processes: Sequence[int]) -> float:
    """User and system time of these processes."""
    return sum(_ticks(process) for process in processes) / _TICK


def _ticks(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])


def _below(process: int) -> list[int]:
    """Its children and theirs."""
    children = [
        int(child)
        for task in Path(f"/proc/{process}/task").glob("*/children")
        for child in task.read_text(encoding="ascii").split()
    ]
    return [*children, *(one for child in children for one in _below(child))]


# --- Starting them ------------------------------------------------------------------------------------------


@contextmanager
def service(url: str) -> Iterator[Server]:
    """The service, by its own command. Its log is written in full, to nowhere."""
    port = _free_port()
    unlimited = {f"COPI_{limit.setting.upper()}": "0" for limit in LIMITS.values()}
    environment = {**unlimited, "COPI_DATABASE_URL": url, "COPI_TOKEN_SECONDS": "86400", "COPI_LOG": "json",
                   "COPI_PUBLIC_URL": "http://127.0.0.1"}  # fmt: skip
    copi = str(Path(sys.executable).with_name("copi"))
    with _running("service", port, "/v1", [copi, "serve", "--port", str(port)], environment) as server:
        yield server


@contextmanager
def peer(url: str) -> Iterator[Server]:
    """FastAPI on uvicorn, its access log off."""
    port = _free_port()
    command = [
        sys.executable, "-m", "uvicorn", "tests.bench.peer.app:app", "--port", str(port),
        "--workers", str(Settings().workers), "--http", "httptools", "--loop", "uvloop",
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    with _running("FastAPI", port, "", command, {"PEER_DATABASE_URL": url}) as server:
        yield server


@contextmanager
def floor(url: str) -> Iterator[Server]:
    """The bare driver behind the service's own server."""
    port, settings = _free_port(), Settings()
    command = [sys.executable, "-m", "tests.bench.floor", *map(str, (port, settings.workers, settings.threads))]
    with _running("floor", port, "/v1", command, {"FLOOR_DATABASE_URL": url}) as server:
        yield server


@contextmanager
def _running(
    name: str, port: int, prefix: str, command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[Server]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = Server(name, port, prefix, process)
    try:
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            server.get("/projects?limit=1" if server.name != "floor" else "/projects?total=false")
            return
        except OSError as reason:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} did not start") from reason
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
