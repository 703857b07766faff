"""An issuer of the tests' own making, which can be down, slow or hostile; its keys and tokens are made here."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from api.domain import clock
from api.identity.issuer_file import issuers
from api.identity.issuers import Issuers
from tests.listening import Silent, listening

API = "https://copi.tests.example"
CVR = "10000009"

Answer = Callable[[BaseHTTPRequestHandler], None]


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


KEYS: dict[str, Any] = {
    "RS256": rsa_key(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
"""A private key for each kind of signature; making them takes time."""


def public(private: Any, kid: str | None = None, **more: Any) -> dict[str, Any]:
    """A private key's public half, as it is published."""
    kinds = {rsa.RSAPrivateKey: "RS256", ec.EllipticCurvePrivateKey: "ES256", ed25519.Ed25519PrivateKey: "EdDSA"}
    algorithm = next(name for kind, name in kinds.items() if isinstance(private, kind))
    said = jwt.get_algorithm_by_name(algorithm).to_jwk(private.public_key(), as_dict=True)
    said.pop("key_ops", None)
    return {**said, **({} if kid is None else {"kid": kid}), **more}


class Loopback:
    """One issuer: what it publishes can be changed while it runs."""

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.keys: list[dict[str, Any]] = [public(KEYS["RS256"], "one")]
        self.headers: dict[str, str] = {}
        self.about: dict[str, Any] = {"issuer": address, "jwks_uri": f"{address}/keys"}
        self.answer: Answer | None = None
        """Takes the place of the key set's answer."""
        self.asked = 0
        """How often its keys were asked for."""

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        if request.path == "/.well-known/openid-configuration":
            send(request, json.dumps(self.about).encode())
            return
        self.asked += 1
        if self.answer:
            self.answer(request)
        else:
            send(request, json.dumps({"keys": self.keys}).encode(), **self.headers)

    def token(self, *, key: Any = None, alg: str = "RS256", kid: str | None = "one", typ: str | None = "at+jwt",
              header: dict[str, Any] | None = None, without: tuple[str, ...] = (), **claims: Any) -> str:  # fmt: skip
        """An access token: a right one, or wrong in what is given."""
        now = int(clock.now().timestamp())
        right = {"iss": self.issuer, "aud": API, "sub": "ida", "iat": now, "nbf": now, "exp": now + 600, "jti": "1", "cvr": CVR,
                 "roles": ["editors"], **claims}  # fmt: skip
        said = {name: value for name, value in right.items() if name not in without}
        headers = {"typ": typ, **({} if kid is None else {"kid": kid}), **(header or {})}
        return jwt.encode(said, KEYS[alg] if key is None else key, algorithm=alg, headers=headers)


def send(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


@contextmanager
def loopback(tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Such an issuer, at an address of its own."""

    class Handler(Silent):
        def do_GET(self) -> None:  # noqa: N802 - as the standard library calls it
            try:
                issuer.respond(self)
            except OSError:
                self.close_connection = True  # whoever asked has gone

    with listening(Handler, tls) as address:
        issuer = Loopback(address)
        yield issuer


class Ticks:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def trusting(folder: Any, *entries: str, ticks: Callable[[], float] = time.monotonic) -> Issuers:
    """The issuers of a file with these entries."""
    path = folder / "issuers.toml"
    path.write_text("\n".join(f"[[issuer]]\n{entry}" for entry in entries), encoding="utf-8")
    return Issuers(issuers(str(path)), ticks)


def entry(issuer: str, more: str = "") -> str:
    """What is said of an issuer: its employees' roles come with their CVR number."""
    return f'issuer = "{issuer}"\naudience = "{API}"\ncvr = "cvr"\nrole_map = {{ editors = "editor" }}\n{more}\n'


def packed(said: Any) -> str:
    """A part of a token, unsigned."""
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
