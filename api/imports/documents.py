"""JSON: one record a line (NDJSON), or a document that holds a list of them."""

from __future__ import annotations

import os
from typing import IO, Any

import orjson

from api.imports.lines import BrokenLine, Lines
from api.imports.rows import Row, Rows, Unreadable, Wrong
from schemas.wording import Say

MOST_BYTES = 8_388_608
"""Of a JSON document that is one whole, and so in memory at once."""

_NOT_JSON = Say("Linjen er ikke gyldig JSON.", "The line is not valid JSON.")
_WHOLE = Say(
    "Skriv hver post som ét JSON-objekt på én linje, i UTF-8.",
    "Write each record as one JSON object on one line, in UTF-8.",
)
_NO_OBJECT = Say("Linjen er ikke et JSON-objekt.", "The line is not a JSON object.")
_TOO_LARGE = Say("Et samlet JSON-dokument må højst fylde 8 MiB.", "A JSON document in one piece may be at most 8 MiB.")
_NO_LIST = Say("Der er ingen liste på {pointer} i dokumentet.", "There is no list at {pointer} in the document.")
_LISTED = Say("Ret items i profilen, eller filen.", "Correct items in the profile, or the file.")


def documents(file: IO[bytes], items: str | None = None) -> Rows:
    """The JSON objects of a file. `items` is a JSON pointer to the list in a document that is one whole."""
    lines = Lines(file)
    try:
        lines.first()
        first = next(lines, "")
    except BrokenLine:
        first = ""
    file.seek(0)
    if items is not None and (not _parses(first) or _holds(first, items)):
        return _listed(file, items)
    return _lines(Lines(file))


def _parses(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _holds(text: str, items: str) -> bool:
    return isinstance(at(orjson.loads(text), items), list)


def _lines(lines: Lines) -> Rows:
    while True:
        lines.begin()
        try:
            text = next(lines)
        except StopIteration:
            return
        except BrokenLine as broken:
            yield broken.wrong
            continue
        if text.strip():
            yield _row(lines.start, text)


def _row(line: int, text: str) -> Row | Wrong:
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        return Wrong(line, _NOT_JSON, _WHOLE, value=text[:100])
    return Row(line, {}, value) if isinstance(value, dict) else Wrong(line, _NO_OBJECT, _WHOLE, value=text[:100])


def _listed(file: IO[bytes], items: str) -> Rows:
    """The items of a list; the line of each is its number in the list."""
    if file.seek(0, os.SEEK_END) > MOST_BYTES:
        raise Unreadable(_TOO_LARGE, _WHOLE)
    file.seek(0)
    try:
        document = orjson.loads(file.read().removeprefix(b"\xef\xbb\xbf"))
    except (orjson.JSONDecodeError, RecursionError) as wrong:
        raise Unreadable(_NOT_JSON, _WHOLE) from wrong
    found = at(document, items)
    if not isinstance(found, list):
        raise Unreadable(_NO_LIST.format(pointer=items), _LISTED)
    return (
        Row(number, {}, value) if isinstance(value, dict) else Wrong(number, _NO_OBJECT, _WHOLE)
        for number, value in enumerate(found, start=1)
    )


def at(value: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) points at; None where there is nothing."""
    for escaped in pointer.split("/")[1:]:
        step = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and step.isascii():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
