"""The parts of a workbook (Office Open XML), an element at a time: none takes much memory, however it is made.

openpyxl would build styles, texts and rows whole before it looks at them: a few kilobytes, packed, can be gigabytes of
those. It only reads the cells here.
"""

from __future__ import annotations

import posixpath
import sys
import zipfile
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

MOST_AT_ONCE = 2_097_152
"""Bytes of one row or one text, with what is passed over before it."""
MOST_BESIDE = 8_388_608
"""Bytes of what tells where everything is and how numbers are shown, together."""
MOST_STRINGS = 67_108_864
"""Bytes of the part with the texts that cells share."""
MOST_TEXTS = 134_217_728
"""Bytes of memory of those texts, which are there at once."""
MOST_LISTED = 1_048_576
"""Bytes of the list of an archive's parts."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}Override"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_BOOKS = tuple(
    f"application/vnd.{kind}.main+xml"
    for kind in (
        "openxmlformats-officedocument.spreadsheetml.sheet", "openxmlformats-officedocument.spreadsheetml.template",
        "ms-excel.sheet.macroEnabled", "ms-excel.template.macroEnabled",
    )
)  # fmt: skip
_SHEETS = (f"{_MAIN}sheets", f"{_MAIN}sheet")
_LONGEST_FORMAT = 255
"""Excel's own limit."""
_OURS = "application/vnd.openxmlformats-officedocument.spreadsheetml."


class Burst(Exception):
    """There is more of something than a workbook that people made has."""


class Parts:
    """The parts of an opened workbook that matter for the cells of its first sheet."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        _demand_short_list(file)
        self._archive = zipfile.ZipFile(file)
        if sum(entry.file_size for entry in self._archive.infolist()) > most:
            raise Burst
        self._beside: dict[str, int] = {}
        named = self._named()
        self._styles, self._strings = (named.get(f"{_OURS}{kind}+xml") for kind in ("styles", "sharedStrings"))
        self._book = next((named[kind] for kind in _BOOKS if kind in named), "xl/workbook.xml")

    def _named(self) -> dict[str, str]:
        """The first part of each type."""
        found: dict[str, str] = {}
        for one in self._small("[Content_Types].xml", _TYPES):
            found.setdefault(one.get("ContentType", ""), one.get("PartName", "").lstrip("/"))
        return found

    def since_1904(self) -> bool:
        """Whether days are counted as the first Macintosh did."""
        properties = next(self._small(self._book, f"{_MAIN}workbookPr"), None)
        return properties is not None and properties.get("date1904") in ("1", "true")

    def formats(self) -> Iterator[tuple[int, str | None]]:
        """How each style shows numbers: the number of the format, and the format when it is the workbook's own."""
        if self._styles is None:
            return
        numbered = self._small(self._styles, f"{_MAIN}numFmts", f"{_MAIN}numFmt")
        own = {int(one.get("numFmtId", "")): one.get("formatCode", "")[:_LONGEST_FORMAT] for one in numbered}
        for style in self._small(self._styles, f"{_MAIN}cellXfs", f"{_MAIN}xf"):
            number = int(style.get("numFmtId") or 0)
            yield number, own.get(number)

    def strings(self) -> list[str]:
        """The texts that cells share."""
        if self._strings is None:
            return []
        if self._archive.getinfo(self._strings).file_size > MOST_STRINGS:
            raise Burst
        texts, room = [], MOST_TEXTS
        for one in self._each(self._strings, MOST_AT_ONCE, f"{_MAIN}si"):
            texts.append(_text(one))
            room -= sys.getsizeof(texts[-1])
            if room < 0:
                raise Burst
        return texts

    def rows(self) -> Iterator[Element]:
        """The rows of the first sheet."""
        return self._each(self._first_sheet(), MOST_AT_ONCE, f"{_MAIN}sheetData", f"{_MAIN}row")

    def _first_sheet(self) -> str:
        folder, name = posixpath.split(self._book)
        there = set(self._archive.namelist())
        relations = {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            for one in self._small(f"{folder}/_rels/{name}.rels".lstrip("/"), _RELATION)
            if one.get("Type", "").endswith("/worksheet")
        }
        named = (relations.get(one.get(_RELATED, "")) for one in self._small(self._book, *_SHEETS))
        found = next((sheet for sheet in named if sheet in there), None)
        if found is None:
            raise KeyError("worksheet")
        return found

    def _small(self, part: str, *path: str) -> Iterator[Element]:
        self._beside[part] = self._archive.getinfo(part).file_size
        if sum(self._beside.values()) > MOST_BESIDE:
            raise Burst
        return self._each(part, MOST_BESIDE, *path)

    def _each(self, part: str, at_once: int, *path: str) -> Iterator[Element]:
        with self._archive.open(part) as opened:
            yield from _each(_Watched(opened, at_once), path)


def _demand_short_list(file: IO[bytes]) -> None:
    """Refuse an archive of a great many parts, before all of them are objects."""
    end: Any = zipfile._EndRecData(file)  # type: ignore[attr-defined] # as ZipFile itself finds out
    if end and end[zipfile._ECD_SIZE] > MOST_LISTED:  # type: ignore[attr-defined]
        raise Burst


class _Watched:
    """A part of which no more is read at once than there may be from one element that is looked for to the next."""

    def __init__(self, part: IO[bytes], at_once: int) -> None:
        self._part, self._at_once, self._left = part, at_once, at_once

    def found(self) -> None:
        self._left = self._at_once

    def read(self, size: int) -> bytes:
        got = self._part.read(size)
        self._left -= len(got)
        if self._left < 0:
            raise Burst
        return got


def _each(part: _Watched, path: tuple[str, ...]) -> Iterator[Element]:
    """Each element at the path below the root; that and whatever stands beside it is forgotten when it is over."""
    around: list[Element] = []
    for event, element in iterparse(part, ("start", "end")):
        if event == "start":
            around.append(element)
            continue
        around.pop()
        if not around:
            return
        if len(around) > len(path):
            continue  # within what is asked for, and looked at with it
        if len(around) == len(path) and (*(one.tag for one in around[1:]), element.tag) == path:
            yield element
            part.found()
        elif len(around) == 1 and element.tag == path[0]:
            return  # there is one of these, and it is over
        around[-1].clear()


def _text(shared: Element) -> str:
    """A text without its formatting, and without how it is pronounced."""
    said = (shared.findtext(f"{_MAIN}t"), *(one.findtext(f"{_MAIN}t") for one in shared.iterfind(f"{_MAIN}r")))
    return "".join(filter(None, said)).replace("x005F_", "")
