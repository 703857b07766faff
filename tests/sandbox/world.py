"""A world of every kind of record in every state, real or in a sandbox; every question there is; and all real rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from api.db import Database
from api.models import RESOURCES, Base, SandboxEvent
from schemas.names import SINGULARS
from tests.clients import Client
from tests.make import Make, States
from tests.v1.bodies import FULL
from tests.v1.operations import OPERATIONS, Operation

ASKED_AS = "019b76da-a800-7000-8000-00000000a5ed"
"""The id of every request, so that two answers can be the same to the byte."""

Ids = dict[str, list[str]]


def fill(make: Make) -> Ids:
    """One record of each kind in each state, and one with everything in it that a client can set."""
    made: Ids = {}
    for kind, states in States.items():
        made[kind] = [getattr(make, kind)(str(state)) for state in states]
    for kind, body in FULL.items():
        made[kind].append(getattr(make, kind)(**body(make)))
    return made


def questions(app: Flask, ids: Ids) -> list[str]:
    """The address of everything that can be read about these records, with every parameter that there is."""
    records = {*SINGULARS, "code-lists"}
    reads = [one for one in OPERATIONS if one.method == "GET" and "servers" not in one.document
             and (not one.addressed or one.path.split("/")[1] in records)
             and one.path != "/catalog"  # which tells everybody of the real data
             and not one.path.endswith(("/members", "/invitations", "/security-events"))]  # fmt: skip
    return [address for one in reads for address in _addresses(app, one, ids)]


def _addresses(app: Flask, operation: Operation, ids: Ids) -> Iterator[str]:
    queries = list(_queries(app, operation))
    if not operation.addressed:
        yield from (operation.address("") + query for query in ("", *queries))
        return
    *others, fullest = ids[SINGULARS[operation.path.split("/")[1]]]
    yield from (operation.address(id) for id in others)
    yield from (operation.address(fullest) + query for query in ("", *queries))


def _queries(app: Flask, operation: Operation) -> Iterator[str]:
    names = {one["name"]: one for one in operation.document["parameters"] if one.get("in") == "query"}
    few = "&limit=3" if "limit" in names else ""
    for name, parameter in names.items():
        match name:
            case "q":
                yield "?q=kort"
            case "since":
                yield "?since=2000-01-01T00:00:00Z"
            case "cursor" | "page" | "limit" | "total":
                continue
            case "sort":
                yield from (f"?sort={key}{few}" for key in parameter["schema"]["items"]["enum"])
            case "embed" | "fields":
                yield f"?{name}={','.join(parameter['schema']['items']['enum'])}{few}"
            case _:
                if values := _values(app, operation, name):
                    yield f"?{name}={','.join(values)}"
    if few:
        yield from ("?limit=3", "?limit=3&page=2")


def _values(app: Flask, operation: Operation, name: str) -> list[str]:
    """Whatever any record answers to under a filter, in a sandbox or not."""
    asked = SINGULARS.get(operation.path.rpartition("/")[2], "outcome")
    models = [RESOURCES[asked]] if name in RESOURCES[asked].FACETS else list(RESOURCES.values())
    found: set[str] = set()
    with app.extensions["copi"].database.reading() as connection:
        for model in models:
            facets = model.facets.c
            found |= set(connection.scalars(select(facets.value).distinct().where(facets.name == name)))
    return sorted(found)[-50:]


def ask(app: Flask, client: Client, addresses: Sequence[str]) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    """The answers, none of them remembered from before."""
    app.extensions["copi"].memory.clear()
    return {address: _said(client.get(address, headers={"X-Request-ID": ASKED_AS})) for address in addresses}


def _said(answer: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, sorted(answer.headers), answer.data


def different(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The addresses that answer otherwise than before."""
    return [address for address in before if before[address] != after[address]]


def rows(database: Database, sandbox: str | None = None) -> dict[str, list[str]]:
    """Every row of every table that is real, or of a sandbox."""
    told: dict[str, list[str]] = {}
    with database.reading() as connection:
        here = {
            id
            for model in RESOURCES.values()
            for id in connection.scalars(select(model.id).where(model.sandbox == sandbox))
        }
        for table in Base.metadata.sorted_tables:
            statement = select(table)
            if "sandbox" in table.c:
                statement = statement.where(table.c.sandbox == sandbox)
            found = connection.execute(statement).mappings()
            kept = (row for row in found if not table.name.endswith("_facet") or row["id"] in here)
            told[table.name] = sorted(repr(tuple(row.values())) for row in kept)
        for name in RESOURCES:
            words = connection.execute(text(f"SELECT id FROM {name}_words"))
            plain = {id.replace("-", "") for id in here}
            told[f"{name}_words"] = sorted(str(id) for (id,) in words if str(id).replace("-", "") in plain)
    return told


def is_bare(database: Database, sandbox: str) -> bool:
    """Whether there is nothing of a sandbox, not even an event."""
    with database.reading() as connection:
        found = [connection.scalars(select(model.id).where(model.sandbox == sandbox)).first()
                 for model in RESOURCES.values()]  # fmt: skip
        logged = connection.scalars(select(SandboxEvent.seq).where(SandboxEvent.sandbox == sandbox)).first()
    return not any(found) and logged is None
