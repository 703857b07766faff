"""Secrets: the service's own, which seals what only it may read, and those it hands out and knows again by digest."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.config import Settings


def own(settings: Settings) -> str:
    """The service's secret: given by the settings, or made once and kept beside the database.

    Every process of an installation gets the same one.
    """
    return settings.secret or _kept(Path(settings.secret_file))


def _kept(path: Path) -> str:
    if path.exists():
        return path.read_text(encoding="ascii")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
    try:
        os.link(fresh, path)  # fails when another process was first, whose secret then holds
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text(encoding="ascii")


SIGNING_KEYS, WEBHOOKS = b"copi signing keys", b"copi webhooks"
"""What is sealed; what seals the one opens nothing of the other."""


@cache
def seal(secret: str, use: bytes = SIGNING_KEYS) -> Fernet:
    """What encrypts and decrypts with the service's secret."""
    derived = HKDF(SHA256(), length=32, salt=None, info=use).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def fresh(kind: str) -> str:
    """A new secret of 256 bits. Its beginning tells what it is to whoever finds it where it should not be."""
    return f"copi_{kind}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> str:
    """What is kept of a secret that nobody could guess: a plain hash suffices, and can be looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
