"""The outside of a token, read before anything in it is believed: only what has one meaning gets through.

PyJWT checks the signature afterwards. It takes the last of two members of one name and is at ease with any size; a
token that two readers could read in two ways is refused here.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, NoReturn

import jwt

LONGEST = 16_384


class Unfit(jwt.InvalidTokenError):
    """A token is not taken; the message is for the log and holds nothing of the token."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token says of itself, unproven."""

    issuer: str
    algorithm: str
    key_id: str | None
    type: str
    """The header's `typ` in lower case, without `application/`; empty when there is none."""
    claims: frozenset[str]
    """The names of its claims."""


def opened(token: str) -> Opened:
    """Take a token's outside apart. Headers that point to keys (`jku`, `x5u`, `jwk`, `x5c`) are never looked at."""
    if len(token) > LONGEST:
        raise Unfit("it is too long")
    parts = token.split(".")
    if len(parts) != 3:
        raise Unfit("it is no signed token")
    header, claims, _ = _object(parts[0]), _object(parts[1]), _bytes(parts[2])
    if "crit" in header or header.get("b64", True) is not True:
        raise Unfit("its header asks for what is not understood here")
    return Opened(
        issuer=_string(claims, "iss"),
        algorithm=_string(header, "alg"),
        key_id=_string(header, "kid") if "kid" in header else None,
        type=_string(header, "typ").lower().removeprefix("application/") if "typ" in header else "",
        claims=frozenset(claims),
    )


def _string(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise Unfit(f"its {name} is no string")
    return value


def _bytes(part: str) -> bytes:
    packed = part.encode("ascii")
    read = base64.urlsafe_b64decode(packed + b"=" * (-len(packed) % 4))
    if base64.urlsafe_b64encode(read).rstrip(b"=") != packed:
        raise Unfit("its base64 is not the one way to write it")
    return read


def _object(part: str) -> dict[str, Any]:
    said = json.loads(_bytes(part).decode(), object_pairs_hook=_members, parse_constant=_no_number)
    if not isinstance(said, dict):
        raise Unfit("it holds no JSON object")
    return said


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Unfit("it says something twice")
    return members


def _no_number(word: str) -> NoReturn:
    raise Unfit("it holds a number that is none")
