"""Text files as physical lines: which encoding they are in, and which lines cannot be read."""

from __future__ import annotations

import codecs
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from api.imports.rows import CORRECT, Unreadable, Wrong
from schemas.wording import Say

LONGEST = 1_048_576
"""Most bytes of a line, and characters of a record that runs over several."""
_AT_ONCE = 65_536

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

_TOO_LONG = Say("Linjen fylder mere end 1 MiB.", "The line is longer than 1 MiB.")
_UNCLOSED = Say(
    "Måske mangler et anførselstegn her eller på en linje før.",
    "Perhaps a quotation mark is missing here, or on a line before.",
)
_NUL = Say("Linjen indeholder et NUL-tegn.", "The line contains a NUL character.")
_AS_TEXT = Say(
    "Gem filen som CSV UTF-8, og indlæs den igen.",
    "Save the file as CSV UTF-8, and import it again.",
)
_NOT_TEXT = Say("Linjen er ikke gyldig tekst i {encoding}.", "The line is not valid text in {encoding}.")
_NO_TEXT = Say("Filen er ikke tekst i UTF-16, som den begynder med at sige.",
               "The file is not text in UTF-16, as it begins by saying.")  # fmt: skip


class BrokenLine(Exception):
    """One physical line that cannot be read."""

    def __init__(self, line: int, detail: Say, advice: Say) -> None:
        super().__init__(detail.en)
        self.wrong = Wrong(line, detail, advice)


@contextmanager
def narrow(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file itself or, when it begins with the mark of UTF-16, the same in UTF-8."""
    file.seek(0)
    encoding = _UTF16.get(file.read(2))
    file.seek(0)
    if encoding is None:
        yield file
        return
    file.seek(2)
    with tempfile.TemporaryFile() as made:
        try:
            for part in codecs.iterdecode(iter(lambda: file.read(_AT_ONCE), b""), encoding):
                made.write(part.encode())
        except UnicodeError as wrong:
            raise Unreadable(_NO_TEXT, _AS_TEXT) from wrong
        yield made


def _encoding(file: IO[bytes]) -> str:
    """Go to where the text begins, and say its encoding: UTF-8 if it is marked so or is that, else Windows-1252.

    A file that is UTF-8 but for a few lines is UTF-8 with errors: read as Windows-1252 its letters would be garbled.
    """
    file.seek(0)
    if file.read(3) == codecs.BOM_UTF8:
        return "utf-8"
    file.seek(0)
    encoding = _sniffed(file)
    file.seek(0)
    return encoding


def _sniffed(file: IO[bytes]) -> str:
    good = bad = 0
    for _, raw in _physical(file):
        if not raw.isascii():
            try:
                raw.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return "utf-8" if bad == 0 or good > bad else "cp1252"


def _physical(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Physical lines with their numbers, cut off beyond the longest; they end in LF, CR LF or, in old files, CR."""
    end = _ending(file)
    number, kept, skipping = 0, b"", False
    while part := file.read(_AT_ONCE):
        *whole, kept = (kept + part).split(end)
        for raw in whole:
            number += not skipping
            if not skipping:
                yield number, raw + end
            skipping = False
        if len(kept) > LONGEST:
            number += not skipping
            if not skipping:
                yield number, kept[: LONGEST + 1]
            kept, skipping = b"", True
    if kept and not skipping:
        yield number + 1, kept


def _ending(file: IO[bytes]) -> bytes:
    start = file.tell()
    beginning = file.read(_AT_ONCE)
    file.seek(start)
    return b"\r" if b"\r" in beginning and b"\n" not in beginning else b"\n"


class Lines:
    """The lines of a text, one after the other; a reader of records can go back to the second line of the one at hand.

    `next` raises `BrokenLine` for a line that cannot be read, and goes on after it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.encoding = _encoding(file)
        self._raw = _physical(file)
        self._again: deque[tuple[int, bytes]] = deque()
        self._held: list[tuple[int, bytes]] = []
        self._size = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        number, raw = self._again.popleft() if self._again else next(self._raw)
        self._held.append((number, raw))
        self._size += len(raw)
        if self._size > LONGEST:
            raise BrokenLine(self.start, _TOO_LONG, _UNCLOSED if len(self._held) > 1 else CORRECT)
        if b"\0" in raw:
            raise BrokenLine(number, _NUL, CORRECT)
        try:
            return raw.decode(self.encoding)
        except UnicodeDecodeError as wrong:
            named = _NOT_TEXT.format(encoding={"cp1252": "Windows-1252"}.get(self.encoding, "UTF-8"))
            raise BrokenLine(number, named, _AS_TEXT) from wrong

    def begin(self) -> None:
        """A new record begins with the next line."""
        self._held.clear()
        self._size = 0

    @property
    def start(self) -> int:
        """The line the record at hand begins on."""
        return self._held[0][0] if self._held else 0

    def go_back(self) -> None:
        """Read on from the second line of the record at hand: its first is broken."""
        self._again.extendleft(reversed(self._held[1:]))

    def first(self) -> str:
        """The first line that is not empty, which is read again as the next; nothing in an empty file."""
        for text in self:
            if text.strip():
                self._again.append(self._held[-1])
                self.begin()
                return text
            self.begin()
        return ""
