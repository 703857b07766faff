"""Clients: who they are when they call (RFC 6749 section 2.3), and the tokens a service gets in its own name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from flask import request
from sqlalchemy import bindparam, or_, select, update

from api.domain import clock
from api.identity import keys, secrets, security, tokens
from api.identity.denied import INVALID_CLIENT, INVALID_REQUEST, INVALID_SCOPE, UNAUTHORIZED_CLIENT, Denied
from api.kit import limits
from api.kit.service import service
from api.models import Client, ClientSecret, User
from openapi.limits import FAILED_TOKENS
from schemas.vocabulary import ClientKind, SecurityEventKind

_BY_SECRET = (
    select(Client.id, Client.kind, Client.scopes, ClientSecret.id.label("secret_id"))
    .join(ClientSecret, ClientSecret.client_id == Client.id)
    .where(
        Client.id == bindparam("id"),
        ClientSecret.digest == bindparam("digest"),
        or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > bindparam("now")),
        ~Client.blocked,
    )
)
_FRONTEND = select(Client.id).where(Client.id == bindparam("id"), Client.kind == ClientKind.FRONTEND, ~Client.blocked)
_USER = select(User.id).where(User.id == bindparam("id"), ~User.blocked)


@dataclass(frozen=True, slots=True)
class Known:
    """A client that has shown who it is. A frontend, which can keep no secret, only says so."""

    id: str
    scopes: frozenset[str] = frozenset()
    secret: str | None = None
    """The id of the secret it used."""

    @property
    def service(self) -> bool:
        """Whether it has proved who it is, and acts in its own name."""
        return self.secret is not None


def known(form: Mapping[str, str | None]) -> Known:
    """The client that calls, from the Authorization header or the form; denied when it is not who it says."""
    id, secret = _basic() if "Authorization" in request.headers else (form.get("client_id"), form.get("client_secret"))
    if "Authorization" in request.headers and (form.get("client_secret") or (form.get("client_id") or id) != id):
        raise Denied(INVALID_REQUEST, "Authenticate in one way only.")
    if id is None:
        raise Denied(INVALID_CLIENT, "Name your client.")
    return _frontend(id) if secret is None else _service(id, secret)


def _basic() -> tuple[str, str]:
    given = request.authorization
    if given is None or given.type != "basic" or given.username is None or given.password is None:
        raise Denied(INVALID_CLIENT, "Authenticate with HTTP Basic: client id and secret.")
    return unquote_plus(given.username), unquote_plus(given.password)


def _frontend(id: str) -> Known:
    if id == tokens.FIRST_PARTY:
        return Known(id)
    if not is_frontend(_uuid(id)):
        raise Denied(INVALID_CLIENT, "There is no such client, or it must show its secret.")
    return Known(_uuid(id))


def is_frontend(id: str) -> bool:
    """Whether a frontend of this id is registered, and not blocked."""
    with service().database.reading() as connection:
        return connection.execute(_FRONTEND, {"id": id}).first() is not None


def _service(id: str, secret: str) -> Known:
    given = {"id": _uuid(id), "digest": secrets.digest(secret), "now": clock.now()}
    with service().database.reading() as connection:
        row = connection.execute(_BY_SECRET, given).first()
        user = connection.execute(_USER, {"id": given["id"]}).first()
    if row is None or user is None:
        _note_failure(given["id"])
        raise Denied(INVALID_CLIENT, "There is no such client, or the secret is wrong.")
    limits.proved(row.id)
    return Known(row.id, frozenset(row.scopes), row.secret_id)


def _note_failure(id: Any) -> None:
    limits.demand(FAILED_TOKENS.name, limits.address())
    with service().database.writing() as session:
        if session.get(Client, id) is not None:
            security.note(session, SecurityEventKind.LOGIN_FAILED, id)


def _uuid(id: str) -> str:
    try:
        return str(uuid.UUID(id))
    except ValueError as wrong:
        raise Denied(INVALID_CLIENT, "There is no such client.") from wrong


def credentials(client: Known, scope: str | None) -> dict[str, Any]:
    """A token in the client's own name (RFC 6749 section 4.4), with the scopes asked for or all it has."""
    if not client.service:
        raise Denied(UNAUTHORIZED_CLIENT, "A frontend acts for people only: they log in at POST /v1/tokens.")
    wanted = client.scopes if scope is None else frozenset(scope.split())
    if not wanted <= client.scopes:
        raise Denied(INVALID_SCOPE, f"The client may not ask for: {' '.join(sorted(wanted - client.scopes))}.")
    granted = " ".join(sorted(wanted))
    with service().database.writing() as session:
        used = update(ClientSecret).where(ClientSecret.id == client.secret)
        session.execute(used.values(last_used_at=clock.now()))
        security.note(session, SecurityEventKind.LOGGED_IN, client.id, client=client.id)
        signer = keys.current(session, service().settings)
        token = tokens.issue(client.id, signer, client=client.id, scope=granted, secret_id=client.secret)
    seconds = service().settings.token_seconds
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": granted}
