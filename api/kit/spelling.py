"""Amounts are kept as they were written: the same amount spelt in another way is nothing new."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal as Exact
from typing import Any

from schemas.fields import Decimal, Many, Object


def as_known(fields: Mapping[str, Any], said: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, with every amount that is the known one spelt as that is: 100 for 100.00, and so in objects."""
    return {name: _as_known(fields.get(name), value, known.get(name)) for name, value in said.items()}


def _as_known(field: Any, said: Any, known: Any) -> Any:
    if said == known or said is None or known is None:
        return said
    match field:
        case Decimal():
            return known if Exact(said) == Exact(known) else said
        case Object() if isinstance(said, Mapping) and isinstance(known, Mapping):
            return as_known(field.schema.fields, said, known)
        case Many() if len(said) == len(known):
            return [_as_known(field.inner, one, other) for one, other in zip(said, known, strict=True)]
    return said
