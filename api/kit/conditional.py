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


def held(tag: str) -> str | None:
    """The tag by which the client already holds this representation, as it is or compressed (weak comparison)."""
    known = request.environ.get("HTTP_IF_NONE_MATCH")
    if known is None:
        return None
    tags = [opaque for _, opaque in _TAG.findall(known)]
    if "*" in tags or tag.removeprefix("W/") in tags:
        return tag
    # A cache renews only what it holds under the very tag that a 304 names.
    return packed if (packed := compressed(tag)) in tags else None


def compressed(tag: str) -> str:
    """The tag of the compressed form: other bytes, so another strong tag; a weak one stands for both."""
    return tag if tag.startswith("W/") else f'{tag[:-1]}+gzip"'


def demand_match(record: Resource) -> None:
    """Refuse a write that does not know the version it changes: 428 without If-Match, 412 with another version."""
    held = request.headers.get("If-Match")
    if not held:
        raise Refusal(PRECONDITION_REQUIRED)
    # If-Match compares strongly: a weak tag never matches. What follows a plus is how the version was read.
    tags = [tag.split("+")[0].strip('"') for weak, tag in _TAG.findall(held) if not weak]
    if held.strip() != "*" and str(record.version) not in tags:
        raise Refusal(STALE, headers={"ETag": etag(record.version)})
