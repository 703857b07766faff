"""Sentences that people read, said once in Danish and once in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence in both languages of the API; placeholders as in `str.format`."""

    da: str
    en: str

    def format(self, **facts: Any) -> Say:
        """The same sentence with its placeholders filled; a fact may itself be a `Say`."""
        return Say(
            self.da.format(**{name: _in(value, "da") for name, value in facts.items()}),
            self.en.format(**{name: _in(value, "en") for name, value in facts.items()}),
        )

    def in_(self, language: str) -> str:
        """The sentence in one language; anything but English is Danish, the API's default."""
        return self.en if language == "en" else self.da

    def __add__(self, other: Say) -> Say:
        return Say(self.da + other.da, self.en + other.en)


def _in(value: Any, language: str) -> Any:
    return value.in_(language) if isinstance(value, Say) else value
