"""What a file consists of, whatever its format: rows with the line they stand on, and what cannot be read as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.wording import Say


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the file has it: cells by the name of their column, or one JSON value."""

    line: int
    cells: Mapping[str, str]
    value: Any = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in one place of a file, and what to do about it."""

    line: int
    detail: Say
    advice: Say
    column: str | None = None
    value: str | None = None


Rows = Iterator[Row | Wrong]


class Unreadable(Exception):
    """The file as a whole cannot be read: nothing of it is taken in."""

    def __init__(self, detail: Say, advice: Say, *, line: int = 1, column: str | None = None) -> None:
        super().__init__(detail.en)
        self.wrong = Wrong(line, detail, advice, column)


_SHOWN = 100


def shown(text: str, most: int = _SHOWN) -> str:
    """What a file says, short and without signs that do not show, to be quoted in a sentence or a report."""
    return "".join(_visible(mark) for mark in text.replace("\r\n", "\n")[:most])


def _visible(mark: str) -> str:
    if mark in "\r\n":
        return "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"
    return mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}"


CORRECT = Say(
    "Ret linjen i filen, og indlæs filen igen. Det, der allerede er indlæst, sker der ikke noget med.",
    "Correct the line in the file, and import the file again. Nothing happens to what is already taken in.",
)
