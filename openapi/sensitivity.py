"""How sensitive data is, worked out from the shapes it travels in."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from schemas.fields import Email, Personal

PUBLIC = "public"
"""Anyone may call; with a log-in the answer may also hold records that are not published yet."""
RESTRICTED = "restricted"
"""A permission is asked for."""
PERSONAL = "personal"
"""What is sent or answered holds data about a person (databeskyttelsesforordningen, GDPR)."""


def of_operation(permission: str | None, *shapes: type[ma.Schema] | None) -> str:
    """The sensitivity of an operation: of its shapes, else of who may call it."""
    if any(holds_personal_data(shape()) for shape in shapes if shape is not None):
        return PERSONAL
    return RESTRICTED if permission else PUBLIC


def holds_personal_data(shape: ma.Schema) -> bool:
    """Whether a shape tells about a person somewhere: a name, or a mailbox where they log in or are written to."""
    return any(_personal(field) for field in shape.fields.values())


def _personal(field: ma.fields.Field[Any]) -> bool:
    match field:
        case ma.fields.Nested():
            return holds_personal_data(field.schema)
        case ma.fields.List():
            return _personal(field.inner)
        case _:
            return isinstance(field, Email | Personal)
