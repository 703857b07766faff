"""Small real files of every format that is taken in, and what passes itself off as one."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

_OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = (
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def archive(entries: Mapping[str, bytes | str], *, stored: str | None = None) -> bytes:
    """A ZIP archive; the entry `stored` is not packed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, content in entries.items():
            packing.writestr(name, content, zipfile.ZIP_STORED if name == stored else None)
    return made.getvalue()


def office(kind: str, part: str, extra: Mapping[str, bytes | str] = {}) -> bytes:
    """An Office file with one main part."""
    types = (
        '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/{part}" ContentType="{kind}"/></Types>'
    )
    return archive({"[Content_Types].xml": types, "_rels/.rels": "<Relationships/>", part: "<x/>", **extra})


def open_document(kind: str, extra: Mapping[str, bytes | str] = {}) -> bytes:
    """An OpenDocument file."""
    return archive({"mimetype": kind, "content.xml": "<x/>", **extra}, stored="mimetype")


def _png() -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00"))
        + chunk(b"IEND", b"")
    )


DOCX = f"{_OFFICE}wordprocessingml.document"
XLSX = f"{_OFFICE}spreadsheetml.sheet"
PPTX = f"{_OFFICE}presentationml.presentation"
ODT, ODS = "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"

GOOD: dict[str, tuple[str, str, bytes]] = {
    "pdf": ("behov.pdf", "application/pdf", PDF),
    "png": ("foto.png", "image/png", _png()),
    "jpeg": ("foto.JPG", "image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"),
    "docx": ("krav.docx", DOCX, office(f"{DOCX}.main+xml", "word/document.xml")),
    "xlsx": ("tal.xlsx", XLSX, office(f"{XLSX}.main+xml", "xl/workbook.xml")),
    "pptx": ("oplæg.pptx", PPTX, office(f"{PPTX}.main+xml", "ppt/presentation.xml")),
    "odt": ("krav.odt", ODT, open_document(ODT)),
    "ods": ("tal.ods", ODS, open_document(ODS)),
    "csv": ("tal.csv", "text/csv", "navn;antal\r\nÆblevej;3\r\n".encode()),
    "txt": ("noter.txt", "text/plain", "\ufeffBlåbærgrød 🫐\n\ttaget i mål".encode()),
}
"""By format: a name, the media type, the bytes."""

MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def _many_entries() -> bytes:
    return archive({"[Content_Types].xml": f'"{DOCX}.main+xml"', **{f"x/{number}": b"" for number in range(10_001)}})


def _bomb() -> bytes:
    """A list of content types that unpacks to far more than is read of it; what it says comes last."""
    return archive({"[Content_Types].xml": b" " * 50_000_000 + f'"{DOCX}.main+xml"'.encode()})


BAD: dict[str, tuple[str, str, bytes]] = {
    "a program": ("krav.pdf", "application/pdf", b"MZ\x90\x00" + bytes(200)),
    "an ELF program": ("krav.docx", DOCX, b"\x7fELF" + bytes(200)),
    "a script": ("noter.txt", "text/plain", b"#!/bin/sh\nrm -rf /\n"),
    "HTML": ("noter.txt", "text/plain", b"  <!DOCTYPE html><script>alert(1)</script>"),
    "HTML after a mark": ("noter.txt", "text/plain", "\ufeff<html>".encode()),
    "SVG": ("foto.png", "image/png", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    "bare SVG": ("tal.csv", "text/csv", b'<svg onload="alert(1)"/>'),
    "GIF": ("foto.png", "image/png", b"GIF89a" + bytes(20)),
    "a plain ZIP": ("krav.docx", DOCX, archive({"a.txt": "a"})),
    "docm": ("krav.docx", DOCX, office(MACROS, "word/document.xml", {"word/vbaProject.bin": b"\xd0\xcf"})),
    "docm without its macros": ("krav.docx", DOCX, office(MACROS, "word/document.xml")),
    "docx with macros": (
        "krav.docx", DOCX, office(f"{DOCX}.main+xml", "word/document.xml", {"word/vbaProject.bin": b"\xd0\xcf"})),
    "ODT with Basic": ("krav.odt", ODT, open_document(ODT, {"Basic/Standard/Module1.xml": "<x/>"})),
    "ODT's template": ("krav.odt", ODT, open_document(f"{ODT}-template")),
    "a path that leads out": (
        "krav.docx", DOCX, office(f"{DOCX}.main+xml", "word/document.xml", {"../../etc/cron.d/x": "x"})),
    "an absolute path": ("krav.docx", DOCX, office(f"{DOCX}.main+xml", "word/document.xml", {"/etc/x": "x"})),
    "too many entries": ("krav.docx", DOCX, _many_entries()),
    "a ZIP bomb": ("krav.docx", DOCX, _bomb()),
    "half a docx": ("krav.docx", DOCX, GOOD["docx"][2][:-30]),
    "Latin-1": ("noter.txt", "text/plain", "blåbær".encode("latin-1")),
    "UTF-16": ("tal.csv", "text/csv", "a;b\r\n".encode("utf-16")),
    "NUL in text": ("noter.txt", "text/plain", b"abc\x00def"),
    "a character cut in two": ("noter.txt", "text/plain", b"abc\xc3"),
}  # fmt: skip
"""What is refused, whatever it is called: a name, the media type, the bytes."""
