"""In whose name writes happen: the event log remembers it, and new records are of the writer's sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from api.domain.actor import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Origin:
    """Who causes a write, in which request."""

    actor: Actor = SYSTEM
    request_id: str | None = None


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - frozen


@contextmanager
def acting(actor: Actor, request_id: str | None = None) -> Iterator[None]:
    """Write what follows in somebody's name; without it the service itself is the one who writes."""
    token = origin.set(Origin(actor, request_id))
    try:
        yield
    finally:
        origin.reset(token)
