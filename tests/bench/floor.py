"""The floor: nothing but the driver, the stored bytes and a WSGI function on the service's own server.

What is between this and the service is what its framework, its rules and its conveniences cost. It never counts: a
total can be remembered.
`FLOOR_DATABASE_URL=... python -m tests.bench.floor PORT WORKERS THREADS`
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, quote

_URL = os.environ["FLOOR_DATABASE_URL"]
_MINE = threading.local()
_JSON = ("Content-Type", "application/json")

_ITEM = "SELECT version, document FROM project WHERE id = %s AND audience = 'public'"
_WHERE = {
    "theme": "EXISTS (SELECT 1 FROM project_facet f WHERE f.name = 'theme' AND f.value = %s AND f.id = project.id)",
    "state": "EXISTS (SELECT 1 FROM project_facet f WHERE f.name = 'state' AND f.value = %s AND f.id = project.id)",
    "keyword": "EXISTS (SELECT 1 FROM project_facet f WHERE f.name = 'keyword' AND f.value = %s AND f.id = project.id)",
}
_AFTER = " AND (updated_at, id) < (%s, %s)"
_PAGE = (
    "SELECT document, updated_at, id FROM project WHERE audience = 'public'{where} "
    "ORDER BY updated_at DESC, id DESC LIMIT 51"
)

Query = Callable[[str, tuple[Any, ...]], list[Any]]


def _query() -> Query:
    """This thread's own connection, opened once."""
    if not hasattr(_MINE, "query"):
        _MINE.query = _sqlite() if _URL.startswith("sqlite") else _postgresql()
    return _MINE.query  # type: ignore[no-any-return]


def _sqlite() -> Query:
    connection = sqlite3.connect(_URL.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("PRAGMA mmap_size = 1073741824")
    connection.execute("PRAGMA cache_size = -65536")
    return lambda statement, values: connection.execute(statement.replace("%s", "?"), values).fetchall()


def _postgresql() -> Query:
    import psycopg

    connection = psycopg.connect(_URL.replace("+psycopg", ""), autocommit=True)
    cursor = connection.cursor(binary=True)
    return lambda statement, values: cursor.execute(statement, values, prepare=True).fetchall()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer the four questions of the measurement."""
    path = environ["PATH_INFO"]
    if path != "/v1/projects":
        return _item(path[13:], environ, start_response)
    asked = dict(parse_qsl(environ["QUERY_STRING"]))
    body = _page(asked)
    start_response("200 OK", [_JSON, ("Content-Length", str(len(body)))])
    return [body]


def _item(id: str, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    # SQLite keeps an id without its hyphens.
    key = id.replace("-", "") if _URL.startswith("sqlite") else id
    [(version, document)] = _query()(_ITEM, (key,))
    tag = f'"{version}"'
    if environ.get("HTTP_IF_NONE_MATCH") == tag:
        start_response("304 Not Modified", [("ETag", tag)])
        return []
    start_response("200 OK", [_JSON, ("Content-Length", str(len(document))), ("ETag", tag)])
    return [document]


def _page(asked: dict[str, str]) -> bytes:
    names = [name for name in _WHERE if name in asked]
    where, values = "".join(f" AND {_WHERE[name]}" for name in names), tuple(asked[name] for name in names)
    query = _query()
    if "cursor" in asked:
        where, values = where + _AFTER, (*values, *asked["cursor"].split("_"))
    rows = query(_PAGE.format(where=where), values)
    more = f'"{quote(f"{rows[49][1]}_{rows[49][2]}")}"' if len(rows) > 50 else "null"
    return b'{"items":[%b],"total":null,"next":%b}' % (b",".join(row[0] for row in rows[:50]), more.encode())


def main(port: int, workers: int, threads: int) -> None:
    """Serve, as `copi serve` does."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "tests.bench.floor:app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=1024,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
