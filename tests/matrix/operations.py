"""What is tried: every operation of the generated contract, with a body it takes and every record it can be about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Flask

from api import create_app
from api.config import Settings
from api.domain.lifecycle import LIFECYCLES
from tests.matrix.expected import ANONYMOUS, AWAY, CALLERS, FIRM, HEIR, HOME, THIRD, Caller, Record, may, sees, standing
from tests.matrix.world import FORM, OWNING, SYSTEM, TEXT, World, changeable

MISSING = Record("", "01941f29-7c00-7000-8000-000000000000", "that is missing", "", sandbox=True, source="missing")


class Untaught(LookupError):
    """The contract holds something the matrix cannot try yet; the message says where to teach it."""


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    path: str
    permission: str
    needs_body: bool
    parameters: tuple[str, ...]

    @property
    def plural(self) -> str:
        return self.path.split("/")[1]

    @property
    def below(self) -> str:
        """What follows the record in the address."""
        return self.path.partition("{id}")[2].removeprefix("/")

    @property
    def public(self) -> bool:
        return self.permission == "public"

    @property
    def guarded(self) -> bool:
        """It asks for a permission of the policy table."""
        return self.permission not in ("public", "logged-in")

    @property
    def upserts(self) -> bool:
        return self.id.startswith("upsert_")

    def __str__(self) -> str:
        return self.id


ACCESS = (
    "/tokens",
    "/oauth/",
    "/.well-known/",
    "/me",
    "/users",
    "/clients",
    "/invitations",
    "/sandbox",
    "/webhooks",
    "/searches",
    "/imports",
    "/import-profiles",
)
"""What is about access itself, not records: `access.py` says who may do that."""


def operations(app: Flask) -> tuple[Operation, ...]:
    """Every operation of the contract."""
    return tuple(
        Operation(
            one["operationId"],
            method.upper(),
            path,
            one["x-permission"],
            "requestBody" in one,
            tuple(parameter["name"] for parameter in one.get("parameters", ()) if parameter.get("in") == "query"),
        )
        for path, item in app.extensions["contract"].document()["paths"].items()
        for method, one in item.items()
        if method in ("get", "put", "post", "patch", "delete")
    )


ALL = operations(create_app(Settings(database_url="sqlite://", secret="x" * 32, log="text")))
OPERATIONS = tuple(one for one in ALL if not one.path.startswith(ACCESS))
OPERATIONS_OF_ACCESS = tuple(one for one in ALL if one.path.startswith(ACCESS))
KINDS = {
    one.plural: one.id.removeprefix("read_")
    for one in OPERATIONS
    if one.method == "GET" and one.path == f"/{one.plural}/{{id}}"
}
"""The kind of record behind each address, e.g. `challenges`: `challenge`."""

PLAIN: Mapping[str, tuple[str, Any]] = {
    "list_code_lists": ("/code-lists", None),
    "read_code_list": ("/code-lists/theme", None),
    "list_data_dictionaries": ("/data-dictionary", None),
    "read_data_dictionary": ("/data-dictionary/challenges", None),
    "read_status": ("/status", None),
    "list_tasks": ("/tasks", None),
    "list_events": ("/events", None),
    **{
        f"count_{plural}": (f"/statistics/{plural}", None)
        for plural in ("challenges", "partners", "projects", "outcomes")
    },
    "read_effects": ("/statistics/effects", None),
    "read_journey": ("/statistics/journey", None),
    "read_catalog": ("/catalog", None),
    "list_releases": ("/ocds/releases", None),
}
"""Operations that are about no record: everyone may call them, or everyone with a log-in. Their address and body."""

# --- Bodies -------------------------------------------------------------------------------------------------

ASKED: Mapping[str, Any] = {
    "reason": "Målgruppen mangler tal.",
    "close_reason": "procured",
    "discontinuation": {"reason": TEXT, "lesson": TEXT},
    "level": "joins_market_dialogue",
    "decline_reason": "others_stronger",
    "feedback": TEXT,
    "text": TEXT,
    "answer": TEXT,
    "adviser": "sparring@co-pi.dk",
    "correction": {"date": "2023-11"},
    "signed_at": "2026-01",
    "end": "2026-06",
}
"""What steps ask for, by name."""
OWN_BODY: Mapping[str, Any] = {
    "form_project": {},
    "replace_contact_points": {"items": []},
    "replace_trust": {"trusted": True},
    "update_support": {"note": {"da": "Et andet ord", "en": None}},
    "create_partner_invitation": {"email": "new@matrix.example", "role": "member"},
    "withdraw_invitation": None,
    "replace_member": {"role": "editor"},
    "remove_member": None,
}
"""Bodies of operations that are no step and make nothing."""
CHANGE = {"sources": ["https://example.org/matrix"]}
"""What may be changed of every record of which anything may."""


@dataclass(frozen=True)
class Attempt:
    """One operation about one record, or making one: what is sent, whom it concerns, and whether it can succeed."""

    operation: Operation
    about: Record | None
    name: str
    body: Any = None
    stakes: Mapping[str, Any] | None = None
    works: bool = True
    places: Mapping[str, str] = field(default_factory=dict)
    """What else is named in the address."""

    @property
    def address(self) -> str:
        path = self.operation.path.replace("{id}", self.about.id if self.about else "")
        for name, id in self.places.items():
            path = path.replace(f"{{{name}}}", id)
        path = path.replace("{system}", SYSTEM).replace("{external_id}", quote(self.source, safe=""))
        return path.replace("{version}", "1")

    @property
    def source(self) -> str:
        return self.about.source if self.about else "a/new one"

    @property
    def permission(self) -> str:
        """What it asks for: an upsert of what is not there makes it."""
        making = self.operation.upserts and self.about is None
        return self.operation.permission.replace(":update", ":create") if making else self.operation.permission

    def case(self, caller: Caller) -> Any:
        """What the tables can tell apart: what is promised, the caller's part in it, and how the record stands."""
        stakes = self.stakes if self.stakes is not None else self.about.stakes if self.about else {}
        part = tuple(sorted(part for part, who in stakes.items() if caller.organisation in who))
        expected = self.expected(caller)
        return expected, expected != 401 and (part, self.about and standing(self.about))

    def expected(self, caller: Caller) -> int:
        """What the tables promise: 401, 404, 403, or 200 for anything that the record's state then decides."""
        if caller is ANONYMOUS and not self.operation.public:
            return 401
        if self.about is not None and not sees(caller, self.about):
            return 409 if self.operation.upserts else 404
        if self.operation.below == "content" and self.about is not None and self.about.life == "removed":
            return 404
        if not self.operation.guarded:
            return 200
        stakes = self.stakes if self.stakes is not None else self.about.stakes if self.about else {}
        return 200 if may(caller, self.permission, stakes) else 403

    @property
    def _moved(self) -> bool:
        """A merged partner is read where it went."""
        return (
            self.operation.id in ("read_partner", "read_partner_by_source")
            and self.about is not None
            and self.about.life == "merged"
        )

    def wrong(self, caller: Caller, status: int) -> str | None:
        """How an answer differs from what was promised."""
        expected = self.expected(caller)
        if expected != 200:
            fine = status == expected
        elif self.works:
            fine = status in (200, 201, 204) or (status == 301 and self._moved)
        else:
            fine = status in (409, 422)
        promised = expected if expected != 200 or self.works else "409 or 422"
        return None if fine else f"{self.operation} by {caller} on {self.name}: promised {promised}, answered {status}"


def attempts(world: World, operation: Operation) -> list[Attempt]:
    """Everything the operation is tried on; an operation the matrix does not know how to try is an error."""
    if operation.id in PLAIN:
        path, body = PLAIN[operation.id]
        return [Attempt(_at(operation, path), None, "anything", body)]
    kind = KINDS.get(operation.plural)
    if kind is None:
        raise Untaught(f"{operation}: say in tests/matrix/operations.py (PLAIN) how {operation.path} is called.")
    if "{external_id}" in operation.path:
        return list(_by_source(world, operation, kind))
    if "{id}" not in operation.path:
        return (
            [Attempt(operation, None, "the list")] if operation.method == "GET" else list(_made(world, operation, None))
        )
    if operation.method == "POST" and operation.below in KINDS:
        return list(_made(world, operation, KINDS[operation.below]))
    records = [*world.of(kind), MISSING]
    return [_about(operation, kind, record, world) for record in records]


def one_of_each(tried: Sequence[Attempt]) -> Iterator[tuple[Attempt, Caller]]:
    """For every caller one attempt of each case, and where there is one, an attempt that can succeed."""
    ordered = sorted(tried, key=lambda one: not one.works)
    for caller in CALLERS:
        chosen: dict[Any, Attempt] = {}
        for one in ordered:
            chosen.setdefault(one.case(caller), one)
        yield from ((one, caller) for one in chosen.values())


def _at(operation: Operation, path: str) -> Operation:
    return Operation(operation.id, operation.method, path, operation.permission, operation.needs_body, ())


def _about(operation: Operation, kind: str, record: Record, world: World) -> Attempt:
    if operation.method == "GET":
        return Attempt(operation, record, str(record))
    lifecycle = LIFECYCLES[kind]
    if operation.id in OWN_BODY:
        body = OWN_BODY[operation.id]
    elif operation.method == "PATCH":
        body = CHANGE
    step = next((one for one in lifecycle.steps if one.name == operation.below), None)
    if step is not None and operation.id not in OWN_BODY:
        body = step_body(step.asks, world, record)
    elif operation.id not in OWN_BODY and operation.method != "PATCH":
        raise Untaught(f"{operation}: say in tests/matrix/operations.py (OWN_BODY) what {operation.path} takes.")
    places = {"user": world.colleague, "invitation": world.invitations.get(record.id, MISSING.id)}
    works = _works(operation, lifecycle, step, record)
    return Attempt(operation, record, str(record), body, works=works, places=places)


def _by_source(world: World, operation: Operation, kind: str) -> Iterator[Attempt]:
    """What is not there is made, as by a POST. Those in the sandbox are not there for anyone outside."""
    if operation.method == "GET":
        yield from (Attempt(operation, record, str(record)) for record in (*world.of(kind), MISSING))
        return
    for record in world.of(kind):
        if not record.sandbox:
            works = _works(operation, LIFECYCLES[kind], None, record)
            yield Attempt(operation, record, str(record), {**record.body, **CHANGE}, works=works)
    yield from _made(world, operation, None)


def step_body(asks: Sequence[str], world: World, record: Record) -> Any:
    heir = HEIR if record.id != world.partner[HEIR] else FIRM
    known = {**ASKED, "merged_into": world.partner[heir]}
    names = [ask.removesuffix("?") for ask in asks]
    if unknown := [name for name in names if name not in known]:
        raise Untaught(f"Say in tests/matrix/operations.py (ASKED) what a step may be sent as {unknown}.")
    return {name: known[name] for name in names} if names else None


def _works(operation: Operation, lifecycle: Any, step: Any, record: Record) -> bool:
    state = record.life.rpartition(" ")[2]
    if operation.id == "create_partner_invitation":
        return state != "merged"
    if step is not None:
        return state in step.sources and step.name not in record.stuck
    return not (operation.method == "PATCH" or operation.upserts) or (
        lifecycle.may_change(state) and "update" not in record.stuck
    )


# --- What is made -------------------------------------------------------------------------------------------


def _made(world: World, operation: Operation, below: str | None) -> Iterator[Attempt]:
    """New records, owned by the callers and by strangers, below parents that they own, see and do not see."""
    kind = below or KINDS[operation.plural]
    if kind not in MAKING:
        raise Untaught(f"{operation}: say in tests/matrix/operations.py (MAKING) what a new {kind} may look like.")
    for whose, body, stakes in MAKING[kind](world):
        if below is None:
            yield Attempt(operation, None, f"a new {kind} of {whose}", body, stakes)
            continue
        for parent in _parents(world, operation, below):
            part, inherited = _inherited(below, parent)
            works = below not in ("response", "question") or parent.life == "open"
            works = works and (below != "adoption" or parent.life in ("verified", "corrected"))
            works = works and (below != "adoption" or not _supplied(parent, stakes["adopter"]))
            works = works and (below != "document" or changeable(parent))
            yield Attempt(operation, parent, f"a new {kind} of {whose}, of {parent}", body,
                          {**stakes, part: parent.stakes.get(inherited, set())}, works)  # fmt: skip


def _supplied(outcome: Record, adopters: Collection[str]) -> bool:
    """Whether those who would take the solution over have made it: they took part, but do not answer for the project."""
    made = set(outcome.stakes.get("project's participant", ())) - set(outcome.stakes.get("project's owner", ()))
    return bool(made & set(adopters))


PARENTS = {
    "support": ("challenge's owner", "owner"),
    "response": ("challenge's owner", "owner"),
    "question": ("challenge's owner", "owner"),
    "adoption": ("project's owner", "project's owner"),
}
"""What part the parent's people have in what is made below it."""


def _inherited(below: str, parent: Record) -> tuple[str, str]:
    if below != "document":
        return PARENTS[below]
    return (OWNING.get(parent.kind, ""),) * 2


def _parents(world: World, operation: Operation, below: str) -> list[Record]:
    """Those that nobody has joined or answered yet, so that whoever may can; documents are taken again and again."""
    if below == "document":
        return [*world.of(KINDS[operation.plural]), MISSING]
    taken = {record.parent for record in world.of(below)}
    kind = KINDS[operation.plural]
    lives = {"challenge": ("draft", "open"), "outcome": ("submitted", "verified", "corrected")}[kind]
    free = (record for record in world.of(kind) if record.life in lives and record not in taken)
    return [*free, MISSING]


def _by(*organisations: str) -> Any:
    return lambda world, part, field, rest: [
        (one, {field: world.partner[one], **rest}, {part: {one}}) for one in organisations
    ]


_EACH = _by(HOME, AWAY, THIRD)
MAKING: Mapping[str, Any] = {
    "partner": lambda world: [("nobody", {"name": TEXT, "kind": "company"}, {"partner": set()})],
    "challenge": lambda world: [
        (one, {"title": TEXT, "summary": TEXT, "theme": "green_transition", "owners": [world.partner[one]]},
         {"owner": {one}})
        for one in (HOME, THIRD)
    ],
    "support": lambda world: _EACH(world, "supporter", "partner_id", {"level": "interested"}),
    "response": lambda world: _EACH(world, "lead", "partner_id", {"title": TEXT, "approach": TEXT}),
    "question": lambda world: _EACH(world, "asker", "partner_id", {"question": TEXT}),
    "project": lambda world: [
        (f"{one} as {role}",
         {"title": TEXT, "summary": TEXT, "theme": "green_transition",
          "participants": [{"partner_id": world.partner[one], "role": role}]},
         {"owner": {one} if role == "lead" else set()})
        for one, role in ((HOME, "lead"), (THIRD, "lead"), (HOME, "supplier"))
    ],
    "outcome": lambda world: [
        (owner, {"title": TEXT, "summary": TEXT, "kind": "measured_effect",
                 "project_id": world.named("project", f"of {owner}, active").id}, {"project's owner": {owner}})
        for owner in (HOME, THIRD)
    ],
    "adoption": lambda world: [
        *_EACH(world, "adopter", "partner_id", {"kind": "copied"}),
        ("nobody", {"kind": "copied", "count": {"count": 9, "unit": "kommuner"}}, {"adopter": set()}),
    ],
    "enquiry": lambda world: _EACH(world, "asker", "partner_id", {"title": TEXT, "question": TEXT}),
    "document": lambda world: [("those who may", FORM, {})],
    "guidance": lambda world: [("nobody", {"title": TEXT, "question": TEXT, "answer": TEXT}, {})],
}  # fmt: skip
"""New records: whose, the body, and who has what part in it."""
