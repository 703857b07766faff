"""Reading and putting a record by its id in the system it comes from, so that whoever syncs need not know ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from flask import Response, request
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from api import ledger
from api.domain import policy
from api.domain.errors import NOT_FOUND, PRECONDITION_FAILED, Refusal
from api.kit import body, conditional, parameters, writing
from api.kit.actor import actor, known_actor
from api.kit.items import ItemReader
from api.kit.service import service
from api.kit.upsert import Outcome, is_from, sourced, upsert
from api.models import Resource
from openapi.operations import Described
from schemas.base import ResourceSchema, creating
from schemas.query import ListQuery, Query, item_query
from schemas.wording import Say

_NOT_THERE = Say("Der er ingen post med den kilde.", "There is no record of that source.")
_ALREADY = Say("Der er allerede en post med den kilde.", "There is already a record of that source.")


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Reads the record of a source, just as it is read by its own id."""

    reader: ItemReader

    def respond(self, system: str, external_id: str) -> Response:
        """The record; 404 when there is none to see."""
        asked = sourced(system, external_id).within(actor())
        parameters.read(self.reader.query)
        with service().database.reading() as connection:
            id = connection.execute(_id_of(self.reader.model), asked).scalar()
        if id is None:
            raise Refusal(NOT_FOUND)
        return self.reader.respond(id)


@cache
def _id_of(model: type[Resource]) -> Select[str]:
    return select(model.id).where(is_from(model))


@dataclass(frozen=True, slots=True)
class SourceWriter:
    """Makes the record of a source, or replaces it."""

    model: type[Resource]

    def respond(self, system: str, external_id: str) -> Response:
        """The record as it is now: 201 when it was made."""
        parameters.read(_NO_PARAMETERS)
        known_actor()
        sent = body.read()
        try:
            return self._write(system, external_id, sent)
        except IntegrityError:
            # Somebody else has made it at the same time: it is there now.
            return self._write(system, external_id, sent)

    def _write(self, system: str, external_id: str, sent: Any) -> Response:
        caller = known_actor()
        with writing.transaction(caller) as session:
            record, outcome = upsert(session, caller, self.model, system, external_id, sent, demand=_demand)
            ledger.settle(session)
            return writing.representation(record, 201 if outcome is Outcome.CREATED else 200)


def _demand(record: Resource | None) -> None:
    """Refuse (412) what depends on another version, on the record's being there, or on its not being there."""
    expects = "If-Match" in request.headers
    if record is None:
        if expects:
            raise Refusal(PRECONDITION_FAILED, _NOT_THERE)
        return
    if expects:
        conditional.demand_match(record)
    tag = conditional.etag(record.version)
    if conditional.held(tag):
        raise Refusal(PRECONDITION_FAILED, _ALREADY, headers={"ETag": tag})


_NO_PARAMETERS = Query()


def views(
    model: type[Resource], query: type[ListQuery], gives: type[ResourceSchema]
) -> Iterator[tuple[str, Callable[..., Response]]]:
    """The two operations on the record of a source, each with its method."""
    resource, wanted = model.__tablename__, item_query(query)
    reader, writer = SourceReader(ItemReader(model, wanted())), SourceWriter(model)
    reads = Described(
        f"read_{resource}_by_source", "get", None, query=wanted, gives=gives, item=True, versioned=True,
        redirects="merged_into" in gives._declared_fields, shown=(f"read_{resource}", {}),
    )  # fmt: skip
    yield "GET", _declared(reader.respond, reads, _READ.format(resource=resource))
    puts = replace(
        reads, id=f"upsert_{resource}", method="put", permission=f"{resource}:update", query=Query, item=False,
        takes=creating(gives), redirects=False, upserts=True,
        needs=f"To make it: {policy.needs(f'{resource}:create').en} To replace it: "
        f"{policy.needs(f'{resource}:update').en}",
    )  # fmt: skip
    yield "PUT", _declared(writer.respond, puts, _PUT.format(resource=resource))


_READ = """Read one {resource} by its source

As it is read by its own id. In the address, percent-encode both names, also slashes in the id: `2024%2FS%20123-456`.
"""
_PUT = """Register or replace one {resource} by its source

Made when there is none of that source (201), in its first state; otherwise replaced whole (200): what is left out goes
back to its default, what only steps set stays, and when nothing differs the version does too. `source` can be left out;
if it is there, it says what the address says, and may add a `url`. `If-None-Match: *` only makes, `If-Match` only
replaces that version. Sent again, it comes to the same.
"""


def _declared(respond: Callable[[str, str], Response], described: Described, words: str) -> Callable[..., Response]:
    def view(system: str, external_id: str) -> Response:
        return respond(system, external_id)

    view.__name__ = view.__qualname__ = described.id
    view.__doc__ = words
    view._apidoc = {"described": described}  # type: ignore[attr-defined]
    return view
