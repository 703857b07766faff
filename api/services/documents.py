"""Documents: taking a file in, handing its bytes out, erasing them when nothing refers to them any more."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api.db import Database
from api.domain.content import recognised
from api.domain.errors import INVALID, NOT_FOUND, RANGE_NOT_SATISFIABLE, UNSUPPORTED_MEDIA_TYPE, Refusal
from api.kit import conditional, uploads
from api.kit.actor import actor
from api.kit.answers import caching, not_modified
from api.kit.service import service
from api.models import Document, Import, Resource
from api.storage import Missing, Storage, Unreachable
from schemas import vocabulary as v
from schemas.documents import MEDIA_TYPES
from schemas.wording import Say

F = v.DocumentFormat
_log = logging.getLogger("copi")

_ENDINGS = {format: (f".{format}",) for format in F} | {F.JPEG: (".jpg", ".jpeg"), F.TXT: (".txt", ".md")}
# What some systems call our formats; octet-stream is what is said when nothing is known.
_ALSO = {F.CSV: {"application/csv", "application/vnd.ms-excel"}, F.JPEG: {"image/jpg"}}
_UNSAID = {"", "application/octet-stream"}
_LONGEST = 200
_TURNS_TEXT_ROUND = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_NOT_TAKEN = Say(
    "Filen er ikke i et format, der tages imod: PDF, PNG, JPEG, Word, Excel, PowerPoint, OpenDocument, eller CSV og "
    "tekst i UTF-8; uden makroer.",
    "The file is not in a format that is taken in: PDF, PNG, JPEG, Word, Excel, PowerPoint, OpenDocument, or CSV and "
    "text in UTF-8; without macros.",
)
_EMPTY = Say("Filen er tom.", "The file is empty.")
_DISAGREES = Say(
    "Indholdet er {format}, men Content-Type siger {claimed}.",
    "The content is {format}, but Content-Type says {claimed}.",
)
_NAME = Say(
    "Filens navn skal være 1-200 tegn uden styretegn og ende på {endings}.",
    "The file's name must be 1-200 characters without control characters and end in {endings}.",
)
_REMOVED = Say("Dokumentet er fjernet.", "The document has been removed.")


def attach(parent: Resource, fields: Mapping[str, Any]) -> Document:
    """A new document of the record; its bytes are put into the storage once everything else is in order."""
    upload: FileStorage = fields["file"]
    content = uploads.incoming(upload)
    format = _format(upload, content)
    return Document.add(
        {
            f"{parent.lifecycle.resource}_id": parent.id,
            "title": fields["title"],
            "visibility": fields["visibility"],
            "name": _name(upload.filename or "", format),
            "format": format,
            "size": content.size,
            "sha256": content.sha256,
        }
    )


def _format(upload: FileStorage, content: uploads.Incoming) -> v.DocumentFormat:
    """What the content is, if it is taken in and what was said of it agrees."""
    if content.size == 0:
        raise _wrong_file(_EMPTY)
    format = recognised(content.file)
    if format is None:
        raise Refusal(UNSUPPORTED_MEDIA_TYPE, _NOT_TAKEN)
    claimed = upload.mimetype.lower()
    if format is F.TXT and (claimed in _names(F.CSV) or (claimed in _UNSAID and _ends(upload.filename or "", F.CSV))):
        format = F.CSV
    if claimed not in _names(format) | _UNSAID:
        raise _wrong_file(_DISAGREES.format(format=MEDIA_TYPES[format], claimed=claimed[:100]))
    return format


def _names(format: v.DocumentFormat) -> set[str]:
    return {MEDIA_TYPES[format]} | _ALSO.get(format, set())


def _ends(name: str, format: v.DocumentFormat) -> bool:
    return name.lower().endswith(_ENDINGS[format])


def _name(given: str, format: v.DocumentFormat) -> str:
    """The file's name, without the folders some systems send along.

    It must end as its format does: a text called `.bat` would run where it is opened.
    """
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2]).strip()
    odd = any(unicodedata.category(mark) in ("Cc", "Cs") or mark in _TURNS_TEXT_ROUND for mark in name)
    if odd or not 1 < len(name) <= _LONGEST or not _ends(name, format):
        raise _wrong_file(_NAME.format(endings=", ".join(_ENDINGS[format])))
    return name


def _wrong_file(detail: Say) -> Refusal:
    return Refusal(INVALID, errors=[{"pointer": "/file", "detail": detail}])


# --- Handing out ----------------------------------------------------------------------------------------------


def content(document: Document) -> Response:
    """The bytes, all or the part that was asked for; nothing a browser could run."""
    if document.state != v.DocumentState.CURRENT:
        raise Refusal(NOT_FOUND, _REMOVED)
    tag = f'"{document.sha256}"'
    headers = {
        **caching(actor()),
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if conditional.held(tag):
        return not_modified(tag, headers)
    start, stop = _wanted(document.size, tag)
    whole = (start, stop) == (0, document.size)
    try:
        chunks = service().storage.read(document.sha256, start, stop)
    except Missing as lost:
        _log.exception("document %s: its bytes are not in the storage", document.id)
        raise Refusal(NOT_FOUND) from lost
    response = Response(chunks, 200 if whole else 206, headers, content_type=_content_type(document.format))
    response.content_length = stop - start
    if not whole:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{document.size}"
    return response


def _content_type(format: v.DocumentFormat) -> str:
    name = MEDIA_TYPES[format]
    return f"{name}; charset=utf-8" if name.startswith("text/") else name


def _wanted(size: int, tag: str) -> tuple[int, int]:
    """From where to where: one range is served as asked; what is no range, or several, as if none were asked for."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return 0, size
    if "If-Range" in request.headers and request.headers["If-Range"] != tag:
        return 0, size
    part = asked.range_for_length(size)
    if part is None:
        raise Refusal(RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
    return part


# --- Erasing --------------------------------------------------------------------------------------------------


def erase(document: Document) -> None:
    """After a removal: erase the bytes unless another document has the very same."""
    erase_all([document.sha256])


def erase_all(contents: Iterable[str]) -> None:
    """Erase the contents that no current document refers to.

    A removal stands whether this succeeds or not; what is left over goes with the next `copi documents`.
    """
    try:
        for sha256 in contents:
            erase_unshared(service().database, service().storage, sha256)
    except Unreachable:
        _log.exception("the storage does not answer: it still holds what is to be erased")


def erase_unshared(database: Database, storage: Storage, sha256: str) -> bool:
    """Erase a content that no current document and no import refers to; whether it was."""
    with database.writing() as session:
        uploads.hold(session, sha256)
        if _referred(session, sha256):
            return False
        storage.erase(sha256)
        return True


def _referred(session: Session, sha256: str) -> bool:
    current = select(Document.id).where(Document.sha256 == sha256, Document.state == v.DocumentState.CURRENT)
    imported = select(Import.id).where(Import.sha256 == sha256)
    return any(session.execute(one.limit(1)).first() is not None for one in (current, imported))


def tidy(database: Database, storage: Storage) -> int:
    """Erase every content that nothing refers to, such as an upload that was cut off leaves; how many."""
    return sum(erase_unshared(database, storage, sha256) for sha256 in storage.contents())


def lost(database: Database, storage: Storage) -> Iterator[tuple[str, str]]:
    """Current documents whose bytes are not in the storage: id and name."""
    with database.reading() as connection:
        rows = connection.execute(
            select(Document.id, Document.name, Document.sha256)
            .where(Document.state == v.DocumentState.CURRENT)
            .order_by(Document.id)
        ).all()
    kept = set(storage.contents())
    return ((id, name) for id, name, sha256 in rows if sha256 not in kept)
