"""The register of clients: made, changed, given secrets, shut out. All of it counts at the next request anywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db import session
from api.domain import clock
from api.domain.errors import FORBIDDEN, INVALID, NOT_FOUND, NOT_READY, Refusal
from api.identity import accounts, oauth, running, secrets, security
from api.kit import pages
from api.kit.actor import actor
from api.models import Client, ClientSecret, Membership, User
from schemas.vocabulary import ClientKind, PlatformRole, Role
from schemas.vocabulary import SecurityEventKind as Kind
from schemas.wording import Say

MOST_SECRETS = 5
"""Secrets of a client that work at once: enough to change them without a pause, too few to hand around."""

MOST_TEST_CLIENTS = 10
"""Services for tests that one person has in use at once: each has limits and a sandbox of its own."""

_NOT_OF_SERVICE = Say("En tjeneste kaldes ikke fra en browser.", "A service is not called from browsers.")
_NOT_OF_FRONTEND = Say(
    "En brugerflade handler for personer, med deres roller.", "A frontend acts for people, with their roles."
)
_NO_SCOPE = Say("Det scope findes ikke.", "There is no such scope.")
_TWICE = Say("Organisationen er nævnt to gange.", "The partner is there twice.")
_NOT_LED = Say(
    "Du kan kun give og fratage roller i organisationer, hvor du er leder. Alt andet ved klienten kræver, at du er "
    "leder i alle de organisationer, den handler for.",
    "You can only give or take roles in organisations you manage; changing anything else needs a manager of all that "
    "the client acts for.",
)
_NO_SECRETS = Say(
    "En brugerflade kan ikke holde på en hemmelighed og har derfor ingen.",
    "A frontend can keep no secret, and has none.",
)
_ENOUGH = Say(
    f"Klienten har allerede {MOST_SECRETS} hemmeligheder, der virker. Tilbagekald en af dem først.",
    f"The client already has {MOST_SECRETS} secrets that work. Revoke one of them first.",
)
_ENOUGH_TESTS = Say(
    f"Du har allerede {MOST_TEST_CLIENTS} testklienter i brug. Spær en af dem; den ældste er {{name}} ({{id}}).",
    f"You already have {MOST_TEST_CLIENTS} test clients in use. Block one of them; the oldest is {{name}} ({{id}}).",
)
_PAST = Say("Skal ligge i fremtiden.", "Must be in the future.")


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the clients the caller sees, in the order they were registered."""
    query = select(Client).where(Client.seen_by(actor())).order_by(Client.id)
    with accounts.reading() as opened:
        return pages.page(opened, query, wanted, lambda row: row[0])


def create(fields: Mapping[str, Any]) -> Client:
    """A new client; a service with its account and its first secret."""
    _demand_fitting(fields["kind"], fields)
    opened, now = session(), clock.now()
    if fields["test"] and fields["kind"] is ClientKind.SERVICE:
        _demand_room(opened, actor().id)
    given = {name: fields[name] for name in ("name", "kind", "origins", "test")}
    client = Client(**given, scopes=sorted(fields["scopes"]), secrets=[], created_at=now, created_by=actor().id)
    opened.add(client)
    opened.flush()
    security.note(opened, Kind.CLIENT_CREATED, client.id, client_kind=client.kind, test=client.test)
    if client.kind is ClientKind.SERVICE:
        opened.add(User(id=client.id, name=client.name, created_at=now))
        opened.flush()
        _issue(opened, client, None)
    _take_part(opened, client, _roles(fields))
    return client


def change(client: Client, fields: Mapping[str, Any]) -> Client:
    """The same client, changed: only by those who lead the partners whose access that changes."""
    _demand_fitting(client.kind, fields)
    opened = session()
    own = {"name": fields["name"], "scopes": sorted(fields["scopes"]), "origins": fields["origins"]}
    changed = sorted(name for name, value in own.items() if getattr(client, name) != value)
    _demand_led(_touched(client, _roles(fields), everyone=bool(changed)))
    if changed:
        for name, value in own.items():
            setattr(client, name, value)
        if account := opened.get(User, client.id):
            account.name = client.name
        security.note(opened, Kind.CLIENT_CHANGED, client.id, changed=changed, scopes=client.scopes)
    _take_part(opened, client, _roles(fields))
    return client


def block(client: Client, *, blocked: bool = True) -> Client:
    """Shut a client out, with every token it has and every session begun through it; or let it in again."""
    if client.blocked != blocked:
        if not blocked and client.test and client.kind is ClientKind.SERVICE:
            _demand_room(session(), client.created_by)
        client.blocked = blocked
        security.note(session(), Kind.BLOCKED if blocked else Kind.UNBLOCKED, client.id)
    return client


def _demand_room(opened: Session, maker: str | None) -> None:
    """Refuse (409) more services for tests than one person needs."""
    if maker is None:
        return  # the operator's own
    opened.execute(select(User.id).where(User.id == maker).with_for_update())  # two at once would both find room
    tests = Client.test, Client.kind == ClientKind.SERVICE, ~Client.blocked
    mine = opened.scalars(select(Client).where(Client.created_by == maker, *tests).order_by(Client.id)).all()
    if len(mine) >= MOST_TEST_CLIENTS:
        raise Refusal(NOT_READY, _ENOUGH_TESTS.format(name=mine[0].name, id=mine[0].id))


def add_secret(client: Client, expires_at: dt.datetime | None) -> ClientSecret:
    """A further secret, with which the older ones can be replaced one program at a time."""
    now = clock.now()
    if client.kind is not ClientKind.SERVICE:
        raise Refusal(NOT_READY, _NO_SECRETS)
    if expires_at is not None and expires_at <= now:
        raise Refusal(INVALID, errors=[{"pointer": "/expires_at", "detail": _PAST}])
    if sum(1 for one in client.secrets if one.expires_at is None or one.expires_at > now) >= MOST_SECRETS:
        raise Refusal(NOT_READY, _ENOUGH)
    return _issue(session(), client, expires_at)


def revoke_secret(client: Client, id: str) -> None:
    """Take a secret away, and with it every token it has got; the client's webhooks wait until they are let go on."""
    found = next((one for one in client.secrets if one.id == id), None)
    if found is None:
        raise Refusal(NOT_FOUND)
    client.secrets.remove(found)
    running.pause(session(), client.id)
    security.note(session(), Kind.SECRET_REVOKED, client.id, secret=id)


def _issue(opened: Session, client: Client, expires_at: dt.datetime | None) -> ClientSecret:
    fresh = secrets.fresh("secret")
    issued = ClientSecret(digest=secrets.digest(fresh), created_at=clock.now(), expires_at=expires_at)
    issued.secret = fresh
    client.secrets.append(issued)
    opened.flush()
    security.note(opened, Kind.SECRET_CREATED, client.id, secret=issued.id)
    return issued


def _roles(fields: Mapping[str, Any]) -> dict[str, Role]:
    return {one["partner_id"]: one["role"] for one in fields["memberships"]}


def _take_part(opened: Session, client: Client, roles: Mapping[str, Role]) -> None:
    """Give the client exactly these roles."""
    held = {one.partner_id: one for one in client.memberships}
    for partner in sorted(held.keys() | roles.keys()):
        role, there = roles.get(partner), held.get(partner)
        if role == (there and there.role):
            continue
        security.note(opened, Kind.ROLE_CHANGED, client.id, partner=partner, role=role)
        if there is not None:
            opened.delete(there)
            opened.flush()
        if role is not None:
            opened.add(Membership(user_id=client.id, partner_id=partner, role=role))
    opened.flush()
    opened.refresh(client, ["memberships"])


def _touched(client: Client, roles: Mapping[str, Role], *, everyone: bool) -> Collection[str]:
    """The partners whose access a change changes."""
    held = {one.partner_id: one.role for one in client.memberships}
    return {one for one in held.keys() | roles.keys() if everyone or held.get(one) != roles.get(one)}


def _demand_led(partners: Collection[str]) -> None:
    caller = actor()
    if PlatformRole.COPI_ADMIN in caller.duties:
        return
    if any(caller.roles.get(partner) is not Role.MANAGER for partner in partners):
        raise Refusal(FORBIDDEN, _NOT_LED)


def _demand_fitting(kind: ClientKind, fields: Mapping[str, Any]) -> None:
    """Refuse (422) what a client of this kind cannot have, and scopes that do not exist."""
    wrong = [*_not_of(kind, fields), *_unknown(fields["scopes"]), *_repeated(fields["memberships"])]
    if wrong:
        raise Refusal(INVALID, errors=wrong)


def _not_of(kind: ClientKind, fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    service = kind is ClientKind.SERVICE
    for name in ("origins",) if service else ("scopes", "memberships"):
        if fields[name]:
            yield {"pointer": f"/{name}", "detail": _NOT_OF_SERVICE if service else _NOT_OF_FRONTEND}


def _unknown(scopes: Collection[str]) -> Iterator[dict[str, Any]]:
    known = frozenset(oauth.scopes())
    for place, scope in enumerate(scopes):
        if scope not in known:
            yield {"pointer": f"/scopes/{place}", "detail": _NO_SCOPE}


def _repeated(memberships: Collection[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    partners = [one["partner_id"] for one in memberships]
    for place, partner in enumerate(partners):
        if partner in partners[:place]:
            yield {"pointer": f"/memberships/{place}/partner_id", "detail": _TWICE}
