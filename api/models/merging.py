"""Merging partners: whatever pointed at one points at the other from now on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary, delete, func, inspect, literal, or_, select, update

from api.db import session
from api.models.base import Resource
from api.models.user import Membership


def repoint(old: str, new: str, sandbox: str | None) -> None:
    """Put the new partner in the old one's place in every record and membership; each record so changed is an event."""
    for model in Resource.all_resources().values():
        beside = model.sandbox == sandbox, model.id != old
        for record in session().scalars(select(model).where(*beside, _mentions(model, old))):
            _replace(record, old, new)
    _move_memberships(old, new)


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
