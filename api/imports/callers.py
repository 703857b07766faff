"""In whose name an import writes: who sent the file, with what that account may do today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from api.domain.actor import Actor
from api.domain.errors import FORBIDDEN, Refusal
from api.identity import standing
from schemas.vocabulary import PlatformRole, Role
from schemas.wording import Say

_BLOCKED = Say(
    "Kontoen, der lagde filen ind, er spærret eller findes ikke længere.",
    "The account that sent the file is blocked, or there is none any more.",
)


def granted(session: Session, caller: Actor) -> dict[str, Any]:
    """What the caller can do now beyond what is known of the account: its token's scopes, an outside issuer's word."""
    known = None if caller.sandbox else standing.of(session.connection(), str(caller.id), None, None)
    if known is None or caller.scopes is not None:
        return {"scopes": None if caller.scopes is None else sorted(caller.scopes)}
    beyond = {partner: str(role) for partner, role in caller.roles.items() if known.roles.get(partner) != role}
    return {"scopes": None, "roles": beyond, "duties": sorted(caller.duties - known.duties)}


def today(session: Session, account: str, sandbox: str | None, given: Mapping[str, Any]) -> Actor:
    """The account as the caller it would be today; refused (403) when it is blocked or gone."""
    known = standing.of(session.connection(), account, sandbox, given.get("scopes"))
    if known is None:
        raise Refusal(FORBIDDEN, _BLOCKED)
    if sandbox:
        return known
    duties = known.duties | {PlatformRole(duty) for duty in given.get("duties", ())}
    vouched = {partner: Role(role) for partner, role in given.get("roles", {}).items()}
    return replace(known, duties=duties, roles={**known.roles, **vouched})
