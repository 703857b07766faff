"""Pages of rows that are no published records: some of them, how many there are, and where the next are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.kit.links import links_of


def page(
    session: Session, query: Select[*tuple[Any, ...]], wanted: Mapping[str, Any], told: Callable[[Any], Any]
) -> dict[str, Any]:
    """One page of what the query finds, each row as it is `told`."""
    number, limit = wanted.get("page") or 1, wanted["limit"]
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.execute(query.limit(limit).offset((number - 1) * limit)).all()
    more = "more" if number * limit < total else None
    return {
        "items": [told(row) for row in rows],
        "total": total,
        "next": links_of({**wanted, "page": number}, total, more).get("next"),
    }
