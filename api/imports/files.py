"""A file as it is to be taken in: which format it is, and the reader of its rows."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from api.imports.documents import documents
from api.imports.lines import narrow
from api.imports.mapping import AsTheyAre, Entry, Profile, Reading, by_name, by_profile
from api.imports.rows import Row, Rows, Unreadable, Wrong
from api.imports.tables import Table, table
from api.imports.targets import target
from api.imports.workbooks import SAVE, workbook
from schemas.vocabulary import ImportResource
from schemas.wording import Say

_ZIP = b"PK\x03\x04"
_OTHERS = (b"\xd0\xcf\x11\xe0", b"%PDF")
"""How Excel's older workbooks and those with a password begin, and what people take for a table."""
_NOT_IN_TEXT = frozenset(range(32)) - frozenset(b"\0\t\n\v\f\r\x1a")
"""Signs no text has; a NUL costs its line alone, and old programs end files with the last."""
_NO_TABLE = Say(
    "Filen er hverken CSV, et regneark (.xlsx) eller JSON.", "The file is neither CSV, a workbook (.xlsx) nor JSON."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Whose records the lines of a file are, and how to read them."""

    resource: ImportResource
    profile: Profile | None = None

    def entries(self, file: IO[bytes]) -> Iterator[Entry | list[Wrong]]:
        """What every line says, or what is wrong with it; raises `Unreadable` for a file that cannot be read at all."""
        with narrow(file) as content:
            rows, reading = self._opened(content)
            for row in rows:
                yield reading.entry(row) if isinstance(row, Row) else [row]

    def _opened(self, file: IO[bytes]) -> tuple[Rows, Reading | AsTheyAre]:
        ours = target(self.resource)
        found = _table(file)
        if found is not None:
            if self.profile:
                return found.rows, by_profile(ours, self.profile, found.columns, found.danish)
            return found.rows, by_name(ours, found.columns, found.danish)
        rows = documents(file, self.profile.items if self.profile else None)
        return rows, by_profile(ours, self.profile, None) if self.profile else AsTheyAre(ours)


def _table(file: IO[bytes]) -> Table | None:
    """The file as a table; None when it is JSON."""
    file.seek(0)
    start = file.read(1024)
    if start.startswith(_ZIP):
        return workbook(file)
    if start.removeprefix(BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        return None
    if start.startswith(_OTHERS) or not _NOT_IN_TEXT.isdisjoint(start):
        raise Unreadable(_NO_TABLE, SAVE)
    return table(file)
