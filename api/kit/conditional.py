"""Conditional requests (RFC 9110, section 13): 304 for what is unchanged, 412 and 428 for what would overwrite."""

from __future__ import annotations

import re

from flask import request

from api.domain.errors import PRECONDITION_REQUIRED, STALE, Refusal
from api.models import Resource

_TAG = re.compile(r'\s*(W/)?("[^"]*"|\*)\s*(?:,|$)')


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def unchanged(tag: str) -> bool:
    """Whether the client already holds this representation (weak comparison)."""
    held = request.environ.get("HTTP_IF_NONE_MATCH")
    if held is None:
        return False
    tags = [opaque for _, opaque in _TAG.findall(held)]
    return "*" in tags or tag.removeprefix("W/") in tags


def demand_match(record: Resource) -> None:
    """Refuse a write that does not know the version it changes: 428 without If-Match, 412 with another version."""
    held = request.headers.get("If-Match")
    if not held:
        raise Refusal(PRECONDITION_REQUIRED)
    # If-Match compares strongly: a weak tag never matches. `"7+x"` is version 7 read with neighbours embedded.
    tags = [tag.split("+")[0].strip('"') for weak, tag in _TAG.findall(held) if not weak]
    if held.strip() != "*" and str(record.version) not in tags:
        raise Refusal(STALE, headers={"ETag": etag(record.version)})
