"""What the running application carries: its settings, its database and storage, and how it recognises a caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Request, current_app

from api.config import Settings
from api.db import Database
from api.domain.actor import Actor
from api.storage import Storage


@dataclass(slots=True)
class Service:
    """One per application, at `app.extensions["copi"]`."""

    settings: Settings
    database: Database
    authenticate: Callable[[Request], Actor]
    storage: Storage
    memory: dict[Any, Any] = field(default_factory=dict)
    """Answers worked out for the present state of the database; see `kit.freshness`."""


def service() -> Service:
    """The service of the request at hand."""
    return cast(Service, current_app.extensions["copi"])
