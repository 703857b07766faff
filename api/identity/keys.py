"""Signing keys: made here, kept sealed in the database, published as a JWK set (RFC 7517), changed without a pause.

A new key is published before it signs, so that whoever keeps our set for a while knows it in time; the old one goes on
verifying until the last token it signed has expired.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import ECAlgorithm
from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from api.config import Settings
from api.domain import clock
from api.identity import secrets, security
from api.kit import sealing
from api.kit.service import service
from api.models import SigningKey
from schemas.vocabulary import SecurityEventKind

ALGORITHM = "ES256"
"""ECDSA on P-256: asymmetric, short, and known to every JOSE library, .NET's and Java's own included."""
PUBLISHED_SECONDS = 300
"""How long others may keep our key set, and so how long before it signs a new key is published."""

_PURPOSE = "signing keys"
_USABLE = select(SigningKey.kid, SigningKey.public, SigningKey.sealed, SigningKey.signs_from, SigningKey.retired_at)
_ONE = select(SigningKey.public, SigningKey.retired_at).where(SigningKey.kid == bindparam("kid"))


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs now."""

    kid: str
    private: EllipticCurvePrivateKey


def current(session: Session, settings: Settings) -> Signer:
    """The key that signs now; the first one of an installation is made when it is first needed."""
    now, secret = clock.now(), sealing.own(settings)
    # A key without a successor before those that have one, of each the newest first.
    order = SigningKey.retired_at.is_not(None), SigningKey.signs_from.desc(), SigningKey.kid
    for row in session.execute(_USABLE.where(_signs(now, settings)).order_by(*order)):
        if private := _opened(row.sealed, secret):
            return Signer(row.kid, private)
    made = add(session, settings, now)
    return Signer(made.kid, _opened(made.sealed, secret))  # type: ignore[arg-type]


def add(session: Session, settings: Settings, signs_from: dt.datetime) -> SigningKey:
    """A new key that signs from that moment on."""
    private = generate_private_key(SECP256R1())
    public = json.loads(ECAlgorithm.to_jwk(private.public_key()))
    kid = _thumbprint(public)
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key = SigningKey(
        kid=kid,
        public={**public, "kid": kid, "use": "sig", "alg": ALGORITHM},
        sealed=sealing.seal(sealing.own(settings), _PURPOSE).encrypt(der),
        created_at=clock.now(),
        signs_from=signs_from,
    )
    session.add(key)
    session.flush()
    return key


_NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)


def _thumbprint(jwk: dict[str, str]) -> str:
    """The key's name: its thumbprint after RFC 7638."""
    named = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return secrets.digest(named)[:32]


def rotate(session: Session, settings: Settings, *, at_once: bool = False) -> SigningKey:
    """Put a new key in the place of those there are, which verify until the last token they signed has expired.

    One that was to sign later has signed nothing, and never will.
    """
    now = clock.now()
    begins = now + dt.timedelta(seconds=0 if at_once else PUBLISHED_SECONDS)
    last = begins + dt.timedelta(seconds=settings.token_seconds)
    session.execute(update(SigningKey).where(SigningKey.signs_from > now, _good(now)).values(retired_at=now))
    for old in session.scalars(select(SigningKey).where(_signs(now, settings))):
        old.retired_at = max(last, old.retired_at or last)
    made = add(session, settings, begins)
    security.note(session, SecurityEventKind.KEY_ROTATED, None, kid=made.kid)
    return made


def _signs(now: dt.datetime, settings: Settings) -> ColumnElement[bool]:
    """The keys that may sign: those whose turn has come, and that outlive what they sign."""
    outlives = SigningKey.retired_at >= now + dt.timedelta(seconds=settings.token_seconds)
    return and_(SigningKey.signs_from <= now, or_(SigningKey.retired_at.is_(None), outlives))


def _good(now: dt.datetime) -> ColumnElement[bool]:
    return or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > now)


def retire(session: Session, kid: str) -> SigningKey | None:
    """Let a key verify no longer: what it signed is refused from the next request on. None when there is none."""
    key = session.get(SigningKey, kid)
    if key is not None and _verifies(key.retired_at, clock.now()):
        key.retired_at = clock.now()
        security.note(session, SecurityEventKind.KEY_RETIRED, None, kid=kid)
    return key


def published() -> dict[str, Any]:
    """The JWK set: every key that verifies, or soon will."""
    now = clock.now()
    with service().database.reading() as connection:
        rows = connection.execute(_USABLE.order_by(SigningKey.signs_from, SigningKey.kid)).all()
    return {"keys": [row.public for row in rows if _verifies(row.retired_at, now)]}


def verifying(connection: Connection, kid: str) -> Any:
    """The public key of that name, None when there is none that verifies."""
    row = connection.execute(_ONE, {"kid": kid}).first() if _NAME.fullmatch(kid) else None
    return _parsed(json.dumps(row.public)) if row and _verifies(row.retired_at, clock.now()) else None


def _verifies(retired_at: dt.datetime | None, now: dt.datetime) -> bool:
    return retired_at is None or retired_at > now


@lru_cache(maxsize=64)
def _parsed(jwk: str) -> Any:
    return ECAlgorithm.from_jwk(jwk)


@lru_cache(maxsize=64)
def _opened(sealed: bytes, secret: str) -> EllipticCurvePrivateKey | None:
    """The private key, unless it was sealed with another secret: it then only verifies."""
    try:
        der = sealing.seal(secret, _PURPOSE).decrypt(sealed)
    except InvalidToken:
        return None
    private = load_der_private_key(der, password=None)
    return private if isinstance(private, EllipticCurvePrivateKey) else None
