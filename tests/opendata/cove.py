"""Release packages checked by `libcoveocds`, the checker of the standard's own publishers, without the network.

It would fetch the standard as a ZIP file; here it gets one with the same schemas, and with the closed code lists as those
schemas give them.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
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
        for path in HERE.glob("*.json"):
            archive.writestr(f"standard/schema/{path.name}", path.read_bytes())
        schema = json.loads((HERE / "release-schema.json").read_bytes())
        for name, codes in dict(_closed(schema)).items():
            archive.writestr(f"standard/schema/codelists/{name}", _list(codes))
    return packed.getvalue()


def _closed(node: Any) -> Iterator[tuple[str, list[str]]]:
    """Every closed code list of a schema, with its codes."""
    if isinstance(node, list):
        for inner in node:
            yield from _closed(inner)
    if isinstance(node, dict):
        if "codelist" in node and node.get("openCodelist") is False:
            codes = node.get("enum") or node["items"]["enum"]
            yield node["codelist"], [code for code in codes if code]
        for inner in node.values():
            yield from _closed(inner)


def _list(codes: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([["Code"], *([code] for code in codes)])
    return text.getvalue()
