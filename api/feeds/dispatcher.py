"""The dispatcher: sends to each webhook, in order and one at a time, what its account sees of the event feed.

Any number of dispatchers may run. Whoever holds a webhook's lease sends to it; every delivery renews the lease, and
when its holder is killed the next one takes over where the database says the webhook is. How a delivery went and how
far the webhook has come are written in one transaction, so that nothing is lost; what was sent but not yet written is
sent again with the same `webhook-id`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from api.config import Settings
from api.db import Database, reading_session
from api.domain import clock
from api.domain.actor import Actor
from api.feeds import feed, leases
from api.feeds.deliverer import Deliverer
from api.feeds.feed import Told, Wanted
from api.feeds.guard import Guard
from api.feeds.sender import Line
from api.identity import standing
from api.models import Event, SandboxEvent, Webhook, WebhookDelivery
from api.models.base import new_id
from schemas.vocabulary import DeliveryState, WebhookState

PAGE = 100
"""Events sent to a webhook before the others have their turn."""
FRESH = 1.0
"""Seconds that what was read for a turn is good for: while a receiver is slow, rights, records and secrets change."""
_IDLE = 30.0
"""Seconds after which a connection that nothing is sent over is closed."""
_UNWRITTEN = 1_000
"""How far a webhook may come by events that are not for it before that is written down."""

_log = logging.getLogger("copi.deliver")


@dataclass(frozen=True, slots=True)
class Due:
    """A webhook that something may have to be sent to."""

    id: str
    after: int
    version: int
    head: int
    asked: bool
    """Something was asked for out of turn."""
    ready: bool
    """It takes events now."""


@dataclass(slots=True)
class Turn:
    """A webhook's turn: one request at least, so that it comes on, and more while what was read for it is fresh."""

    elapsed: Callable[[], float]
    begun: float
    tried: int = 0

    @property
    def over(self) -> bool:
        """Whether the next request must wait until everything is read anew."""
        return self.tried > 0 and self.elapsed() - self.begun >= FRESH


class Dispatcher:
    """One dispatcher; `run` goes on until it is stopped, `drain` until nothing is due."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        guard: Guard | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._settings, self._elapsed = database, settings, elapsed
        self._guard = guard or Guard.of(settings)
        self._holder = new_id()
        self._lines: dict[str, Line] = {}
        self._passed: dict[str, tuple[int, int, int]] = {}
        """By webhook: its place and version, and how far the feed then held nothing for it."""
        self._busy: set[str] = set()
        self._woken, self._stopped = threading.Event(), False

    def drain(self) -> int:
        """Send everything that is due now, one after the other; how many requests that took."""
        sent = 0
        try:
            while now := sum(self.serve(one) for one in self.due()):
                sent += now
        finally:
            self._hang_up()
        return sent

    def run(self, every: float) -> None:
        """Send what is due as it comes, looking for more every so many seconds, until it is stopped."""
        with ThreadPoolExecutor(self._settings.webhook_threads) as pool:
            while not self._stopped:
                self._woken.clear()
                try:
                    for one in self.due():
                        if one.id not in self._busy:
                            self._busy.add(one.id)
                            pool.submit(self._attend, one)
                except SQLAlchemyError:
                    # The next round tries again: a database that is away for a moment must not end this for good.
                    _log.exception("looking for deliveries failed")
                self._hang_up(_IDLE)
                self._woken.wait(every)
        self._hang_up()

    def stop(self) -> None:
        """Take on nothing more; what is being sent is sent to its end."""
        self._stopped = True
        self._woken.set()

    def _attend(self, one: Due) -> None:
        more = 0
        try:
            more = self.serve(one)
        except Exception:
            # One webhook's trouble is not the others'; its lease runs out, and it is tried again.
            _log.exception("sending to webhook %s failed", one.id)
        finally:
            self._busy.discard(one.id)
            if more:
                self._woken.set()  # and only now: it must not be found busy

    def _hang_up(self, idle: float = 0.0) -> None:
        for id, line in list(self._lines.items()):
            if id not in self._busy and time.monotonic() - line.used >= idle:
                self._lines.pop(id).close()

    def due(self) -> list[Due]:
        """The webhooks that nobody sends to and that something may wait for."""
        with self._database.reading() as connection:
            found = [Due(*row) for row in connection.execute(_DUE, {"now": clock.now()})]
        return [one for one in found if one.asked or (one.ready and self._from(one) < one.head)]

    def serve(self, due: Due) -> int:
        """Send a webhook what was asked for and its next events; how many requests were made."""
        turn = Turn(self._elapsed, self._elapsed())
        webhook, asked, caller, told = self._read(due)
        if webhook is None or not (asked or told or caller is None):
            return 0
        with leases.leased(self._database, webhook, self._holder) as held:
            if not held:
                return 0
            line = self._lines.setdefault(webhook.id, Line(self._guard))
            deliverer = Deliverer(self._database, self._settings, webhook, self._holder, line, caller)
            if self._send_asked(deliverer, asked, turn):
                self._tell(deliverer, told, turn)
            if caller is None and due.ready:
                deliverer.stop_for_blocked()
            return turn.tried

    def _send_asked(self, deliverer: Deliverer, asked: list[WebhookDelivery], turn: Turn) -> bool:
        """Whether the turn goes on."""
        for one in asked:
            if self._stopped or turn.over:
                return False
            turn.tried += 1
            if not deliverer.send_asked(one):
                return False
        return True

    def _tell(self, deliverer: Deliverer, told: list[Told], turn: Turn) -> None:
        for one in told:
            if self._stopped or turn.over or deliverer.webhook.state is not WebhookState.ACTIVE:
                return
            turn.tried += 1
            if not deliverer.tell(one):
                return

    def _read(self, due: Due) -> tuple[Webhook | None, list[WebhookDelivery], Actor | None, list[Told]]:
        """The webhook as it is now, what was asked for, who its account is today, and the events whose turn it is."""
        with self._database.reading() as connection, reading_session(connection) as session:
            webhook = session.get(Webhook, due.id)
            if webhook is None:
                return None, [], None, []
            waiting = (WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == DeliveryState.QUEUED)
            asked = list(session.scalars(select(WebhookDelivery).where(*waiting).order_by(WebhookDelivery.id)))
            caller = standing.of(connection, webhook.created_by, webhook.sandbox, webhook.scopes)
            told = self._next(connection, webhook, caller) if caller and due.ready else []
            session.expunge_all()
        return webhook, asked, caller, told

    def _next(self, connection: Connection, webhook: Webhook, caller: Actor) -> list[Told]:
        """The next events; when there are none, how far that is so is remembered."""
        found = (webhook.search.resource, webhook.search.query) if webhook.search else None
        wanted = Wanted(tuple(webhook.types), tuple(webhook.resources), found)
        page = feed.page(connection, caller, self._from(webhook), PAGE, wanted)
        while not page.items and page.cursor < page.head:
            page = feed.page(connection, caller, page.cursor, PAGE, wanted)
        if not page.items:
            self._passed[webhook.id] = (webhook.after, webhook.version, page.cursor)
            if page.cursor - webhook.after >= _UNWRITTEN:
                self._write_down(webhook, page.cursor)
        return page.items

    def _from(self, one: Due | Webhook) -> int:
        after, version, passed = self._passed.get(one.id, (-1, -1, -1))
        return passed if (after, version) == (one.after, one.version) else one.after

    def _write_down(self, webhook: Webhook, passed: int) -> None:
        as_read = (Webhook.id == webhook.id, Webhook.version == webhook.version, Webhook.after == webhook.after)
        with self._database.writing() as session:
            leases.changed(session, *as_read, leases.free(clock.now()), after=passed)


_NOW = bindparam("now", type_=Webhook.created_at.type)
_REAL_HEAD = select(func.coalesce(func.max(Event.seq), 0)).scalar_subquery()
_OWN_HEAD = (
    select(func.coalesce(func.max(SandboxEvent.seq), 0))
    .where(SandboxEvent.sandbox == Webhook.sandbox)
    .correlate(Webhook)
    .scalar_subquery()
)
_HEAD = case((Webhook.sandbox.is_(None), _REAL_HEAD), else_=_OWN_HEAD)
_ASKED = exists().where(WebhookDelivery.webhook_id == Webhook.id, WebhookDelivery.state == DeliveryState.QUEUED)
_READY = and_(
    Webhook.state == WebhookState.ACTIVE, or_(Webhook.next_attempt_at.is_(None), Webhook.next_attempt_at <= _NOW)
)
_DUE = select(
    Webhook.id, Webhook.after, Webhook.version, _HEAD.label("head"), _ASKED.label("asked"), _READY.label("ready")
).where(leases.free(_NOW), or_(_ASKED, and_(_READY, Webhook.after < _HEAD)))
