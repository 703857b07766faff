"""Access tokens (JWT after RFC 9068 and RFC 8725): made at log-in, turned back into the caller at every request.

What a caller may do is read from the database each time, never from the token: a role taken away, a user blocked, a
client, session, token or key revoked counts at the next request in every process.
"""

from __future__ import annotations

import datetime as dt
import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import flask_jwt_extended as fje
import jwt
from flask import Flask, Request, g
from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.orm import Session

from api.config import Settings
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import UNAUTHENTICATED, Refusal
from api.identity import federation, keys, security
from api.identity.issuers import Issuers
from api.kit.freshness import remembered
from api.kit.problems import base_url
from api.kit.service import service
from api.models import Client, ClientSecret, LoginSession, Membership, RevokedToken, SigningKey, User
from schemas.vocabulary import PlatformRole, Role, SecurityEventKind

AUDIENCE = "copi-api"
FIRST_PARTY = "copi"
"""The client of people who log in without naming one."""
TYPE = "at+jwt"
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
"""A token as RFC 7515 section 7.1 writes it: nothing around it, and no padding."""
_MOST_BYTES = 8192
_LEEWAY_SECONDS = 10
"""How far apart the clocks of several machines may go."""

_TODAY = (
    select(
        User.name,
        User.duties,
        User.blocked,
        Membership.partner_id,
        Membership.role,
        Client.scopes,
        Client.test,
        Client.blocked.label("client_blocked"),
        LoginSession.id.label("session"),
        LoginSession.ended_at,
        ClientSecret.id.label("secret"),
        RevokedToken.jti,
        SigningKey.kid,
        SigningKey.retired_at,
    )
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(Client, Client.id == bindparam("client"))
    .outerjoin(LoginSession, LoginSession.id == bindparam("session"))
    .outerjoin(ClientSecret, ClientSecret.id == bindparam("secret"))
    .outerjoin(RevokedToken, RevokedToken.jti == bindparam("jti"))
    .outerjoin(SigningKey, SigningKey.kid == bindparam("kid"))
    .where(User.id == bindparam("id"))
)


@dataclass(frozen=True, slots=True)
class Token:
    """What a token with a good signature says."""

    jti: str
    kid: str
    user: str
    client: str
    session: str | None
    secret: str | None
    """The id of the secret that a service got it with."""
    scopes: frozenset[str]
    issued: int
    expires: int

    @property
    def of_service(self) -> bool:
        """A service account's own: subject and client are one (RFC 9068 section 2.2)."""
        return self.user == self.client


def register(app: Flask, settings: Settings) -> None:
    """Set flask-jwt-extended up to sign with whichever key signs now."""
    app.config.update(
        JWT_ALGORITHM=keys.ALGORITHM,
        JWT_ACCESS_TOKEN_EXPIRES=dt.timedelta(seconds=settings.token_seconds),
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_TOKEN_LOCATION=["headers"],
    )
    fje.JWTManager(app).encode_key_loader(lambda _: g.signer.private)


def issue(user: str, signer: keys.Signer, *, client: str = FIRST_PARTY, **claims: Any) -> str:
    """An access token for a user; `sid` names the session it belongs to, `scope` what a service may do with it.

    `secret_id` names the secret a service got it with.
    """
    g.signer = signer
    token: str = fje.create_access_token(
        identity=user,
        additional_claims={"iss": base_url(), "client_id": client, **claims},
        additional_headers={"typ": TYPE, "kid": signer.kid},
    )
    return token


def authenticate(issuers: Issuers, request: Request) -> Actor:
    """The caller behind the request's token, with today's roles; a refusal (401) for any token that is not good."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refusal(UNAUTHENTICATED)
    token = token.strip()
    if issuers.meant(token):
        return federation.authenticate(issuers, token)
    g.token = verified(token)
    return actor_of(g.token)


def verified(text: str) -> Token:
    """The verifier: the only place that decides whether a token of ours is good."""
    try:
        token = _verified(text, base_url())
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise Refusal(UNAUTHENTICATED) from wrong
    if token.expires <= time.time():
        raise Refusal(UNAUTHENTICATED)
    return token


@lru_cache(maxsize=4096)
def _verified(text: str, issuer: str) -> Token:
    """What a token says: a good signature stays good, so it is worked out once per process.

    Not by flask-jwt-extended's `decode_token`, which takes every token apart three times over.
    """
    if len(text) > _MOST_BYTES or not _COMPACT.fullmatch(text):
        raise jwt.DecodeError("not a token")
    header = jwt.get_unverified_header(text)
    if header.get("typ") != TYPE or "crit" in header:
        raise jwt.DecodeError("another kind of token")
    with service().database.reading() as connection:
        key = keys.verifying(connection, header["kid"])
    if key is None:
        raise jwt.InvalidKeyError("no such key")
    claims = jwt.decode(
        text,
        key,
        algorithms=[keys.ALGORITHM],
        issuer=issuer,
        audience=AUDIENCE,
        leeway=_LEEWAY_SECONDS,
        options={"require": ["exp", "sub", "iss", "aud", "iat", "jti"]},
    )
    if claims.get("type") != "access":
        raise jwt.InvalidTokenError("not an access token")
    return _token(header["kid"], claims)


def _token(kid: str, claims: dict[str, Any]) -> Token:
    session, secret = claims.get("sid"), claims.get("secret_id")
    return Token(
        jti=str(uuid.UUID(claims["jti"])),
        kid=kid,
        user=str(uuid.UUID(claims["sub"])),
        client=FIRST_PARTY if claims["client_id"] == FIRST_PARTY else str(uuid.UUID(claims["client_id"])),
        session=None if session is None else str(uuid.UUID(session)),
        secret=None if secret is None else str(uuid.UUID(secret)),
        scopes=frozenset(claims.get("scope", "").split()),
        issued=int(claims["iat"]),
        expires=int(claims["exp"]),
    )


def actor_of(token: Token) -> Actor:
    """Whom a token stands for today; a refusal when it counts no longer.

    Remembered until the database says that something about access has changed, and asked of it at every request.
    """
    with service().database.reading() as connection:
        number = connection.exec_driver_sql("SELECT number FROM access_state").scalar_one()
        known: _Today = remembered(token, number, lambda: _today(connection, token))
    actor, until = known
    if actor is None or (until is not None and until <= clock.now()):
        raise Refusal(UNAUTHENTICATED)
    return actor


_Today = tuple[Actor | None, dt.datetime | None]


def _today(connection: Connection, token: Token) -> _Today:
    """Whom a token stands for, and when its key retires; nobody when it counts no longer."""
    client = None if token.client == FIRST_PARTY else token.client
    known = {"id": token.user, "client": client, "session": token.session, "secret": token.secret, "jti": token.jti}
    rows: Sequence[Row[Any]] = connection.execute(_TODAY, {**known, "kid": token.kid}).all()  # type: ignore[assignment]
    if not rows or not _counts(rows[0], token):
        return None, None
    return _actor(token, rows), rows[0].retired_at


def _counts(row: Row[Any], token: Token) -> bool:
    if row.blocked or row.jti or row.ended_at or (row.session, row.secret) != (token.session, token.secret):
        return False
    if row.kid is None:
        return False
    return token.client == FIRST_PARTY or row.client_blocked is False


def _actor(token: Token, rows: Sequence[Row[Any]]) -> Actor:
    first = rows[0]
    scopes = frozenset(first.scopes) & token.scopes if token.of_service else None
    if first.test:
        return Actor(id=token.user, name=first.name, scopes=scopes, sandbox=token.client)
    return Actor(
        id=token.user,
        name=first.name,
        duties=frozenset(PlatformRole(duty) for duty in first.duties),
        roles={row.partner_id: Role(row.role) for row in rows if row.partner_id},
        scopes=scopes,
    )


def revoke(session: Session, token: Token) -> None:
    """Make a token count no longer, in every process, from the next request on."""
    expires_at = dt.datetime.fromtimestamp(token.expires, dt.UTC)
    session.merge(RevokedToken(jti=token.jti, expires_at=expires_at))
    security.note(session, SecurityEventKind.TOKEN_REVOKED, token.user, jti=token.jti)
