"""What an issuer publishes about itself: where its keys are, and the keys, fetched with suspicion."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import jwt
import urllib3

from api.identity.issuer_file import Issuer, secure

LONGEST = 10.0
"""Seconds one document may take; each wait for the network takes a third at most."""
LARGEST = 512 * 1024
"""Bytes of a document that are read."""
LEAST, MOST, UNSAID = 300, 86_400, 3_600
"""Seconds keys are kept: the bounds of what an issuer may ask for, and what holds when it asks for nothing."""
SHORTEST_RSA = 2048

_FITS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""The kind of key each algorithm is used with."""


class Unreadable(Exception):
    """An issuer's document could not be had or used; says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """One public key an issuer signs with."""

    id: str | None
    algorithms: frozenset[str]
    """Those whose signatures it may check."""
    public: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Published:
    """The keys as they were just now, and how many seconds they may be kept."""

    keys: tuple[Key, ...]
    seconds: int


def published(issuer: Issuer) -> Published:
    """Fetch what the issuer publishes; Unreadable when that cannot be trusted whole."""
    about, _ = _document(issuer.discovery)
    if about.get("issuer") != issuer.issuer:
        raise Unreadable("its discovery document is another issuer's")
    address = about.get("jwks_uri")
    if not isinstance(address, str) or not secure(address, local=not issuer.issuer.startswith("https:")):
        raise Unreadable("its discovery document names no safe jwks_uri")
    said, headers = _document(address)
    listed = said.get("keys")
    if not isinstance(listed, list):
        raise Unreadable("its key set has no keys")
    keys = tuple(key for key in map(_key, listed) if key)
    if not keys:
        raise Unreadable("its key set has no key that can be used")
    return Published(keys, _seconds(headers.get("Cache-Control", "")))


def _document(address: str) -> tuple[dict[str, Any], Mapping[str, str]]:
    ends = time.monotonic() + LONGEST
    with urllib3.PoolManager(timeout=urllib3.Timeout(LONGEST / 3), retries=False) as pool:
        try:
            answer = pool.request(
                "GET",
                address,
                headers={"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"},
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            said = json.loads(_body(answer, ends).decode())
        except (urllib3.exceptions.HTTPError, OSError, ValueError, RecursionError) as wrong:
            raise Unreadable(f"{type(wrong).__name__} while fetching {address}") from wrong
    if not isinstance(said, dict):
        raise Unreadable("its answer is no JSON object")
    return said, answer.headers


def _body(answer: urllib3.BaseHTTPResponse, ends: float) -> bytes:
    body = bytearray()
    with closing(answer):
        if answer.status != 200:
            raise Unreadable(f"it answered {answer.status}")
        while chunk := answer.read1(16_384):
            body += chunk
            if len(body) > LARGEST or time.monotonic() > ends:
                raise Unreadable("its answer is too large or too slow")
    return bytes(body)


def _seconds(cache_control: str) -> int:
    if re.search(r"\bno-(store|cache)\b", cache_control, re.IGNORECASE):
        return LEAST
    asked = re.search(r"\bmax-age=\"?(\d{1,9})\b", cache_control, re.IGNORECASE)
    return min(max(int(asked[1]), LEAST), MOST) if asked else UNSAID


def _key(said: Any) -> Key | None:
    """A key of the set, or None for one that is of no use here: secret, for encryption, short, or unknown."""
    if not isinstance(said, dict) or said.keys() & {"d", "k"} or said.get("use", "sig") != "sig":
        return None
    kind = ("RSA", None) if said.get("kty") == "RSA" else (said.get("kty"), said.get("crv"))
    used_with = [name for name, fits in _FITS.items() if fits == kind and said.get("alg", name) == name]
    try:
        if not used_with or "verify" not in said.get("key_ops", ["verify"]):
            return None
        public = jwt.PyJWK(said, used_with[0]).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if kind[0] == "RSA" and public.key_size < SHORTEST_RSA:
        return None
    id = said.get("kid")
    return Key(id if isinstance(id, str) else None, frozenset(used_with), public)
