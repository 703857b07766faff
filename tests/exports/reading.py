"""How the tests of exports read a whole list, page by page, to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.models import RESOURCES
from schemas.names import EXAMPLE_IDS, PLURALS, SINGULARS
from tests.clients import Client
from tests.v1.operations import LISTS

MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ndjson": "application/x-ndjson",
}
PATHS = [one.path.replace("{id}", EXAMPLE_IDS[SINGULARS[one.path.split("/")[1]]]) for one in LISTS]
"""Every list of records, those below another record in the address of one that the demo has."""
RESOURCE = {path: one.resource for path, one in zip(PATHS, LISTS, strict=True)}


class Reader(Client):
    """Somebody who reads whole lists."""

    def walk(self, path: str, **options: Any) -> Iterator[Any]:
        """Every record of a list, by its pages."""
        address: str | None = path
        while address:
            page = self.get(address, **options)
            assert page.status_code == 200, page.json
            yield from page.json["items"]
            address = (page.json["next"] or "").removeprefix("/v1") or None


__all__ = ["MEDIA", "PATHS", "PLURALS", "RESOURCE", "RESOURCES", "Reader"]
