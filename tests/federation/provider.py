"""A real OpenID Connect provider on this machine: Authlib issues and signs, as a municipality's or a broker's would."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import urllib3
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

API = "https://copi.tests.example"
"""The audience of the access tokens: this service."""
BACK = "https://frontend.tests.example/back"


@dataclass
class _User:
    id: str
    claims: dict[str, Any]

    def get_user_id(self) -> str:
        return self.id


class _Client:
    """A frontend that logs people in; a public client, with PKCE."""

    token_endpoint_auth_method = "none"

    def get_client_id(self) -> str:
        return "frontend"

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or "openid"

    def check_redirect_uri(self, uri: str) -> bool:
        return uri == BACK

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"


@dataclass
class _Code:
    code: str
    user: _User
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return BACK

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    get_acr = get_amr = get_auth_time


@dataclass
class Provider:
    """The provider, and what a test may do to it."""

    issuer: str
    alg: str
    users: dict[str, _User] = field(default_factory=dict)
    codes: dict[str, _Code] = field(default_factory=dict)
    keys: list[Any] = field(default_factory=list)
    id_audience: str = "frontend"
    """Whom ID tokens are for: where frontend and service share one registration, the service."""
    asked: int = 0
    """How often its keys were fetched."""

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self, keep: int = 0) -> None:
        """Sign with a new key from now on; publish so many of the old ones beside it."""
        made = ECKey.generate_key("P-256") if self.alg == "ES256" else RSAKey.generate_key(2048)
        made.ensure_kid()
        self.keys = [made, *self.keys[:keep]]

    def user(self, **claims: Any) -> str:
        """Somebody with an account there."""
        id = secrets.token_hex(8)
        self.users[id] = _User(id, claims)
        return id

    def log_in(self, user: str) -> Any:
        """The tokens of a log-in: authorization code with PKCE, over HTTP as a frontend does it."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        with urllib3.PoolManager() as http:
            asked = {"response_type": "code", "client_id": "frontend", "redirect_uri": BACK, "scope": "openid profile",
                     "nonce": secrets.token_hex(8), "code_challenge": challenge, "code_challenge_method": "S256",
                     "user": user}  # fmt: skip
            there = http.request("GET", f"{self.issuer}/authorize", fields=asked, redirect=False)
            code = parse_qs(urlsplit(there.headers["Location"]).query)["code"][0]
            traded = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "frontend",
                      "code_verifier": verifier}  # fmt: skip
            answer = http.request("POST", f"{self.issuer}/token", fields=traded, encode_multipart=False)
        assert answer.status == 200, answer.data
        return answer.json()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def running(alg: str = "RS256") -> Iterator[Provider]:
    """A provider at an address of its own, for as long as it is needed."""
    app = Flask("provider")
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    provider = Provider(f"http://127.0.0.1:{server.server_port}", alg)
    _routes(app, provider, _authlib(app, provider))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _routes(app: Flask, provider: Provider, authlib: AuthorizationServer) -> None:
    from flask import request

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{provider.issuer}/authorize",
            "token_endpoint": f"{provider.issuer}/token",
            "jwks_uri": f"{provider.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [provider.alg],
        }

    @app.get("/jwks")
    def jwks() -> Any:
        provider.asked += 1
        return KeySet(provider.keys).as_dict(private=False)

    @app.get("/authorize")
    def authorize() -> Any:
        grant = authlib.get_consent_grant(end_user=(user := provider.users[request.args["user"]]))
        return authlib.create_authorization_response(grant=grant, grant_user=user)

    @app.post("/token")
    def token() -> Any:
        return authlib.create_token_response()


def _authlib(app: Flask, provider: Provider) -> AuthorizationServer:
    class Tokens(JWTBearerTokenGenerator):
        def get_jwks(self) -> KeySet:
            return KeySet(provider.keys[:1])

        def get_audiences(self, client: Any, user: Any, scope: str) -> list[str]:
            return [API]

        def get_extra_claims(self, client: Any, grant_type: str, user: _User, scope: str) -> dict[str, Any]:
            return user.claims

    class Codes(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["none"]

        def save_authorization_code(self, code: str, request: Any) -> None:
            asked = request.payload.data
            provider.codes[code] = _Code(code, request.user, request.scope, asked.get("nonce"), asked["code_challenge"],
                                         asked["code_challenge_method"])  # fmt: skip

        def query_authorization_code(self, code: str, client: Any) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: _Code) -> _User:
            return authorization_code.user

    class IdTokens(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def get_client_algorithm(self, client: Any) -> str:
            return provider.alg

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return {"iss": provider.issuer, "aud": provider.id_audience}

        def resolve_client_private_key(self, client: Any) -> KeySet:
            return KeySet(provider.keys[:1])

        def generate_user_info(self, user: _User, scope: str) -> dict[str, Any]:
            return {"sub": user.id, **user.claims}

    server = AuthorizationServer(app, lambda id: _Client(), lambda token, request: None)
    server.register_token_generator("default", Tokens(issuer=provider.issuer, alg=provider.alg))
    server.register_grant(Codes, [IdTokens(require_nonce=True), CodeChallenge(required=True)])
    return server
