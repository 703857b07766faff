"""What a file is, by its content: the few formats that are taken in, and nothing that could run.

Ten formats need no library: three begin with a signature, five are ZIP archives that name themselves, two are text.
"""

from __future__ import annotations

import codecs
import os
import struct
import zipfile
import zlib
from functools import partial
from typing import IO

from schemas import vocabulary as v

F = v.DocumentFormat

_SIGNATURES = ((b"%PDF-", F.PDF), (b"\x89PNG\r\n\x1a\n", F.PNG), (b"\xff\xd8\xff", F.JPEG))
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN_PARTS = (
    (f"{_OFFICE}wordprocessingml.document.main+xml", F.DOCX),
    (f"{_OFFICE}spreadsheetml.sheet.main+xml", F.XLSX),
    (f"{_OFFICE}presentationml.presentation.main+xml", F.PPTX),
)
_OPEN_DOCUMENT = (
    (b"application/vnd.oasis.opendocument.text", F.ODT),
    (b"application/vnd.oasis.opendocument.spreadsheet", F.ODS),
)
# Programs inside: macros, ActiveX, Basic and scripts.
_PROGRAMS = ("vbaproject", "vbadata", "activex", "basic/", "scripts/")
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml", b"<iframe", b"<%", b"<?php")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError,
    KeyError,
)  # fmt: skip
_MOST_ENTRIES, _LARGEST_DIRECTORY, _LARGEST_TYPES = 10_000, 2 * 1024 * 1024, 1024 * 1024
_CHUNK = 64 * 1024


def recognised(file: IO[bytes]) -> v.DocumentFormat | None:
    """The format of a file; None when it is none of those taken in. Plain text may as well be CSV."""
    head = _at(file, 0, 1024)
    for signature, format in _SIGNATURES:
        if head.startswith(signature):
            return format
    if head.startswith(b"PK\x03\x04"):
        return _archive(file, head)
    return F.TXT if head and not _active(head) and _is_text(file) else None


def _at(file: IO[bytes], place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


# --- Archives: only their directory is read, and the one entry that says what they are ------------------------


def _archive(file: IO[bytes], head: bytes) -> v.DocumentFormat | None:
    try:
        if not _small_directory(file):
            return None
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if any(map(_leads_out, names)) or any(map(_is_program, names)):
                return None
            return _open_document(head) or _office(archive)
    except _BROKEN:
        return None  # broken, encrypted, or packed in a way that no office program does


def _small_directory(file: IO[bytes]) -> bool:
    """Whether the list of entries can be read without harm: its length stands at the very end of the archive."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 22 - 0xFFFF)
    tail = _at(file, start, size - start)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or b"PK\x06\x07" in tail[max(0, place - 20) : place]:  # the second is ZIP64, for what is huge
        return False
    entries, length = struct.unpack_from("<HL", tail, place + 10)
    return bool(0 < entries <= _MOST_ENTRIES and length <= _LARGEST_DIRECTORY)


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _is_program(name: str) -> bool:
    lowered = name.lower()
    return any(
        lowered.rpartition("/")[2].startswith(one) or f"/{one}" in f"/{lowered}" for one in _PROGRAMS
    ) or lowered.endswith((".exe", ".dll", ".js", ".vbs", ".class"))


def _open_document(head: bytes) -> v.DocumentFormat | None:
    """By its first entry, which is called `mimetype` and not packed, so that it can be read right here."""
    length, extra = struct.unpack_from("<HH", head, 26)
    if head[30 : 30 + length] != b"mimetype":
        return None
    said = head[30 + length + extra :]
    # What follows the name of the type is the next entry.
    return next((format for name, format in _OPEN_DOCUMENT if said.startswith(name + b"PK\x03\x04")), None)


def _office(archive: zipfile.ZipFile) -> v.DocumentFormat | None:
    """By its list of content types; with macros, the main part has a type of its own."""
    with archive.open("[Content_Types].xml") as entry:
        types = entry.read(_LARGEST_TYPES).decode("utf-8", "replace")
    if "macroEnabled" in types or "vbaProject" in types:
        return None
    return next((format for name, format in _MAIN_PARTS if f'"{name}"' in types or f"'{name}'" in types), None)


# --- Text -----------------------------------------------------------------------------------------------------


def _active(head: bytes) -> bool:
    """Whether a text could run: markup that browsers know, or a script's first line."""
    return head.startswith(b"#!") or any(mark in head.lower() for mark in _MARKUP)


def _is_text(file: IO[bytes]) -> bool:
    """Whether all of it is UTF-8 without control characters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        for chunk in iter(partial(file.read, _CHUNK), b""):
            decoder.decode(chunk)
            if chunk.translate(None, _CONTROLS) != chunk:
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_CONTROLS = bytes([*range(9), 11, *range(14, 32), 127])  # in UTF-8 these bytes stand for nothing else
