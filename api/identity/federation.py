"""People an outside issuer vouches for: known here by issuer and subject, so that they can be blocked as anyone else.

Their token says which organisation they come from and what they do there; roles given here come on top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.exc import IntegrityError

from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import UNAUTHENTICATED, Refusal
from api.identity.issuers import Claims
from api.kit.service import service
from api.models import Membership, Partner, User
from schemas.vocabulary import PartnerState, PlatformRole, Role

_KNOWN = (
    select(User.id, User.name, User.duties, User.blocked, Membership.partner_id, Membership.role)
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(User.issuer == bindparam("issuer"), User.subject == bindparam("subject"))
)
_NUMBERED = (
    select(Partner.id)
    .join(Partner.facets, Partner.facets.c.id == Partner.id)
    .where(
        Partner.facets.c.name == "identifier",
        Partner.facets.c.value == bindparam("number"),
        Partner.state == PartnerState.ACTIVE,
        Partner.sandbox.is_(None),
    )
)
_RANK = list(Role)
"""From the one that may least to the one that may most."""


def actor_of(claims: Claims) -> Actor:
    """Whom the claims stand for today; a refusal (401) when that person is blocked here."""
    rows = _known(claims) or _introduced(claims)
    first = rows[0]
    if first.blocked:
        raise Refusal(UNAUTHENTICATED)
    own = {row.partner_id: Role(row.role) for row in rows if row.partner_id}
    return Actor(
        id=first.id,
        name=first.name,
        duties=frozenset(PlatformRole(duty) for duty in first.duties) | claims.duties,
        roles=_together(own, _vouched(claims)),
    )


def _known(claims: Claims) -> Sequence[Row[Any]]:
    with service().database.reading() as connection:
        rows: Sequence[Row[Any]] = connection.execute(  # type: ignore[assignment]
            _KNOWN, {"issuer": claims.issuer, "subject": claims.subject}
        ).all()
    return rows


def _introduced(claims: Claims) -> Sequence[Row[Any]]:
    """The person, written down at first sight. Not by e-mail: an address is no proof of who somebody is."""
    name = claims.name or claims.email or claims.subject
    try:
        with service().database.writing() as session:
            session.add(User(issuer=claims.issuer, subject=claims.subject, name=name, created_at=clock.now()))
    except IntegrityError:
        pass  # another request of theirs was first
    return _known(claims)


def _vouched(claims: Claims) -> dict[str, Role]:
    """The role the token gives in each partner that has its organisation's number."""
    if not claims.roles or claims.partner_cvr is None:
        return {}
    with service().database.reading() as connection:
        found = connection.scalars(_NUMBERED, {"number": f"DK-CVR:{claims.partner_cvr}"}).all()
    return dict.fromkeys(found, max(claims.roles, key=_RANK.index))


def _together(own: Mapping[str, Role], vouched: Mapping[str, Role]) -> dict[str, Role]:
    """Both, and where they meet the one that may more."""
    return {
        partner: max((roles[partner] for roles in (own, vouched) if partner in roles), key=_RANK.index)
        for partner in {**own, **vouched}
    }
