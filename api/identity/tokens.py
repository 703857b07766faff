"""Access tokens: made at log-in, and turned back into the caller at every request.

What a caller may do is read from the database each time, never from the token: a role taken away counts at once.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from functools import lru_cache
from typing import Any

import flask_jwt_extended as fje
import jwt
from flask import Flask, Request, current_app
from sqlalchemy import bindparam, select

from api.domain.actor import Actor
from api.domain.errors import BAD_CREDENTIALS, UNAUTHENTICATED, Refusal
from api.identity import passwords
from api.kit.service import service
from api.models import Membership, User
from schemas.vocabulary import PlatformRole, Role

ALGORITHM = "HS256"
ISSUER = "copi"
AUDIENCE = "copi-api"

_USER = (
    select(User.name, User.duties, User.blocked, Membership.partner_id, Membership.role)
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(User.id == bindparam("id"))
)
_BY_EMAIL = select(User.id, User.password_hash, User.blocked).where(User.email == bindparam("email"))


def register(app: Flask, secret: str, seconds: int) -> None:
    """Set flask-jwt-extended up: one algorithm, an issuer, an audience and an expiry that must all be there."""
    app.config.update(
        JWT_SECRET_KEY=secret,
        JWT_ALGORITHM=ALGORITHM,
        JWT_ACCESS_TOKEN_EXPIRES=dt.timedelta(seconds=seconds),
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_TOKEN_LOCATION=["headers"],
    )
    fje.JWTManager(app)


def log_in(email: str, password: str) -> dict[str, Any]:
    """An access token for the right password; a refusal that tells nothing otherwise."""
    with service().database.reading() as connection:
        row = connection.execute(_BY_EMAIL, {"email": email.casefold()}).first()
    right = passwords.matches(row.password_hash if row else None, password)
    if row is None or not right or row.blocked:
        raise Refusal(BAD_CREDENTIALS)
    token = fje.create_access_token(identity=row.id, additional_headers={"typ": "at+jwt"})
    return {"access_token": token, "token_type": "Bearer", "expires_in": service().settings.token_seconds}


def authenticate(request: Request) -> Actor:
    """The caller behind the request's token, with today's roles; a refusal (401) for any token that is not good."""
    return _today(_subject(request.headers.get("Authorization", "")))


def _subject(header: str) -> str:
    """The verifier: the only place that decides whether a token is good."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Refusal(UNAUTHENTICATED)
    try:
        subject, expires = _verified(token.strip(), current_app.config["JWT_SECRET_KEY"])
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise Refusal(UNAUTHENTICATED) from wrong
    if expires <= time.time():
        raise Refusal(UNAUTHENTICATED)
    return subject


@lru_cache(maxsize=4096)
def _verified(token: str, secret: str) -> tuple[str, int]:
    """Whose token it is and until when: a good signature stays good, so it is worked out once per process.

    Not by flask-jwt-extended's `decode_token`, which takes every token apart three times over.
    """
    claims = jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["exp", "sub", "iss", "aud"]},
    )
    if claims.get("type") != "access":
        raise jwt.InvalidTokenError("not an access token")
    return str(uuid.UUID(claims["sub"])), int(claims["exp"])


def _today(id: str) -> Actor:
    with service().database.reading() as connection:
        rows = connection.execute(_USER, {"id": id}).all()
    if not rows or rows[0].blocked:
        raise Refusal(UNAUTHENTICATED)
    return Actor(
        id=id,
        name=rows[0].name,
        duties=frozenset(PlatformRole(duty) for duty in rows[0].duties),
        roles={row.partner_id: Role(row.role) for row in rows if row.partner_id},
    )
