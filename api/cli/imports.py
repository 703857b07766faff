"""`copi import`: take a file of records in from the command line, or work on those that were sent to the API."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import click
import orjson
from rich.markup import escape
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from api import config
from api.cli.access import as_json
from api.cli.console import Bar, console, fail, progress
from api.cli.leash import heed, leashed
from api.db import Database, opened
from api.domain.actor import SYSTEM, Actor
from api.domain.errors import Refusal
from api.imports import callers, profiles
from api.imports.batches import Tally
from api.imports.engine import Engine, Refused
from api.imports.files import Plan
from api.imports.rows import Unreadable, Wrong
from api.imports.runner import Runner
from api.kit import logs
from api.models import User
from api.storage import Storage
from schemas.vocabulary import ImportResource

_log = logging.getLogger("copi.import")
_SHOWN = 20
"""Errors that are printed; all of them with --json."""


@click.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--resource", type=click.Choice([str(one) for one in ImportResource]), help="What a line is.")
@click.option("--profile", help="How to read the columns: a profile that comes along, or the id of a saved one.")
@click.option("--as", "email", help="In whose name, by e-mail address; the service's own when left out.")
@click.option("--all-or-nothing", is_flag=True, help="Take in nothing when a line is refused.")
@click.option("--dry-run", is_flag=True, help="Only check.")
@as_json
@click.option("--queued", is_flag=True, help="Instead of a file, work on those that were sent to the API.")
@click.option("--every", default=0.0, help="Go on for ever, with so many seconds in between; once when left out.")
@leashed
def import_(file: Path | None, resource: str | None, queued: bool, every: float, leashed: bool, **options: Any) -> None:
    """Take in a FILE of records: CSV (also Excel's), XLSX, NDJSON.

    Exits with 1 when lines are refused. With --queued it is the runner of POST /v1/imports; any number may run at once.
    """
    if queued:
        _run_queued(every, leashed)
        return
    if file is None or resource is None:
        raise click.UsageError("Name a FILE and its --resource, or say --queued.")
    with opened(config.read().database_url) as database:
        report = _take_in(database, file, ImportResource(resource), **options)
    if report.total.refused or report.why:
        raise SystemExit(1)


# --- A file ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Report:
    """What is told of a file in the end."""

    bar: Bar
    total: Tally = field(default_factory=Tally)
    why: str = ""

    def note(self, _: Session | None, tally: Tally) -> None:
        """Add some lines."""
        self.total.add(tally)
        self.bar(self.total.lines)

    def clear(self) -> None:
        """Begin anew."""
        self.total = Tally()


def _take_in(
    database: Database,
    file: Path,
    resource: ImportResource,
    profile: str | None,
    email: str | None,
    all_or_nothing: bool,
    dry_run: bool,
    as_json: bool,
) -> _Report:
    standing = _standing(database, email)
    engine = Engine(database, Plan(resource, _profile(database, standing, profile, resource)), standing)
    quiet = nullcontext(_no_bar) if as_json else progress(file.name, _lines(file))
    with file.open("rb") as content, quiet as bar:
        report = _Report(bar)
        try:
            _go_through(engine, content, report, whole=all_or_nothing, dry=dry_run)
        except Unreadable as wrong:
            report.why = wrong.wrong.detail.en
            report.note(None, Tally(errors=[wrong.wrong]))
        except Refused as refused:
            report.why, report.total = "Lines are refused: nothing has been taken in.", refused.tally
        except Refusal as refusal:
            report.why = refusal.detail.en
        except IntegrityError:
            report.why = "Others have written the same records meanwhile: nothing has been taken in. Try again."
    if as_json:
        _print_json(report, dry=dry_run)
    else:
        _print(report, dry=dry_run, kept=not (dry_run or (all_or_nothing and report.why)))
    return report


def _go_through(engine: Engine, content: IO[bytes], report: _Report, *, whole: bool, dry: bool) -> None:
    if not (whole or dry):
        engine.line_by_line(content, report.note)
        return
    engine.check(content, report.note)
    if not dry:
        if report.total.refused:
            raise Refused(report.total)
        report.clear()
        engine.whole(content, report.note)


def _standing(database: Database, email: str | None) -> Callable[[Session], Actor]:
    if email is None:
        return lambda _: SYSTEM
    with database.writing() as session:
        id = session.scalar(select(User.id).where(User.email == email.casefold()))
    if id is None:
        fail(f"There is no user {email}.")
    return partial(callers.today, account=id, sandbox=None, given={})


def _profile(
    database: Database, standing: Callable[[Session], Actor], name: str | None, resource: ImportResource
) -> Any:
    if name is None:
        return None
    try:
        with database.writing() as session:
            return profiles.read(profiles.named(session, standing(session), name, resource)[1])
    except Refusal as refusal:
        fail("; ".join(one["detail"].en for one in refusal.errors) or refusal.detail.en)


def _no_bar(done: int) -> None:
    """Nothing is shown where a program reads."""


def _lines(file: Path) -> int:
    """About how many lines there are, for the bar."""
    with file.open("rb") as content:
        return sum(part.count(b"\n") for part in iter(lambda: content.read(1 << 20), b""))


def _print(report: _Report, *, dry: bool, kept: bool) -> None:
    total = report.total
    for wrong in total.errors[:_SHOWN]:
        place = f"line {wrong.line}" + (f", {wrong.column}" if wrong.column else "")
        shown = f" ({wrong.value})" if wrong.value else ""
        console.print(escape(f"  {place}{shown}: {wrong.detail.en} {wrong.advice.en}"))
    if len(total.errors) > _SHOWN:
        console.print(f"  … {len(total.errors) - _SHOWN} more; --json tells all")
    mark = "[red]✗[/red]" if total.refused or report.why else "✓"
    would = "" if kept else "would be "
    console.print(
        f"{mark} {'checked' if dry else 'read'} {total.lines} lines: {total.created} {would}created, {total.changed} "
        f"{would}changed, {total.unchanged} unchanged, {total.refused} refused"
        + escape(f". {report.why}" if report.why else "")
    )


def _print_json(report: _Report, *, dry: bool) -> None:
    total = report.total
    counts = {name: getattr(total, name) for name in ("lines", "created", "changed", "unchanged", "refused")}
    told = {"dry_run": dry, **counts, "problem": report.why or None, "errors": [_told(one) for one in total.errors]}
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))


def _told(wrong: Wrong) -> dict[str, Any]:
    said = {name: {"da": text.da, "en": text.en} for name, text in (("detail", wrong.detail), ("advice", wrong.advice))}
    return {"line": wrong.line, "column": wrong.column, "value": wrong.value, **said}


# --- What was sent to the API -----------------------------------------------------------------------------------


def _run_queued(every: float, leashed: bool) -> None:
    settings = config.read()
    logs.configure(settings.log)
    stop = threading.Event()
    heed(stop.set, leashed)
    with opened(settings.database_url) as database:
        runner = Runner(database, Storage(settings))
        done = 0
        while not stop.is_set():
            try:
                done += runner.run(stop)
            except SQLAlchemyError:
                # The next round tries again: a database that is away for a moment must not end this for good.
                _log.exception("looking for imports failed")
            if not every:
                console.print(f"✓ worked on {done} imports")
                return
            stop.wait(every)
