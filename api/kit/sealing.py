"""The service's own secret, and what it seals: kept in the database, readable only by the service."""

from __future__ import annotations

import base64
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


@cache
def seal(secret: str, purpose: str) -> Fernet:
    """What encrypts and decrypts with the service's secret; what one purpose has sealed no other opens."""
    derived = HKDF(SHA256(), length=32, salt=None, info=f"copi {purpose}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
