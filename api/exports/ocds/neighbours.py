"""What the releases of a page say about other records, read for the whole page at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from api.domain.actor import Actor
from api.kit import embed
from schemas.vocabulary import DocumentState

Record = Mapping[str, Any]

_DOCUMENTS = {kind: embed.Naming("document", kind) for kind in ("challenge", "project")}
_PROJECTS = embed.Naming("project", "challenge")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The neighbours of some records, as far as the caller sees them: partners, challenges and projects by their ids,
    documents and answering projects by the ids of the records they belong to."""

    partners: Mapping[str, Record]
    challenges: Mapping[str, Record]
    projects: Mapping[str, Record]
    documents: Mapping[str, Sequence[Record]]
    answering: Mapping[str, Sequence[Record]]

    @classmethod
    def of(cls, connection: Connection, caller: Actor, challenges: Sequence[Record], projects: Sequence[Record]) -> Any:
        """Read them."""

        def named(resource: str, ids: Iterable[str | None]) -> dict[str, Record]:
            wanted = sorted({id for id in ids if id})
            found = embed.by_id(connection, resource, caller, wanted)
            return {id: orjson.loads(document) for id, document in found.items()}

        def naming(naming: embed.Naming, records: Sequence[Record]) -> dict[str, list[Record]]:
            found = naming.read(connection, caller, records) if records else {}
            return {id: [orjson.loads(document) for document in documents] for id, documents in found.items()}

        documents = naming(_DOCUMENTS["challenge"], challenges) | naming(_DOCUMENTS["project"], projects)
        return cls(
            partners=named("partner", [*_owners(challenges), *_participants(projects)]),
            challenges=named("challenge", (id for project in projects for id in project["challenge_ids"])),
            projects=named("project", (project["parent_id"] for project in projects)),
            documents={id: [one for one in some if _current(one)] for id, some in documents.items()},
            answering=naming(_PROJECTS, challenges),
        )


def _owners(challenges: Iterable[Record]) -> Iterable[str]:
    return (id for challenge in challenges for id in challenge["owners"])


def _participants(projects: Iterable[Record]) -> Iterable[str | None]:
    for project in projects:
        yield from (one["partner_id"] for one in project["participants"])
        yield from (one["funder_id"] for one in project["funding"])


def _current(document: Record) -> bool:
    return bool(document["state"] == DocumentState.CURRENT)
