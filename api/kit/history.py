"""A record's history, read from the event log: who changed what, when and why, and each version as it was.

An entry is as wide as its event's audience was: what was written while a record was a draft stays with those who
could see the draft, also after it has been published. Whoever has a stake in the record without answering for it sees
what happened since the stake counted, as the event log says of each event.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import orjson
from flask import Response
from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, Refusal
from api.kit import conditional, cursors, parameters, statements
from api.kit.actor import actor
from api.kit.answers import answer, caching
from api.kit.links import links_of
from api.kit.service import service
from api.models import Audience, Event, EventStake, Membership, Resource, User, log
from api.models.event import Change
from api.models.visible import Reach, reach_of
from api.models.visible import parameters as seen_by
from openapi.operations import Described
from schemas.base import Shape
from schemas.history import HistorySchema
from schemas.query import Order, Query, WalkQuery

_NEWEST_FIRST = (Order("version", descending=True),)
_CIRCLES = {
    Reach.PUBLIC: (Audience.PUBLIC,),
    Reach.NETWORK: (Audience.PUBLIC, Audience.NETWORK),
    Reach.OWN: (Audience.PUBLIC, Audience.NETWORK),
    Reach.SANDBOX_PUBLIC: (Audience.SANDBOX_PUBLIC,),
}
_INSIDE = tuple(Audience)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of an event log about one record by one sort of reader."""

    version: InstrumentedAttribute[int]
    count: Select[Any]
    document: Select[Any]
    page: Select[Any]
    page_after: Select[Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a record's history somebody sees: changes of these audiences or that these partners had a stake in, and
    whose people are named with them.
    """

    audiences: tuple[Audience, ...]
    asking: Asking
    """The log the record's history is in."""
    mine: tuple[str, ...] = ()
    names: Select[str, str] | None = None
    """Who is named of those behind the changes."""

    def values(self, model: type[Resource], id: str) -> dict[str, Any]:
        """What is asked with."""
        return {"resource": model.__tablename__, "id": id, "audiences": self.audiences, "mine": self.mine}


@dataclass(frozen=True, slots=True)
class HistoryReader:
    """Reads the changes of one record, newest first."""

    model: type[Resource]
    query: WalkQuery

    def respond(self, id: str) -> Response:
        """A page of the changes that the caller may see; 404 when it does not see the record."""
        caller, wanted = actor(), parameters.read(self.query)
        with service().database.reading() as connection:
            sight = sight_of(connection, self.model, id, caller)
            values = sight.values(self.model, id)
            total = connection.execute(sight.asking.count, values).scalar_one()
            changes, cursor = _page(connection, values, wanted, sight)
        links = links_of(wanted, total, cursor)
        body = orjson.dumps(HistorySchema().dump({"items": changes, "total": total, "next": links.get("next")}))
        headers = caching(caller) | {
            "Link": ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items()),
            "X-Total-Count": str(total),
        }
        return answer(body, f'W/"{zlib.crc32(body):08x}"', headers)


@dataclass(frozen=True, slots=True)
class VersionReader:
    """Reads one version of one record."""

    model: type[Resource]

    def respond(self, id: str, version: int) -> Response:
        """The document as it was; 404 when the caller does not see the record, or did not see that version."""
        parameters.read(_NO_PARAMETERS)
        caller = actor()
        with service().database.reading() as connection:
            sight = sight_of(connection, self.model, id, caller)
            values = {**sight.values(self.model, id), "version": version}
            document = connection.execute(sight.asking.document, values).scalar()
        if document is None:
            raise Refusal(NOT_FOUND)
        return answer(document, conditional.etag(version), caching(caller, self.model.schema))


def sight_of(connection: Connection, model: type[Resource], id: str, caller: Actor) -> Sight:
    """How far the caller sees into the record's past; 404 when it does not see the record now."""
    reach, known = reach_of(caller, model.__tablename__), {"id": id, **seen_by(caller)}
    if connection.execute(statements.one(model.__tablename__, reach), known).first() is None:
        raise Refusal(NOT_FOUND)
    asking, everything = _asking(log.of(caller.sandbox)), reach in (Reach.ALL, Reach.SANDBOX)
    if everything or (reach is Reach.OWN and connection.execute(_owned(model), known).first() is not None):
        return Sight(_INSIDE, asking, names=_NAMES)
    if reach is Reach.OWN:
        return Sight(_CIRCLES[reach], _asking(Event, staked=True), tuple(caller.roles), _names_told(model))
    return Sight(_CIRCLES[reach], asking)


def views(model: type[Resource], gives: type[Shape]) -> Iterator[tuple[str, Callable[..., Response]]]:
    """The two reads of a resource's history, each with the rest of its address."""
    resource = model.__tablename__
    changes, past = HistoryReader(model, WalkQuery()), VersionReader(model)

    def history(id: Any) -> Response:
        return changes.respond(str(id))

    def version(id: Any, version: int) -> Response:
        return past.respond(str(id), version)

    history.__doc__ = _HISTORY.format(resource=resource)
    version.__doc__ = _VERSION.format(resource=resource)
    described = Described(f"read_{resource}_history", "get", None, query=WalkQuery, gives=HistorySchema)
    yield "", _declared(history, replace(described, item=True, listing=True))
    described = Described(f"read_{resource}_version", "get", None, gives=gives, shown=(f"read_{resource}", {}))
    yield "/<int(min=1, max=2147483647):version>", _declared(version, replace(described, item=True, versioned=True))


_HISTORY = """Read the history of one {resource}

Who changed what, when and why, the newest change first. You see the changes of the times when the record was yours to
see, by being published or because your organisation had a part in it: earlier ones stay with its owners and CO-PI, and
so do people's names, but for those of your own people.
"""
_VERSION = """Read a version of one {resource}

404 when there is no such version, or none you could have seen at the time. The properties are those of its time.
"""


def _declared(view: Any, described: Described) -> Callable[..., Response]:
    view.__name__ = view.__qualname__ = described.id
    view._apidoc = {"described": described}
    return view  # type: ignore[no-any-return]


_NO_PARAMETERS = Query()


@cache
def _asking(log: type[Change], *, staked: bool = False) -> Asking:
    """The SELECTs over one log, built once; with what partners saw of it by a stake, if asked."""
    told: ColumnElement[bool] = log.audience.in_(bindparam("audiences", expanding=True))
    if staked:
        mine: Any = bindparam("mine", expanding=True)
        told = or_(told, exists().where(EventStake.seq == Event.seq, EventStake.holder.in_(mine)))

    def seen(column: Any) -> Select[Any]:
        return select(column).where(log.resource == bindparam("resource"), log.resource_id == bindparam("id"), told)

    shown: Any = seen(log.version).with_only_columns(
        log.version, log.type, log.at, log.actor_id, log.reason, log.changes
    )
    page = shown.order_by(log.version.desc()).limit(bindparam("limit")).offset(bindparam("offset"))
    return Asking(
        log.version,
        seen(func.count()),
        seen(log.document).where(log.version == bindparam("version")),
        page,
        page.where(log.version < bindparam("c0")),
    )


_NAMES = select(User.id, User.name).where(User.id.in_(bindparam("ids", expanding=True)))
_OWN_NAMES = _NAMES.where(
    exists().where(Membership.user_id == User.id, Membership.partner_id.in_(bindparam("mine", expanding=True)))
)


def _names_told(model: type[Resource]) -> Select[str, str] | None:
    """Who is named to partners with a stake: their own people; nobody where it is not told whose the record is, as of
    questions, for somebody may have worked for more than one of them.
    """
    return None if any(field.load_only for field in model.schema.fields.values()) else _OWN_NAMES


@cache
def _owned(model: type[Resource]) -> Select[Any]:
    """Whether the caller's partners answer for the record."""
    mine: Any = bindparam("mine", expanding=True)
    owner = model.PARTIES.get("owner")
    return select(model.id).where(model.id == bindparam("id"), owner.clause(model, mine) if owner else false())


def _page(
    connection: Connection, values: Mapping[str, Any], wanted: Mapping[str, Any], sight: Sight
) -> tuple[list[dict[str, Any]], str | None]:
    """The changes, and the cursor behind the last one when there are more."""
    limit = wanted["limit"]
    bounds = {**values, "limit": limit + 1, "offset": ((wanted.get("page") or 1) - 1) * limit}
    statement = sight.asking.page
    if wanted.get("cursor"):
        statement = sight.asking.page_after
        bounds |= cursors.decode(_NEWEST_FIRST, wanted["cursor"], [sight.asking.version])
    rows = connection.execute(statement, bounds).mappings().all()
    more = cursors.encode(_NEWEST_FIRST, [str(rows[limit - 1]["version"])]) if len(rows) > limit else None
    people = _people(connection, rows[:limit], sight)
    return [{**row, "actor": people.get(row["actor_id"])} for row in rows[:limit]], more


def _people(connection: Connection, rows: Any, sight: Sight) -> dict[str, dict[str, Any]]:
    if sight.names is None:
        return {}
    ids = sorted({row["actor_id"] for row in rows if row["actor_id"]})
    known = connection.execute(sight.names, {"ids": ids, "mine": sight.mine}).all() if ids else []
    names = {row.id: row.name for row in known}
    # To those who answer for the record even an account that is no more is somebody, by its id.
    named = ids if sight.names is _NAMES else names
    return {id: {"id": id, "name": names.get(id)} for id in named}
