"""Webhooks on the wire: subscriptions to the event feed that are told by HTTP, their secrets and what was sent."""

from __future__ import annotations

from typing import Any

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import LARGEST, Choice, Flag, Id, Integer, Many, Moment, Object, Ref, Text
from schemas.names import EXAMPLE_IDS
from schemas.query import AnyOf, PageQuery
from schemas.values import LocalizedTextSchema
from schemas.wording import Say

RECEIVER = (
    r"^https?://[A-Za-z0-9.-]+(:[1-9][0-9]{0,4})?(/[!-~]*)?$|^https?://\[[0-9A-Fa-f:.]+\](:[1-9][0-9]{0,4})?(/[!-~]*)?$"
)
_MOMENT = "2026-11-23T09:00:00.000000Z"


class Receiver(Text):
    """The address events are sent to, in one spelling: no login, no fragment, international names as xn--."""

    def __init__(self, description: str, **options: Any) -> None:
        wrong = Say(
            "Skal være en adresse som https://vært/sti uden log-in og #; danske bogstaver i værten skrives som xn--.",
            "Must be an address such as https://host/path without log-in and #; letters beyond a-z in the host are "
            "written as xn--.",
        )
        super().__init__(description, max=2000, pattern=RECEIVER, format="uri", wrong=wrong, **options)


class WebhookSecretSchema(Shape):
    """A secret that deliveries are signed with, without the secret itself."""

    id = Id("The secret's id.", required=True, dump_only=True, example=EXAMPLE_IDS["secret"])
    created_at = Moment("When it was made.", required=True, dump_only=True, example=_MOMENT)


_SHOWN_ONCE = Text(
    "The secret itself, `whsec_` and base64 (Standard Webhooks): store it at once, it is not shown again.",
    max=200,
    dump_only=True,
    format="password",
    example="whsec_dmlzZXMta3VuLWRlbm5lLWVuZS1nYW5nLTAwMDA=",
)


class NewWebhookSecretSchema(WebhookSecretSchema):
    """A secret as it is made, once and never again."""

    secret = _SHOWN_ONCE


class WebhookSchema(Shape):
    """A subscription to the event feed: each event its account sees is sent to an address, in order, at least once."""

    located = True

    id = Id("The webhook's id.", dump_only=True, required=True, example=EXAMPLE_IDS["webhook"])
    url = Receiver(
        "Where events are sent by POST. HTTPS, port 443 or one from 1024, and every address of the host on the public "
        "Internet, now and at each connection. Redirects are not followed.",
        required=True,
        example="https://hooks.example.org/copi",
    )
    description = Text("What it is for.", max=200, example="Fagsystem i Aarhus Kommune")
    types = Many(
        Text("A type of event.", max=60, pattern=r"^[a-z_]+\.[a-z_]+$", example="challenge.published"),
        "Only events of these types, as the feed has them; all when empty. Name `challenge.hidden` and the like too, "
        "or nothing is told of what is no longer seen.",
        max=100,
        example=["challenge.published", "challenge.closed"],
    )
    resources = Many(
        Text("A kind of record.", max=20, pattern=r"^[a-z_]+$", example="challenge"),
        "Only events about these kinds of record; all when empty.",
        max=20,
        example=["challenge"],
    )
    search_id = Id(
        "Only events of the records that this saved search of yours finds on the day, and tombstones of their kind. It "
        "says nothing when a record leaves the search though you still see it: a search is for being told, not for "
        "keeping a copy.",
        example=EXAMPLE_IDS["search"],
    )
    state = Choice(
        v.WebhookState,
        "Whether events are sent. You set `active` and `paused`; what happens meanwhile is sent later.",
        allow_none=False,
        load_default=lambda: v.WebhookState.ACTIVE,
        example="active",
    )
    disabled_reason = Choice(
        v.WebhookStop, "Why the service has stopped it; null unless it has.", dump_only=True, example="failing"
    )
    after = Integer(
        "The number of the last event that was received or passed over. Set it back to have events again, or at "
        "creation to begin in the past; the newest event when left out or null. Never beyond the feed's `head`.",
        min=0,
        max=LARGEST,
        example=1204,
    )
    test = Flag("It is told of the records of a sandbox.", dump_only=True, example=False)
    created_by = Ref(
        "user",
        "The account that created it: it is told what that account sees on the day.",
        dump_only=True,
        required=True,
    )
    created_at = Moment("When it was created.", dump_only=True, required=True, example=_MOMENT)
    updated_at = Moment("When it was last changed.", dump_only=True, required=True, example=_MOMENT)
    failing_since = Moment("Since when the event whose turn it is has failed.", dump_only=True, example=_MOMENT)
    next_attempt_at = Moment("When that event is tried again.", dump_only=True, example=_MOMENT)
    secrets = Many(
        Object(WebhookSecretSchema, "A secret."), "Every delivery is signed with each of these.", max=5, dump_only=True
    )


class NewWebhookSchema(WebhookSchema):
    """A webhook as it is created: with its first secret, shown once and never again."""

    secret = _SHOWN_ONCE


class WebhookDeliverySchema(Shape):
    """One attempt to send something to a webhook."""

    id = Id("The delivery's id.", required=True, example=EXAMPLE_IDS["delivery"])
    kind = Choice(v.DeliveryKind, "Why it was sent.", required=True, example="event")
    message_id = Text(
        "The `webhook-id` it was sent with: the same whenever this event is sent to this webhook.",
        max=80,
        required=True,
        example=f"{EXAMPLE_IDS['webhook']}_1205",
    )
    seq = Integer("The event's number in the feed; null for a test.", min=1, max=LARGEST, example=1205)
    attempt = Integer("Which attempt at this event it was, in its turn.", min=1, max=10_000, required=True, example=1)
    state = Choice(v.DeliveryState, "How it went.", required=True, example="delivered")
    at = Moment("When it was sent, or asked for while it waits.", required=True, example=_MOMENT)
    status_code = Integer("The status it was answered with.", min=100, max=999, example=204)
    milliseconds = Integer("How long the answer took.", min=0, max=10**6, example=48)
    error = Choice(v.DeliveryError, "Why it failed.", example="timed_out")
    message = Object(
        LocalizedTextSchema,
        "The same for people.",
        example={"da": "Intet svar inden ti sekunder", "en": "No answer within ten seconds"},
    )
    next_attempt_at = Moment("When it is tried again; null when that is not planned.", example=_MOMENT)


class WebhookQuery(PageQuery):
    """Paging through webhooks."""


class DeliveryQuery(PageQuery):
    """Paging through what was sent."""

    state = AnyOf(
        Choice(v.DeliveryState, "Only what went this way.", example="failed"),
    )
