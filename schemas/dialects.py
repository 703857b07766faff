"""The dialects of CSV: RFC 4180 for programs, and the one that Excel opens by a double-click in Denmark."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from schemas.columns import NUMBERS, Column

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How text begins that a spreadsheet would reckon out (OWASP, CSV injection), or that stands guarded against it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file of cells is written."""

    name: str
    delimiter: str
    mark: bytes = b""
    """What the file begins with, so that its encoding is known."""
    decimal_comma: bool = False
    guarded: bool = False
    """It is made for spreadsheets: an apostrophe keeps what looks like a formula from being one."""

    def write(self, column: Column, text: str) -> str:
        """The text of a cell as it stands in a file of this dialect."""
        if column.kind in NUMBERS:
            return text.replace(".", ",") if self.decimal_comma else text
        return guarded(text) if self.guarded else text

    def read(self, column: Column, text: str) -> str:
        """The text of a cell that stands so in a file: `write` the other way round."""
        if column.kind in NUMBERS:
            return text.replace(",", ".") if self.decimal_comma else text
        return unguarded(text) if self.guarded else text


RFC_4180 = Dialect("rfc4180", ",")
"""Nothing is added to what the records say. A spreadsheet must import it, not open it."""
EXCEL_DA = Dialect("excel-da", ";", mark=codecs.BOM_UTF8, decimal_comma=True, guarded=True)
DIALECTS = {dialect.name: dialect for dialect in (RFC_4180, EXCEL_DA)}


def guarded(text: str) -> str:
    """Text with an apostrophe before it where it could be taken for a formula.

    Text that begins so of itself gets one more, so that each can be told from the other.
    """
    return f"'{text}" if looks_like_formula(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` made this of."""
    return text[1:] if text[:1] == "'" and looks_like_formula(text) else text


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would reckon, once the apostrophes before it are gone."""
    return _FORMULA.match(text) is not None
