"""Tokens of every kind for the callers of the matrix: of a password, of a service, of an outside issuer.

The callers take turns with what they hold, call by call, so that every table is walked with all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy import select

from api.identity import oauth
from api.models import Client as ClientRow
from api.models import Membership, User
from schemas.vocabulary import ClientKind, Role
from tests.clients import Client, token_for
from tests.federation.provider import API, Provider
from tests.matrix.expected import Caller

NUMBERS = {"home": "10000009", "away": "55133018", "third": "29189846", "firm": "10150817", "heir": "64942212"}
"""The organisations' CVR numbers, by which an outside issuer names them."""
ISSUER = """
[[issuer]]
issuer = "{issuer}"
audience = "{audience}"
cvr = "cvr"
role_map = {{ member = "member", editor = "editor", manager = "manager" }}
duty_map = {{ adviser = "adviser", copi_editor = "copi_editor", copi_admin = "copi_admin" }}
"""


def issuers(provider: Provider) -> str:
    """The file that makes the service take the provider's tokens."""
    return ISSUER.format(issuer=provider.issuer, audience=API)


def clients(app: Flask, provider: Provider, caller: Caller, user: str, works_for: Mapping[str, str]) -> list[Client]:
    """One client per kind of token the caller can hold; `works_for` are the partners of its organisation, with states."""
    held = [Client(app, user)]
    if caller.duty is None:  # duties are people's
        held.append(_service(app, caller, works_for))
    held.append(_federated(app, provider, caller, works_for))
    return held


def _service(app: Flask, caller: Caller, works_for: Mapping[str, str]) -> Client:
    now = dt.datetime.now(dt.UTC)
    with app.extensions["copi"].database.writing() as session:
        account = User(name=f"service {caller.name}", created_at=now, memberships=_memberships(caller, works_for))
        session.add(account)
        session.flush()
        row = ClientRow(
            id=account.id, name=account.name, kind=ClientKind.SERVICE, scopes=oauth.scopes(), created_at=now
        )
        session.add(row)
        id = account.id
    client = Client.bearing(app, token_for(app, id, client=id, scope=" ".join(oauth.scopes())))
    client.of_service = True
    return client


def _federated(app: Flask, provider: Provider, caller: Caller, works_for: Mapping[str, str]) -> Client:
    """The token vouches for the organisation's active records; the role in others is given here."""
    said: dict[str, Any] = {"name": caller.name, "roles": [word for word in (caller.role, caller.duty) if word]}
    if caller.organisation:
        said["cvr"] = NUMBERS[caller.organisation]
    subject = provider.user(**said)
    client = Client.bearing(app, provider.log_in(subject)["access_token"])
    assert client.get("/tasks").status_code == 200
    others = {id: state for id, state in works_for.items() if state != "active"}
    with app.extensions["copi"].database.writing() as session:
        person = session.scalars(select(User).where(User.subject == subject)).one()
        person.memberships = _memberships(caller, others)
    return client


def _memberships(caller: Caller, works_for: Mapping[str, str]) -> list[Membership]:
    return [Membership(partner_id=id, role=Role(caller.role)) for id in works_for]
