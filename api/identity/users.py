"""Everybody's accounts, for CO-PI's administrators: found, blocked, given duties, helped to a new password, erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, text
from sqlalchemy.orm import Session, selectinload

from api.db import session as at_hand
from api.domain import clock
from api.domain.errors import CONFLICT, NOT_READY, Refusal
from api.identity import accounts, invitations, members, security, sessions
from api.kit import pages
from api.kit.actor import actor
from api.kit.service import service
from api.models import Client, Invitation, Membership, Partner, SavedSearch, User, Webhook
from schemas.vocabulary import PlatformRole, Role, UserKind
from schemas.vocabulary import SecurityEventKind as Kind
from schemas.wording import Say

_ADMIN_LOCK = 0x61646D696E
"""Held by whoever may take an administrator away, so that no two take away the last two at once (PostgreSQL)."""
_LAST_ADMIN = Say(
    "CO-PI skal have mindst én administrator. Gør en anden til administrator først.",
    "CO-PI must have at least one administrator. Make somebody else an administrator first.",
)
_NO_PASSWORD = Say(
    "Kontoen har ingen adgangskode her, som kan skiftes.", "The account has no password here that could be changed."
)
_THERE = Say("Der er allerede en konto med den mailadresse.", "There is an account with that address already.")
_NOT_A_PERSON = Say(
    "En tjeneste kan ikke have roller på platformen; det ville give dem, der styrer tjenesten, de samme roller.",
    "A service cannot have roles on the platform; those who manage the service would get the same roles.",
)
ERASED = "Slettet bruger"
"""What stands in the place of a name: in the history it reads as Danish does."""


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Users by name."""
    query = select(User).where(User.seen_by(actor())).options(selectinload(User.memberships))
    with accounts.reading() as session:
        found = _holding(query, wanted["q"]) if wanted.get("q") else query
        return pages.page(session, found.order_by(User.name, User.id), wanted, lambda row: told(row[0], session))


def _holding(query: Select[User], q: str) -> Select[User]:
    # SQLite knows the case of ASCII letters alone; so Danish ones are looked for as they are usually written.
    forms = {q, q.lower(), q.capitalize(), q.title(), q.upper()}
    named = [User.name.contains(form, autoescape=True) for form in forms]
    lower = q.casefold()
    return query.where(
        or_(*named, func.lower(User.name).contains(lower, autoescape=True), User.email.contains(lower, autoescape=True))
    )


def told(user: User, session: Session | None = None) -> dict[str, Any]:
    """An account as CO-PI sees it."""
    names = ("id", "name", "email", "issuer", "duties", "memberships", "blocked", "created_at")
    service_account = accounts.services(session or at_hand(), [user.id])
    kind = UserKind.SERVICE if service_account else UserKind.PERSON
    return {**{name: getattr(user, name) for name in names}, "kind": kind}


def create(email: str, name: str, duties: Sequence[PlatformRole]) -> User:
    """A new account, in which nobody can log in until it is given a password."""
    session, address = at_hand(), email.casefold()
    if session.scalars(select(User.id).where(User.email == address)).first() is not None:
        raise Refusal(CONFLICT, _THERE)
    user = User(email=address, name=name, duties=list(duties), created_at=clock.now())
    session.add(user)
    session.flush()
    security.note(session, Kind.DUTIES_CHANGED, user.id, before=[], after=list(duties))
    return user


def block(user: User, reason: str) -> dict[str, Any]:
    """Shut somebody out, everywhere at once."""
    _demand_another_admin(user)
    user.blocked = True
    sessions.end_all(at_hand(), user.id)
    invitations.forget_those_by(at_hand(), user.id)
    security.note(at_hand(), Kind.BLOCKED, user.id, reason=reason)
    return told(user)


def unblock(user: User, reason: str) -> dict[str, Any]:
    """Let somebody in again."""
    user.blocked = False
    security.note(at_hand(), Kind.UNBLOCKED, user.id, reason=reason)
    return told(user)


def set_duties(user: User, duties: Sequence[PlatformRole]) -> dict[str, Any]:
    """Give somebody these roles on the platform and no others."""
    if duties and accounts.services(at_hand(), [user.id]):
        raise Refusal(NOT_READY, _NOT_A_PERSON)
    if PlatformRole.COPI_ADMIN in user.duties and PlatformRole.COPI_ADMIN not in duties:
        _demand_another_admin(user)
        invitations.forget_those_by(at_hand(), user.id)
    security.note(at_hand(), Kind.DUTIES_CHANGED, user.id, before=user.duties, after=list(duties))
    user.duties = list(duties)
    return told(user)


def _demand_another_admin(user: User) -> None:
    """Refuse (409) to take the last administrator away."""
    session = at_hand()
    if PlatformRole.COPI_ADMIN not in user.duties or user.blocked:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMIN_LOCK})
    programs = select(Client.id)
    people = select(User.duties).where(User.id != user.id, ~User.blocked, User.id.not_in(programs))
    if not any(PlatformRole.COPI_ADMIN in duties for duties in session.scalars(people)):
        raise Refusal(NOT_READY, _LAST_ADMIN)


def offer_reset(user: User) -> dict[str, Any]:
    """A letter to choose a new password, to be handed over in a way that CO-PI trusts."""
    if user.email is None or user.issuer is not None:
        raise Refusal(NOT_READY, _NO_PASSWORD)
    letter = invitations.write(at_hand(), user.email)
    security.note(at_hand(), Kind.RESET_OFFERED, user.id, invitation=letter["id"])
    return letter


# --- Erased -------------------------------------------------------------------------------------------------


def erase_me(password: str) -> None:
    """Leave for good."""
    caller = accounts.person()
    accounts.demand_password(str(caller.id), password, "password")
    with service().database.writing() as session:
        # Partners before people, as everywhere: whoever changes members holds the partner.
        _lock_partners_of(session, str(caller.id))
        erase(accounts.locked(session, str(caller.id)))


def _lock_partners_of(session: Session, user: str) -> None:
    # Also those they do not lead: until they are held, somebody could make a manager of them and leave.
    theirs = select(Membership.partner_id).where(Membership.user_id == user)
    session.execute(select(Partner.id).where(Partner.id.in_(theirs)).order_by(Partner.id).with_for_update())


def erase(user: User, reason: str | None = None) -> None:
    """Overwrite what tells who it was. The id stays: archive law keeps the records, and their history stays true."""
    session = at_hand()
    _demand_another_admin(user)
    for held in user.memberships:
        if held.role is Role.MANAGER:
            members.demand_another_manager(held.partner_id, user.id)
    sessions.end_all(session, user.id)
    invitations.forget_those_by(session, user.id)
    if user.email:
        session.execute(delete(Invitation).where(Invitation.email == user.email))
    for kept in (Webhook, SavedSearch):  # a webhook may go by a search
        session.execute(delete(kept).where(kept.created_by == user.id))
    user.name, user.email, user.password_hash = ERASED, None, None
    user.issuer, user.subject = None, None
    user.duties, user.memberships, user.blocked = [], [], True
    security.note(session, Kind.ERASED, user.id, reason=reason)
