"""Full-text search: one analysis of Danish text in Python, so that both engines index and find the same words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any

import snowballstemmer
from sqlalchemy import Connection, Select, bindparam, column, select, table, text

_WORD = re.compile(r"[^\W_]+")
_stemmer = snowballstemmer.stemmer("danish")


@cache
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word))


def words(plain: str) -> list[str]:
    """The words of a text as they are indexed: lower case, composed, cut to their stem."""
    lowered = unicodedata.normalize("NFKC", plain).casefold()
    return [_stem(word) for word in _WORD.findall(lowered)]


def texts(value: Any) -> Iterator[str]:
    """Every string a column holds, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def store(connection: Connection, resource: str, entries: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Index records anew: pairs of id and plain texts."""
    rows = [{"id": id, "key": _rowid(id), "words": _indexed(plain)} for id, plain in entries]
    for statement in _STORE[connection.dialect.name]:
        connection.execute(text(statement.format(resource=resource)), rows)


def forget(connection: Connection, resource: str, ids: Collection[str]) -> None:
    """Index records no longer."""
    if ids:
        delete = _STORE[connection.dialect.name][0].format(resource=resource)
        connection.execute(text(delete), [{"id": id, "key": _rowid(id)} for id in ids])


_STORE = {
    "sqlite": (
        "DELETE FROM {resource}_words WHERE rowid = :key",
        "INSERT INTO {resource}_words (rowid, id, words) VALUES (:key, replace(:id, '-', ''), :words)",
    ),
    "postgresql": (
        "DELETE FROM {resource}_words WHERE id = :id",
        "INSERT INTO {resource}_words (id, words)"
        " VALUES (:id, array_to_tsvector(array_remove(string_to_array(:words, ' '), '')))",
    ),
}


def _indexed(plain: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(word for one in plain for word in words(one)))


def _rowid(id: str) -> int:
    """FTS5 finds rows by number alone: the 62 random bits of the id serve as one."""
    return int(id.replace("-", ""), 16) & ((1 << 62) - 1)


def matching(resource: str, dialect: str) -> Select[Any]:
    """The ids of the records that match `:q`, made by `expression`."""
    found = table(f"{resource}_words", column("id"))
    condition = f"{resource}_words MATCH :q" if dialect == "sqlite" else "words @@ to_tsquery('simple', :q)"
    return select(found.c.id).where(text(condition).bindparams(bindparam("q")))


def expression(query: str, dialect: str) -> str:
    """What the engine is asked for: every word, the last one also as a beginning. Without words nothing matches."""
    found = words(query)
    if dialect == "sqlite":
        quoted = [f'"{word}"' for word in found] or ['""']
        return " ".join(quoted) + ("*" if found else "")
    return " & ".join(f"'{word}'" for word in found) + (":*" if found else "")
