"""`copi serve`: bring the database up to date, fill it at the first start, and serve."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys

import click
from sqlalchemy import select

from api import config
from api.cli.console import console, fail, in_one_line
from api.cli.db import upgrade
from api.cli.demo import DEMO_PASSWORD, seed_demo_records, seed_demo_users
from api.cli.leash import beside
from api.cli.seed import seed_cases
from api.config import Settings
from api.db import Database
from api.kit import logs
from api.kit.limits import Limits
from api.models import Event, User
from api.storage import Storage


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535), help="Port to listen on."
)
def serve(host: str, port: int) -> None:
    """Serve the API."""
    settings = config.read()
    _demand_free(host, port)
    _demand_counters(settings)
    _prepare_apart(settings)
    _announce(settings, host, port)
    _run(settings, host, port)


def _prepare_apart(settings: Settings) -> None:
    """Prepare in a process of its own: a storage used in this one would stand still in the forks that serve."""
    preparing = multiprocessing.get_context("fork").Process(target=_prepare, args=(settings,))
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        sys.exit(1)


def _prepare(settings: Settings) -> None:
    with in_one_line():
        prepare(settings)


def prepare(settings: Settings) -> None:
    """Everything a server needs before its first request."""
    database = Database(settings.database_url)
    upgrade(database)
    if not settings.production:
        with database.reading() as connection:
            empty = connection.execute(select(Event.seq).limit(1)).first() is None
        if empty:
            seed_cases(database)
            seed_demo_users(database)
            seed_demo_records(database, Storage(settings))
    database.dispose()


def _demand_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            fail(f"Port {port} is taken. Choose another: PORT={port + 1} make run")


def _demand_counters(settings: Settings) -> None:
    limits = Limits(settings)
    if limits.quotas:
        try:
            limits.counters.close()
        except OSError as reason:
            fail(f"COPI_LIMITS_FILE, where the server processes count together, cannot be used: {reason}")


def _url(host: str, port: int) -> str:
    return f"http://{host}:{port}"


def _announce(settings: Settings, host: str, port: int) -> None:
    url = _url(host, port)
    console.print(f"\n[bold]CO-PI API[/bold]  {url}\n  docs      {url}/docs\n  contract  {url}/v1/openapi.json")
    if not settings.production:
        database = Database(settings.database_url)
        with database.reading() as connection:
            users = connection.execute(
                select(User.email, User.name).where(User.email.is_not(None)).order_by(User.created_at, User.id)
            ).all()
        database.dispose()
        if users:
            console.print(f"\nDemo log-ins, all with the password [bold]{DEMO_PASSWORD}[/bold]")
            for email, name in users:
                console.print(f"  {email:32} {name}")
    console.print(f"\nTry  curl '{url}/v1/challenges?state=open'\n")


_SECONDS_TO_FINISH = 30
"""What a worker is given for the requests at hand when the service is ended; a statement takes no longer either."""


def _end_when_told() -> None:
    """A worker is a fork of the server and starts with its signal handlers, which only leave it a note to end.

    Until the worker has its own, a signal would be lost, and the server wait for ever for a worker that never heard.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _run(settings: Settings, host: str, port: int) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    logs.configure(settings.log)
    os.environ.setdefault("COPI_DATABASE_URL", settings.database_url)
    server = Server(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads + settings.waiting,
        backlog=1024,
        log_level=LogLevels.error,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_FINISH,
    )
    os.register_at_fork(after_in_child=_end_when_told)
    tending, delivering = beside("tend", "--every", "15", "--at", _url(host, port)), beside("deliver", "--every", "0.5")
    with tending, delivering, beside("import", "--queued", "--every", "2"):
        server.serve()
