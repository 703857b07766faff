"""Feeds of a list: Atom (RFC 4287), for feed readers, newsletters and whoever wants to be told what is new."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson

from api.exports import terms
from api.kit.formats import Context, Format
from api.models.project import ANSWERABLE
from schemas.vocabulary import PartnerKind, Theme
from schemas.wording import Say

_ATOM = "http://www.w3.org/2005/Atom"
_MEDIA = "application/atom+xml"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document can hold, however it is written (XML 1.0, section 2.2)."""
_TITLES = {
    "challenges": Say("Udfordringer fra CO-PI", "Challenges from CO-PI"),
    "partners": Say("Organisationer hos CO-PI", "Organisations at CO-PI"),
    "projects": Say("Samarbejder hos CO-PI", "Collaborations at CO-PI"),
    "outcomes": Say("Resultater fra CO-PI", "Outcomes from CO-PI"),
    "guidance": Say("Vejledning fra CO-PI", "Guidance from CO-PI"),
}
_AUTHORS = {"challenge": ("owners",), "project": ("partners",), "outcome": ("project", "partners")}

ET.register_namespace("", _ATOM)


def write(documents: Iterator[bytes], about: Context) -> Iterator[bytes]:
    """One page of the feed."""
    records = [orjson.loads(document) for document in documents]
    feed = _element("feed", **{"{http://www.w3.org/XML/1998/namespace}lang": about.language})
    _text(feed, "id", _without(about.address, "cursor", "page"))
    _text(feed, "title", _TITLES[about.noun].in_(about.language))
    _text(feed, "updated", max((record["updated_at"] for record in records), default="1970-01-01T00:00:00Z"))
    _link(feed, "self", about.address, _MEDIA)
    if about.following:
        _link(feed, "next", about.following, _MEDIA)
    _author(feed, terms.PUBLISHER.in_(about.language), terms.HOMEPAGE)
    _text(feed, "rights", terms.LICENCE)
    _text(feed, "generator", "CO-PI API")
    for record in records:
        _entry(feed, record, about)
    yield ET.tostring(feed, encoding="utf-8", xml_declaration=True)


def _entry(feed: ET.Element, record: Mapping[str, Any], about: Context) -> None:
    entry, language = ET.SubElement(feed, f"{{{_ATOM}}}entry"), about.language
    _text(entry, "id", f"urn:uuid:{record['id']}")
    _text(entry, "title", _in(record.get("title") or record["name"], language))
    _text(entry, "updated", record["updated_at"])
    _text(entry, "published", record["created_at"])
    _link(entry, "alternate", f"{about.base}{record['links']['self']}")  # of no type, or readers pass over it
    if source := (record["source"] or {}).get("url"):
        _link(entry, "via", source)
    for name in _authors(record, language):
        _author(entry, name)
    if theme := record.get("theme"):
        scheme = f"{about.base}/v1/code-lists/{Theme.scheme}"
        ET.SubElement(entry, f"{{{_ATOM}}}category", term=theme, scheme=scheme, label=Theme(theme).label[language])
    if summary := _summary(record, language):
        _text(entry, "summary", summary)


def _summary(record: Mapping[str, Any], language: str) -> str:
    """What it is about, in a few sentences; of an organisation without a note, what sort it is."""
    text = record.get("summary") or record.get("question") or record.get("note")
    return _in(text, language) if text else PartnerKind(record["kind"]).label[language]


def _authors(record: Mapping[str, Any], language: str) -> Iterator[str]:
    """Those who answer for it, as far as the reader sees them; of the rest CO-PI is."""
    near = record.get("embedded", {})
    yield from (_in(owner["name"], language) for owner in near.get("owners", ()))
    roles = next(iter(near.get("project", ())), record).get("participants", ())
    answering = {one["partner_id"] for one in roles if one["role"] in ANSWERABLE}
    yield from (_in(one["name"], language) for one in near.get("partners", ()) if one["id"] in answering)


def _in(text: Mapping[str, str | None], language: str) -> str:
    """A text in the reader's language, or in Danish where that is all there is."""
    return text.get(language) or text["da"] or ""


def _without(address: str, *names: str) -> str:
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in names]
    return urlunsplit(parts._replace(query=urlencode(kept, safe=",:")))


def _element(name: str, **attributes: str) -> ET.Element:
    return ET.Element(f"{{{_ATOM}}}{name}", attributes)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = _FORBIDDEN.sub("", text)


def _link(parent: ET.Element, rel: str, address: str, media: str | None = None) -> None:
    kind = {"type": media} if media else {}
    ET.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": _FORBIDDEN.sub("", address), **kind})


def _author(parent: ET.Element, name: str, address: str | None = None) -> None:
    author = ET.SubElement(parent, f"{{{_ATOM}}}author")
    _text(author, "name", name)
    if address:
        _text(author, "uri", address)


ATOM = Format(
    "atom", _MEDIA, write, whole=False, parameters="; charset=utf-8", spoken=True, newest=True, embeds=_AUTHORS
)
