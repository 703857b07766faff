"""What can happen to a record: the types of the event log, as its followers ask for them."""

from __future__ import annotations

from collections.abc import Iterator

from api.domain.lifecycle import LIFECYCLES
from api.domain.steps import Lifecycle

HIDDEN = "hidden"
"""What somebody is told instead of a change that takes the record out of their sight."""
_OF_EACH = ("created", "updated", "visibility_changed", "repointed", HIDDEN)
_OF_SOME = {"challenge": ("demand_changed",), "support": ("committed",)}
_OF_NONE = frozenset({"sandbox.emptied", "webhook.disabled"})


def types() -> frozenset[str]:
    """Every type there is, as `<resource>.<event>`."""
    return _OF_NONE | {f"{noun}.{event}" for noun, life in LIFECYCLES.items() for event in _events(noun, life)}


def _events(noun: str, life: Lifecycle) -> Iterator[str]:
    yield from _OF_EACH
    yield from _OF_SOME.get(noun, ())
    yield from (step.event for step in life.steps)
