"""Who acts for a partner, in which role: told, changed and ended; one manager always remains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from api.db import session
from api.domain import policy
from api.domain.actor import Actor
from api.domain.errors import NOT_FOUND, NOT_READY, Refusal
from api.identity import accounts, invitations, security
from api.kit import pages
from api.kit.actor import actor
from api.models import Client, Membership, Partner, User
from schemas.vocabulary import PlatformRole, Role, SecurityEventKind, UserKind
from schemas.wording import Say

_LAST_MANAGER = Say(
    "Partneren skal have mindst én leder. Gør en anden til leder først, eller bed CO-PI om hjælp.",
    "The partner must have at least one manager. Make somebody else a manager first, or ask CO-PI for help.",
)


def page(partner: Partner, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The partner's people."""
    query = select(User, Membership.role, Client.id).join(Membership, Membership.user_id == User.id)
    mine = query.outerjoin(Client, Client.id == User.id).where(Membership.partner_id == partner.id)
    return pages.page(session(), mine.order_by(User.name, User.id), wanted, lambda row: _told(*row))


def _told(user: User, role: Role, service: str | None) -> dict[str, Any]:
    return {
        "id": user.id,
        "kind": UserKind.SERVICE if service else UserKind.PERSON,
        "name": user.name,
        "email": user.email,
        "role": role,
        "blocked": user.blocked,
    }


def set_role(partner: Partner, id: str, role: Role) -> dict[str, Any]:
    """Give a member another role. CO-PI can make a member of anybody, such as one that no letter reaches."""
    held = session().get(Membership, (id, partner.id))
    user = session().get_one(User, id) if held else _anybody(id)
    if held is None:
        held = Membership(user_id=id, partner_id=partner.id, role=role)
        session().add(held)
    elif held.role is Role.MANAGER and role is not Role.MANAGER:
        demand_another_manager(partner.id, id)
        invitations.forget_those_by(session(), id, partner.id)
    held.role = role
    security.note(session(), SecurityEventKind.ROLE_CHANGED, id, partner=partner.id, role=role)
    return _told(user, role, next(iter(accounts.services(session(), [id])), None))


def _anybody(id: str) -> User:
    user = None
    if PlatformRole.COPI_ADMIN in actor().duties:
        user = session().scalars(select(User).where(User.id == id, User.seen_by(actor()))).one_or_none()
    if user is None:
        raise Refusal(NOT_FOUND)
    return user


def remove(partner: Partner, id: str) -> None:
    """End a membership: one's own, or, as a manager, anybody's."""
    if id != actor().id:
        policy.demand(actor(), "partner:manage-members", partner)
    held = session().get(Membership, (id, partner.id))
    if held is None:
        raise Refusal(NOT_FOUND)
    if held.role is Role.MANAGER:
        demand_another_manager(partner.id, id)
        invitations.forget_those_by(session(), id, partner.id)
    session().delete(held)
    security.note(session(), SecurityEventKind.ROLE_CHANGED, id, partner=partner.id, role=None)


def demand_another_manager(partner: str, but: str) -> None:
    """Refuse (409) to leave a partner, which is locked, without anyone who can lead it; CO-PI's administrators may."""
    if is_admin(actor()):
        return
    led = select(Membership.user_id).join(User, User.id == Membership.user_id)
    others = led.where(Membership.partner_id == partner, Membership.role == Role.MANAGER, User.id != but)
    if session().scalars(others.where(~User.blocked, ~exists().where(Client.id == User.id)).limit(1)).first() is None:
        raise Refusal(NOT_READY, _LAST_MANAGER)


def is_admin(caller: Actor) -> bool:
    """Whether somebody decides for the whole platform."""
    return PlatformRole.COPI_ADMIN in caller.duties
