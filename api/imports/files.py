"""A file as it is to be taken in: which format it is, and the reader of its rows."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from api.imports.documents import documents
from api.imports.lines import narrow
from api.imports.mapping import AsTheyAre, Entry, Profile, Reading, by_name, by_profile
from api.imports.rows import Row, Rows, Wrong
from api.imports.tables import Table, table
from api.imports.targets import target
from api.imports.workbooks import workbook
from schemas.vocabulary import ImportResource

_ZIP = b"PK\x03\x04"


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
    start = file.read(4)
    if start == _ZIP:
        return workbook(file)
    first = (start + file.read(1024)).removeprefix(BOM_UTF8).lstrip()[:1]
    return None if first in (b"{", b"[") else table(file)
