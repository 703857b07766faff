"""Neighbours answered along with a record: composed at read time, each as far as the caller sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Select, bindparam, func, select

from api.domain import policy
from api.domain.actor import Actor
from api.models import RESOURCES
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
        found = _by_id(connection, self.resource, actor, wanted)
        return {record: [found[id] for id in ids if id in found] for record, ids in named.items()}


@dataclass(frozen=True, slots=True)
class Naming:
    """Neighbours that name the record, found by the facet they are filtered by; the newest first."""

    resource: str
    facet: str

    def read(self, connection: Connection, actor: Actor, records: Sequence[Mapping[str, Any]]) -> Documents:
        statement = _naming(self.resource, self.facet, reach_of(actor))
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
    ("outcome", "partners"): Through(Named("project", lambda outcome: [outcome["project_id"]]), _PARTICIPANTS),
}
"""What `embed` can name, by resource."""


def compose(
    connection: Connection, resource: str, actor: Actor, names: Sequence[str], documents: Sequence[bytes]
) -> list[bytes]:
    """The documents with their neighbours spliced in under `embedded`, byte for byte as stored."""
    records = [orjson.loads(document) for document in documents]
    parts: dict[str, list[bytes]] = {record["id"]: [] for record in records}
    for name in names:
        if name == "actions":
            for record in records:
                parts[record["id"]].append(b'"actions":' + orjson.dumps(actions(connection, resource, actor, record)))
            continue
        for id, found in EMBEDS[resource, name].read(connection, actor, records).items():
            parts[id].append(orjson.dumps(name) + b":[" + b",".join(found) + b"]")
    return [
        document[:-1] + b',"embedded":{' + b",".join(parts[record["id"]]) + b"}}"
        for document, record in zip(documents, records, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Owned:
    owner_ids: Sequence[str]


def actions(connection: Connection, resource: str, actor: Actor, record: Mapping[str, Any]) -> list[str]:
    """What the caller may do with the record now: `update`, and the steps its state allows."""
    if actor.anonymous:
        return []
    model = RESOURCES[resource]
    subject = _Owned(_owners(connection, resource, record))
    possible = ["update", *(step.name for step in model.lifecycle.possible(record["state"]))]
    return [name for name in possible if policy.may(actor, f"{resource}:{name}", subject)]


def _owners(connection: Connection, resource: str, record: Mapping[str, Any]) -> list[str]:
    owning, id = ("project", record["project_id"]) if resource == "outcome" else (resource, record["id"])
    facets = RESOURCES[owning].facets.c
    return list(connection.scalars(select(facets.value).where(facets.id == id, facets.name == "owner")))


def _by_id(connection: Connection, resource: str, actor: Actor, ids: list[str]) -> dict[str, bytes]:
    if not ids:
        return {}
    rows = connection.execute(_many(resource, reach_of(actor)), {"ids": ids, **parameters(actor)})
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
