"""What the API sends by itself: the `webhooks` of the contract, one for each shape of event, under a tag of their own.

A tag shared with operations would make generated clients offer them as calls. OpenAPI 3.0 knows no webhooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openapi.operations import example, sample
from schemas.base import JSON
from schemas.events import EventSchema
from schemas.names import EXAMPLE_IDS, PLURALS
from schemas.webhooks import WebhookSchema, WebhookSecretSchema

TAG = {
    "name": "webhook-events",
    "description": "Webhook events (webhook-hændelser): what is sent to webhooks: the events of the feed, as the feed "
    "has them, and tests. Signed by the Standard Webhooks specification.",
}
_WEBHOOK = {**sample(WebhookSchema()), "secrets": [sample(WebhookSecretSchema())], "next_attempt_at": None}
_WORKING = {"disabled_reason": None, "failing_since": None}
_EVENT = {"$ref": "#/components/schemas/Event"}
_ALWAYS_SENT = (
    ("webhook-id", "The same whenever this event is sent to this webhook: what comes again can be passed over.",
     {"type": "string", "maxLength": 80, "pattern": "^[0-9a-f_-]+$"}, f"{EXAMPLE_IDS['webhook']}_412"),
    ("webhook-timestamp", "When it was sent, in seconds since 1970. Refuse what is more than five minutes off.",
     {"type": "string", "maxLength": 20, "pattern": "^[0-9]+$"}, "1795424400"),
    ("webhook-signature", "For each of the webhook's secrets `v1,` and the HMAC-SHA256, in base64, of id, timestamp "
     "and body with full stops in between. One that is right suffices.",
     {"type": "string", "maxLength": 500, "pattern": "^v1,[0-9A-Za-z+/=]+( v1,[0-9A-Za-z+/=]+)*$"},
     "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
)  # fmt: skip
_ANSWERS = {
    "2XX": {"description": "Received. Answer within ten seconds, and work on it afterwards."},
    "410": {"description": "Gone: the webhook is disabled at once."},
    "429": {"description": "Not now: tried again after Retry-After, at most a day later."},
    "503": {"description": "Not now: tried again after Retry-After, at most a day later."},
    "default": {"description": "Not received: tried again for five days, later and later; redirects are not followed."},
}


def section(components: Mapping[str, Any]) -> dict[str, Any]:
    """Each webhook of the contract, by its name."""
    return dict(_entries(components))


def _entries(components: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for resource in PLURALS:
        document = components[resource.title()]
        about = f"Of a {resource}, as it was after the change. {document['description']}"
        yield _entry(f"{resource}_event", f"A {resource} has changed", about,
                     _of(resource, {"$ref": f"#/components/schemas/{resource.title()}"}),
                     _example(resource, f"{resource}.updated", example(f"read_{resource}.response")))  # fmt: skip
    gone = {"seq": 413, "type": "challenge.hidden", "reason": None, "changes": [], "document": None}
    yield _entry(
        "hidden_event",
        "A record is seen no more",
        "A tombstone: the record is no longer there for the webhook's account, as if it had been deleted.",
        {"allOf": [_EVENT, {"type": "object", "properties": {"document": {"type": "null"}}}]},
        {**sample(EventSchema()), **gone},
    )
    yield _entry(
        "webhook_event",
        "A webhook was disabled",
        "Told to its account through the feed, and so through webhooks that still work.",
        _of("webhook", {"$ref": "#/components/schemas/Webhook"}),
        _example("webhook", "webhook.disabled", {**_WEBHOOK, "state": "disabled"}),
    )
    yield _entry(
        "sandbox_event",
        "A sandbox was emptied",
        "All records in it are gone; what it begins with follows.",
        _of("sandbox", {"type": "object", "maxProperties": 0}),
        _example("sandbox", "sandbox.emptied", {}),
    )
    ping = components["Event"]
    unnumbered = {"type": "null", "description": "It is not in the feed and has no number."}
    yield _entry(
        "ping",
        "A webhook is tried out",
        "What was asked for at `/webhooks/{id}/ping`: an event `webhook.ping`, with the webhook as its document.",
        {**ping, "properties": {**ping["properties"], "seq": unnumbered}},
        {**_example("webhook", "webhook.ping", {**_WEBHOOK, **_WORKING}), "seq": None},
    )


def _of(resource: str, document: Mapping[str, Any]) -> dict[str, Any]:
    narrowed = {"resource": {"type": "string", "enum": [resource]}, "document": document}
    return {"allOf": [_EVENT, {"type": "object", "properties": narrowed}]}


def _example(resource: str, type: str, document: Any) -> dict[str, Any]:
    id = EXAMPLE_IDS.get(resource, EXAMPLE_IDS["client"])
    about: dict[str, Any] = {"type": type, "resource": resource, "resource_id": id, "reason": None, "changes": []}
    return {**sample(EventSchema()), **about, "document": document}


def _entry(name: str, summary: str, about: str, schema: Any, shown: Any) -> tuple[str, Any]:
    parameters = [
        {"name": header, "in": "header", "required": True, "description": words, "schema": shape, "example": value}
        for header, words, shape, value in _ALWAYS_SENT
    ]
    operation = {
        "operationId": f"on_{name}",
        "tags": [TAG["name"]],
        "summary": summary,
        "description": about,
        "security": [],
        "parameters": parameters,
        "requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": shown}}},
        "responses": _ANSWERS,
    }
    return name, {"post": operation}
