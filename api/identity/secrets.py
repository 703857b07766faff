"""The secret that signs tokens: given by the settings, or made once and kept beside the database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from api.config import Settings


def signing(settings: Settings) -> str:
    """The secret; every process of an installation gets the same one."""
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
