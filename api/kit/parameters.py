"""Reading a query string by its schema; a parsed address is kept, because frontends ask the same again and again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qsl

import marshmallow as ma
from flask import request

from api.domain.errors import INVALID, MALFORMED, UNKNOWN_PARAMETER, Refusal
from api.kit import problems
from schemas.query import Query
from schemas.wording import Say

_UNKNOWN = Say("Kendes ikke. Mulige er: {names}.", "Not known. Possible are: {names}.")
_TWICE = Say("Står der to gange; skil flere værdier med komma.", "Is there twice; separate several values by commas.")


def read(shape: Query) -> Mapping[str, Any]:
    """The parameters of the request at hand, or a refusal: 400 for a name that is not known, 422 for a value."""
    return parsed(shape, request.query_string)


@lru_cache(maxsize=4096)
def parsed(shape: Query, query_string: bytes, untold: frozenset[str] = frozenset()) -> Mapping[str, Any]:
    """The parameters of any query string, read and refused in the same way; a refusal recommends none of `untold`."""
    try:
        pairs = parse_qsl(query_string.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as wrong:
        raise Refusal(MALFORMED) from wrong
    names = [name for name, _ in pairs]
    if unknown := [name for name in dict.fromkeys(names) if name not in shape.fields]:
        detail = _UNKNOWN.format(names=", ".join(name for name in shape.fields if name not in untold) or "-")
        raise Refusal(UNKNOWN_PARAMETER, errors=problems.in_query({name: [detail] for name in unknown}))
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise Refusal(MALFORMED, errors=problems.in_query({name: [_TWICE] for name in twice}))
    try:
        return dict(shape.load(dict(pairs)))
    except ma.ValidationError as wrong:
        raise Refusal(INVALID, errors=problems.in_query(cast(dict[str, Any], wrong.messages))) from wrong
