"""A code list as it is published, and how to find something in it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

Item = Mapping[str, Any]

WORD = re.compile(r"\w+")
CPV_WITH_CHECK_DIGIT = re.compile(r"\b(\d{8})-\d\b")


@dataclass(frozen=True, slots=True, eq=False)
class CodeList:
    """A closed list or classification: what it is, whose it is, and its items.

    An item is `{code, label: {da, en}, facts: {...}}`. A period runs from its first day until the day it
    is over, here and in the items.
    """

    scheme: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    version: str
    licence: str
    source: str
    valid_from: date | None
    valid_to: date | None
    items: tuple[Item, ...]


def find(code_list: CodeList, q: str) -> list[Item]:
    """The items in which every word asked for begins a word of the label or the code."""
    found = _texts(code_list)
    for word in _words(CPV_WITH_CHECK_DIGIT.sub(r"\1", q)):
        found = [(item, text) for item, text in found if word in text]
    return [item for item, _ in found]


@cache
def _texts(code_list: CodeList) -> list[tuple[Item, str]]:
    """Each item beside its text to search, worked out once: CPV has more than nine thousand."""
    return [(item, "".join(_words(" ".join(_spoken(item))))) for item in code_list.items]


def _spoken(item: Item) -> tuple[str, ...]:
    return item["code"] or "", item["label"]["da"], item["label"]["en"]


def _words(text: str) -> list[str]:
    """Words in lower case, each after a space, so that `" rob" in text` asks for the beginning of a word.

    NFKC makes the 2 of CO₂ a plain one and leaves æ, ø and å alone.
    """
    return [f" {word}" for word in WORD.findall(unicodedata.normalize("NFKC", text).casefold())]
