"""People an outside issuer vouches for: known here by issuer and subject, so that they can be blocked as anyone else.

Their token says which organisation they come from and what they do there; roles given here come on top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import Row, bindparam, select
from sqlalchemy.exc import IntegrityError

from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import UNAUTHENTICATED, Refusal
from api.identity import secrets, security
from api.identity.issuers import Claims, Doubted, Issuers
from api.kit.freshness import remembered
from api.kit.service import service
from api.models import Membership, Partner, SecurityEvent, User
from schemas.vocabulary import PartnerState, PlatformRole, Role
from schemas.vocabulary import SecurityEventKind as Kind

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
_LATEST = 100
"""Lines of the log that are looked through for a token that this process has not seen."""
_RANK = list(Role)
"""From the one that may least to the one that may most."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a good token of another issuer stands for, and through which frontend of ours."""

    user: str
    client: str | None


def authenticate(issuers: Issuers, token: str) -> Actor:
    """The caller behind another issuer's token; what it was worth is in the security log once a token."""
    try:
        claims = issuers.verified(token)
    except Doubted as doubted:
        if (subject := doubted.subject) and (rows := _known(doubted.issuer, subject)):
            _note_once(Kind.LOGIN_FAILED, rows[0].id, doubted.issuer, subject, _digest(token))
        raise
    caller = actor_of(claims)
    _note_once(Kind.LOGGED_IN, str(caller.id), claims.issuer, claims.subject, claims.jti or _digest(token))
    return caller


def _digest(token: str) -> str:
    return secrets.digest(token)[:32]


def _note_once(kind: Kind, user: str, issuer: str, subject: str, token: str) -> None:
    """Write down what became of a token when it is first seen: only its issuer can make more of them."""

    def write_down() -> bool:
        details = {"issuer": issuer, "subject": subject, "token": token}
        with service().database.writing() as session:
            session.execute(select(User.id).where(User.id == user).with_for_update())  # another process may be at it
            noted = select(SecurityEvent.details).where(SecurityEvent.user_id == user, SecurityEvent.kind == kind)
            if details not in session.scalars(noted.order_by(SecurityEvent.id.desc()).limit(_LATEST)).all():
                security.note(session, kind, user, **details)
        return True

    remembered(("token of another issuer", kind, user, token), 0, write_down)


def actor_of(claims: Claims) -> Actor:
    """Whom the claims stand for today; a refusal (401) when that person is blocked here."""
    rows = _known(claims.issuer, claims.subject) or _introduced(claims)
    first = rows[0]
    g.vouched = Vouched(first.id, claims.frontend)
    if first.blocked:
        raise Refusal(UNAUTHENTICATED)
    own = {row.partner_id: Role(row.role) for row in rows if row.partner_id}
    return Actor(
        id=first.id,
        name=first.name,
        duties=frozenset(PlatformRole(duty) for duty in first.duties) | claims.duties,
        roles=_together(own, _vouched(claims)),
    )


def _known(issuer: str, subject: str) -> Sequence[Row[Any]]:
    with service().database.reading() as connection:
        rows: Sequence[Row[Any]] = connection.execute(  # type: ignore[assignment]
            _KNOWN, {"issuer": issuer, "subject": subject}
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
    return _known(claims.issuer, claims.subject)


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
