"""Services as tests speak: they get their token as any service does, and call with it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.models import SecurityEvent
from tests.clients import Client
from tests.make import SECRET

FOREIGN = "019b76da-a800-7000-8000-00000000000a"


def granted(app: Flask, id: str, secret: str | None = None, **form: Any) -> TestResponse:
    """The answer to a service that asks for a token."""
    form = {"grant_type": "client_credentials", **form}
    return app.test_client().post("/v1/oauth/token", data=form, auth=(id, secret or SECRET + id))


class Service(Client):
    """Calls as a service does, with one token."""

    def __init__(self, app: Flask, id: str, secret: str | None = None, **form: Any) -> None:
        super().__init__(app)
        self.id = id
        answer = granted(app, id, secret, **form)
        assert answer.status_code == 200, answer.text
        self.headers["Authorization"] = f"Bearer {answer.json['access_token']}"

    def elsewhere(self, app: Flask) -> Service:
        """The same, with the same token, before another process."""
        other = object.__new__(Service)
        Client.__init__(other, app)
        other.id, other.headers = self.id, self.headers
        return other

    @property
    def welcome(self) -> bool:
        """Whether its token counts."""
        return self.get("/tasks").status_code == 200


def noted(app: Flask, about: str) -> list[str]:
    """What the security log says of somebody, oldest first."""
    events = select(SecurityEvent.kind).where(SecurityEvent.user_id == about).order_by(SecurityEvent.id)
    with app.extensions["copi"].database.reading() as connection:
        return [str(kind) for kind in connection.scalars(events)]
