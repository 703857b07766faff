"""The proof that what readers are told is watched: whatever clause of the feed's question is taken away, it is noticed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from api.domain.lifecycle import LIFECYCLES
from api.feeds import notices
from api.models import Webhook
from tests.clients import Client, Everybody, service
from tests.conftest import Server, build
from tests.feeds.followers import Chance, Copy
from tests.make import Make, project_body
from tests.matrix import mutants
from tests.matrix.mutants import Mutant

pytestmark = pytest.mark.proof

EQUIVALENT = {
    "_seen: always `not shape.sandboxed`": "a test client holds nothing outside its sandbox",
    "_seen: without `event.resource.in_(_OF_ACCOUNTS)`": "accounts hold nothing but notices; records are held by partners",
}
"""Mutants by which nobody is told anything else, and why."""

Told = list[dict[str, Any]]


@dataclass
class Past:
    """What chance has written, and what each reader knew at some moments of it."""

    app: Flask
    readers: list[Client]
    moments: list[list[tuple[int, str, dict[str, Any]]]]
    now: list[dict[str, Any]]
    searches: list[str | None]
    secret: str
    """A record that was never anybody's but its owner's and CO-PI's."""
    strangers: list[Client]
    """Those of the readers it is nothing to."""
    noticed: list[Client]
    """Those with a webhook that was disabled."""

    def differences(self) -> Iterator[str]:
        """Where a copy that goes on from a moment is not what there is, or a filter does not pick out what it says."""
        for reader, moments, now in zip(self.readers, self.moments, self.now, strict=True):
            for cursor, view, records in moments:
                copy = Copy.__new__(Copy)
                copy.limit = 1000
                copy.client, copy.cursor, copy.view, copy.records = reader, cursor, view, dict(records)
                copy.catch_up()
                if copy.records != now:
                    yield f"{reader.user_id} from {cursor}"
        yield from self._too_much()
        for reader, search in zip(self.readers, self.searches, strict=True):
            whole = told(reader)
            for query, fits in _picked(search, reader):
                if told(reader, query) != [one for one in whole if fits(one)]:
                    yield f"{reader.user_id} asks for {query}"

    def _too_much(self) -> Iterator[str]:
        """What is told to whom it is nothing to: a secret, what is hidden now, what a record was before it was shown."""
        for reader, now in zip(self.readers, self.now, strict=True):
            events = told(reader)
            if (numbers := [one["seq"] for one in events]) != sorted(set(numbers)):
                yield f"{reader.user_id} is told twice"
            if reader in self.noticed and events[-1]["type"] != "webhook.disabled":
                yield f"{reader.user_id} is not told of its own webhook"
            for event in events:
                document = event["document"]
                if event["resource"] in LIFECYCLES and document and event["resource_id"] not in now:
                    yield f"{reader.user_id} is told of {event['resource_id']}"
                if event["resource"] == "webhook" and document["created_by"] != reader.user_id:
                    yield f"{reader.user_id} is told of another's webhook"
                if reader in self.strangers and event["resource_id"] == self.secret:
                    yield f"{reader.user_id} is told that there is a secret"
                if reader.user_id is None and document and not _shown(event):
                    yield f"what was not shown yet: {event['type']}"


def _shown(event: dict[str, Any]) -> bool:
    document = event["document"]
    return document["visibility"] == "public" and document["state"] in LIFECYCLES[event["resource"]].published


def told(reader: Client, query: str = "") -> Told:
    """Everything the reader is told, from the beginning."""
    events: Told = reader.get(f"/events?limit=1000{query}").json["items"]
    return events


def _picked(search: str | None, reader: Client) -> Iterator[tuple[str, Callable[[dict[str, Any]], bool]]]:
    yield "&resource=challenge", lambda one: one["resource"] == "challenge"
    kinds = {"challenge.hidden", "project.updated", "support.created"}
    yield f"&type={','.join(sorted(kinds))}", lambda one: one["type"] in kinds
    if search:
        found = {one["id"] for one in reader.get("/challenges?theme=green_transition&limit=250").json["items"]}
        yield (
            f"&search={search}",
            lambda one: one["resource"] == "challenge" and (one["document"] is None or one["resource_id"] in found),
        )


@pytest.fixture(scope="module")
def past(_servers: dict[str, str]) -> Iterator[Past]:
    """On one engine: the question is the same on both."""
    app = build(Server("sqlite", _servers["sqlite"]).database("told"))
    make = Make(app.extensions["copi"].database)
    as_ = Everybody(app, make)
    partners = [make.partner(kind=kind) for kind in ("municipality", "region", "company", "municipality", "company")]
    writers = [as_.copi_admin, as_.copi_editor, *(as_(partner, "manager") for partner in partners)]
    readers = [Client(app), as_.adviser, as_.copi_editor, *(as_(partner, "member") for partner in partners[:3])]
    testers = [service(app, make.test_client()) for _ in range(2)]
    readers += [*testers, service(app, make.client({partners[0]: "editor"}, scopes=_SCOPES), _SCOPES)]
    secret = make.challenge("draft", owner=partners[4])
    for state in ("draft", "open"):
        make.challenge(state)
    chance, copies = Chance(7, writers, partners), [Copy(reader) for reader in readers]
    moments: list[list[tuple[int, str, dict[str, Any]]]] = [[] for _ in copies]
    for _ in range(3):
        for copy, known in zip(copies, moments, strict=True):
            known.append((copy.cursor, copy.view, dict(copy.records)))
        for _ in range(40):
            chance.write()
        as_.copi_editor.patch(f"/challenges/{secret}", {"keywords": [f"{chance.done}"]}, headers={"If-Match": "*"})
        for tester in testers:
            tester.post("/projects", project_body())
        for copy in copies:
            copy.catch_up()
        if chance.done == 40:
            testers[0].post("/sandbox/reset")
    gone = make.challenge()
    as_.copi_admin.post(f"/challenges/{gone}/withdraw", {"reason": "Behovet er væk."}, version=1)
    noticed = [readers[2], testers[1]]
    webhooks = [make.webhook(readers[2].user_id), make.webhook(testers[1].user_id, sandbox=testers[1].user_id)]
    with app.extensions["copi"].database.writing() as session:
        for id in webhooks:
            notices.disabled(session, session.get_one(Webhook, id))
    searches = [_search(reader) for reader in readers]
    now = [copy.all_there_is() for copy in copies]
    logging.disable(logging.CRITICAL)  # a mutant may well make the service fail
    yield Past(app, readers, moments, now, searches, secret, [*readers[:2], *testers], noticed)
    logging.disable(logging.NOTSET)
    app.extensions["copi"].database.dispose()


_SCOPES = ("challenge:read",)
"""Of a service that sees more of challenges than of anything else."""


def _search(reader: Client) -> str | None:
    body = {"name": "Grønt", "resource": "challenge", "query": "theme=green_transition"}
    made = reader.post("/searches", body)
    return made.json["id"] if made.status_code == 201 else None


def test_nothing_is_wrong_to_begin_with(past: Past):
    assert list(past.differences()) == []


@pytest.mark.parametrize("mutant", list(mutants.feeds()), ids=str)
def test_who_is_told_what(past: Past, mutant: Mutant):
    with mutant.at_large(past):
        try:
            found = next(past.differences(), None)
        except (AssertionError, KeyError) as answer:  # the feed answers 500, say
            found = repr(answer)
    assert bool(found) != (mutant.name in EQUIVALENT)


def test_what_is_said_to_be_equivalent_is_a_mutant():
    assert set(EQUIVALENT) <= {mutant.name for mutant in mutants.feeds()}
