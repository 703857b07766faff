"""What commands print: progress while they work, one clear line when they cannot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import OperationalError

from api.config import SettingsError

console = Console(highlight=False, soft_wrap=True)


class Bar(Protocol):
    """Told how far the work has come."""

    def __call__(self, done: int) -> None: ...


@contextmanager
def progress(label: str, total: int) -> Iterator[Bar]:
    """A bar in a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(label, total=total)
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def in_one_line() -> Iterator[None]:
    """What goes wrong within is one line for people, not a traceback."""
    try:
        yield
    except SettingsError as wrong:
        fail(str(wrong))
    except OperationalError as wrong:
        fail(f"The database does not answer: {wrong.orig}")


def fail(message: str) -> NoReturn:
    """Say what is wrong and stop."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]✗[/red] {message}")
    sys.exit(1)
