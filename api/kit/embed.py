"""Neighbours answered along with a record: composed at read time, each as far as the caller sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Select, bindparam, func, select

from api.db import reading_session
from api.domain import hints, policy
from api.domain.actor import Actor
from api.domain.steps import is_ready
from api.kit import adding
from api.models import RESOURCES, Document, Resource
from api.models.visible import Reach, parameters, reach_of, visible_to

MOST = 50
"""Neighbours of one kind answered per record; the rest is one list away."""

Documents = dict[str, list[bytes]]


@dataclass(frozen=True, slots=True)
class Named:
    """Neighbours that the record itself names."""

    resource: str
    ids: Callable[[Mapping[str, Any]], Iterable[str | None]]

    def read(self, connection: Connection, actor: Actor, records: Sequence[Mapping[str, Any]]) -> Documents:
        named = {record["id"]: list(dict.fromkeys(id for id in self.ids(record) if id))[:MOST] for record in records}
        wanted = sorted({id for ids in named.values() for id in ids})
        found = by_id(connection, self.resource, actor, wanted)
        return {record: [found[id] for id in ids if id in found] for record, ids in named.items()}


@dataclass(frozen=True, slots=True)
class Naming:
    """Neighbours that name the record, found by the facet they are filtered by; the newest first."""

    resource: str
    facet: str

    def read(self, connection: Connection, actor: Actor, records: Sequence[Mapping[str, Any]]) -> Documents:
        statement = _naming(self.resource, self.facet, reach_of(actor, self.resource))
        found: Documents = defaultdict(list)
        ids = [record["id"] for record in records]
        for id, document in connection.execute(statement, {"ids": ids, **parameters(actor)}):
            found[id].append(document)
        return {record["id"]: found[record["id"]] for record in records}


@dataclass(frozen=True, slots=True)
class Through:
    """Neighbours of a neighbour: the participants of an outcome's project."""

    first: Named
    then: Named

    def read(self, connection: Connection, actor: Actor, records: Sequence[Mapping[str, Any]]) -> Documents:
        middle = {
            id: [orjson.loads(one) for one in found]
            for id, found in self.first.read(connection, actor, records).items()
        }
        flat = {one["id"]: one for found in middle.values() for one in found}
        reached = self.then.read(connection, actor, list(flat.values()))
        return {id: [document for one in found for document in reached[one["id"]]] for id, found in middle.items()}


Embed = Named | Naming | Through


def _id(name: str) -> Callable[[Mapping[str, Any]], Iterable[str | None]]:
    return lambda record: [record[name]]


_PARTICIPANTS = Named("partner", lambda project: (one["partner_id"] for one in project["participants"]))

EMBEDS: dict[tuple[str, str], Embed] = {
    ("partner", "parent"): Named("partner", lambda partner: [partner["parent_id"]]),
    ("partner", "challenges"): Naming("challenge", "owner"),
    ("partner", "projects"): Naming("project", "partner"),
    ("challenge", "owners"): Named("partner", lambda challenge: challenge["owners"]),
    ("challenge", "projects"): Naming("project", "challenge"),
    ("project", "partners"): _PARTICIPANTS,
    ("project", "challenges"): Named("challenge", lambda project: project["challenge_ids"]),
    ("project", "outcomes"): Naming("outcome", "project"),
    ("project", "parent"): Named("project", lambda project: [project["parent_id"]]),
    ("project", "children"): Naming("project", "parent"),
    ("outcome", "project"): Named("project", lambda outcome: [outcome["project_id"]]),
    ("challenge", "supports"): Naming("support", "challenge"),
    ("support", "challenge"): Named("challenge", lambda support: [support["challenge_id"]]),
    ("support", "partner"): Named("partner", lambda support: [support["partner_id"]]),
    ("response", "challenge"): Named("challenge", lambda response: [response["challenge_id"]]),
    ("response", "partners"): Named("partner", lambda one: [one["partner_id"], *one["consortium"]]),
    ("question", "challenge"): Named("challenge", lambda question: [question["challenge_id"]]),
    ("outcome", "adoptions"): Naming("adoption", "outcome"),
    ("adoption", "outcome"): Named("outcome", lambda adoption: [adoption["outcome_id"]]),
    ("adoption", "partner"): Named("partner", lambda adoption: [adoption["partner_id"]]),
    ("enquiry", "partner"): Named("partner", lambda enquiry: [enquiry["partner_id"]]),
    ("enquiry", "challenge"): Named("challenge", lambda enquiry: [enquiry["challenge_id"]]),
    ("enquiry", "project"): Named("project", lambda enquiry: [enquiry["project_id"]]),
    **{("document", name): Named(name, _id(f"{name}_id")) for name in Document.PARENTS},
    ("outcome", "partners"): Through(Named("project", lambda outcome: [outcome["project_id"]]), _PARTICIPANTS),
}
"""The neighbours that `embed` can name, by resource."""


def compose(
    connection: Connection, resource: str, actor: Actor, names: Sequence[str], documents: Sequence[bytes]
) -> list[bytes]:
    """The documents with their neighbours spliced in under `embedded`, byte for byte as stored."""
    records = [orjson.loads(document) for document in documents]
    parts: dict[str, list[bytes]] = {record["id"]: [] for record in records}
    for name in names:
        if name in TOLD:
            for id, told in TOLD[name](connection, resource, actor, records).items():
                parts[id].append(orjson.dumps(name) + b":" + orjson.dumps(told))
            continue
        for id, found in EMBEDS[resource, name].read(connection, actor, records).items():
            parts[id].append(orjson.dumps(name) + b":[" + b",".join(found) + b"]")
    return [
        document[:-1] + b',"embedded":{' + b",".join(parts[record["id"]]) + b"}}"
        for document, record in zip(documents, records, strict=True)
    ]


def _told(connection: Connection, resource: str, actor: Actor, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the caller may do with each record now, and add to it, decided by the very rules a write is held to."""
    if actor.anonymous:
        return {record["id"]: [] for record in records}
    model = RESOURCES[resource]
    with reading_session(connection) as session:
        rows = session.scalars(select(model).where(model.id.in_([record["id"] for record in records]))).all()
        additions = adding.Additions(session, actor, rows)
        return {row.id: [*actions(actor, row), *additions.to(row)] for row in rows}


def actions(actor: Actor, record: Resource) -> list[str]:
    """What the caller may do with the record now: `update`, and the steps that nothing stands in the way of."""
    lifecycle = record.lifecycle
    possible = [
        *(["update"] if lifecycle.may_change(record.state) and is_ready(lifecycle.changes, record) else []),
        *(step.name for step in lifecycle.possible(record.state) if is_ready(step.guards, record)),
    ]
    return [name for name in possible if policy.may(actor, f"{lifecycle.resource}:{name}", record)]


def by_id(connection: Connection, resource: str, actor: Actor, ids: list[str]) -> dict[str, bytes]:
    """Those of the records that the caller sees."""
    if not ids:
        return {}
    rows = connection.execute(_many(resource, reach_of(actor, resource)), {"ids": ids, **parameters(actor)})
    return {id: bytes(document) for id, document in rows}


@cache
def _many(resource: str, reach: Reach) -> Select[str, bytes]:
    model = RESOURCES[resource]
    ids = bindparam("ids", expanding=True, type_=model.id.type)
    return select(model.id, model.document).where(model.id.in_(ids), visible_to(model, reach))


@cache
def _naming(resource: str, facet: str, reach: Reach) -> Select[Any]:
    model = RESOURCES[resource]
    facets = model.facets.c
    place = func.row_number().over(partition_by=facets.value, order_by=facets.id.desc())
    nearest = (
        select(facets.value, facets.id, place.label("place"))
        .join(model, model.id == facets.id)
        .where(facets.name == facet, facets.value.in_(bindparam("ids", expanding=True)), visible_to(model, reach))
        .subquery()
    )
    return (
        select(nearest.c.value, model.document)
        .join(model, model.id == nearest.c.id)
        .where(nearest.c.place <= MOST)
        .order_by(nearest.c.value, nearest.c.place)
    )


def _hints(connection: Connection, resource: str, actor: Actor, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What each record still lacks, in both languages; nothing of it stops anyone."""
    return {record["id"]: hints.of(resource, record) for record in records}


TOLD = {"actions": _told, "hints": _hints}
"""What else `embed` can name: not neighbours, but what there is to say about a record."""
