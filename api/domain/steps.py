"""What a lifecycle is made of: states, the steps between them, and what must hold before a step can be taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.vocabulary import Term
from schemas.wording import Say


@dataclass(frozen=True, slots=True)
class Guard:
    """Something that must hold first, asked of the record and of what was sent; the words say what to do otherwise.

    `about` names what was sent when that alone decides: such a guard does not tell whether the step is possible.
    """

    holds: Callable[[Any, Mapping[str, Any]], bool]
    words: Say
    about: str | None = None
    of_partner: bool = False
    """It asks of the partner the record is of, and of nothing else."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move: its name in the address, where from, where to, the event it leaves, what it asks for and demands.

    What it asks for is named as in `schemas.steps`; a question mark behind a name lets it be left out.
    """

    name: str
    sources: frozenset[Term]
    target: Term
    event: str
    summary: str
    about: str
    asks: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    apart: bool = False
    """Its operation is declared by hand, because it answers with something else than the record."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The whole life of one resource.

    In a `published` state a record is seen by whom its visibility says. `first` must hold for a record to be made,
    `changes` when it is made or changed (asked with the values that stood before). `editable` names, for states in
    which not everything may change, what still may.
    """

    resource: str
    initial: Term
    published: frozenset[Term]
    steps: tuple[Step, ...]
    first: tuple[Guard, ...] = ()
    changes: tuple[Guard, ...] = ()
    editable: Mapping[Term, Collection[str]] = field(default_factory=dict)
    adding: str = ""
    """What it is called, among the actions of a record it can belong to, to add one."""

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    def possible(self, state: str) -> tuple[Step, ...]:
        """The steps that lead on from a state."""
        return tuple(step for step in self.steps if state in step.sources)

    def may_change(self, state: Term) -> bool:
        """Whether anything at all may change in a state."""
        return self.editable.get(state) != frozenset()

    def awaits_answer(self, state: Term) -> bool:
        """Whether somebody is to answer it next; what answers or explains may then come as a file too."""
        return any(step.name == "answer" for step in self.possible(state))


def is_ready(guards: Iterable[Guard], record: Any) -> bool:
    """Whether nothing about the record itself stands in the way of what is guarded."""
    return all(guard.about or guard.holds(record, {}) for guard in guards)


def step(
    sources: Collection[Term],
    name: str,
    target: Term,
    event: str,
    words: tuple[str, str],
    *asks: str,
    guards: Collection[Guard] = (),
    apart: bool = False,
) -> Step:
    """One row of a table: from which states, its name, to which state, the event, and its words in the docs."""
    return Step(name, frozenset(sources), target, event, *words, asks, tuple(guards), apart)
