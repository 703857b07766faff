"""Subscriptions as their makers see them: made, changed, given secrets, tried out, and what was sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db import reading_session, session
from api.domain import clock, events
from api.domain.errors import INVALID, NOT_FOUND, NOT_READY, Refusal
from api.feeds import signing
from api.feeds.guard import Guard, Refused
from api.identity import security
from api.kit import limits, pages
from api.kit.actor import actor
from api.kit.service import service
from api.models import SavedSearch, User, Webhook, WebhookDelivery, WebhookSecret, base, log
from openapi.limits import WEBHOOK_TRIES
from schemas.vocabulary import DeliveryKind, DeliveryState, WebhookState
from schemas.vocabulary import SecurityEventKind as Kind
from schemas.wording import Say

MOST = 20
"""Webhooks of one account."""
MOST_SECRETS = 5
MOST_QUEUED = 100
"""What can wait at once of what was asked for out of turn."""

_ENOUGH = Say(
    f"Du har allerede {MOST} webhooks. Slet en af dem først.",
    f"You already have {MOST} webhooks. Delete one of them first.",
)
_ENOUGH_SECRETS = Say(
    f"Webhooken har allerede {MOST_SECRETS} hemmeligheder. Tilbagekald en af dem først.",
    f"The webhook already has {MOST_SECRETS} secrets. Revoke one of them first.",
)
_LAST_SECRET = Say(
    "Det er den eneste hemmelighed. Tilføj en ny, og tag den i brug, før du tilbagekalder denne.",
    "It is the only secret. Add a new one and put it to use before you revoke this one.",
)
_TOO_FAR = Say("Må højst være {head}, den nyeste hændelse.", "May be at most {head}, the newest event.")
_NO_SEARCH = Say("Du har ingen gemt søgning med det id.", "You have no saved search with that id.")
_NOT_SET = Say("Kan kun sættes til active eller paused.", "Can only be set to active or paused.")
_UNKNOWN = Say("Det sker der ingen hændelser med.", "There are no such events.")
_BUSY = Say(
    f"Der venter allerede {MOST_QUEUED} leverancer, som er bestilt. Vent, til de er sendt.",
    f"{MOST_QUEUED} deliveries that were asked for already wait. Wait until they are sent.",
)
_NO_EVENT = Say("En prøve sendes ikke igen: bed om en ny.", "A test is not sent again: ask for a new one.")


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the webhooks the caller sees, in the order they were created."""
    return _page(select(Webhook).where(Webhook.seen_by(actor())).order_by(Webhook.id), wanted)


def deliveries(webhook: Webhook, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of what was sent, the newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id)
    if wanted["state"]:
        query = query.where(WebhookDelivery.state.in_(wanted["state"]))
    return _page(query.order_by(WebhookDelivery.id.desc()), wanted)


def _page(query: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    with service().database.reading() as connection, reading_session(connection) as opened:
        return pages.page(opened, query, wanted, lambda row: row[0])


def create(fields: Mapping[str, Any]) -> Webhook:
    """A new webhook with its first secret; it begins with what happens from now on, or where it is told to."""
    caller, now = actor(), clock.now()
    _demand_safe(fields["url"])  # first of all: the DNS must not be waited for while a lock is held
    _demand_settable(fields["state"])
    _demand_known(fields)
    _demand_search(fields["search_id"], str(caller.id), caller.sandbox)
    _demand_room(session(), str(caller.id))
    webhook = Webhook(
        **{name: fields[name] for name in ("url", "description", "types", "resources", "search_id", "state")},
        after=_place(fields["after"], caller.sandbox),
        created_by=caller.id,
        sandbox=caller.sandbox,
        scopes=_scopes(),
        created_at=now,
        updated_at=now,
        secrets=[],
    )
    session().add(webhook)
    session().flush()
    security.note(session(), Kind.WEBHOOK_CREATED, webhook.created_by, webhook=webhook.id, host=_host(webhook))
    webhook.secret = _fresh_secret(webhook).secret
    return webhook


def change(webhook: Webhook, fields: Mapping[str, Any]) -> Webhook:
    """The same webhook, changed; an event that fails is then tried again at once."""
    if fields["url"] != webhook.url:
        _demand_safe(fields["url"])
    if fields["state"] != webhook.state:
        _demand_settable(fields["state"])
    _demand_known(fields)
    if fields["search_id"] != webhook.search_id:
        _demand_search(fields["search_id"], webhook.created_by, webhook.sandbox)
    if fields["after"] != webhook.after:
        fields = {**fields, "after": _place(fields["after"], webhook.sandbox)}
    turned = fields["url"] != webhook.url
    for name in ("url", "description", "types", "resources", "search_id", "state", "after"):
        setattr(webhook, name, fields[name])
    if turned:
        security.note(session(), Kind.WEBHOOK_CHANGED, webhook.created_by, webhook=webhook.id, host=_host(webhook))
    return _begun_anew(webhook)


def _demand_search(id: str | None, account: str, sandbox: str | None) -> None:
    """Refuse (422) to go by a search that is not the account's own."""
    own = SavedSearch.id == id, SavedSearch.created_by == account, SavedSearch.sandbox.is_not_distinct_from(sandbox)
    if id is not None and session().scalar(select(SavedSearch.id).where(*own)) is None:
        raise Refusal(INVALID, errors=[{"pointer": "/search_id", "detail": _NO_SEARCH}])


def resume(webhook: Webhook) -> Webhook:
    """Send again, from where it stopped."""
    webhook.state = WebhookState.ACTIVE
    return _begun_anew(webhook)


def _begun_anew(webhook: Webhook) -> Webhook:
    webhook.version += 1
    webhook.updated_at = clock.now()
    webhook.attempts, webhook.failing_since, webhook.next_attempt_at = 0, None, None
    if webhook.state is not WebhookState.DISABLED:
        webhook.disabled_reason = None
    if actor().id == webhook.created_by:
        webhook.scopes = _scopes()
    return webhook


def delete(webhook: Webhook) -> None:
    """Tell it nothing more, and forget what it was told."""
    security.note(session(), Kind.WEBHOOK_DELETED, webhook.created_by, webhook=webhook.id, host=_host(webhook))
    session().delete(webhook)


def _host(webhook: Webhook) -> str:
    """Where it sends to, without what may be a secret of the receiver's."""
    return urlsplit(webhook.url).netloc


def add_secret(webhook: Webhook) -> WebhookSecret:
    """A further secret; from now on every delivery is signed with it too."""
    if len(webhook.secrets) >= MOST_SECRETS:
        raise Refusal(NOT_READY, _ENOUGH_SECRETS)
    _keys_changed(webhook)
    made = _fresh_secret(webhook)
    security.note(session(), Kind.WEBHOOK_SECRET_CREATED, webhook.created_by, webhook=webhook.id, secret=made.id)
    return made


def _fresh_secret(webhook: Webhook) -> WebhookSecret:
    fresh = signing.fresh()
    made = WebhookSecret(sealed=signing.sealed(service().settings, fresh), created_at=clock.now())
    made.secret = fresh
    webhook.secrets.append(made)
    session().flush()
    return made


def revoke_secret(webhook: Webhook, id: str) -> None:
    """Sign with a secret no longer."""
    found = next((one for one in webhook.secrets if one.id == id), None)
    if found is None:
        raise Refusal(NOT_FOUND)
    if len(webhook.secrets) == 1:
        raise Refusal(NOT_READY, _LAST_SECRET)
    webhook.secrets.remove(found)
    _keys_changed(webhook)


def _keys_changed(webhook: Webhook) -> None:
    """Whoever is sending to it, with the secrets it has read, sends nothing more by them."""
    webhook.version += 1
    webhook.updated_at = clock.now()


def ping(webhook: Webhook) -> WebhookDelivery:
    """A test, sent as soon as a dispatcher comes by, whatever state the webhook is in."""
    id = base.new_id()  # looked up late, because the examples replace it
    return _queue(webhook, id=id, kind=DeliveryKind.PING, message_id=f"{webhook.id}_{id}")


def redeliver(webhook: Webhook, id: str) -> WebhookDelivery:
    """The event of a delivery once more, out of turn."""
    found = session().get(WebhookDelivery, id)
    if found is None or found.webhook_id != webhook.id:
        raise Refusal(NOT_FOUND)
    if found.seq is None:
        raise Refusal(NOT_READY, _NO_EVENT)
    return _queue(webhook, kind=DeliveryKind.REDELIVERY, message_id=found.message_id, seq=found.seq)


def _queue(webhook: Webhook, **given: Any) -> WebhookDelivery:
    waiting = select(func.count()).where(
        WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == DeliveryState.QUEUED
    )
    limits.demand(WEBHOOK_TRIES.name, str(actor().id))
    if (session().scalar(waiting) or 0) >= MOST_QUEUED:
        raise Refusal(NOT_READY, _BUSY)
    asked = WebhookDelivery(webhook_id=webhook.id, state=DeliveryState.QUEUED, at=clock.now(), **given)
    session().add(asked)
    session().flush()
    return asked


def _demand_safe(url: str) -> None:
    try:
        Guard.of(service().settings).demand(url)
    except Refused as refused:
        raise _invalid("url", refused.words) from refused


def _demand_settable(state: WebhookState) -> None:
    if state is WebhookState.DISABLED:
        raise _invalid("state", _NOT_SET)


def _demand_known(fields: Mapping[str, Any]) -> None:
    known = {"types": events.types(), "resources": frozenset(one.partition(".")[0] for one in events.types())}
    errors = [
        {"pointer": f"/{name}/{place}", "detail": _UNKNOWN}
        for name, terms in known.items()
        for place, given in enumerate(fields[name])
        if given not in terms
    ]
    if errors:
        raise Refusal(INVALID, errors=errors)


def _demand_room(opened: Session, account: str) -> None:
    opened.execute(select(User.id).where(User.id == account).with_for_update())  # two at once would both find room
    if (opened.scalar(select(func.count()).where(Webhook.created_by == account)) or 0) >= MOST:
        raise Refusal(NOT_READY, _ENOUGH)


def _place(after: int | None, sandbox: str | None) -> int:
    head = log.last(session().connection(), sandbox)
    if after is None:
        return head
    if after > head:
        raise _invalid("after", _TOO_FAR.format(head=head))
    return after


def _scopes() -> list[str] | None:
    scopes: Collection[str] | None = actor().scopes
    return None if scopes is None else sorted(scopes)


def _invalid(field: str, words: Say) -> Refusal:
    return Refusal(INVALID, errors=[{"pointer": f"/{field}", "detail": words}])
