"""What webhooks are told about themselves: tests, and that one was disabled."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy.orm import Session

from api.domain import clock
from api.models import Audience, Webhook, log
from api.models.sight import Sight
from schemas.fields import rfc3339


def ping(webhook: Webhook) -> bytes:
    """A test: an event like any other, but that it has no number, as it is not in the feed."""
    event = _about(webhook, "webhook.ping", None)
    shown = {"at": rfc3339(event["at"]), "document": orjson.Fragment(event["document"])}
    return orjson.dumps({"seq": None, **event, **shown})


def disabled(session: Session, webhook: Webhook) -> None:
    """Tell the webhook's account, by the feed, that it is sent nothing more; part of the transaction that ends it."""
    connection, sandbox, id = session.connection(), webhook.sandbox, webhook.id
    alone = Sight(Audience.SANDBOX) if sandbox else Sight(Audience.OWNERS, frozenset({webhook.created_by}))
    before = {id: seq for id, (seq, _) in log.latest(connection, sandbox, "webhook", [id]).items()}
    event = _about(webhook, "webhook.disabled", str(webhook.disabled_reason))
    log.append(connection, sandbox, [event], {id: alone}, before)


def _about(webhook: Webhook, type: str, reason: str | None) -> dict[str, Any]:
    return {
        "type": type,
        "resource": "webhook",
        "resource_id": webhook.id,
        "version": webhook.version,
        "at": clock.now(),
        "reason": reason,
        "changes": [],
        "document": orjson.dumps(webhook.schema.dump(webhook)),
    }
