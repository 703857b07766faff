"""Reading a JSON body, so that whatever a client sends is either valid or a clear refusal."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import marshmallow as ma
import orjson
from flask import request

from api.domain.errors import INVALID, MALFORMED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Refusal
from api.kit import problems
from api.kit.service import service
from schemas.base import FORM, Shape
from schemas.wording import Say

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
_FORM = Say(f"Send Content-Type: {FORM}.", f"Send Content-Type: {FORM}.")
_BROKEN_FORM = Say(
    "Formularen kan ikke læses, eller noget står der to gange.", "The form cannot be read, or says something twice."
)


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


def form() -> dict[str, str]:
    """The members of a form, each of them once."""
    if request.mimetype != FORM:
        raise Refusal(UNSUPPORTED_MEDIA_TYPE, _FORM)
    try:
        sent = request.get_data(cache=False).decode("ascii")
        members = parse_qsl(sent, keep_blank_values=True, strict_parsing=bool(sent), errors="strict", max_num_fields=20)
    except ValueError as wrong:
        raise Refusal(MALFORMED, _BROKEN_FORM) from wrong
    if len(members) != len(dict(members)):
        raise Refusal(MALFORMED, _BROKEN_FORM)
    return {name: value for name, value in members if value}  # what is empty counts as left out (RFC 6749 section 3.2)


def validated(shape: Shape, value: Any, at: str = "") -> dict[str, Any]:
    """The body as the schema understands it, or a refusal (422) that names every wrong field.

    `at` is where in the body the value stands, as a JSON pointer.
    """
    try:
        return dict(shape.load(value))
    except ma.ValidationError as wrong:
        raise Refusal(INVALID, errors=problems.in_body(wrong.messages, at)) from wrong
