"""What the commands on users, clients and keys share: the transaction they act in, and how they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
import orjson
from flask import g
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from api import create_app
from api.cli.console import console, fail
from api.domain.actor import SYSTEM
from api.domain.errors import Refusal
from schemas.base import Shape

_NO_TABLE = "no such table", "no such column", "does not exist"
"""What SQLite and PostgreSQL say where a migration is missing."""

as_json = click.option("--json", "as_json", is_flag=True, help="Answer one JSON document, and nothing else.")


@contextmanager
def acting() -> Iterator[Session]:
    """One transaction in the service's own name; a refusal ends the command."""
    app = create_app()
    database = app.extensions["copi"].database
    try:
        with app.app_context():
            g.actor = SYSTEM
            with database.writing() as session:
                yield session
    except Refusal as refusal:
        fail(_said(refusal))
    except (OperationalError, ProgrammingError) as wrong:
        if not any(said in str(wrong.orig) for said in _NO_TABLE):
            raise
        fail("The database has no tables yet, or not all of them. Run copi db upgrade.")
    finally:
        database.dispose()


def _said(refusal: Refusal) -> str:
    """Why, in English as all that commands print."""
    places = (f"{one['pointer'].removeprefix('/')}: {one['detail'].en}" for one in refusal.errors)
    return "; ".join(places) or refusal.detail.en


def answer(shape: Shape, result: Any, as_json: bool) -> None:
    """Print one thing: as the API would write it, or a line a property."""
    told: Mapping[str, Any] = shape.dump(result)
    if as_json:
        _print_json(told)
        return
    table = Table(show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in told.items():
        table.add_row(name, escape(_cell(value)))
    console.print(table)


def answer_all(shape: Shape, results: Sequence[Any], columns: Sequence[str], as_json: bool) -> None:
    """Print many things: `items` and `total` as the API would write them, or a table of some of their properties."""
    told = [shape.dump(one) for one in results]
    if as_json:
        _print_json({"items": told, "total": len(told)})
        return
    table = Table()
    for name in columns:
        # What names a row is there to be copied, however narrow the terminal.
        table.add_column(name, no_wrap=name == columns[0], overflow="fold")
    for one in told:
        table.add_row(*(escape(_cell(one[name])) for name in columns))
    console.print(table)


def _print_json(told: Any) -> None:
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))


def _cell(value: Any) -> str:
    match value:
        case None:
            return "–"
        case True | False:
            return "yes" if value else "no"
        case list():
            return ", ".join(_cell(one) for one in value) or "–"
        case dict():
            return " ".join(_cell(one) for one in value.values())
        case _:
            return str(value)
