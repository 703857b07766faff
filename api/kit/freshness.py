"""The state of the database as one number, and answers that hold until it changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import Connection

from api.kit.service import service
from api.models import log


def head(connection: Connection, sandbox: str | None = None) -> int:
    """The number of the last event: as long as it stands still, so does every record, real or of that sandbox."""
    return log.last(connection, sandbox)


def remembered(key: Hashable, at: int, work_out: Callable[[], Any], size: Callable[[Any], int] = lambda _: 0) -> Any:
    """The answer to `key` for the state `at`, worked out once per process."""
    memory = service().memory
    known = memory.get(key)
    if known is not None and known[0] == at:
        return known[1]
    answer = work_out()
    memory.keep(key, at, answer, size(answer))
    return answer
