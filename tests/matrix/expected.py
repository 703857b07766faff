"""Who may see and who may do: said in words, apart from the code that decides it.

These tables are what the centre promises. They are written by hand and know nothing of `policy` and `visible`; the
matrix holds the running service to them, every operation for every caller and every kind of record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

# --- Who calls ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Caller:
    """Somebody, by what they are: nobody, a role at an organisation, or a duty on the platform."""

    name: str
    logged_in: bool = True
    role: str | None = None
    organisation: str | None = None
    duty: str | None = None

    @property
    def at_copi(self) -> bool:
        return self.duty in ("copi_editor", "copi_admin")

    def __str__(self) -> str:
        return self.name


HOME, AWAY, THIRD, FIRM, HEIR = "home", "away", "third", "firm", "heir"
"""Organisations. Callers come from home and from away, which CO-PI trusts; the others are strangers to them all, and
the heir takes part in nothing, so that any of them can be merged into it."""

ANONYMOUS = Caller("anonymous", logged_in=False)
CALLERS = (
    ANONYMOUS,
    Caller("newcomer without a role"),
    *(
        Caller(f"{role} of {organisation}", role=role, organisation=organisation)
        for organisation in (HOME, AWAY)
        for role in ("member", "editor", "manager")
    ),
    Caller("adviser", duty="adviser"),
    Caller("copi_editor", duty="copi_editor"),
    Caller("copi_admin", duty="copi_admin"),
)


# --- What it is about ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Record:
    """One record of the world: what decides who sees it and who may change it."""

    kind: str
    id: str
    name: str
    life: str
    visibility: str = "public"
    sandbox: bool = False
    stakes: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The organisations by the part they have in it."""
    parent: Record | None = None
    stuck: Collection[str] = ()
    """Steps that something stands in the way of, although it would be their turn."""
    source: str = ""
    """Its id in the system it comes from, where it comes from one."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """What it would be made of."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


# --- Who sees ------------------------------------------------------------------------------------------------

PUBLISHED = {
    "partner": {"active", "inactive", "merged"},
    "challenge": {"open", "closed", "resolved", "archived"},
    "support": {"confirmed"},
    "response": set(),
    "question": {"answered"},
    "project": {
        "planned", "active", "on_hold", "completed", "in_operation", "discontinued", "archived", "unknown",
    },
    "outcome": {"verified", "corrected"},
    "adoption": {"confirmed"},
    "enquiry": set(),
    "guidance": {"published"},
    "document": {"current"},
}  # fmt: skip
"""The part of its life in which a record is seen by the circle that its visibility names. A challenge that was
archived after it had been withdrawn (`withdrawn and archived`) is in none."""

CIRCLE: dict[str, Callable[[Caller], bool]] = {
    "public": lambda caller: True,
    "network": lambda caller: caller.role is not None or caller.duty == "adviser",
    "private": lambda caller: False,
}
"""Who that is, besides CO-PI and those with a part in it."""

ALWAYS = None
PART_IN: dict[str, dict[str, Collection[str] | None]] = {
    "partner": {"partner": ALWAYS},
    "challenge": {"owner": ALWAYS, "supporter": ALWAYS, "responder": ALWAYS},  # who has answered it
    "support": {"supporter": ALWAYS, "challenge's owner": ALWAYS},
    "response": {"responder": ALWAYS, "challenge's owner": ALWAYS},  # who has no part in what was not handed in
    "question": {"asker": ALWAYS, "challenge's owner": ALWAYS},
    "project": {"owner": ALWAYS, "participant": ALWAYS},
    "outcome": {"project's owner": ALWAYS},
    "adoption": {"adopter": ALWAYS, "project's owner": ALWAYS},
    "enquiry": {"asker": ALWAYS},
    "guidance": {},
    "document": {"parent's owner": ALWAYS},
}
"""Whose people see a record whatever its visibility, and in which part of its life."""

ONLY_WITH = {
    "support": "challenge", "response": "challenge", "question": "challenge", "outcome": "project",
    "adoption": "outcome", "document": "one of five",
}  # fmt: skip
"""What is seen by others only where they also see what it belongs to."""


def sees(caller: Caller, record: Record) -> bool:
    """Whether the caller may know that the record exists."""
    if record.sandbox:
        return False  # the sandbox is apart from everything, for CO-PI too
    if caller.at_copi or _has_part_in(caller, record):
        return True
    if record.life not in PUBLISHED[record.kind] or not CIRCLE[record.visibility](caller):
        return False
    return record.kind not in ONLY_WITH or record.parent is None or sees(caller, record.parent)


def tester_sees(record: Record, *, scoped: bool) -> bool:
    """Whether the test client whose sandbox it is sees it: everything there, without a scope what others would see."""
    if not record.sandbox or scoped:
        return record.sandbox
    shown = record.life in PUBLISHED[record.kind] and record.visibility == "public"
    return shown and (record.kind not in ONLY_WITH or record.parent is None or tester_sees(record.parent, scoped=False))


def standing(record: Record) -> str:
    """Why others see a record or do not."""
    if not record.kind or record.sandbox:
        return "sandbox" if record.kind else "missing"
    return record.visibility if record.life in PUBLISHED[record.kind] else "unpublished"


def _has_part_in(caller: Caller, record: Record) -> bool:
    return any(
        caller.organisation in record.stakes.get(part, ()) and (lives is ALWAYS or record.life in lives)
        for part, lives in PART_IN[record.kind].items()
    )


# --- Who may do ----------------------------------------------------------------------------------------------

COPI, ADMIN = "CO-PI", "CO-PI administrator"
_CHANGES_PARENT = (
    "editor of the owner", "editor of the project's owner", "editor of the responder", "member of the asker",
    "CO-PI where no response or enquiry is told of",
)  # fmt: skip
"""Who may change what a document belongs to: a challenge, project or outcome, a response, an enquiry."""
MAY: dict[str, tuple[str, ...]] = {
    "partner:create": ("adviser", COPI),
    "partner:update": ("editor of the partner", COPI),
    "partner:activate": (COPI,),
    "partner:deactivate": ("manager of the partner", COPI),
    "partner:merge": (COPI,),
    "partner:trust": (ADMIN,),
    "partner:read-members": ("manager of the partner", COPI),
    "partner:invite": ("manager of the partner", ADMIN),
    "partner:manage-members": ("manager of the partner", ADMIN),
    "partner:remove-member": ("manager of the partner", ADMIN),  # others; that everybody may leave is no matter of role
    "challenge:create": ("editor of the owner", COPI),
    "challenge:update": ("editor of the owner", COPI),
    "challenge:submit": ("editor of the owner", COPI),
    "challenge:request-changes": (COPI,),
    "challenge:publish": ("manager of the trusted owner", COPI),
    "challenge:close": ("editor of the owner", COPI),
    "challenge:reopen": (COPI,),
    "challenge:resolve": ("editor of the owner", COPI),
    "challenge:withdraw": ("manager of the owner", COPI),
    "challenge:archive": (ADMIN,),
    "challenge:amend": ("editor of the owner", COPI),
    "challenge:form-project": ("editor of the owner", COPI),
    "support:create": ("editor of the supporter", "editor of the challenge's owner", "adviser", COPI),
    "support:update": ("editor of the supporter", COPI),
    "support:confirm": ("manager of the supporter",),
    "support:commit": ("manager of the supporter",),
    "support:withdraw": ("manager of the supporter", COPI),
    "response:create": ("editor of the lead",),
    "response:update": ("editor of the responder",),
    "response:submit": ("editor of the lead",),
    "response:withdraw": ("editor of the lead",),
    "response:shortlist": ("editor of the challenge's owner", COPI),
    "response:select": ("editor of the challenge's owner", COPI),
    "response:decline": ("editor of the challenge's owner", COPI),
    "question:create": ("member of the asker",),
    "question:update": ("member of the asker",),
    "question:answer": ("editor of the challenge's owner", COPI),
    "question:dismiss": ("editor of the challenge's owner", COPI),
    "project:create": ("editor of the owner", COPI),
    "project:update": ("editor of the owner", COPI),
    "project:start": ("editor of the owner", COPI),
    "project:pause": ("editor of the owner", COPI),
    "project:resume": ("editor of the owner", COPI),
    "project:complete": ("editor of the owner", COPI),
    "project:put-into-operation": ("editor of the owner", COPI),
    "project:discontinue": ("manager of the owner", COPI),
    "project:archive": (ADMIN,),
    "outcome:create": ("editor of the project's owner", COPI),
    "outcome:update": ("editor of the project's owner", COPI),
    "outcome:submit": ("editor of the project's owner", COPI),
    "outcome:verify": (COPI,),
    "outcome:return": (COPI,),
    "outcome:correct": (COPI,),
    "outcome:retract": (COPI,),
    "adoption:create": ("editor of the adopter", "editor of the project's owner", "adviser", COPI),
    "adoption:update": ("editor of the adopter", "editor of the project's owner", COPI),
    "adoption:confirm": ("editor of the adopter", "CO-PI where no adopter is named"),
    "adoption:withdraw": ("editor of the adopter", COPI),
    "enquiry:create": ("member of the asker",),
    "enquiry:update": ("member of the asker",),
    "enquiry:assign": (COPI,),
    "enquiry:answer": (COPI,),
    "enquiry:close": ("member of the asker", COPI),
    "document:create": (*_CHANGES_PARENT, "CO-PI where an enquiry asks it"),
    "document:update": _CHANGES_PARENT,
    "document:remove": _CHANGES_PARENT,
    "document:take-down": (COPI,),
    "guidance:create": (COPI,),
    "guidance:update": (COPI,),
    "guidance:publish": (COPI,),
    "guidance:withdraw": (COPI,),
}
"""Who may do what to a record they see. An editor may what a member may, a manager what an editor may."""

_AT_LEAST = {
    "member": ("member", "editor", "manager"),
    "editor": ("editor", "manager"),
    "manager": ("manager",),
}
_DUTIES: dict[str, Callable[[Caller, Mapping[str, Collection[str]]], bool]] = {
    "adviser": lambda caller, stakes: caller.duty == "adviser",
    COPI: lambda caller, stakes: caller.at_copi,
    ADMIN: lambda caller, stakes: caller.duty == "copi_admin",
    "CO-PI where no response or enquiry is told of": lambda caller, stakes: (
        caller.at_copi and not {"responder", "asker"} & stakes.keys()
    ),
    "CO-PI where an enquiry asks it": lambda caller, stakes: caller.at_copi and "asker" in stakes,
    "CO-PI where no adopter is named": lambda caller, stakes: caller.at_copi and not stakes["adopter"],
}


def may(caller: Caller, permission: str, stakes: Mapping[str, Collection[str]]) -> bool:
    """Whether the caller may do it, to a record in which these organisations have these parts."""
    return any(_is(caller, who, stakes) for who in MAY[permission])


def _is(caller: Caller, who: str, stakes: Mapping[str, Collection[str]]) -> bool:
    if who in _DUTIES:
        return _DUTIES[who](caller, stakes)
    role, _, part = who.partition(" of the ")
    return caller.role in _AT_LEAST[role] and caller.organisation in stakes.get(part, ())
