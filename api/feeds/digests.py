"""Digests: by mail, what is new in a saved search since the last one; nothing is sent when nothing is.

A search is sent by whoever holds its lease. Who is killed between sending and saying so sends once more, with the same
Message-ID, by which mail programs know it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
from collections.abc import Iterator, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, or_, select, update

from api.config import Settings
from api.db import Database
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, Refusal
from api.feeds import feed, mail
from api.feeds.feed import Wanted
from api.identity import standing
from api.kit import sealing
from api.kit.service import service
from api.models import SavedSearch, User
from schemas.vocabulary import Digest, Language, Searchable
from schemas.wording import Say

_ZONE, _HOUR = ZoneInfo("Europe/Copenhagen"), 7
_LEASE = dt.timedelta(minutes=5)
_MOST = 50
"""Records named in one mail; the list has them all."""
_SUBJECT = Say("{count} nyt i: {name}", "{count} new in: {name}")
_MORE = Say("… og {count} til:", "… and {count} more:")
_WHOLE = Say("Hele listen:", "The whole list:")
_WHY = Say(
    "Du får denne mail, fordi du har gemt søgningen ”{name}”. Afmeld den her:\n{address}",
    "You get this mail because you have saved the search “{name}”. Stop it here:\n{address}",
)

_log = logging.getLogger("copi.digests")


def next_after(now: dt.datetime, digest: Digest | None) -> dt.datetime | None:
    """When the next digest is due: at seven in the morning in Denmark, weekly on Mondays."""
    if digest is None:
        return None
    here = now.astimezone(_ZONE)
    days = 1 if digest is Digest.DAILY else 7 - here.weekday()
    return dt.datetime.combine(here.date() + dt.timedelta(days), dt.time(_HOUR), _ZONE).astimezone(dt.UTC)


def send_due(database: Database, settings: Settings) -> int:
    """Send every digest that is due; how many mails that was. None where no mail is sent (any more)."""
    if not settings.smtp_url:
        return 0
    now = clock.now()
    due = select(SavedSearch.id).where(SavedSearch.next_digest_at <= now).order_by(SavedSearch.next_digest_at)
    with database.reading() as connection:
        ids = list(connection.scalars(due))
    if ids and not settings.public_url:
        _warn_of_no_address()
        return 0
    return sum(_attend(database, settings, id) for id in ids)


def _attend(database: Database, settings: Settings, id: str) -> bool:
    try:
        return _send(database, settings, id)
    except Exception:
        # One search's trouble is not the others'; its lease runs out, and it is tried again.
        _log.exception("digest of search %s failed", id)
        return False


@cache
def _warn_of_no_address() -> None:
    _log.warning("digests wait: without COPI_PUBLIC_URL their links would lead nowhere")


def _send(database: Database, settings: Settings, id: str) -> bool:
    search = _leased(database, id)
    if search is None:
        return False
    with database.reading() as connection:
        account = standing.of(connection, search.created_by, search.sandbox, None)
        address = connection.scalar(select(User.email).where(User.id == search.created_by))
        news, until = _news(connection, account, search) if account and address else ({}, search.told_until)
    if news:
        try:
            mail.send(_message(search, str(address), list(news.values()), settings), settings)
        except mail.NotSent as wrong:
            # Its lease runs out, and it is tried again.
            _log.warning("digest of search %s not sent: %s", search.id, wrong)
            return False
    _told(database, search, until)
    return bool(news)


def _leased(database: Database, id: str) -> SavedSearch | None:
    """The search, if it is still due and nobody else is at it."""
    now = clock.now()
    free = or_(SavedSearch.leased_until.is_(None), SavedSearch.leased_until < now)
    mine = update(SavedSearch).where(SavedSearch.id == id, SavedSearch.next_digest_at <= now, free)
    with database.writing() as session:
        got = session.execute(mine.values(leased_until=now + _LEASE).returning(SavedSearch.id)).first()
        return session.get(SavedSearch, id) if got else None


def _told(database: Database, search: SavedSearch, until: int) -> None:
    done = {"told_until": until, "next_digest_at": next_after(clock.now(), search.digest), "leased_until": None}
    # Who has changed the digest meanwhile has begun it anew.
    same = SavedSearch.id == search.id, SavedSearch.told_until == search.told_until, SavedSearch.digest == search.digest
    with database.writing() as session:
        session.execute(update(SavedSearch).where(*same).values(**done))


def _news(connection: Connection, account: Actor, search: SavedSearch) -> tuple[dict[str, Any], int]:
    """By record, as it is now, what has happened to since the last digest; the newest last."""
    news: dict[str, Any] = {}
    after, wanted = search.told_until, Wanted(search=(search.resource, search.query))
    while True:
        page = feed.page(connection, account, after, 500, wanted)
        for told in page.items:
            event = orjson.loads(told.body)
            news.pop(event["resource_id"], None)
            if event["document"]:
                news[event["resource_id"]] = event["document"]
        after = page.cursor
        if after >= page.head:
            return news, after


def _message(search: SavedSearch, address: str, records: list[Mapping[str, Any]], settings: Settings) -> EmailMessage:
    message = EmailMessage()
    message["To"] = _mailbox(address)
    message["Date"] = clock.now()
    message["Subject"] = _in(search, _SUBJECT.format(count=len(records), name=_one_line(search.name)))
    message["Message-ID"] = f"<digest.{search.id}.{search.told_until}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{_way_out(search, settings)}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content("\n".join(_lines(search, records, settings)))
    return message


def _way_out(search: SavedSearch, settings: Settings) -> str:
    """The page on which a person stops it; a mail program posts there at once."""
    return f"{settings.public_url}/unsubscribe/{search.id}/{token_of(search.id, settings)}"


def _mailbox(address: str) -> Address:
    """One mailbox whatever it is spelt with, never a list; a domain of other letters as the DNS has it."""
    name, _, domain = address.rpartition("@")
    one = Address(addr_spec=f"name@{domain.encode('idna').decode()}").domain  # raises when that is more than one
    return Address(username=name, domain=one)


def _one_line(name: str) -> str:
    # Names may be older than what they may be made of.
    return " ".join(name.splitlines())


def _lines(search: SavedSearch, records: list[Mapping[str, Any]], settings: Settings) -> Iterator[str]:
    kind, base = Searchable(search.resource), settings.public_url
    yield f"{_in(search, Say(kind.da, kind.en))}: {search.name}\n"
    for record in records[::-1][:_MOST]:
        yield f"* {_called(search, record)}\n  {base}{record['links']['self']}\n"
    more = len(records) - _MOST
    yield _in(search, _MORE.format(count=more) if more > 0 else _WHOLE)
    yield f"{base}{search.links['list']}\n"
    yield f"-- \n{_in(search, _WHY.format(name=search.name, address=_way_out(search, settings)))}"


def _called(search: SavedSearch, record: Mapping[str, Any]) -> str:
    names = (record.get(one) for one in ("title", "name", "question"))
    said = next((one for one in names if isinstance(one, Mapping)), {})
    return said.get(str(search.language)) or said.get("da") or str(record["id"])


def _in(search: SavedSearch, words: Say) -> str:
    return words.en if search.language is Language.EN else words.da


def unsubscribe(id: str, token: str) -> None:
    """Stop a digest, as asked for from one of its mails; 404 for a token that is not its own."""
    demand_token(id, token)
    with service().database.writing() as session:
        session.execute(update(SavedSearch).where(SavedSearch.id == id).values(digest=None, next_digest_at=None))


def demand_token(id: str, token: str) -> None:
    """Refuse (404) a token that is not that of a search's mails."""
    if not hmac.compare_digest(token.encode(), token_of(id, service().settings).encode()):
        raise Refusal(NOT_FOUND)


def token_of(id: str, settings: Settings) -> str:
    """What a mail's address to stop it with ends in."""
    return hmac.new(sealing.own(settings).encode(), f"unsubscribe {id}".encode(), hashlib.sha256).hexdigest()
