"""`python -m tests.bench.following`: whether who follows the feed gets everything, in order, once.

Eight writers and a reader that asks again and again, over HTTP against the real server; then copies kept by nothing but
the feed, of readers of several kinds, compared with the lists after thousands of writes by chance.
"""

from __future__ import annotations

import http.client
import json
import logging
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from api.cli.demo import DEMO_PASSWORD
from tests import engines
from tests.clients import Client, Everybody
from tests.conftest import build
from tests.feeds.followers import Chance, Copy
from tests.make import Make
from tests.storage.test_concurrency import call, serving

console = Console(highlight=False)
WRITERS = 8


@click.command()
@click.option("--engine", default="sqlite,postgresql", show_default=True)
@click.option("--events", default=5_000, show_default=True, help="Written by eight writers at once.")
@click.option("--writes", default=2_000, show_default=True, help="By chance, before the copies are compared.")
def following(engine: str, events: int, writes: int) -> None:
    """Follow the feed and compare."""
    for name in engine.split(","):
        with getattr(engines, name.replace("postgresql", "postgres"))() as url:
            console.print(f"{name}: {_polled(engines.fresh_database(url, 'polled'), events)}")
            console.print(f"{name}: {_copied(engines.fresh_database(url, 'copied'), writes)}")


def _polled(url: str, events: int) -> str:
    with tempfile.TemporaryDirectory() as folder, serving(url, Path(folder)) as (port, _):
        login = {"email": "editor@demo.example", "password": DEMO_PASSWORD}
        token = call(port, "POST", "/v1/tokens", login)[1]["access_token"]
        begun = call(port, "GET", "/v1/events?limit=1")[1]["head"]
        written: list[tuple[str, int]] = []
        over, started = threading.Event(), time.monotonic()
        with ThreadPoolExecutor(WRITERS + 1) as pool:
            reading = pool.submit(_follow, port, begun, over)
            writing = [pool.submit(_write, port, token, events // WRITERS, written) for _ in range(WRITERS)]
            for one in writing:
                one.result()
            seconds = time.monotonic() - started
            over.set()
            told = reading.result()
    known = Counter((event["resource_id"], event["version"]) for event in told)
    numbers = [event["seq"] for event in told]
    missed = [one for one in written if one not in known]
    return (
        f"{len(written)} events by {WRITERS} writers ({len(written) / seconds:.0f}/s): {len(missed)} missed, "
        f"{sum(known.values()) - len(known)} duplicated, "
        f"{sum(1 for one, other in pairwise(numbers) if other <= one)} out of order"
    )


@contextmanager
def _line(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        yield connection
    finally:
        connection.close()


def _asked(line: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str) -> Any:
    sent = None if body is None else json.dumps(body)
    line.request(method, path, sent, {"Content-Type": "application/json", **headers})
    answer = line.getresponse()
    said = json.loads(answer.read())
    assert answer.status < 300, said
    return said


def _write(port: int, token: str, times: int, written: list[tuple[str, int]]) -> None:
    with _line(port) as line:
        bearer = {"Authorization": f"Bearer {token}"}
        body = {"name": {"da": "Skriver"}, "kind": "company"}
        record = _asked(line, "POST", "/v1/partners", body, **bearer)
        written.append((record["id"], 1))
        for version in range(1, times):
            page = {"website": f"https://example.org/{version}"}
            sent = {**bearer, "If-Match": f'"{version}"'}
            _asked(line, "PATCH", f"/v1/partners/{record['id']}", page, **sent)
            written.append((record["id"], version + 1))


def _follow(port: int, after: int, over: threading.Event) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    login = {"email": "admin@demo.example", "password": DEMO_PASSWORD}
    bearer = {"Authorization": f"Bearer {call(port, 'POST', '/v1/tokens', login)[1]['access_token']}"}
    with _line(port) as line:
        while True:
            last = over.is_set()
            page = _asked(line, "GET", f"/v1/events?after={after}&limit=200&wait=1", **bearer)
            told += page["items"]
            after = page["cursor"]
            if last and after >= page["head"]:
                return told


def _copied(url: str, writes: int) -> str:
    logging.disable(logging.CRITICAL)
    app = build(url)
    try:
        make = Make(app.extensions["copi"].database)
        as_ = Everybody(app, make)
        kinds = ("municipality", "region", "company", "municipality", "company", "utility")
        partners = [make.partner(kind=kind) for kind in kinds]
        writers = [as_.copi_admin, as_.copi_editor, *(as_(partner, "manager") for partner in partners)]
        readers = [Client(app), as_.adviser, as_.copi_editor, *(as_(partner, "member") for partner in partners[:3])]
        copies, chance = [Copy(reader) for reader in readers], Chance(1, writers, partners)
        told = Counter[int]()
        for number in range(1, writes + 1):
            chance.write()
            if number % 50 == 0 or number == writes:
                told.update({place: len(copy.catch_up()) for place, copy in enumerate(copies)})
        differing = [sum(_differences(copy.records, copy.all_there_is())) for copy in copies]
        sizes = [len(copy.records) for copy in copies]
        return f"{writes} writes by chance, {len(readers)} readers told {[*told.values()]}, holding {sizes}: {differing} differences"
    finally:
        app.extensions["copi"].database.dispose()


def _differences(kept: dict[str, Any], there: dict[str, Any]) -> Iterator[bool]:
    return (kept.get(id) != there.get(id) for id in kept.keys() | there.keys())


if __name__ == "__main__":
    following()
