"""What the running application carries: its settings, its database and storage, and how it recognises a caller."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from flask import Request, current_app

from api.config import Settings
from api.db import Database
from api.domain.actor import Actor
from api.storage import Storage

if TYPE_CHECKING:
    from api.kit.limits import Limits
    from api.kit.waiting import Seats


class Memory(dict[Any, tuple[int, Any]]):
    """Answers worked out for one state of the database; all are forgotten when they grow too many or too large."""

    most, most_bytes = 10_000, 64 * 1024 * 1024
    bytes = 0

    def keep(self, key: Hashable, at: int, answer: Any, size: int) -> None:
        """Remember an answer of about so many bytes."""
        if len(self) >= self.most or self.bytes + size > self.most_bytes:
            self.clear()
            self.bytes = 0
        self.bytes += size
        self[key] = (at, answer)


@dataclass(slots=True)
class Service:
    """One per application, at `app.extensions["copi"]`."""

    settings: Settings
    database: Database
    authenticate: Callable[[Request], Actor]
    storage: Storage
    limits: Limits
    seats: Seats
    memory: Memory = field(default_factory=Memory)
    """See `kit.freshness`."""


def service() -> Service:
    """The service of the request at hand."""
    return cast(Service, current_app.extensions["copi"])
