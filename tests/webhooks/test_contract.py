"""What is sent is what the contract's `webhooks` say."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from api import create_app
from api.config import Settings
from schemas.names import PLURALS

DOCUMENT: dict[str, Any] = create_app(
    Settings(database_url="sqlite://", secret="x" * 32, log="text")
).extensions["contract"].document()  # fmt: skip
ENTRIES = {name: item["post"] for name, item in DOCUMENT["webhooks"].items()}


def body(name: str) -> dict[str, Any]:
    media: dict[str, Any] = ENTRIES[name]["requestBody"]["content"]["application/json"]
    return media


def valid(name: str) -> Draft202012Validator:
    return Draft202012Validator({**body(name)["schema"], "components": DOCUMENT["components"]})


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_is_described_and_its_example_is_valid(name):
    entry = ENTRIES[name]
    assert entry["operationId"] == f"on_{name}"
    assert entry["description"].endswith(".")
    assert entry["tags"] == ["webhook-events"]
    assert [one["name"] for one in entry["parameters"]] == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    valid(name).validate(body(name)["example"])


def test_there_is_one_for_each_shape_of_event():
    assert set(ENTRIES) == {
        *(f"{one}_event" for one in PLURALS),
        "hidden_event",
        "webhook_event",
        "sandbox_event",
        "ping",
    }


def test_openapi_3_0_knows_none_of_it():
    settings = Settings(database_url="sqlite://", secret="x" * 32, log="text")
    twin = create_app(settings, "3.0.3").extensions["contract"].document()
    assert "webhooks" not in twin
    assert "webhook-events" not in {tag["name"] for tag in twin["tags"]}
    assert twin["components"]["schemas"].keys() == DOCUMENT["components"]["schemas"].keys()


def test_what_is_received_is_valid_by_its_entry(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    for resource in PLURALS:
        getattr(make, resource)()
    editor.post(f"/webhooks/{webhook['id']}/ping")
    dispatcher.drain()
    seen = set()
    for got in receiver.got:
        name = "ping" if got.event["type"] == "webhook.ping" else f"{got.event['resource']}_event"
        valid(name).validate(got.event)
        for header in ENTRIES[name]["parameters"]:
            Draft202012Validator(header["schema"]).validate(got.headers[header["name"]])
        seen.add(name)
    assert seen == {*(f"{one}_event" for one in PLURALS), "ping"}
