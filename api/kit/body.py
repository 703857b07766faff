"""Reading a JSON body, so that whatever a client sends is either valid or a clear refusal."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import orjson
from flask import request

from api.domain.errors import INVALID, MALFORMED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Refusal
from api.kit import problems
from api.kit.service import service
from schemas.base import Shape

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


def read(optional: bool = False) -> Any:
    """The parsed body; an empty object when nothing is sent and nothing need be."""
    raw = request.get_data(cache=False)
    if request.content_length is None and len(raw) >= service().settings.max_body_bytes:
        # Without a declared length the stream just ends at the limit; a part must not pass for the whole.
        raise Refusal(TOO_LARGE)
    if not raw and optional:
        return {}
    accepted = (JSON, MERGE_PATCH) if request.method == "PATCH" else (JSON,)
    if request.mimetype not in accepted:
        raise Refusal(
            UNSUPPORTED_MEDIA_TYPE, headers={"Accept-Patch": MERGE_PATCH} if request.method == "PATCH" else {}
        )
    try:
        # orjson refuses what would break us later: NaN, lone surrogates, bytes that are not UTF-8, bottomless nesting.
        return orjson.loads(raw)
    except (orjson.JSONDecodeError, RecursionError) as wrong:
        raise Refusal(MALFORMED) from wrong


def validated(shape: Shape, value: Any, at: str = "") -> dict[str, Any]:
    """The body as the schema understands it, or a refusal (422) that names every wrong field.

    `at` is where in the body the value stands, as a JSON pointer.
    """
    try:
        return dict(shape.load(value))
    except ma.ValidationError as wrong:
        raise Refusal(INVALID, errors=problems.in_body(wrong.messages, at)) from wrong
