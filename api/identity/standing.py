"""Who an account is today when it does not call itself: for what happens in its name while nobody is logged in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.orm import aliased

from api.domain.actor import Actor
from api.models import Client, Membership, User
from schemas.vocabulary import PlatformRole, Role

_Own, _Through = aliased(Client), aliased(Client)
_TODAY = (
    select(
        User.id,
        User.name,
        User.duties,
        Membership.partner_id,
        Membership.role,
        _Own.id.label("service"),
        _Own.scopes,
        _Through.id.label("sandbox"),
    )
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(_Own, _Own.id == User.id)
    .outerjoin(_Through, (_Through.id == bindparam("sandbox", type_=User.id.type)) & _Through.test & ~_Through.blocked)
    .where(User.id == bindparam("account"), ~User.blocked, _Own.blocked.is_not(True))
)


def of(connection: Connection, account: str, sandbox: str | None, scopes: Iterable[str] | None) -> Actor | None:
    """The account with the roles it holds here today, in this sandbox if in any; None while it is blocked.

    A service has those of the `scopes` that are still its own. What an outside issuer vouches for in a person's token
    is known while they call and not here.
    """
    given = {"account": account, "sandbox": sandbox}
    rows: Sequence[Row[Any]] = connection.execute(_TODAY, given).all()  # type: ignore[assignment]
    if not rows or rows[0].sandbox != sandbox:
        return None
    first = rows[0]
    kept = frozenset(first.scopes) & frozenset(scopes or ()) if first.service else None
    if sandbox is not None:
        return Actor(id=first.id, name=first.name, scopes=kept, sandbox=sandbox)
    return Actor(
        id=first.id,
        name=first.name,
        duties=frozenset(PlatformRole(duty) for duty in first.duties),
        roles={row.partner_id: Role(row.role) for row in rows if row.partner_id},
        scopes=kept,
    )
