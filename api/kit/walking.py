"""Walking through all that a question finds, in batches, so that it need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from api.db import Database
from api.kit import statements

BATCH = 500
"""Records read at a time: a statement costs a few milliseconds, a record takes some kilobytes."""


def walk(database: Database, shape: statements.Shape, values: Mapping[str, Any]) -> Iterator[bytes]:
    """The documents in the question's order, all as they were when the first was read: each is there once."""
    following = replace(shape, cursor=True)
    with database.moment() as connection:
        bounds: dict[str, Any] = {"limit": BATCH, "offset": 0}
        rows = connection.execute(statements.page(shape), {**values, **bounds}).all()
        while rows:
            for row in rows:
                yield row[0]
            if len(rows) < BATCH:
                return
            bounds |= {f"c{place}": value for place, value in enumerate(rows[-1][1:])}
            rows = connection.execute(statements.page(following), {**values, **bounds}).all()
