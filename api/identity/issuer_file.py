"""Whom the service trusts beside itself: the issuers in the file that `COPI_ISSUERS` names, checked at the start."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema
from stdnum.dk import cvr

from api.config import SettingsError
from schemas.vocabulary import PlatformRole, Role

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures anybody can check and only the issuer can make; a shared secret or none at all is never enough."""
DUTIES = (PlatformRole.ADVISER, PlatformRole.COPI_EDITOR, PlatformRole.COPI_ADMIN)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

ClaimPath = tuple[str, ...]
"""Where a claim is: its name, or the names on the way to it."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """One OpenID Connect issuer whose access tokens are taken, and what its claims mean here."""

    issuer: str
    audience: tuple[str, ...]
    algorithms: frozenset[str]
    discovery: str
    token_types: frozenset[str]
    """What the header's `typ` may be, in lower case; empty for a header without one."""
    cvr: ClaimPath | None
    partner: str | None
    """The CVR number of everybody who logs in here; for an issuer that serves one organisation alone."""
    roles: ClaimPath
    role_map: Mapping[str, Role]
    duty_map: Mapping[str, PlatformRole]
    name: ClaimPath
    email: ClaimPath
    required_claims: Mapping[str, frozenset[str]]
    leeway: int
    max_age: int | None
    frontend: str | None
    """The frontend registered here through which people log in there: its pages may read answers (CORS)."""


def issuers(path: str) -> tuple[Issuer, ...]:
    """The issuers in a file; a SettingsError that says where and what when it cannot be used."""
    text, listed = _read(path)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*issuer\s*]]", line)]
    found: dict[str, Issuer] = {}
    for position, entry in enumerate(listed):
        place = f"COPI_ISSUERS: {path}, [[issuer]] " + (
            f"at line {lines[position]}" if len(lines) == len(listed) else f"number {position + 1}"
        )
        one = _checked(place, entry)
        if one.issuer in found:
            raise SettingsError(f"{place}: issuer: {one.issuer} is named twice; keep one of them.")
        found[one.issuer] = one
    return tuple(found.values())


def secure(address: str, *, local: bool = True) -> bool:
    """Whether documents may be fetched there: over TLS, or, where `local` is right, from this machine itself."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.fragment) and address.isascii() and address.isprintable()
    return plain and bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and local and host in LOOPBACK))


def _read(path: str) -> tuple[str, list[Any]]:
    try:
        text = Path(path).read_text(encoding="utf-8")
        said = tomllib.loads(text)
    except (OSError, ValueError) as wrong:
        raise SettingsError(f"COPI_ISSUERS: {path} cannot be read: {wrong}.") from wrong
    if unknown := sorted(set(said) - {"issuer"}):
        raise SettingsError(f"COPI_ISSUERS: {path}: unknown key {', '.join(unknown)}; only [[issuer]] belongs there.")
    listed = said.get("issuer")
    if not isinstance(listed, list) or not listed:
        raise SettingsError(f"COPI_ISSUERS: {path} names no issuer; begin each with a line [[issuer]].")
    return text, listed


def _checked(place: str, entry: Any) -> Issuer:
    try:
        one: Issuer = _Entry().load(entry)
    except ValidationError as wrong:
        raise SettingsError(f"{place}: {'; '.join(_said(wrong.messages))}.") from wrong
    return one


def _said(messages: Any, at: str = "") -> list[str]:
    """Marshmallow's tree of complaints as one line each."""
    if isinstance(messages, Mapping):
        return [
            line
            for key, below in messages.items()
            for line in _said(below, at if key in ("_schema", "key", "value") else f"{at}.{key}".lstrip("."))
        ]
    return [f"{at}: {str(one).rstrip('.')}".removeprefix(": ") for one in messages]


# --- What one entry may say ---------------------------------------------------------------------------------


class _Words(fields.Field[tuple[str, ...]]):
    """One string, or a list of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[str, ...]:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not words or not all(isinstance(one, str) and one for one in words):
            raise ValidationError("write a string, or a list of strings, none of them empty")
        return tuple(words)


def _https(address: str) -> None:
    if not secure(address):
        raise ValidationError("write an https:// address; http:// is taken for localhost alone")


def _allowed(algorithms: tuple[str, ...]) -> None:
    if wrong := [one for one in algorithms if one not in ALGORITHMS]:
        raise ValidationError(f"{', '.join(wrong)} proves nothing here; choose among {', '.join(ALGORITHMS)}")


def _company(number: str) -> None:
    if not (len(number) == 8 and cvr.is_valid(number)):
        raise ValidationError("write the CVR number as its eight digits, in quotation marks")


def _one_of(terms: tuple[Any, ...]) -> fields.String:
    words = ", ".join(terms)
    return fields.String(validate=validate.OneOf([str(one) for one in terms], error=f"choose among {words}"))


_MISSING: dict[str, Any] = {"required": "must be given"}


class _Entry(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "no such key; correct its name or take it out"}

    issuer = fields.String(required=True, validate=_https, error_messages=_MISSING)
    audience = _Words(required=True, error_messages=_MISSING)
    algorithms = _Words(load_default=("RS256", "ES256", "PS256", "EdDSA"), validate=_allowed)
    discovery = fields.String(validate=_https)
    token_types = _Words(load_default=("at+jwt", "JWT", "absent"))
    cvr = _Words()
    partner = fields.String(validate=_company)
    roles = _Words(load_default=("roles",))
    role_map = fields.Dict(fields.String(), _one_of(tuple(Role)), load_default=dict)
    duty_map = fields.Dict(fields.String(), _one_of(DUTIES), load_default=dict)
    name = _Words(load_default=("name",))
    email = _Words(load_default=("email",))
    required_claims = fields.Dict(fields.String(), _Words(), load_default=dict)
    leeway = fields.Integer(strict=True, load_default=30, validate=validate.Range(0, 60))
    max_age = fields.Integer(strict=True, validate=validate.Range(60))
    frontend = fields.UUID(error_messages={"invalid_uuid": "write the id of a frontend registered here"})

    @validates_schema
    def _whose(self, said: Mapping[str, Any], **_: Any) -> None:
        if "cvr" in said and "partner" in said:
            raise ValidationError("name either the claim with the CVR number or one fixed number", "partner")
        if said["role_map"] and not ("cvr" in said or "partner" in said):
            raise ValidationError("a role is held in an organisation: set cvr or partner too", "role_map")

    @post_load
    def _made(self, said: dict[str, Any], **_: Any) -> Issuer:
        types = (one.lower().removeprefix("application/") for one in said.pop("token_types"))
        return Issuer(
            discovery=said.pop("discovery", f"{said['issuer'].rstrip('/')}/.well-known/openid-configuration"),
            algorithms=frozenset(said.pop("algorithms")),
            token_types=frozenset("" if one == "absent" else one for one in types),
            role_map={value: Role(role) for value, role in said.pop("role_map").items()},
            duty_map={value: PlatformRole(duty) for value, duty in said.pop("duty_map").items()},
            required_claims={claim: frozenset(values) for claim, values in said.pop("required_claims").items()},
            frontend=str(said.pop("frontend", "")) or None,
            **{"cvr": None, "partner": None, "max_age": None, **said},
        )
