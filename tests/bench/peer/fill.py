"""Fills the peer's tables with the facts of the service's documents."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Table, create_engine, insert, inspect

from api.cli.console import progress
from tests.bench.dataset import batches, fingerprint, kept
from tests.bench.peer import models as m

Row = dict[str, Any]
Rows = Iterator[tuple[Table, Row]]
_BATCH = 5_000


def peer_file(rows: int, service: Path) -> Path:
    """The peer's database with the facts of the service's."""
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in ("models.py", "fill.py"))
    key = hashlib.sha256(code + fingerprint().encode()).hexdigest()[:12]
    return kept(f"peer-{rows}", key, lambda file: _fill(service, file))


def _fill(service: Path, target: Path) -> None:
    engine = create_engine(f"sqlite:///{target}")
    m.Base.metadata.create_all(engine)
    source = sqlite3.connect(service)
    with engine.begin() as connection:
        for resource, rows_of in (("partner", _partner), ("project", _project), ("outcome", _outcome)):
            [(count,)] = source.execute(f"SELECT count(*) FROM {resource}")
            documents = source.execute(f"SELECT document FROM {resource}")
            with progress(f"Filling the peer's {resource}s", count) as bar:
                for place, batch in enumerate(batches(documents, _BATCH)):
                    _insert(connection, [pair for (document,) in batch for pair in rows_of(orjson.loads(document))])
                    bar(place * _BATCH + len(batch))
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    source.close()
    engine.dispose()


def _insert(connection: Any, pairs: Iterable[tuple[Table, Row]]) -> None:
    by_table: dict[Table, list[Row]] = {}
    for table, row in pairs:
        by_table.setdefault(table, []).append(row)
    for table in m.Base.metadata.sorted_tables:
        if table in by_table:
            connection.execute(insert(table), by_table[table])


def _partner(document: Row) -> Rows:
    yield _own(m.Partner, {**document, **_texts(document, "name")})


def _project(document: Row) -> Rows:
    yield _own(m.Project, {**document, **_texts(document, "title", "summary")})
    id = {"project_id": document["id"]}
    for place, one in enumerate(document["participants"]):
        yield _own(m.Participant, {**id, "place": place, **one})
    for place, keyword in enumerate(document["keywords"]):
        yield _own(m.Keyword, {**id, "place": place, "keyword": keyword})
    for place, code in enumerate(document["municipality_codes"]):
        yield _own(m.Municipality, {**id, "place": place, "code": code})
    for place, phase in enumerate(document["phases"]):
        yield _own(m.Phase, {**id, "place": place, **phase, **_texts(phase, "name")})
    for place, funding in enumerate(document["funding"]):
        yield _own(m.Funding, {**id, "place": place, **funding})


def _outcome(document: Row) -> Rows:
    yield _own(m.Outcome, {**document, **_texts(document, "title", "summary")})
    for place, measure in enumerate(document["measures"]):
        yield _own(m.Measure, {"outcome_id": document["id"], "place": place, **measure, **_texts(measure, "label")})


def _texts(document: Row, *names: str) -> Row:
    return {f"{name}_{language}": document[name].get(language) for name in names for language in ("da", "en")}


def _own(model: type[m.Base], facts: Row) -> tuple[Table, Row]:
    """The columns of a table out of what is known, as their types want them."""
    table = inspect(model).local_table
    assert isinstance(table, Table)
    return table, {column.name: _typed(column, facts[column.name]) for column in table.columns}


def _typed(column: Any, value: Any) -> Any:
    if value is None:
        return None
    kind = column.type.python_type
    if kind is uuid.UUID:
        return uuid.UUID(value)
    return dt.datetime.fromisoformat(value) if kind is dt.datetime else value
