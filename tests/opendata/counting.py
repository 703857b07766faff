"""How many questions an answer asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from api.db import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are read by while it lasts."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(database.reads, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.reads, "before_cursor_execute", note)
