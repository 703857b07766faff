from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from api.config import Settings


class Postbox:
    """A mail server that keeps what it is sent, or refuses it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box = Postbox(probe.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def settings(app: Flask, postbox: Postbox) -> Iterator[Settings]:
    """The app's settings, with the mail server among them."""
    service = app.extensions["copi"]
    usual = service.settings
    service.settings = dataclasses.replace(
        usual, smtp_url=f"smtp://127.0.0.1:{postbox.port}", mail_from="CO-PI <noreply@co-pi.example>",
        public_url="https://api.co-pi.example",
    )  # fmt: skip
    yield service.settings
    service.settings = usual
