"""Cursors: where a page ended, as text that a client hands back unread."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import orjson

from api.domain.errors import INVALID, Refusal
from schemas.fields import rfc3339
from schemas.query import Order
from schemas.wording import Say

_WRONG = Say(
    "Cursoren passer ikke til denne adresse; begynd forfra uden cursor.",
    "The cursor does not fit this address; start again without one.",
)


def encode(order: Sequence[Order], values: Sequence[Any]) -> str:
    """The cursor behind a row: the order it belongs to and the row's keys."""
    plain = [rfc3339(value) if isinstance(value, dt.datetime) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps([_name(order), *plain])).rstrip(b"=").decode()


def decode(order: Sequence[Order], text: str, columns: Sequence[Any]) -> dict[str, Any]:
    """The parameters of the page behind a cursor, or a refusal when it belongs to another order or to nothing."""
    try:
        name, *values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if name != _name(order) or len(values) != len(columns) or not all(isinstance(one, str) for one in values):
            raise ValueError(text)
        return {
            f"c{place}": _value(value, column)
            for place, (value, column) in enumerate(zip(values, columns, strict=True))
        }
    except (ValueError, TypeError, binascii.Error, orjson.JSONDecodeError) as wrong:
        raise Refusal(INVALID, errors=[{"parameter": "cursor", "detail": _WRONG}]) from wrong


def _name(order: Sequence[Order]) -> str:
    return ",".join(f"{'-' if one.descending else ''}{one.key}" for one in order)


def _value(value: str, column: Any) -> Any:
    if "\x00" in value:
        raise ValueError(value)
    if column.key in ("created_at", "updated_at"):
        return dt.datetime.fromisoformat(value)
    if column.key == "id":
        if len(value) != 36 or any(mark not in "0123456789abcdef-" for mark in value):
            raise ValueError(value)
        int(value.replace("-", ""), 16)
    if column.key == "version":
        return _version(value)
    return value


def _version(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise ValueError(value)
    return int(value)
