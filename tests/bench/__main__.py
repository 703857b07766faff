"""`make bench`: how the service compares with its like and with the floor beneath it, measured in one run."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import psycopg
from rich.console import Console

from tests import engines
from tests.bench import copying, dataset, report, servers
from tests.bench.peer.fill import peer_file
from tests.bench.report import Measured, Sum
from tests.bench.scenarios import Scenario, prove_equal, scenarios

CONNECTIONS = 16
console = Console(highlight=False)
Database = Callable[[], float]
"""The processor time its server has used so far."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rows", default="10000,100000", show_default=True, help="Projects, one data set each.")
@click.option("--engine", default="sqlite,postgresql", show_default=True, help="Databases.")
@click.option("--seconds", default=2.0, show_default=True, help="Of each measurement.")
@click.option("--rounds", default=3, show_default=True, help="Measurements of each, taken in turn.")
@click.option("--only", multiple=True, help="A scenario by its name; again for more; all when left out.")
@click.option("--quick", is_flag=True, help="10,000 projects, one round of a second: does it all work?")
@click.option("--json", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures there too.")
def bench(
    rows: str, engine: str, seconds: float, rounds: int, only: tuple[str, ...], quick: bool, path: Path | None
) -> None:
    """Measure the service beside FastAPI and beside the bare driver."""
    if quick:
        rows, seconds, rounds = "10000", 1.0, 1
    console.print(
        f"{_cores()} cores, Python {platform.python_version()}; {CONNECTIONS} connections, "
        f"{rounds} × {seconds:g} s each. The service's log goes to nowhere but is written in full."
    )
    measured = []
    for name in engine.split(","):
        for size in map(int, rows.split(",")):
            with _databases(name, size) as (service_url, peer_url, database):
                one = Measured(name, size, _measure(size, service_url, peer_url, database, seconds, rounds, only))
            report.show(console, one)
            measured.append(one)
    if path:
        report.write(path, measured, {"cores": _cores(), "connections": CONNECTIONS, "rounds": rounds})


def _cores() -> int:
    return len(os.sched_getaffinity(0))


@contextmanager
def _databases(engine: str, rows: int) -> Iterator[tuple[str, str, Database]]:
    """The service's and the peer's database with the same facts."""
    service = dataset.service_file(rows)
    peer = peer_file(rows, service)
    if engine == "sqlite":
        yield f"sqlite:///{service}", f"sqlite:///{peer}", lambda: 0.0
        return
    with engines.postgres() as server, psycopg.connect(copying.libpq(server), autocommit=True) as connection:
        service_url = copying.service_database(server, rows, service)
        peer_url = copying.peer_database(server, rows, peer)

        def used() -> float:
            found = connection.execute("SELECT pid FROM pg_stat_activity").fetchall()
            return servers.processor_seconds([pid for (pid,) in found])

        yield service_url, peer_url, used


def _measure(
    rows: int, service_url: str, peer_url: str, database: Database, seconds: float, rounds: int, only: tuple[str, ...]
) -> dict[str, dict[str, report.Result]]:
    with ExitStack() as running:
        service = running.enter_context(servers.service(service_url))
        contenders = [
            service,
            running.enter_context(servers.peer(peer_url)),
            running.enter_context(servers.floor(service_url)),
        ]
        wanted = [one for one in scenarios(rows, service, 2000) if not only or one.name in only]
        for scenario in wanted:
            prove_equal(scenario, contenders)
        console.print(f"[green]✓[/green] the contenders give the same answers: {'; '.join(one.name for one in wanted)}")
        return {one.name: _take_turns(one, contenders, database, seconds, rounds) for one in wanted}


def _take_turns(
    scenario: Scenario, contenders: Sequence[servers.Server], database: Database, seconds: float, rounds: int
) -> dict[str, report.Result]:
    """One contender after the other, again and again, so that what else the machine does hits all alike."""
    mine = [(one, scenario.requests(one), Sum()) for one in contenders if one.name in scenario.contenders]
    for server, requests, _ in mine:
        servers.measure(server, requests, scenario.status, scenario.warm_up, CONNECTIONS)
    for _ in range(rounds):
        for server, requests, total in mine:
            before, before_database = server.processor_seconds(), database()
            tally = servers.measure(server, requests, scenario.status, seconds, CONNECTIONS)
            total.server_seconds += server.processor_seconds() - before
            total.database_seconds += database() - before_database
            total.seconds += tally.seconds
            total.bytes += tally.volume
            total.latencies.extend(tally.latencies)
    return {server.name: total.result() for server, _, total in mine}


if __name__ == "__main__":
    bench()
