"""The life of each resource as a table: the states, the steps between them, and who a state can be seen by.

From a row here follow the route, its documentation, its event and the refusal when it is not its turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas import vocabulary as v
from schemas.vocabulary import Term


@dataclass(frozen=True, slots=True)
class Step:
    """One move: its name in the address, where from, where to, the event it leaves, and what it asks for."""

    name: str
    sources: frozenset[Term]
    target: Term
    event: str
    summary: str
    about: str
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The whole life of one resource. In a `published` state a record is seen by whom its visibility says."""

    resource: str
    initial: Term
    published: frozenset[Term]
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    def possible(self, state: str) -> tuple[Step, ...]:
        """The steps that lead on from a state."""
        return tuple(step for step in self.steps if state in step.sources)


def _steps(*rows: tuple[Iterable[Term], str, Term, str, str, str, tuple[str, ...]]) -> tuple[Step, ...]:
    return tuple(
        Step(name, frozenset(sources), target, event, summary, about, asks)
        for sources, name, target, event, summary, about, asks in rows
    )


C = v.ChallengeState
CHALLENGE = Lifecycle(
    "challenge",
    initial=C.DRAFT,
    published=frozenset({C.OPEN, C.CLOSED, C.RESOLVED, C.ARCHIVED}),
    steps=_steps(
        ([C.DRAFT], "submit", C.IN_REVIEW, "submitted", "Submit a challenge", "Hands it to CO-PI for review.", ()),
        ([C.IN_REVIEW], "request-changes", C.DRAFT, "changes_requested", "Request changes to a challenge",
         "Sends the challenge back to its owners with what is missing.", ("reason",)),
        ([C.IN_REVIEW], "publish", C.OPEN, "published", "Publish a challenge", "Opens it to the market.", ()),
        ([C.OPEN], "close", C.CLOSED, "closed", "Close a challenge", "Ends the time for answers.", ()),
        ([C.CLOSED], "reopen", C.OPEN, "reopened", "Reopen a challenge", "Takes answers once more.", ("reason",)),
        ([C.CLOSED], "resolve", C.RESOLVED, "resolved", "Resolve a challenge", "Tells what became of the need.",
         ("close_reason",)),
        ([C.DRAFT, C.IN_REVIEW, C.OPEN, C.CLOSED], "withdraw", C.WITHDRAWN, "withdrawn", "Withdraw a challenge",
         "Takes the challenge back; it is no longer shown.", ("reason",)),
        ([C.RESOLVED, C.WITHDRAWN], "archive", C.ARCHIVED, "archived", "Archive a challenge",
         "Ends the record's life.", ()),
    ),
)  # fmt: skip

P = v.PartnerState
PARTNER = Lifecycle(
    "partner",
    initial=P.DRAFT,
    published=frozenset({P.ACTIVE, P.INACTIVE, P.MERGED}),
    steps=_steps(
        ([P.DRAFT, P.INACTIVE], "activate", P.ACTIVE, "activated", "Activate a partner",
         "Shows the organisation as active.", ()),
        ([P.ACTIVE], "deactivate", P.INACTIVE, "deactivated", "Deactivate a partner",
         "Marks that the organisation no longer takes part.", ("reason",)),
    ),
)  # fmt: skip

J = v.ProjectState
PROJECT = Lifecycle(
    "project",
    initial=J.PLANNED,
    published=frozenset(J),
    steps=_steps(
        ([J.PLANNED, J.UNKNOWN], "start", J.ACTIVE, "started", "Start a project", "The work begins.", ()),
        ([J.ACTIVE], "pause", J.ON_HOLD, "paused", "Pause a project", "The work rests for a while.", ("reason",)),
        ([J.ON_HOLD], "resume", J.ACTIVE, "resumed", "Resume a project", "The work goes on.", ()),
        ([J.ACTIVE, J.UNKNOWN], "complete", J.COMPLETED, "completed", "Complete a project", "The work is done.", ()),
        ([J.COMPLETED, J.UNKNOWN], "put-into-operation", J.IN_OPERATION, "put_into_operation",
         "Put a project's solution into operation", "The solution is in daily use.", ()),
        ([J.PLANNED, J.ACTIVE, J.ON_HOLD, J.IN_OPERATION, J.UNKNOWN], "discontinue", J.DISCONTINUED, "discontinued",
         "Discontinue a project", "Stops the project or its solution, with the reason and what was learnt.",
         ("discontinuation",)),
        ([J.COMPLETED, J.IN_OPERATION, J.DISCONTINUED], "archive", J.ARCHIVED, "archived", "Archive a project",
         "Ends the record's life.", ()),
    ),
)  # fmt: skip

O = v.OutcomeState  # noqa: E741 - the tables read best with one letter each
OUTCOME = Lifecycle(
    "outcome",
    initial=O.DRAFT,
    published=frozenset({O.VERIFIED, O.CORRECTED}),
    steps=_steps(
        ([O.DRAFT, O.RETURNED], "submit", O.SUBMITTED, "submitted", "Submit an outcome",
         "Hands the outcome to CO-PI.", ()),
        ([O.SUBMITTED], "verify", O.VERIFIED, "verified", "Verify an outcome",
         "CO-PI has checked the outcome against its evidence; it becomes public.", ()),
        ([O.SUBMITTED], "return", O.RETURNED, "returned", "Return an outcome",
         "Sends the outcome back with what is missing.", ("reason",)),
        ([O.VERIFIED, O.CORRECTED], "retract", O.RETRACTED, "retracted", "Retract an outcome",
         "Takes the outcome back; it is no longer shown.", ("reason",)),
    ),
)  # fmt: skip

LIFECYCLES = {lifecycle.resource: lifecycle for lifecycle in (PARTNER, CHALLENGE, PROJECT, OUTCOME)}
