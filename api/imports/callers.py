"""In whose name an import writes: who sent the file, with what that account may do today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.actor import Actor
from api.domain.errors import FORBIDDEN, Refusal
from api.models import Client, Membership, User
from schemas.vocabulary import PlatformRole, Role
from schemas.wording import Say

_BLOCKED = Say(
    "Kontoen, der lagde filen ind, er spærret eller findes ikke længere.",
    "The account that sent the file is blocked, or there is none any more.",
)


def granted(session: Session, caller: Actor) -> dict[str, Any]:
    """What the caller can do now beyond what is known of the account: its token's scopes, an outside issuer's word."""
    user = session.get(User, caller.id)
    if caller.sandbox or user is None or user.issuer is None:
        return {"scopes": None if caller.scopes is None else sorted(caller.scopes)}
    own = _roles(session, user.id)
    beyond = {partner: str(role) for partner, role in caller.roles.items() if own.get(partner) != role}
    return {"scopes": None, "roles": beyond, "duties": sorted(caller.duties - _duties(user))}


def today(session: Session, account: str, sandbox: str | None, given: Mapping[str, Any]) -> Actor:
    """The account as the caller it would be today; refused (403) when it is blocked or gone."""
    user, client = session.get(User, account), session.get(Client, sandbox or account)
    if user is None or user.blocked or (client is not None and client.blocked):
        raise Refusal(FORBIDDEN, _BLOCKED)
    scopes = _scopes(client if client is not None and client.id == account else None, given)
    if sandbox:
        return Actor(id=user.id, name=user.name, scopes=scopes, sandbox=sandbox)
    duties = _duties(user) | {PlatformRole(duty) for duty in given.get("duties", ())}
    vouched = {partner: Role(role) for partner, role in given.get("roles", {}).items()}
    return Actor(user.id, user.name, frozenset(duties), {**_roles(session, user.id), **vouched}, scopes)


def _scopes(client: Client | None, given: Mapping[str, Any]) -> frozenset[str] | None:
    if client is None:
        return None
    return frozenset(client.scopes) & frozenset(given.get("scopes") or ())


def _duties(user: User) -> frozenset[PlatformRole]:
    return frozenset(PlatformRole(duty) for duty in user.duties)


def _roles(session: Session, user: str) -> dict[str, Role]:
    held = select(Membership.partner_id, Membership.role).where(Membership.user_id == user)
    return {row.partner_id: row.role for row in session.execute(held)}
