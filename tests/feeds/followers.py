"""An integrator, written with nothing but the docs: a full copy, then the feed; and chance, which writes meanwhile."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.domain.events import types
from api.domain.lifecycle import LIFECYCLES
from schemas.names import SINGULARS
from schemas.steps import STEP_FIELDS
from tests import make as bodies
from tests.clients import Client

COPIED = ("partners", "challenges", "supports", "questions", "responses", "projects", "outcomes", "adoptions", "enquiries",
          "guidance", "documents")  # fmt: skip
NAMED = ("supports", "responses", "enquiries")
"""Lists that nobody without a log-in is given."""


class Copy:
    """A copy of everything one reader sees, kept up by the feed."""

    limit = 50
    """Events asked for at a time."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._begin()

    def _begin(self) -> None:
        first = self.client.get("/events?limit=1").json
        self.cursor, self.view = first["head"], first["view"]
        self.records = self.all_there_is()

    def all_there_is(self) -> dict[str, Any]:
        """Every record, from the lists."""
        return {record["id"]: record for plural in COPIED for record in self._listed(plural)}

    def _listed(self, plural: str) -> Iterator[Mapping[str, Any]]:
        if plural in NAMED and self.client.user_id is None:
            return
        address = f"/{plural}?sort=created_at&limit=250"
        while address:
            page = self.client.get(address)
            assert page.status_code == 200, page.json
            yield from page.json["items"]
            address = (page.json["next"] or "").removeprefix("/v1")

    def catch_up(self) -> list[int]:
        """Take in what has happened since; returns the numbers."""
        told = []
        while True:
            page = self.client.get("/events", query_string={"after": self.cursor, "limit": self.limit}).json
            if page["view"] != self.view:
                self._begin()
                return told
            for event in page["items"]:
                assert event["type"] in types()
                told.append(event["seq"])
                if event["type"] == "sandbox.emptied":
                    self.records.clear()
                elif event["resource"] == "webhook":
                    continue  # no record, but a notice
                elif event["document"] is None:
                    self.records.pop(event["resource_id"], None)
                else:
                    self.records[event["resource_id"]] = event["document"]
            self.cursor = page["cursor"]
            if self.cursor >= page["head"]:
                return told


class Chance:
    """Writes at random what some of the callers may: new records, changes, every step there is."""

    def __init__(self, seed: int, callers: Sequence[Client], partners: Sequence[str]) -> None:
        self.random, self.callers, self.partners = random.Random(seed), callers, list(partners)
        self.done = 0

    def write(self) -> None:
        """One write that is taken; what is refused does not count."""
        before = self.done
        while self.done == before:
            self.random.choice((self._make, self._make_below, self._step, self._step, self._step, self._change))()

    def _make(self) -> None:
        caller, partner = self._caller(), self.random.choice(self.partners)
        plural, body = self.random.choice(
            (
                ("challenges", bodies.challenge_body(partner)),
                ("projects", bodies.project_body(participants=[{"partner_id": partner, "role": "lead"}])),
                ("partners", bodies.partner_body()),
                ("enquiries", bodies.enquiry_body(partner)),
                ("guidance", bodies.guidance_body()),
            )
        )
        visibility = self.random.choice(("public", "public", "network", "private"))
        self._count(caller.post(f"/{plural}", {**body, "visibility": visibility}))

    def _make_below(self) -> None:
        caller, partner = self._caller(), self.random.choice(self.partners)
        above, below, body = self.random.choice(
            (
                ("challenges", "supports", bodies.support_body(partner)),
                ("challenges", "questions", bodies.question_body(partner)),
                ("challenges", "responses", bodies.response_body(partner)),
                ("outcomes", "adoptions", bodies.adoption_body(partner)),
                ("projects", "outcomes", None),
            )
        )
        if (parent := self._some(caller, above)) is None:
            return
        if body is None:
            self._count(caller.post("/outcomes", bodies.outcome_body(parent["id"])))
        else:
            self._count(caller.post(f"/{above}/{parent['id']}/{below}", body))

    def _change(self) -> None:
        caller = self._caller()
        plural = self.random.choice(COPIED)
        if (record := self._some(caller, plural)) is None:
            return
        patch: dict[str, Any] = {"visibility": self.random.choice(("public", "network", "private"))}
        if plural == "projects" and self.random.random() < 0.5:
            patch = {"participants": [{"partner_id": self.random.choice(self.partners), "role": "lead"}]}
        self._count(caller.patch(f"/{plural}/{record['id']}", patch, version=record["version"]))

    def _step(self) -> None:
        caller, plural = self._caller(), self.random.choice(COPIED)
        record = self._some(caller, plural, "actions")
        lifecycle = LIFECYCLES[SINGULARS[plural]]
        steps = [
            one for one in lifecycle.steps if record and one.name in record["embedded"]["actions"] and not one.apart
        ]
        if record is None or not steps:
            return
        step = self.random.choice(steps)
        asked = {ask.removesuffix("?"): self._value(ask.removesuffix("?")) for ask in step.asks}
        address = f"/{plural}/{record['id']}/{step.name}"
        self._count(caller.post(address, asked or None, version=record["version"]))

    def _value(self, ask: str) -> Any:
        given = {
            "merged_into": self.random.choice(self.partners),
            "correction": {"keywords": ["rettet"]},
            "discontinuation": {"reason": "technical", "lesson": {"da": "Det lærte vi."}},
        }
        return given[ask] if ask in given else STEP_FIELDS[ask].example

    def _caller(self) -> Client:
        return self.random.choice(self.callers)

    def _some(self, caller: Client, plural: str, embed: str | None = None) -> Any:
        asked = {"limit": 250, "total": "false", **({"embed": embed} if embed else {})}
        found = caller.get(f"/{plural}", query_string=asked)
        items = found.json["items"] if found.status_code == 200 else []
        return self.random.choice(items) if items else None

    def _count(self, answer: Any) -> None:
        assert answer.status_code < 500, answer.json
        self.done += answer.status_code in (200, 201)
