"""Formats: the media types besides JSON in which lists and records are answered, and how one of them is asked for.

A format is a name, a media type and a function that writes documents. `blp.listing` and `blp.operation` say which ones
an address offers; the layers above this one make them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from api.domain import clock
from api.domain.errors import INVALID, Refusal
from api.kit.problems import base_url, language_of_request
from schemas.base import JSON, Shape
from schemas.columns import Column, columns_of
from schemas.wording import Say


@dataclass(frozen=True, slots=True)
class Context:
    """What a format may want to know of the documents it writes."""

    noun: str
    """What they are together, as in addresses: `challenges`."""
    schema: type[Shape]
    fields: frozenset[str] | None
    """The properties to write, those that always come included; None for all."""
    dialect: str | None
    base: str
    """Where the service is reached, without a slash at the end: addresses in documents are relative to it."""
    address: str
    """The address that was asked for, whole."""
    at: dt.datetime
    language: str = "da"
    """What the reader reads best: `da` or `en`."""
    following: str | None = None
    """The address of the next page, whole; None on the last one."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of their tables."""
        chosen = self.fields
        return tuple(one for one in columns_of(self.schema) if chosen is None or one.names[0] in chosen)


Write = Callable[[Iterator[bytes], Context], Iterator[bytes]]
"""Writes documents (JSON, one at a time) piece by piece; never holds them all."""


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """One format: `name` asks for it in an address, `media` in Accept."""

    name: str
    media: str
    write: Write
    whole: bool = True
    """Of a list it holds every record that matches; otherwise one page, as `limit`, `page` and `cursor` say."""
    saved: bool = False
    """It is a file to keep, called after what it holds and the day; otherwise it is shown or read at once."""
    dialects: tuple[str, ...] = ()
    """The ways it can be written, the usual one first."""
    parameters: str = ""
    """What follows the media type in Content-Type."""
    spoken: bool = False
    """Its texts are in the reader's language: that of the address, else the best by Accept-Language."""
    newest: bool = False
    """Of a list it has what was changed last first, unless sorted otherwise."""
    embeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The neighbours it writes along with records, by their resource."""


def names(offered: Sequence[Format]) -> tuple[str, ...]:
    """What `format` can be."""
    return ("json", *(one.name for one in offered))


def dialects(offered: Sequence[Format]) -> tuple[str, ...]:
    """What `dialect` can be."""
    return tuple(dialect for one in offered for dialect in one.dialects)


def languages(offered: Sequence[Format]) -> tuple[str, ...]:
    """What `language` can be."""
    return ("da", "en") if any(one.spoken for one in offered) else ()


def media(offered: Sequence[Format]) -> tuple[str, ...]:
    """What Accept can name besides JSON."""
    return tuple(one.media for one in offered)


def asked(offered: tuple[Format, ...], wanted: Mapping[str, Any]) -> Format | None:
    """The format the request wants: the one it names, else the best by Accept (RFC 9110, 12.5.1); None is JSON."""
    if not offered:
        return None
    if name := wanted["format"]:
        chosen = next((one for one in offered if one.name == name), None)
    else:
        chosen = _preferred(offered, request.environ.get("HTTP_ACCEPT"))
    dialect = wanted.get("dialect")
    if dialect and (chosen is None or dialect not in chosen.dialects):
        raise _refusal(["dialect"], _NO_DIALECT.format(dialect=dialect))
    if wanted.get("language") and (chosen is None or not chosen.spoken):
        raise _refusal(["language"], _BOTH_LANGUAGES)
    return chosen


@lru_cache(maxsize=1024)
def _preferred(offered: tuple[Format, ...], accept: str | None) -> Format | None:
    by_media = {JSON: None, **{one.media: one for one in offered}}
    best = parse_accept_header(accept, MIMEAccept).best_match(by_media, JSON)
    return by_media[best]


_PAGING = frozenset({"limit", "page", "cursor"})
_OF_JSON = frozenset({"embed", "total"})


def demand_fitting(format: Format) -> None:
    """Refuse (422) what is asked for besides and means nothing in the format."""
    meaningless = _OF_JSON | (_PAGING if format.whole else set()) | (set() if format.saved else {"fields"})
    if odd := [name for name in request.args if name in meaningless]:
        raise _refusal(odd, _MEANINGLESS.format(format=format.name))


def _refusal(parameters: Sequence[str], detail: Say) -> Refusal:
    return Refusal(INVALID, errors=[{"parameter": name, "detail": detail} for name in parameters])


_NO_DIALECT = Say(
    "Formatet har ingen dialekt {dialect}; skriv format=csv.", "The format has no dialect {dialect}; say format=csv."
)
_BOTH_LANGUAGES = Say(
    "Formatet har begge sprog; udelad language.", "The format has both languages; leave language out."
)
_MEANINGLESS = Say(
    "Betyder ikke noget med format={format}, som har alle poster uden andet om dem; udelad den.",
    "Means nothing with format={format}, which has every record and nothing about it; leave it out.",
)


def context(noun: str, schema: type[Shape], wanted: Mapping[str, Any]) -> Context:
    """What the request at hand says of the documents it asks for."""
    base, fields = base_url(), wanted.get("fields")
    chosen = frozenset((*fields, *(schema.always or ()))) if fields else None
    query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    address, language = f"{base}{request.path}{query}", wanted.get("language") or language_of_request()
    return Context(noun, schema, chosen, wanted.get("dialect"), base, address, clock.now(), language)


def headers(format: Format, about: Context) -> dict[str, str]:
    """What an answer in the format says of itself."""
    said = {"Content-Type": f"{format.media}{format.parameters}"}
    if format.saved:
        name = f"{about.noun}-{about.at:%Y-%m-%d}.{format.name}"
        said["Content-Disposition"] = f"attachment; filename={name}"
    return said


def in_language(format: Format, about: Context) -> dict[str, str]:
    """What an answer, or that it has not changed, says of the language it is in."""
    if not format.spoken:
        return {}
    varying = "Authorization, Accept, Accept-Language, Accept-Encoding, Origin"
    return {"Content-Language": about.language, "Vary": varying}


def streamed(format: Format, documents: Iterator[bytes], about: Context, further: Mapping[str, str]) -> Response:
    """The documents in the format, piece by piece as they are read; none is read when only the headers are wanted."""
    pieces = iter(()) if request.method == "HEAD" else _begun(format.write(documents, about))
    return Response(pieces, 200, {**further, **headers(format, about)})


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, the first one made already: what fails at once is refused, rather than broken off."""
    first = next(pieces, b"")

    def all_of_them() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_of_them()
