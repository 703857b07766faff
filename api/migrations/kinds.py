"""Column types as migrations spell them: what is stored, apart from how today's code reads it."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from api.models.base import Utc

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
ByteOrder = sa.String().with_variant(sa.String(collation="C"), "postgresql")
Moment = Utc()
Term = sa.String(40)


def spelled(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """How autogenerate writes a type; False leaves it to Alembic."""
    if kind != "type":
        return False
    match item:
        case Utc():
            return "kinds.Moment"
        case sa.JSON():
            return "kinds.Json"
        case sa.Enum():
            return "kinds.Term"
        case sa.String() if getattr(item.dialect_impl(postgresql.dialect()), "collation", None) == "C":
            return "kinds.ByteOrder"
        case _:
            return False
