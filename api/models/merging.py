"""Merging partners: whatever pointed at one points at the other from now on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, and_, delete, func, inspect, literal, or_, select, update
from sqlalchemy.orm import aliased

from api.db import session
from api.domain.errors import NOT_READY, Refusal
from api.models import tree
from api.models.base import WITHDRAWN, Resource
from api.models.user import Invitation, Membership
from schemas.names import PLURALS
from schemas.wording import Say

_MUST_GIVE_WAY = Say(
    "De to partnere har hver sin post, hvor der kun må være én. Træk først én tilbage af hvert par: {pairs}.",
    "Each of the two partners has a record where there may be only one. First withdraw one of each pair: {pairs}.",
)
_PAIR = Say("»{title}«: {one} eller {other}", "“{title}”: {one} or {other}")


def repoint(old: str, new: str, sandbox: str | None) -> None:
    """Put the new partner in the old one's place in every record and membership; each record so changed is an event."""
    _demand_room(old, new)
    _rise(old, new)
    for model in Resource.all_resources().values():
        beside = model.sandbox == sandbox, model.id != old
        for record in session().scalars(select(model).where(*beside, _mentions(model, old))):
            _replace(record, old, new)
    _move_memberships(old, new)


def _demand_room(old: str, new: str) -> None:
    """Refuse (409) while both have what a partner may have only once, naming what is in the way."""
    if pairs := [_pair(*found) for found in _twice(old, new)]:
        listed = reduce(lambda so_far, one: so_far + Say("; ", "; ") + one, pairs)
        raise Refusal(NOT_READY, _MUST_GIVE_WAY.format(pairs=listed))


def _twice(old: str, new: str) -> Iterator[tuple[Resource, Resource]]:
    for model in Resource.all_resources().values():
        if "partner_id" not in model.ONCE:
            continue
        one, other = aliased(model), aliased(model)
        same = [getattr(one, name) == getattr(other, name) for name in model.ONCE if name != "partner_id"]
        held = _of(one, old), _of(other, new)
        pairs = session().execute(select(one, other).join(other, and_(*same)).where(*held).order_by(one.id))
        yield from ((mine, theirs) for mine, theirs in pairs)


def _of(record: Any, partner: str) -> ColumnElement[bool]:
    return and_(record.partner_id == partner, record.state != WITHDRAWN)


def _pair(one: Resource, other: Resource) -> Say:
    address = f"/{PLURALS[one.lifecycle.resource]}/"
    title = Say(one.called["da"], one.called.get("en") or one.called["da"])
    return _PAIR.format(title=title, one=address + one.id, other=address + other.id)


def _rise(old: str, new: str) -> None:
    """Give one that takes the place of a partner above it that place in the tree too, or it would be part of itself."""
    partner: Any = Resource.named("partner")
    heir = session().get_one(partner, new)
    if old in tree.above(heir):
        heir.parent_id = session().get_one(partner, old).parent_id
        heir.happened("repointed")


def _mentions(model: type[Resource], id: str) -> Any:
    """Whether the row names the id: pointers have many homes, but all are in the document or a foreign key."""
    sought = literal(id.encode(), LargeBinary)
    sqlite = session().get_bind().dialect.name == "sqlite"
    place = func.instr(model.document, sought) if sqlite else func.position(sought.op("IN")(model.document))
    partner: Any = Resource.named("partner").__table__
    table: Any = model.__table__
    keys = [column for column in table.columns if column.references(partner.c.id)]
    return or_(place > 0, *(column == id for column in keys))


def _replace(record: Any, old: str, new: str) -> None:
    for name in set(inspect(type(record)).columns.keys()) - {"id", "document"}:
        value = getattr(record, name)
        if (changed := _with(value, old, new)) != value:
            setattr(record, name, changed)
    record.happened("repointed")


def _with(value: Any, old: str, new: str) -> Any:
    if isinstance(value, list):
        replaced = [_with(one, old, new) for one in value]
        # Where both stood in a list, the new one stands once; what stood there twice before still does.
        return [
            one
            for place, one in enumerate(replaced)
            if one not in replaced[:place] or (one == value[place] and one in value[:place])
        ]
    if isinstance(value, dict):
        return {name: _with(one, old, new) for name, one in value.items()}
    return new if value == old else value


def _move_memberships(old: str, new: str) -> None:
    held = select(Membership.user_id).where(Membership.partner_id == new)
    session().execute(delete(Membership).where(Membership.partner_id == old, Membership.user_id.in_(held)))
    session().execute(update(Membership).where(Membership.partner_id == old).values(partner_id=new))
    session().execute(update(Invitation).where(Invitation.partner_id == old).values(partner_id=new))
