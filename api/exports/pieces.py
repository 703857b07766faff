"""Pieces of a size that is worth sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SIZE = 64 * 1024
"""Bytes: every piece costs the server a turn, and stays in memory until it is sent."""


def in_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about that size."""
    piece = bytearray()
    for part in parts:
        piece += part
        if len(piece) >= SIZE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
