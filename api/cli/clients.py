"""`copi clients`: the programs that use the API, and their secrets."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cli.access import acting, answer, answer_all, as_json
from api.cli.console import fail
from api.domain.actor import SYSTEM
from api.identity import registry
from api.kit import references
from api.kit.body import validated
from api.models import Client
from schemas.base import creating
from schemas.clients import ClientSchema, NewClientSchema, NewSecretSchema
from schemas.vocabulary import ClientKind

_COLUMNS = ("id", "name", "kind", "test", "blocked")
_client = click.argument("client", type=click.UUID)


@click.group()
def clients() -> None:
    """Look after clients. CLIENT is an id."""


@clients.command("list")
@as_json
def list_clients(as_json: bool) -> None:
    """List clients."""
    with acting() as session:
        told = session.scalars(select(Client).order_by(Client.id)).all()
    answer_all(ClientSchema(), told, _COLUMNS, as_json)


@clients.command()
@_client
@as_json
def show(client: object, as_json: bool) -> None:
    """Show a client; its secrets are known to nobody but it."""
    with acting() as session:
        told = _found(session, client)
    answer(ClientSchema(), told, as_json)


@clients.command()
@click.option("--name", required=True, help="What people know it by.")
@click.option("--kind", type=click.Choice([str(kind) for kind in ClientKind]), default="service", show_default=True)
@click.option("--scope", "scopes", multiple=True, help="What it may do at most, e.g. challenge:create.")
@click.option("--member", "members", multiple=True, metavar="PARTNER=ROLE", help="A partner it acts for, by id.")
@click.option("--origin", "origins", multiple=True, help="Where browsers load a frontend from.")
@click.option("--test", is_flag=True, help="In a sandbox of its own.")
@as_json
def create(
    name: str,
    kind: str,
    scopes: tuple[str, ...],
    members: tuple[str, ...],
    origins: tuple[str, ...],
    test: bool,
    as_json: bool,
) -> None:
    """Create a client; a service's first secret is printed, this once."""
    memberships = [dict(zip(("partner_id", "role"), one.split("=", 1), strict=False)) for one in members]
    given = {"name": name, "kind": kind, "scopes": list(scopes), "memberships": memberships}
    with acting() as session:
        shape = creating(ClientSchema)()
        fields = validated(shape, {**given, "origins": list(origins), "test": test})
        references.check(session, SYSTEM, shape, fields, {})
        told = registry.create(fields)
    answer(NewClientSchema(), told, as_json)


@clients.command()
@_client
@as_json
def block(client: object, as_json: bool) -> None:
    """Shut a client out, everywhere at once."""
    with acting() as session:
        told = registry.block(_found(session, client))
    answer(ClientSchema(), told, as_json)


@clients.command()
@_client
@as_json
def unblock(client: object, as_json: bool) -> None:
    """Let a client in again."""
    with acting() as session:
        told = registry.block(_found(session, client), blocked=False)
    answer(ClientSchema(), told, as_json)


@clients.command("add-secret")
@_client
@click.option("--expires", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ"]), help="When it ends.")
@as_json
def add_secret(client: object, expires: datetime | None, as_json: bool) -> None:
    """Print a further secret, this once."""
    with acting() as session:
        told = registry.add_secret(_found(session, client), expires)
    answer(NewSecretSchema(), told, as_json)


@clients.command("revoke-secret")
@_client
@click.argument("secret", type=click.UUID)
@as_json
def revoke_secret(client: object, secret: object, as_json: bool) -> None:
    """Revoke a secret, and every token it got."""
    with acting() as session:
        found = _found(session, client)
        if str(secret) not in {one.id for one in found.secrets}:
            fail(f"The client has no secret {secret}; its secrets are {', '.join(one.id for one in found.secrets)}.")
        registry.revoke_secret(found, str(secret))
        told = found
    answer(ClientSchema(), told, as_json)


def _found(session: Session, id: object) -> Client:
    found = session.scalars(select(Client).where(Client.id == str(id)).with_for_update()).one_or_none()
    return found or fail(f"There is no client {id}.")
