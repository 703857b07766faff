"""Secrets that the service hands out, and knows again by digest."""

from __future__ import annotations

import hashlib
import secrets


def fresh(kind: str) -> str:
    """A new secret of 256 bits. Its beginning tells what it is to whoever finds it where it should not be."""
    return f"copi_{kind}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> str:
    """What is kept of a secret that nobody could guess: a plain hash suffices, and can be looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
