"""Every operation of the contract, as tests that must leave none out walk over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api import create_app
from api.config import Settings
from api.domain.lifecycle import LIFECYCLES
from api.domain.steps import Step
from tests.make import Make
from tests.v1.bodies import FULL, minimal

_PLURALS = {f"{name}s": name for name in FULL}


@dataclass(frozen=True)
class Operation:
    """One operation: `resource` is the kind of record it works on, `item` whether it is about a single one."""

    id: str
    method: str
    path: str
    permission: str
    takes_body: bool
    parameters: tuple[str, ...]
    document: dict[str, Any]

    @property
    def resource(self) -> str | None:
        return _PLURALS.get(self.path.split("/")[1])

    @property
    def item(self) -> bool:
        return "{id}" in self.path

    @property
    def step(self) -> Step | None:
        name = self.path.rpartition("/")[2]
        if self.resource is None or self.method != "POST" or not self.item:
            return None
        return LIFECYCLES[self.resource].step(name)

    @property
    def conditional(self) -> bool:
        """It changes a record, and so asks for If-Match."""
        return self.item and self.method != "GET"

    @property
    def past(self) -> bool:
        """It is about what the record was, not what it is."""
        return "/history" in self.path

    def address(self, id: str) -> str:
        return self.path.replace("{id}", id).replace("{scheme}", "theme").replace("{version}", "1")

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
            "requestBody" in operation,
            tuple(one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"),
            operation,
        )
        for path, item in paths.items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    )


OPERATIONS = _read()
LISTS = tuple(one for one in OPERATIONS if one.resource and one.method == "GET" and not one.item)
READS = tuple(one for one in OPERATIONS if one.resource and one.method == "GET" and one.item and not one.past)
WITH_BODY = tuple(one for one in OPERATIONS if one.takes_body)
STEPS = tuple(one for one in OPERATIONS if one.step)

CONTACT_POINTS = {"items": [{"role": {"da": "Indkøb", "en": "Procurement"}, "email": "indkoeb@example.org",
                             "phone": "+4533663366", "url": "https://example.org/kontakt"}]}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "reason": "Målgruppen mangler tal.",
    "close_reason": "procured",
    "discontinuation": {"reason": {"da": "Pengene slap op.", "en": None}, "lesson": {"da": "Begynd småt.", "en": None}},
}
"""What steps may ask for."""


def good_body(operation: Operation, make: Make) -> Any:
    """A body the operation takes; None when it takes none."""
    if operation.step:
        return {ask: ANSWERS[ask] for ask in operation.step.asks} or None
    if operation.id == "create_token":
        return {"email": "nobody@example.org", "password": "wrong"}
    if operation.id == "replace_contact_points":
        return CONTACT_POINTS
    if operation.method == "PATCH":
        return {"sources": ["https://example.org/ny"]}
    return minimal(operation.resource, make) if operation.takes_body and operation.resource else None


def record_for(operation: Operation, make: Make, **given: Any) -> str:
    """A record that the operation can work on now; steps find it in a state they lead on from."""
    assert operation.resource
    if operation.step:
        given = {"state": str(sorted(operation.step.sources)[0]), **given}
    return str(getattr(make, operation.resource)(**given))
