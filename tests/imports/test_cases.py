"""The real cases, imported through the API alone, come out as `copi seed cases` loads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from api.cli.seed import SYSTEM, _plan
from api.imports.targets import target
from schemas.columns import flatten
from schemas.dialects import DIALECTS
from schemas.vocabulary import ImportResource
from tests.clients import Client
from tests.imports.conftest import Imports

PLURALS = ("partners", "challenges", "projects", "outcomes")
OWN = {"id", "version", "created_at", "updated_at", "links", "demand", "reuse"}
"""What differs from one loading to the next, or is counted from records that no file here holds."""


def sent() -> dict[str, list[dict[str, Any]]]:
    """The records as the loader makes them of the four files, with sources in the place of its ids."""
    plan = {f"{name}": [dict(body) for body in made] for name, _, made in _plan()}
    sources = {
        body["id"]: f"source:{SYSTEM}/{body['source']['external_id']}" for made in plan.values() for body in made
    }
    return {name: [_told(body, sources) for body in made] for name, made in plan.items()}


def _told(value: Any, sources: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _told(inner, sources) for name, inner in value.items() if name != "id"}
    if isinstance(value, list):
        return [_told(inner, sources) for inner in value]
    return sources.get(value, value) if isinstance(value, str) else value


def ndjson(bodies: list[dict[str, Any]]) -> bytes:
    return b"\n".join(orjson.dumps(body) for body in bodies)


def table(resource: str, bodies: list[dict[str, Any]], dialect: str) -> bytes:
    """A table of the same, as the export writes it."""
    how, columns = DIALECTS[dialect], list(target(ImportResource(resource)).columns.values())
    rows = [[column.path for column in columns]]
    for body in bodies:
        plain = orjson.loads(orjson.dumps(body))
        cells = zip(columns, flatten(plain, columns), strict=True)
        rows.append([how.write(column, cell) for column, cell in cells])
    quoted = (how.delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    return how.mark + "\r\n".join(quoted).encode()


def everything(client: Client) -> dict[str, dict[str, Any]]:
    """Every record as it is read, by its source; ids of ours stand for the source they name."""
    found: dict[str, list[dict[str, Any]]] = {name: list(_all(client, name)) for name in PLURALS}
    names = {one["id"]: one["source"]["external_id"] for records in found.values() for one in records}
    return {
        f"{name}/{one['source']['external_id']}": _named({key: one[key] for key in one.keys() - OWN}, names)
        for name, records in found.items()
        for one in records
    }


def _all(client: Client, name: str) -> Iterator[dict[str, Any]]:
    address = f"/{name}?limit=250"
    while address:
        page = client.get(address).json
        yield from page["items"]
        address = (page["next"] or "").removeprefix("/v1")


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def seeded(cases_app: Any) -> dict[str, dict[str, Any]]:
    everybody = everything(Client(cases_app))
    return {key: one for key, one in everybody.items() if (one["source"] or {}).get("system") == SYSTEM}


@pytest.mark.parametrize("form", ["ndjson", *DIALECTS])
def test_the_cases_come_out_as_the_loader_has_them(imports: Imports, seeded, form):
    for resource, bodies in sent().items():
        if resource not in PLURALS:
            continue
        content = ndjson(bodies) if form == "ndjson" else table(resource, bodies, form)
        job = imports.take_in(content, f"{resource}.{form}", resource=resource)
        assert job["state"] == "done", job["problem"]
        assert job["errors"] == []
        assert job["created"] == len(bodies)
    assert everything(imports.client) == seeded
    again = imports.take_in(ndjson(sent()["projects"]), resource="projects")
    assert (again["unchanged"], again["refused"]) == (len(sent()["projects"]), 0)
