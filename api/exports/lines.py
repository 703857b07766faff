"""Lines of JSON: a record a line, just as the API answers it, for programs that take in one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from api.exports.pieces import in_pieces
from api.kit.answers import thinned
from api.kit.formats import Context, Format


def write(documents: Iterator[bytes], about: Context) -> Iterator[bytes]:
    """The documents as they are stored, or thinned as asked (NDJSON: UTF-8, a line feed behind each)."""
    if about.fields:
        documents = (thinned(document, about.fields) for document in documents)
    return in_pieces(document + b"\n" for document in documents)


NDJSON = Format("ndjson", "application/x-ndjson", write, saved=True)
