"""What an account has running without a log-in: its webhooks, which go on telling when every token has ended."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.domain import clock
from api.identity import security
from api.models import Webhook, WebhookDelivery
from schemas.vocabulary import DeliveryState, SecurityEventKind, WebhookState, WebhookStop


def pause(session: Session, account: str) -> None:
    """Send to none of an account's webhooks until it has looked at each and let it go on.

    Whoever has held its secret or password may have made them, or turned them to another address, and would be told of
    all the account sees for good. Which of them are in order only the account knows.
    """
    mine = select(Webhook).where(Webhook.created_by == account, Webhook.state == WebhookState.ACTIVE)
    for webhook in session.scalars(mine.order_by(Webhook.id).with_for_update()):
        webhook.state, webhook.disabled_reason = WebhookState.PAUSED, WebhookStop.CREDENTIALS_CHANGED
        webhook.version += 1  # whoever is sending notices
        webhook.updated_at = clock.now()
        security.note(session, SecurityEventKind.WEBHOOK_PAUSED, account, webhook=webhook.id)
    waiting = select(Webhook.id).where(Webhook.created_by == account)
    queued = WebhookDelivery.webhook_id.in_(waiting), WebhookDelivery.state == DeliveryState.QUEUED
    session.execute(delete(WebhookDelivery).where(*queued))
