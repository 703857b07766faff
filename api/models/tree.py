"""Records that are part of another one of their kind: organisations of organisations, projects of programmes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.db import session


def above(record: Any) -> Iterator[str]:
    """The ids of those it is part of, from the nearest up; of a circle each once."""
    seen: set[str] = set()
    next_up = record.parent_id
    while next_up is not None and next_up not in seen:
        yield next_up
        seen.add(next_up)
        next_up = session().get_one(type(record), next_up).parent_id
