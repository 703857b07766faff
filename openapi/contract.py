"""The committed documents: written from the code, and compared with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

HERE = Path(__file__).parent
FILES = {"3.1.0": "openapi.json", "3.0.3": "openapi-3.0.json"}


def text(document: dict[str, Any]) -> bytes:
    """A document as it is committed: readable, and stable from run to run."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def write(documents: dict[str, dict[str, Any]]) -> list[Path]:
    """Write the documents; returns those that changed."""
    changed = drifted(documents)
    for path in changed:
        version = next(version for version, name in FILES.items() if path.name == name)
        path.write_bytes(text(documents[version]))
    return changed


def drifted(documents: dict[str, dict[str, Any]]) -> list[Path]:
    """The committed documents that say something else than the code."""
    paths = {version: HERE / name for version, name in FILES.items()}
    return [
        path for version, path in paths.items() if not path.exists() or path.read_bytes() != text(documents[version])
    ]
