"""Files that come with a request: on their way to the disk they are measured, and never whole in memory."""

from __future__ import annotations

import hashlib
import tempfile
from typing import IO, Any, cast

import flask
import marshmallow as ma
import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import FormDataParser

from api.domain.errors import MALFORMED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Refusal
from api.kit.service import service
from schemas.base import MULTIPART, Shape
from schemas.fields import File
from schemas.wording import Say

_BESIDES = 64 * 1024
"""What a form may hold besides its file."""
_MOST_PARTS = 10
_TOO_LARGE = Say("En fil må højst fylde {mib} MiB.", "A file may be at most {mib} MiB.")
_FORM = Say("Send Content-Type: multipart/form-data.", "Send Content-Type: multipart/form-data.")
_BROKEN = Say("Formularen er ikke hel, eller en del står der to gange.",
              "The form is not whole, or has a part twice.")  # fmt: skip


class Incoming:
    """A file as it arrives: written to disk, counted and hashed."""

    def __init__(self, most: int) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the request closes it
        self.size, self._most, self._hash = 0, most, hashlib.sha256()

    def write(self, chunk: bytes) -> int:
        """Take one chunk in, or refuse to read on (413)."""
        self.size += len(chunk)
        if self.size > self._most:
            raise too_large(self._most)
        self._hash.update(chunk)
        return self.file.write(chunk)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has arrived."""
        return self._hash.hexdigest()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class Request(flask.Request):
    """A request whose files arrive as ours, and whose broken forms are not taken for empty ones."""

    def __init__(self, *environment: Any, **options: Any) -> None:
        super().__init__(*environment, **options)
        self._incoming: list[Incoming] = []
        self.most_bytes = 0

    def _get_file_stream(self, *_: Any, **__: Any) -> Any:
        self._incoming.append(Incoming(self.most_bytes))
        return self._incoming[-1]

    def make_form_data_parser(self) -> FormDataParser:
        """Werkzeug's parser, told to speak up."""
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser

    def close(self) -> None:
        """Let go of the files, also of those in a form that broke off; without a name on the disk, they are gone."""
        super().close()
        for file in self._incoming:
            file.close()


def too_large(most: int) -> Refusal:
    """The refusal of a file above the limit."""
    return Refusal(TOO_LARGE, _TOO_LARGE.format(mib=most // 2**20))


def read(shape: Shape) -> dict[str, Any]:
    """The parts of the form by name: files as they are, objects parsed, the rest as text."""
    request = flask.request
    most = getattr(service().settings, shape.size_setting)
    limit = most + _BESIDES
    if request.mimetype != MULTIPART:
        raise Refusal(UNSUPPORTED_MEDIA_TYPE, _FORM)
    if (request.content_length or 0) > limit:
        raise too_large(most)
    cast(Request, request).most_bytes = most
    request.max_content_length, request.max_form_parts = limit, _MOST_PARTS
    try:
        parts: list[tuple[str, str | FileStorage]] = [*request.form.items(multi=True), *request.files.items(multi=True)]
    except ValueError as wrong:
        raise Refusal(MALFORMED, _BROKEN) from wrong
    if len({name for name, _ in parts}) < len(parts):
        raise Refusal(MALFORMED, _BROKEN)
    return {name: _part(shape.fields.get(name), value) for name, value in parts}


def _part(field: ma.fields.Field[Any] | None, value: str | FileStorage) -> Any:
    if isinstance(field, File):
        return value
    if isinstance(value, FileStorage):
        # Browsers send a part with a type of its own, such as JSON, as a file called "blob".
        value = value.stream.read(_BESIDES).decode("utf-8", "replace")
    if isinstance(field, ma.fields.Nested):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value  # the field says what it should have been
    return value


def incoming(file: FileStorage) -> Incoming:
    """The measured bytes behind a part."""
    return cast(Incoming, file.stream)


def keep(session: Session, fields: dict[str, Any]) -> None:
    """Put the files of a write into the storage before it is committed: what is acknowledged is there to stay.

    Last of all, so that whatever refuses the write leaves nothing behind. Should the commit itself fail, a content is
    left that nothing refers to; `copi documents` erases such.
    """
    for value in fields.values():
        if isinstance(value, FileStorage):
            file = incoming(value)
            hold(session, file.sha256)
            service().storage.keep(file.sha256, file.file)


def hold(session: Session, sha256: str) -> None:
    """Until the end of the transaction, let nobody else keep or erase this content.

    Otherwise one could erase as the last reference goes what another is just about to refer to.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":  # SQLite's write transactions are one at a time anyway
        key = int(sha256[:8], 16) - 2**31
        connection.execute(text("SELECT pg_advisory_xact_lock(:documents, :key)"), {"documents": _LOCK, "key": key})


_LOCK = 0x0C0D0
