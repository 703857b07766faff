"""The proof that webhooks lose nothing: `python -m tests.bench.deliveries`, for minutes and with figures.

Receivers fail a tenth of what they get, and dispatchers are killed (SIGKILL) one after the other while events are still
being written. In the end every webhook must have had every event, first arrivals in order, never two at once, and what
came twice told by its `webhook-id`. Waits and leases are shortened, so that it ends today.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Verifier

from api.db import Database
from api.models import Event, Webhook
from tests import engines
from tests.clients import Client
from tests.conftest import ENGINES, UNLIMITED, Server, build
from tests.make import Make
from tests.webhooks.receiver import Got, Receiver, receiving

ROOT = Path(__file__).parents[2]
IMPATIENT = """
import datetime, sys
from api.feeds import leases, retrying
leases.LEASE, retrying.STEPS = datetime.timedelta(seconds=1.5), (0.1,)
from api.cli import main
main()
"""
DISPATCHERS = 3
SECRET = "of-the-tests-" * 4


@dataclass
class Found:
    """What came of it."""

    engine: str
    expected: int
    seconds: float = 0.0
    requests: int = 0
    errors: int = 0
    kills: int = 0
    lost: int = 0
    unordered: int = 0
    together: int = 0
    duplicates: int = 0
    """Events that were received well more than once."""

    def __str__(self) -> str:
        return (
            f"{self.engine:10}  {self.expected} deliveries in {self.seconds:.0f} s ({self.expected / self.seconds:.0f}/s), "
            f"{self.requests} requests, {self.errors} failed by the receiver, {self.kills} dispatchers killed; "
            f"lost {self.lost}, out of order {self.unordered}, two at once {self.together}, "
            f"received twice {self.duplicates}, each with the webhook-id it had"
        )


@dataclass
class Unreliable:
    """Decides what a receiver answers, and keeps what that was worth."""

    share: float
    secrets: dict[str, str]
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    well: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    ids: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    together: int = 0
    _under_way: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, got: Got) -> int:
        webhook = got.id.partition("_")[0]
        with self._lock:
            self._under_way[webhook] += 1
            self.together += self._under_way[webhook] > 1
        try:
            event = Verifier(self.secrets[webhook]).verify(got.body, got.headers)
            assert got.id == f"{webhook}_{event['seq']}"
            return self._judged(webhook, event["seq"], got.id)
        finally:
            with self._lock:
                self._under_way[webhook] -= 1

    def _judged(self, webhook: str, seq: int, id: str) -> int:
        with self._lock:
            if self.chance.random() < self.share:
                self.errors += 1
                return 503
            self.well[webhook].append(seq)
            self.ids[id] += 1
            return 204


def prove(server: Server, folder: Path, *, webhooks: int, events: int, kills: int, patience: float = 600.0) -> Found:
    """Run it on one engine; each of so many webhooks is sent each of so many events."""
    url = server.database("deliveries")
    with receiving() as receiver:
        app = build(url, secret=SECRET, documents=str(folder), webhook_allow=receiver.place)
        database: Database = app.extensions["copi"].database
        make = Make(database)
        reader = Client(app, make.user(duties=["copi_editor"]))
        secrets = {one["id"]: one["secret"] for one in (_subscribe(reader, receiver) for _ in range(webhooks))}
        unreliable = Unreliable(0.1, secrets)
        receiver.status = unreliable
        found = Found(server.engine, webhooks * events)
        began = time.monotonic()
        writing = threading.Thread(target=lambda: [make.partner() for _ in range(events)])
        writing.start()
        with _dispatchers(url, folder, receiver) as dispatchers:
            found.kills = _kill(dispatchers, kills, unreliable, found.expected)
            writing.join()
            _wait(database, began + patience)
        found.seconds = time.monotonic() - began
        _judge(found, database, unreliable)
        found.requests = len(receiver.got)
        database.dispose()
    return found


def _subscribe(client: Client, receiver: Receiver) -> Any:
    made = client.post("/webhooks", {"url": f"{receiver.address}/", "after": 0})
    assert made.status_code == 201, made.json
    return made.json


class Dispatchers:
    """Some processes of `copi deliver`; one that is killed is followed by another."""

    def __init__(self, start: Any) -> None:
        self._start = start
        self.running: list[subprocess.Popen[bytes]] = [start() for _ in range(DISPATCHERS)]

    def kill(self, place: int) -> None:
        with self.running[place] as process:
            process.kill()
        self.running[place] = self._start()


@contextmanager
def _dispatchers(url: str, folder: Path, receiver: Receiver) -> Iterator[Dispatchers]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COPI_")}
    unlimited = {f"COPI_{name.upper()}": "0" for name in UNLIMITED}
    settings = {**unlimited, "COPI_DATABASE_URL": url, "COPI_SECRET": SECRET, "COPI_LOG": "text", "COPI_DOCUMENTS": str(folder),
                "COPI_WEBHOOK_ALLOW": receiver.place}  # fmt: skip
    log = (folder / "deliver.log").open("ab")
    command = [sys.executable, "-c", IMPATIENT, "deliver", "--every", "0.05", "--leashed"]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, env={**kept, **settings}, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log
        )

    dispatchers = Dispatchers(start)
    try:
        yield dispatchers
    finally:
        for process in dispatchers.running:
            with process:
                process.kill()
        log.close()


def _kill(dispatchers: Dispatchers, kills: int, unreliable: Unreliable, expected: int) -> int:
    """Kill one after the other, evenly over the deliveries; how many were."""
    chance = random.Random(11)
    for number in range(1, kills + 1):
        deadline = time.monotonic() + 120
        while unreliable.ids.total() < expected * number / (kills + 2):
            assert time.monotonic() < deadline, "nothing is being delivered"
            time.sleep(0.005)
        dispatchers.kill(chance.randrange(DISPATCHERS))
    return kills


def _wait(database: Database, until: float) -> None:
    while True:
        with database.reading() as connection:
            head = max(connection.scalars(select(Event.seq)))
            if set(connection.scalars(select(Webhook.after))) == {head}:
                return
        if time.monotonic() > until:
            return  # what is missing is counted as lost
        time.sleep(0.05)


def _judge(found: Found, database: Database, unreliable: Unreliable) -> None:
    with database.reading() as connection:
        events = list(connection.scalars(select(Event.seq).order_by(Event.seq)))
    for webhook in unreliable.secrets:
        first = list(dict.fromkeys(unreliable.well[webhook]))
        found.lost += len(set(events) - set(first))
        found.unordered += sum(1 for before, after in pairwise(first) if after < before)
    found.duplicates = sum(times - 1 for times in unreliable.ids.values())
    found.errors, found.together = unreliable.errors, unreliable.together


def main() -> None:
    """Run it on both engines, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="*", help="sqlite, postgresql, or both")
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--webhooks", type=int, default=10)
    parser.add_argument("--kills", type=int, default=40)
    asked = parser.parse_args()
    for engine in asked.engine or ENGINES:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(engines.sqlite() if engine == "sqlite" else engines.postgres())
            events = asked.deliveries // asked.webhooks
            print(
                prove(Server(engine, url), folder, webhooks=asked.webhooks, events=events, kills=asked.kills),
                flush=True,
            )


if __name__ == "__main__":
    main()
