"""Saved searches as their makers see them: kept, changed, forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, func, select

from api.db import reading_session, session
from api.domain import clock
from api.domain.errors import INVALID, NOT_READY, Refusal
from api.feeds import digests
from api.kit import matching, pages
from api.kit.actor import actor
from api.kit.service import service
from api.models import SavedSearch, User, Webhook, log
from schemas.wording import Say

MOST = 100
"""Saved searches of one account."""
_ENOUGH = Say(
    f"Du har allerede {MOST} gemte søgninger. Slet en af dem først.",
    f"You already have {MOST} saved searches. Delete one of them first.",
)
_IN_USE = Say(
    "En webhook går efter søgningen. Slet den, eller ret dens search_id først.",
    "A webhook goes by the search. Delete that, or change its search_id, first.",
)
_NO_MAIL = Say(
    "Denne installation sender ingen mails (COPI_SMTP_URL); følg søgningen på dens events-adresse i stedet.",
    "This installation sends no mail (COPI_SMTP_URL); follow the search at its events address instead.",
)
_NO_ADDRESS = Say(
    "Din konto har ingen mailadresse at skrive til; følg søgningen på dens events-adresse i stedet.",
    "Your account has no mail address to write to; follow the search at its events address instead.",
)


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the caller's searches, in the order they were saved."""
    query = select(SavedSearch).where(SavedSearch.seen_by(actor())).order_by(SavedSearch.id)
    with service().database.reading() as connection, reading_session(connection) as opened:
        return pages.page(opened, query, wanted, lambda row: row[0])


def create(fields: Mapping[str, Any]) -> SavedSearch:
    """A new search, which tells of what happens from now on."""
    caller, opened = actor(), session()
    mine = select(func.count()).select_from(SavedSearch).where(SavedSearch.created_by == caller.id)
    if (opened.scalar(mine) or 0) >= MOST:
        raise Refusal(NOT_READY, _ENOUGH)
    search = SavedSearch(
        resource=str(fields["resource"]), created_by=caller.id, sandbox=caller.sandbox, created_at=clock.now(),
        told_until=log.last(opened.connection(), caller.sandbox),
    )  # fmt: skip
    opened.add(change(search, fields))
    return search


def change(search: SavedSearch, fields: Mapping[str, Any]) -> SavedSearch:
    """The same search, changed."""
    _demand_askable(search.resource, fields["query"])
    if fields["digest"]:
        _demand_reachable(search.created_by)
    if fields["digest"] != search.digest:
        search.next_digest_at = digests.next_after(clock.now(), fields["digest"])
        search.told_until = log.last(session().connection(), search.sandbox)
    for name in ("name", "query", "digest", "language"):
        setattr(search, name, fields[name])
    return search


def delete(search: SavedSearch) -> None:
    """Forget a search; refused (409) while a webhook goes by it, which would otherwise be told of everything."""
    if session().scalar(select(exists().where(Webhook.search_id == search.id))):
        raise Refusal(NOT_READY, _IN_USE)
    session().delete(search)


def _demand_askable(resource: str, query: str) -> None:
    """Refuse a question as the list would refuse it, but as part of a body."""
    try:
        matching.asked(resource, query)
    except Refusal as wrong:
        told = [(f"{one['parameter']}: ", one["detail"]) for one in wrong.errors] or [("", wrong.detail)]
        errors = [{"pointer": "/query", "detail": Say(name, name) + words} for name, words in told]
        raise Refusal(INVALID, errors=errors) from wrong


def _demand_reachable(account: str) -> None:
    """Refuse to promise mail that cannot be sent."""
    if not service().settings.smtp_url:
        raise Refusal(NOT_READY, _NO_MAIL)
    if not session().scalar(select(User.email).where(User.id == account)):
        raise Refusal(INVALID, errors=[{"pointer": "/digest", "detail": _NO_ADDRESS}])
