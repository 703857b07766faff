"""One webhook's turn: what it is sent, how that went, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from api.config import Settings
from api.db import Database
from api.domain import clock
from api.domain.actor import Actor
from api.feeds import feed, leases, notices, retrying, signing
from api.feeds.feed import Told
from api.feeds.sender import Line, Outcome
from api.models import Webhook, WebhookDelivery
from schemas.vocabulary import DeliveryError as Error
from schemas.vocabulary import DeliveryKind, DeliveryState, WebhookState, WebhookStop


@dataclass(slots=True)
class Deliverer:
    """What its lease holder does with a webhook, as it was when the lease was taken."""

    database: Database
    settings: Settings
    webhook: Webhook
    holder: str
    line: Line
    caller: Actor | None
    """Its account, unless that is blocked."""
    secrets: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.secrets = signing.opened(self.settings, (one.sealed for one in self.webhook.secrets))

    def tell(self, told: Told) -> bool:
        """Send the event whose turn it is; whether the next one may follow."""
        message_id = f"{self.webhook.id}_{told.seq}"
        outcome = self._post(message_id, told.body)
        self.webhook.attempts += 1
        follows = self._progress(told) if outcome.error is None else self._setback(outcome)
        delivery = {
            "webhook_id": self.webhook.id,
            "kind": DeliveryKind.EVENT,
            "message_id": message_id,
            "seq": told.seq,
            "attempt": self.webhook.attempts,
            **_told(outcome),
        }
        with self.database.writing() as session:
            held = self._follow(session, follows)
            delivery["next_attempt_at"] = follows.get("next_attempt_at") if held else None
            if held or session.get(Webhook, self.webhook.id) is not None:
                session.connection().execute(insert(WebhookDelivery), delivery)
        self._take_over(follows)
        return held and outcome.error is None

    def send_asked(self, asked: WebhookDelivery) -> bool:
        """Send what was asked for out of turn: once, and nothing follows but that a receiver that is gone is let be.

        Whether the webhook is still as it was read, so that another may follow.
        """
        body = self._asked_for(asked)
        outcome = body if isinstance(body, Outcome) else self._post(asked.message_id, body)
        follows = self._stopping(WebhookStop.GONE) if outcome.error is Error.GONE else {}
        with self.database.writing() as session:
            went = update(WebhookDelivery).where(WebhookDelivery.id == asked.id).values(_told(outcome))
            session.connection().execute(went)
            held = self._follow(session, {"lease_until": clock.now() + leases.LEASE, **follows})
        self._take_over(follows)
        return held

    def stop_for_blocked(self) -> None:
        """Pause while its account is blocked."""
        with self.database.writing() as session:
            self._follow(session, self._stopping(WebhookStop.ACCOUNT_BLOCKED))

    def _asked_for(self, asked: WebhookDelivery) -> bytes | Outcome:
        if self.caller is None:
            return Outcome(None, 0, Error.ACCOUNT_BLOCKED)
        if asked.seq is None:
            return notices.ping(self.webhook)
        with self.database.reading() as connection:
            told = feed.one(connection, self.caller, asked.seq)
        return told.body if told else Outcome(None, 0, Error.NOT_SEEN)

    def _post(self, message_id: str, body: bytes) -> Outcome:
        if not self.secrets:
            return Outcome(None, 0, Error.UNSIGNED)
        headers = signing.headers(self.secrets, message_id, int(clock.now().timestamp()), body)
        return self.line.post(self.webhook.url, headers, body)

    def _progress(self, told: Told) -> dict[str, Any]:
        until = clock.now() + leases.LEASE
        return {"after": told.seq, "attempts": 0, "failing_since": None, "next_attempt_at": None, "lease_until": until}

    def _setback(self, outcome: Outcome) -> dict[str, Any]:
        """Try again later, or no more."""
        now = clock.now()
        since = self.webhook.failing_since or now
        failed: dict[str, Any] = {"attempts": self.webhook.attempts, "failing_since": since, "next_attempt_at": None}
        if outcome.error is Error.GONE:
            return {**failed, **self._stopping(WebhookStop.GONE)}
        if outcome.error is Error.UNSIGNED:
            return {**failed, **self._stopping(WebhookStop.SECRET_LOST)}
        if now - since >= retrying.GIVES_UP:
            return {**failed, **self._stopping(WebhookStop.FAILING)}
        return {**failed, "next_attempt_at": now + retrying.wait(self.webhook.attempts, outcome.retry_after)}

    def _stopping(self, reason: WebhookStop) -> dict[str, Any]:
        paused = reason is WebhookStop.ACCOUNT_BLOCKED
        state = WebhookState.PAUSED if paused else WebhookState.DISABLED
        version = self.webhook.version + 1
        return {"state": state, "disabled_reason": reason, "version": version, "updated_at": clock.now()}

    def _follow(self, session: Session, follows: dict[str, Any]) -> bool:
        """Write down what follows, as long as the lease and the webhook's rules hold; tell of a webhook that ends."""
        mine = (
            Webhook.id == self.webhook.id,
            Webhook.version == self.webhook.version,
            Webhook.lease_holder == self.holder,
        )
        held = leases.changed(session, *mine, **follows)
        if held and follows.get("state") is WebhookState.DISABLED:
            notices.disabled(session, session.get_one(Webhook, self.webhook.id))
        return held

    def _take_over(self, follows: dict[str, Any]) -> None:
        for name, value in follows.items():
            setattr(self.webhook, name, value)


def _told(outcome: Outcome) -> dict[str, Any]:
    """How it went, for the log."""
    return {
        "state": DeliveryState.DELIVERED if outcome.error is None else DeliveryState.FAILED,
        "at": clock.now(),
        "status_code": outcome.status,
        "milliseconds": outcome.milliseconds,
        "error": outcome.error,
    }
