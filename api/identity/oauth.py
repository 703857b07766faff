"""OAuth 2 as its client libraries speak it: tokens for a grant, revocation, introspection, and where all that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.domain import policy
from api.domain.errors import Refusal
from api.identity import clients, sessions, tokens
from api.identity.denied import INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, UNSUPPORTED_GRANT_TYPE, Denied
from api.kit import limits
from api.kit.problems import base_url
from api.kit.service import service
from openapi.limits import FAILED_TOKENS
from schemas.names import PLURALS

Form = Mapping[str, str | None]


def grant(form: Form) -> dict[str, Any]:
    """Tokens for a grant: a refresh token, or a service's own credentials."""
    client = clients.known(form)
    match form.get("grant_type"):
        case "client_credentials":
            return clients.credentials(client, form.get("scope"))
        case "refresh_token":
            return _refresh(client, form)
        case _:
            raise Denied(UNSUPPORTED_GRANT_TYPE, "Known are client_credentials and refresh_token.")


def _refresh(client: clients.Known, form: Form) -> dict[str, Any]:
    given = form.get("refresh_token")
    if given is None:
        raise Denied(INVALID_REQUEST, "Send refresh_token.")
    try:
        return sessions.refresh(given, client.id)
    except sessions.Spent as spent:
        limits.demand(FAILED_TOKENS.name, limits.address())
        raise Denied(INVALID_GRANT, "The refresh token is not known, used, or its session has ended.") from spent


def revoke(form: Form) -> None:
    """Make a token of the client's count no longer (RFC 7009); one that is not known already counts no more."""
    client, given = clients.known(form), str(form["token"])
    with service().database.writing() as session:
        if log_in := sessions.family(session, given):  # also by a token that has been used: whoever revokes means it
            if log_in.client_id == client.id:
                limits.proved(log_in.user_id)
                sessions.end(session, log_in)
        elif (token := _good(given)) and token.client == client.id:
            limits.proved(token.user)
            tokens.revoke(session, token)


def introspect(form: Form) -> dict[str, Any]:
    """What a token says and whether it counts now (RFC 7662); asked by services, who show their secret."""
    client = clients.known(form)
    if not client.service:
        raise Denied(INVALID_CLIENT, "Show your secret.")
    given = str(form["token"])
    with service().database.writing() as session:
        return _of_refresh(session, given) or _of_access(given)


def _of_refresh(session: Session, given: str) -> dict[str, Any]:
    log_in = sessions.found(session, given)
    if log_in is None:
        return {}
    expires = int(log_in.expires_at.timestamp())
    return {"active": True, "sub": log_in.user_id, "client_id": log_in.client_id, "exp": expires}


def _of_access(given: str) -> dict[str, Any]:
    token = _good(given)
    if token is None:
        return {"active": False}
    said = {
        "sub": token.user,
        "client_id": token.client,
        "iss": base_url(),
        "aud": tokens.AUDIENCE,
        "iat": token.issued,
        "exp": token.expires,
        "jti": token.jti,
        "token_type": "Bearer",
    }
    return {"active": True, **said, **({"scope": " ".join(sorted(token.scopes))} if token.of_service else {})}


def _good(given: str) -> tokens.Token | None:
    """The token, when it is an access token of ours that counts today."""
    try:
        token = tokens.verified(given)
        tokens.actor_of(token)
    except Refusal:
        return None
    return token


def scopes() -> list[str]:
    """Every scope: each permission a service can be given, and reading what is not public of each kind of record."""
    permissions = (permission for permission in policy.POLICY if policy.delegated(permission))
    return sorted({*permissions, *(f"{noun}:read" for noun in PLURALS)})


def metadata() -> dict[str, Any]:
    """Where everything is (RFC 8414)."""
    base = base_url()
    proofs = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": base,
        "token_endpoint": f"{base}/v1/oauth/token",
        "revocation_endpoint": f"{base}/v1/oauth/revoke",
        "introspection_endpoint": f"{base}/v1/oauth/introspect",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "response_types_supported": ["none"],  # RFC 8414 wants one, also where nobody is sent to log in
        "scopes_supported": scopes(),
        "token_endpoint_auth_methods_supported": [*proofs, "none"],
        "revocation_endpoint_auth_methods_supported": [*proofs, "none"],
        "introspection_endpoint_auth_methods_supported": proofs,
        "service_documentation": f"{base}/docs",
    }
