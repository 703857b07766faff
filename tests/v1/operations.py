"""Every operation of the contract, as tests that must leave none out walk over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from api import create_app
from api.config import Settings
from api.domain.lifecycle import LIFECYCLES
from api.domain.steps import Step
from schemas.names import SINGULARS
from tests.clients import Client, Everybody
from tests.make import PASSWORD, PROFILE, Make
from tests.v1.bodies import at, minimal

PEOPLE = ("members", "invitations")
"""What belongs to a partner and is no record."""
ELSEWHERE: Mapping[str, Callable[[Make], str]] = {
    "partners": lambda make: make.home,
    "users": lambda make: make.user(),
    "clients": lambda make: make.client(),
    "webhooks": lambda make: make.webhook(),
    "searches": lambda make: make.search(),
    "imports": lambda make: make.an_import(),
    "import-profiles": lambda make: make.import_profile(),
    "me": lambda make: NOBODY,
}
"""What the id in an address names, where it is no record of the operation's own kind."""
NOBODY = "01941f29-7c00-7000-8000-000000000000"


def filled(path: str, id: str) -> str:
    """A path with a record in it, and something in every other place."""
    known = {"id": id, "scheme": "theme", "resource": "challenges", "version": "1"}
    return re.sub(r"\{(\w+)\}", lambda place: known.get(place[1], NOBODY), path)


@dataclass(frozen=True)
class Operation:
    """One operation: `resource` is the kind of record it works on, `item` whether it is about a single one.

    One that reads or makes records of a kind below a record of another has that one's kind as `within`.
    """

    id: str
    method: str
    path: str
    permission: str
    takes_body: bool
    body_required: bool
    parameters: tuple[str, ...]
    document: dict[str, Any]

    @property
    def resource(self) -> str | None:
        first, _, rest = self.path[1:].partition("/{id}/")
        if rest.partition("/")[0] in PEOPLE:
            return None
        return SINGULARS.get(rest) or SINGULARS.get(first.partition("/")[0])

    @property
    def within(self) -> str | None:
        first, _, rest = self.path[1:].partition("/{id}/")
        return SINGULARS[first] if rest in SINGULARS else None

    @property
    def addressed(self) -> bool:
        """There is a record in its address."""
        return "{id}" in self.path

    @property
    def item(self) -> bool:
        return self.addressed and self.within is None

    @property
    def step(self) -> Step | None:
        if self.resource is None or self.method != "POST" or not self.item:
            return None
        return LIFECYCLES[self.resource].step(self.path.rpartition("/")[2])

    @property
    def conditional(self) -> bool:
        """It changes a record, and so asks for If-Match."""
        return self.resource is not None and self.item and self.method != "GET"

    @property
    def past(self) -> bool:
        """It is about what the record was, not what it is."""
        return "/history" in self.path

    @property
    def public(self) -> bool:
        return self.permission == "public"

    @property
    def oauth(self) -> bool:
        """It takes forms and refuses as OAuth does."""
        return self.path.startswith("/oauth/")

    def address(self, id: str) -> str:
        return filled(self.path, id)

    def __str__(self) -> str:
        return self.id


def _read() -> tuple[Operation, ...]:
    app = create_app(Settings(database_url="sqlite://", secret="x" * 32, log="text"))
    paths = app.extensions["contract"].document()["paths"]
    return tuple(
        Operation(
            operation["operationId"],
            method.upper(),
            path,
            operation["x-permission"],
            "application/json" in operation.get("requestBody", {}).get("content", {}),
            operation.get("requestBody", {}).get("required", False),
            tuple(one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"),
            operation,
        )
        for path, item in paths.items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    )


OPERATIONS = _read()
BYTES = tuple(one for one in OPERATIONS if one.path.endswith("/content"))
FORMS = tuple(one for one in OPERATIONS if one.method == "POST" and one.path.endswith("/documents"))
"""Files come and go as they are: those two kinds of operation are tried in `test_documents`."""
LISTS = tuple(one for one in OPERATIONS if one.resource and one.id.startswith("list_"))
READS = tuple(
    one for one in OPERATIONS if one.resource and one.method == "GET" and one.item and not one.past and one not in BYTES
)
WITH_BODY = tuple(one for one in OPERATIONS if one.takes_body)
STEPS = tuple(one for one in OPERATIONS if one.step)
COMPUTED = {"read_lineage", "read_contact_points"}
"""Reads whose answer is not the record itself, so that its tag is not the version alone."""

CONTACT_POINTS = {"items": [{"role": {"da": "Indkøb", "en": "Procurement"}, "email": "indkoeb@example.org",
                             "phone": "+4533663366", "url": "https://example.org/kontakt"}]}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "reason": "Målgruppen mangler tal.",
    "close_reason": "procured",
    "discontinuation": {"reason": {"da": "Pengene slap op.", "en": None}, "lesson": {"da": "Begynd småt.", "en": None}},
    "end": "2026-06",
    "level": "letter_of_intent",
    "signed_at": "2023-11-23",
    "decline_reason": "others_stronger",
    "feedback": {"da": "Ladningen tager for lang tid.", "en": None},
    "text": {"da": "Kravet til ladetid er sat ned.", "en": None},
    "answer": {"da": "Ja, fra byggestrøm.", "en": None},
    "adviser": "sparring@co-pi.dk",
    "correction": {"date": "2023-11"},
    "merged_into": lambda make: make.partner(),
}
"""What steps may ask for; a function of the builders where it must be there first."""

BODIES: dict[str, Any] = {
    "create_token": {"email": "nobody@example.org", "password": "wrong"},
    "replace_contact_points": CONTACT_POINTS,
    "replace_trust": {"trusted": True},
    "form_project": {"title": {"da": "Sammen om det"}},
    "create_client": {"name": "Fagsystem", "kind": "service"},
    "update_client": {"name": "Et andet fagsystem"},
    "add_secret": {},
    "create_webhook": {"url": "https://8.8.8.8/"},
    "update_webhook": {"description": "Nyt"},
    "update_me": {"name": "Karen Holm"},
    "replace_password": {"current": PASSWORD, "new": "fire graner ved en gul låge"},
    "erase_me": {"password": "ikke den rigtige"},
    "create_partner_invitation": {"email": "karen@tests.example", "role": "editor"},
    "replace_member": {"role": "editor"},
    "accept_invitation": {"token": "copi_invitation_er-ikke-til"},
    "block_user": {"reason": "Derfor."},
    "unblock_user": {"reason": "Derfor."},
    "replace_duties": {"duties": ["adviser"]},
    "erase_user": {"reason": "Derfor."},
    "create_import_profile": PROFILE,
    "update_import_profile": {"name": "Udtræk"},
    "create_search": {"name": "Åbne", "resource": "challenge"},
    "update_search": {"name": "Åbne"},
}
"""What other operations take, by operation."""


def _both_sides(make: Make) -> list[dict[str, str]]:
    return [{"partner_id": make.home, "role": "lead"}, {"partner_id": make.partner(), "role": "supplier"}]


def _answered(make: Make) -> dict[str, Any]:
    return {"challenge": make.challenge("closed")}


NEEDED: Mapping[tuple[str, str], Callable[[Make], dict[str, Any]]] = {
    ("challenge", "submit"): lambda _: {"problem": {"da": "Sådan er det."}},
    ("response", "shortlist"): _answered,
    ("response", "select"): _answered,
    ("response", "decline"): _answered,
    ("project", "start"): lambda make: {"participants": _both_sides(make)},
}
"""What a record must hold for a guarded step, by resource and step."""


def asked(step: Step, make: Make) -> dict[str, Any] | None:
    """All that a step asks for; None when it asks for nothing."""
    answers = {name: ANSWERS[name] for name in names(step)}
    return {name: answer(make) if callable(answer) else answer for name, answer in answers.items()} or None


def names(step: Step, *, required: bool = False) -> list[str]:
    """What a step asks for by name, or only what it does not go without."""
    return [ask.removesuffix("?") for ask in step.asks if not (required and ask.endswith("?"))]


def good_body(operation: Operation, make: Make) -> Any:
    """A body the operation takes; None when it takes none."""
    if not operation.takes_body:
        return None
    if operation.id in BODIES:
        return BODIES[operation.id]
    if operation.step:
        return asked(operation.step, make)
    if operation.method == "PATCH":
        return {"sources": ["https://example.org/ny"]}
    assert operation.resource
    return minimal(operation.resource, make)


def record_for(operation: Operation, make: Make, **given: Any) -> str:
    """The record in the operation's address, such that it can work: steps find it in a state they lead on from."""
    if operation.resource is None:
        return ELSEWHERE[operation.path.split("/")[1]](make)
    if operation.within:
        return str(getattr(make, operation.within)(**given))
    if operation.step:
        return ready(make, operation.resource, operation.step, str(min(operation.step.sources)), **given)
    if operation.method == "PATCH":
        given = {"state": str(LIFECYCLES[operation.resource].initial), **given}
    return str(getattr(make, operation.resource)(**given))


def ready(make: Make, resource: str, step: Step, state: str, **given: Any) -> str:
    """A record in a state that lacks nothing the step may look at."""
    needed = NEEDED.get((resource, step.name), lambda _: {})(make)
    return str(getattr(make, resource)(**{"state": state, **needed, **given}))


def address_for(operation: Operation, make: Make) -> str:
    """The operation's address, with a record in it if there is one in it."""
    return operation.address(record_for(operation, make) if operation.addressed else "")


def reader(operation: Operation, as_: Everybody) -> Client:
    """Nobody in particular, where nobody is asked for; otherwise somebody who sees everything."""
    return as_.anonymous if operation.public else as_.everywhere


OPEN_TO_CHANGE = {"question": "asked", "adoption": "reported", "response": "draft"}
"""A state in which something can still be changed, of resources that allow no change once others see them."""
CHANGES: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "outcome": ("POST", "/correct", {"reason": "Tastefejl.", "correction": {"date": "2023-11"}}),
    "support": ("PATCH", "", {"note": {"da": "Ny note"}}),
}
"""How a record that is shown is changed, where most of it is fast by then."""


def change(client: Client, resource: str, id: str, version: int = 1) -> TestResponse:
    """Change a record in a way its state allows."""
    method, step, body = CHANGES.get(resource, ("PATCH", "", {"sources": ["https://example.org"]}))
    answer = client.call(method, at(resource, id) + step, json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.json
    return answer
