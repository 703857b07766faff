"""The dates of challenges as a calendar to subscribe to: iCalendar (RFC 5545, with RFC 7986's names for calendars)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from api.exports import terms
from api.kit.formats import Context, Format
from schemas.vocabulary import ChallengeState
from schemas.wording import Say

if TYPE_CHECKING:
    from icalendar import Calendar, Event

_DATES = {
    "response_deadline": Say("Frist for svar: {title}", "Deadline for responses: {title}"),
    "market_dialogue_at": Say("Markedsdialog: {title}", "Market dialogue: {title}"),
    "procurement_expected_at": Say("Udbud forventes: {title}", "Tender expected: {title}"),
}
_NAME = Say("CO-PI's udfordringer", "CO-PI's challenges")
_REFRESH = dt.timedelta(hours=6)
"""How often a calendar that follows RFC 7986 asks again; it costs next to nothing while nothing changes."""


def write(documents: Iterator[bytes], about: Context) -> Iterator[bytes]:
    """The calendar, event by event."""
    head, tail = _calendar(about).to_ical().split(b"END:VCALENDAR")
    yield head
    for document in documents:
        for event in _events(orjson.loads(document), about):
            yield event.to_ical()
    yield b"END:VCALENDAR" + tail


def _calendar(about: Context) -> Calendar:
    from icalendar import Calendar  # here, and below, because it takes long to load

    calendar, name = Calendar(), _NAME.in_(about.language)
    calendar.add("PRODID", "-//CO-PI//CO-PI API//DA")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", name)
    calendar.add("X-WR-CALNAME", name)  # what Outlook and Google read instead
    calendar.add("URL", about.address)
    calendar.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    return calendar


def _events(challenge: Mapping[str, Any], about: Context) -> Iterator[Event]:
    timeline = challenge["timeline"] or {}
    for name, words in _DATES.items():
        if when := _when(timeline.get(name)):
            yield _event(challenge, name, when, words, about)


def _when(text: str | None) -> dt.date | None:
    """A moment, or a whole day; nothing where only the month or year is known."""
    if text is None or len(text) < len("2027-06-01"):
        return None
    return dt.date.fromisoformat(text) if len(text) == len("2027-06-01") else dt.datetime.fromisoformat(text)


def _event(challenge: Mapping[str, Any], name: str, when: dt.date, words: Say, about: Context) -> Event:
    from icalendar import Event

    changed = dt.datetime.fromisoformat(challenge["updated_at"])
    title, summary = (challenge[text].get(about.language) or challenge[text]["da"] for text in ("title", "summary"))
    event = Event()
    event.add("UID", f"{challenge['id']}-{name.replace('_', '-')}@co-pi.dk")
    event.add("DTSTAMP", changed)
    event.add("LAST-MODIFIED", changed)
    event.add("CREATED", dt.datetime.fromisoformat(challenge["created_at"]))
    event.add("SEQUENCE", challenge["version"])
    event.add("DTSTART", when)
    event.add("SUMMARY", words.in_(about.language).format(title=title), parameters={"LANGUAGE": about.language})
    event.add("DESCRIPTION", summary, parameters={"LANGUAGE": about.language})
    event.add("URL", f"{about.base}{challenge['links']['self']}")
    event.add("ORGANIZER", f"mailto:{terms.EMAIL}", parameters={"CN": terms.PUBLISHER.in_(about.language)})
    event.add("STATUS", "CANCELLED" if challenge["state"] == ChallengeState.WITHDRAWN else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    return event


ICAL = Format("ics", "text/calendar", write, parameters="; charset=utf-8", spoken=True)
