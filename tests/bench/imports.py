"""`python -m tests.bench.imports`: a file of 100,000 lines, one of a hundred wrong; how fast, in how much memory."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from sqlalchemy import func, select

from api.cli.db import upgrade
from api.config import Settings
from api.db import Database
from api.imports.runner import Runner
from api.models import Import, LineError
from api.storage import Storage
from schemas import vocabulary as v
from tests import engines
from tests.make import Make

Rows = tuple[list[str], Iterator[list[str]]]
OWNERS = 98
"""Municipalities that the challenges are of."""
_TEXT = "Maskinerne på kommunernes byggepladser kører næsten alle på diesel, og det larmer. " * 3


@click.command()
@click.option("--lines", default=100_000, show_default=True, help="Of the file.")
@click.option("--resource", "kinds", default="challenges,partners", show_default=True, help="What a line is.")
@click.option("--engine", default="sqlite", show_default=True, help="sqlite, postgresql, or both with a comma.")
@click.option(
    "--mode", default="line_by_line", show_default=True, type=click.Choice([str(one) for one in v.ImportMode])
)
@click.option("--dry-run", is_flag=True, help="Only check.")
def bench(lines: int, kinds: str, engine: str, mode: str, dry_run: bool) -> None:
    """Import a large file and print the figures."""
    for name in engine.split(","):
        for kind in kinds.split(","):
            with _database(name) as (database, folder):
                _measure(database, folder, name, v.ImportResource(kind), lines, v.ImportMode(mode), dry_run)


@contextmanager
def _database(engine: str) -> Iterator[tuple[Database, Path]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/bench.db"
        if engine == "postgresql":
            url = engines.fresh_database(stack.enter_context(engines.postgres()), "bench")
        database = Database(url)
        stack.callback(database.dispose)
        upgrade(database)
        yield database, folder


def _measure(
    database: Database, folder: Path, engine: str, kind: v.ImportResource, lines: int, mode: v.ImportMode, dry: bool
) -> None:
    make, storage = Make(database), Storage(Settings(documents=str(folder / "documents")))
    editor = make.user(duties=["copi_editor"])
    for number in range(OWNERS):
        source = {"system": "bench", "external_id": f"owner-{number}"}
        make.partner(kind="municipality", name={"da": f"Kommune {number}"}, municipality_code="0101", source=source)
    # Nothing can be refused where all is to be taken in.
    wrong = 0 if mode is v.ImportMode.ALL_OR_NOTHING else 100
    path = folder / "file.csv"
    _write(path, kind, lines, wrong)
    job = _queue(database, storage, path, kind, mode, dry, editor)
    before, used, begun = _rss(), time.process_time(), time.monotonic()
    Runner(database, storage).run(threading.Event())
    seconds, cpu = time.monotonic() - begun, time.process_time() - used
    with database.reading() as connection:
        row = connection.execute(select(Import).where(Import.id == job)).one()
        places = func.count(), func.count(LineError.line.distinct()), func.min(LineError.line), func.max(LineError.line)
        errors = connection.execute(select(*places).where(LineError.import_id == job)).one()
    expected = lines // wrong if wrong else 0
    click.echo(
        f"{engine:10} {kind:10} {mode} {row.state}: {row.lines} lines, {row.created} created, {row.refused} refused "
        f"(expected {expected}; errors {errors[0]} on {errors[1]} lines), {path.stat().st_size / 2**20:.0f} MiB, "
        f"{seconds:.1f} s, {lines / seconds:.0f} lines/s ({lines / cpu:.0f} a second of processor time), "
        f"RSS {before} to {_rss()} MiB at most"
    )


def _rss() -> int:
    """The most memory the process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _queue(
    database: Database, storage: Storage, path: Path, kind: v.ImportResource, mode: v.ImportMode, dry: bool, by: str
) -> str:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        storage.keep(digest, content)
    job = Import(
        resource=kind, mode=mode, dry_run=dry, granted={"scopes": None}, file_name="bench.csv", size=path.stat().st_size,
        sha256=digest, created_at=dt.datetime.now(dt.UTC), created_by=by,
    )  # fmt: skip
    with database.writing() as session:
        session.add(job)
    return job.id


def _challenges(lines: int, wrong: int) -> Rows:
    heading = ["source.system", "source.external_id", "title.da", "title.en", "summary.da", "owners", "theme",
               "keywords", "timeline.posed", "budget_indication.amount", "budget_indication.currency"]  # fmt: skip
    rows = (
        ["bench", f"challenge-{n}", f"Behov {n}", f"Need {n}", _TEXT, f"source:bench/owner-{n % OWNERS}",
         "grøn" if wrong and n % wrong == 0 else "green_transition", "diesel|byggeri", "2022-04", "1250000,50", "DKK"]
        for n in range(1, lines + 1)
    )  # fmt: skip
    return heading, rows


def _partners(lines: int, wrong: int) -> Rows:
    heading = ["source.system", "source.external_id", "name.da", "kind", "country", "website", "keywords"]
    rows = (
        ["bench", f"partner-{n}", f"Firma {n}", "firma" if wrong and n % wrong == 0 else "company", "DK",
         f"https://www.example.org/{n}", "robotter|velfærd"]
        for n in range(1, lines + 1)
    )  # fmt: skip
    return heading, rows


_FILES = {v.ImportResource.CHALLENGES: _challenges, v.ImportResource.PARTNERS: _partners}


def _write(path: Path, kind: v.ImportResource, lines: int, wrong: int) -> None:
    heading, rows = _FILES[kind](lines, wrong)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(heading)
        writer.writerows(rows)


if __name__ == "__main__":
    bench()
