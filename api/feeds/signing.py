"""How deliveries are signed, so that receivers know them for ours: Standard Webhooks 1.0, HMAC-SHA256."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken

from api.config import Settings
from api.kit import sealing

PREFIX = "whsec_"
BYTES = 32
"""Of a secret; the specification asks for 24 to 64."""


def fresh() -> str:
    """A new secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(os.urandom(BYTES)).decode()


def sealed(settings: Settings, secret: str) -> bytes:
    """A secret as it is kept here."""
    return _seal(settings).encrypt(secret.encode())


def opened(settings: Settings, kept: Iterable[bytes]) -> list[str]:
    """The secrets that can be read; those that another COPI_SECRET sealed cannot."""
    seal, readable = _seal(settings), []
    for one in kept:
        try:
            readable.append(seal.decrypt(one).decode())
        except InvalidToken:
            continue
    return readable


def _seal(settings: Settings) -> Fernet:
    return sealing.seal(sealing.own(settings), "webhooks")


def headers(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What tells the receiver which message it is, when it was sent, and that it is ours: a signature per secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = " ".join(f"v1,{_signature(secret, signed)}" for secret in keys)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
