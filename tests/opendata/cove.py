"""Release packages checked by `libcoveocds`, the checker of the standard's own publishers, without the network.

It would fetch the standard as a ZIP file; here it gets one of the files beside this one.
"""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig
from ocdsextensionregistry import util

HERE = Path(__file__).parent / "ocds"


def check(package: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the checker has to say."""
    monkeypatch.setattr(util.session, "get", _no_network)
    config = LibCoveOCDSConfig({"standard_zip": _standard(), "context": "api"})
    found = ocds_json_output(json_data=package, lib_cove_ocds_config=config)
    return dict(found)


def _no_network(url: str, **_: Any) -> requests.Response:
    raise requests.ConnectionError(url)


@cache
def _standard() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("standard/", "")
        for path in HERE.rglob("schema/**/*.*"):
            archive.writestr(f"standard/{path.relative_to(HERE)}", path.read_bytes())
    return packed.getvalue()
