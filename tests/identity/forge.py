"""Makes access tokens: right ones, and such as are wrong in one thing."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from flask import Flask

from api.identity import keys
from api.identity.tokens import AUDIENCE, FIRST_PARTY, TYPE


def encoded(part: bytes) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


class Forge:
    """Signs with the service's own key, unless told of another; `kid` alone forges without a database."""

    def __init__(self, app: Flask, user: str, *, kid: str | None = None) -> None:
        self.user, self.service = user, app.extensions["copi"]
        if kid is None:
            with self.service.database.writing() as session:
                signer = keys.current(session, self.service.settings)
            self.kid, self.private = signer.kid, signer.private
        else:
            self.kid, self.private = kid, generate_private_key(SECP256R1())

    def claims(self, without: Collection[str] = (), **differing: Any) -> dict[str, Any]:
        """Right claims, less some, with others instead."""
        now = int(time.time())
        right = {"sub": self.user, "iss": "http://localhost", "aud": AUDIENCE, "client_id": FIRST_PARTY, "type": "access",
                 "fresh": False, "iat": now, "nbf": now, "exp": now + 60, "jti": str(uuid.uuid4()), **differing}  # fmt: skip
        return {name: value for name, value in right.items() if name not in without}

    def headers(self, headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Right headers, with others instead; one that is None is left out."""
        return {name: value for name, value in {"typ": TYPE, "kid": self.kid, **(headers or {})}.items()
                if value is not None}  # fmt: skip

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = keys.ALGORITHM,
        headers: Mapping[str, Any] | None = None,
        without: Collection[str] = (),
        **claims: Any,
    ) -> str:
        """A token, wrong in what is said."""
        private = self.private if key is None else key
        return jwt.encode(self.claims(without, **claims), private, algorithm=algorithm, headers=self.headers(headers))

    def raw(self, payload: bytes, header: bytes | None = None) -> str:
        """A token with a right signature over whatever it holds."""
        import json

        head = encoded(json.dumps({**self.headers(), "alg": keys.ALGORITHM}).encode() if header is None else header)
        signed = f"{head}.{encoded(payload)}"
        signature = jwt.get_algorithm_by_name(keys.ALGORITHM).sign(signed.encode(), self.private)
        return f"{signed}.{encoded(signature)}"
