"""Pages of rows that are no published records (`Guarded`): as many of them as the caller sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select

from api.db import reading_session
from api.kit.actor import known_actor
from api.kit.reading import links_of
from api.kit.service import service
from api.models import Guarded


def page(model: type[Guarded], wanted: Mapping[str, Any], *clauses: ColumnElement[bool]) -> dict[str, Any]:
    """One page, in the order they were made."""
    seen = select(model).where(model.seen_by(known_actor()), *clauses)
    number, limit = wanted.get("page") or 1, wanted["limit"]
    with service().database.reading() as connection, reading_session(connection) as session:
        total = session.scalar(select(func.count()).select_from(seen.subquery())) or 0
        rows = session.scalars(seen.order_by(model.id).offset((number - 1) * limit).limit(limit)).all()
    more = "more" if number * limit < total else None
    return {"items": rows, "total": total, "next": links_of({**wanted, "page": number}, total, more).get("next")}
