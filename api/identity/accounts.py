"""One's own account: who one is and what one may do, name, password and log-ins, what happened to one's access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.db import reading_session
from api.domain import grants
from api.domain.actor import Actor
from api.domain.errors import FORBIDDEN, INVALID, NOT_FOUND, NOT_READY, Refusal
from api.identity import passwords, running, security, sessions
from api.kit import limits, pages
from api.kit.actor import known_actor
from api.kit.service import service
from api.models import Client, Invitation, LoginSession, Membership, Partner, SecurityEvent, User
from openapi.limits import LOG_INS_PER_ACCOUNT
from schemas.vocabulary import ClientKind, UserKind
from schemas.vocabulary import SecurityEventKind as Kind
from schemas.wording import Say

_PERSONS_ONLY = Say("Kun personer har en konto, der kan ændres.", "Only people have an account to change.")
_NOT_FROM_SANDBOX = Say("Fra sandkassen kan konti ikke ændres.", "Accounts cannot be changed from within the sandbox.")
_NO_PASSWORD = Say(
    "Kontoen har ingen adgangskode her: du logger ind et andet sted.",
    "The account has no password here: you log in elsewhere.",
)
_WRONG = Say("Er ikke din nuværende adgangskode.", "Is not your present password.")


def person() -> Actor:
    """The caller, when it is a person who acts in earnest; only they have an account of their own to change."""
    caller = known_actor()
    if caller.scopes is not None:
        raise Refusal(FORBIDDEN, _PERSONS_ONLY)
    if caller.sandbox is not None:
        raise Refusal(FORBIDDEN, _NOT_FROM_SANDBOX)
    return caller


@contextmanager
def reading() -> Iterator[Session]:
    """A session that reads."""
    with service().database.reading() as connection, reading_session(connection) as session:
        yield session


def services(session: Session, ids: Iterable[str]) -> set[str]:
    """Which of these users are programs."""
    of_programs = select(Client.id).where(Client.id.in_(list(ids)), Client.kind == ClientKind.SERVICE)
    return set(session.scalars(of_programs))


def me() -> dict[str, Any]:
    """The caller, with everything they may do."""
    caller = known_actor()
    with reading() as session:
        user = session.get_one(User, caller.id)
        kind = UserKind.SERVICE if services(session, [user.id]) else UserKind.PERSON
        held = select(Partner).where(Partner.id.in_(list(caller.roles))).order_by(Partner.name_key, Partner.id)
        memberships = [_membership(caller, partner) for partner in session.scalars(held)]
    return {
        "id": user.id,
        "kind": kind,
        "name": user.name,
        "email": user.email,
        "duties": sorted(caller.duties),
        "memberships": memberships,
        "allows": grants.of_duties(caller),
        "scopes": sorted(caller.scopes or ()),
        "sandbox": caller.sandbox,
    }


def _membership(caller: Actor, partner: Partner) -> dict[str, Any]:
    allows = grants.of_role(caller, partner.id, trusted=partner.trusted)
    return {"partner": partner, "role": caller.roles[partner.id], "allows": allows}


def rename(name: str) -> dict[str, Any]:
    """Another name."""
    caller = person()
    with service().database.writing() as session:
        session.get_one(User, caller.id).name = name
    return me()


def log_ins(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's sessions that go on."""
    here = sessions.current()
    with reading() as session:
        return pages.page(session, sessions.going_on(str(known_actor().id)), wanted, lambda row: _session(row[0], here))


def _session(log_in: LoginSession, here: str | None) -> dict[str, Any]:
    names = ("id", "client_id", "created_at", "used_at", "expires_at")
    return {**{name: getattr(log_in, name) for name in names}, "current": log_in.id == here}


def end_log_in(id: str) -> None:
    """Log out elsewhere: end one of the caller's sessions."""
    with service().database.writing() as session:
        mine = sessions.going_on(str(known_actor().id)).where(LoginSession.id == id)
        log_in = session.scalars(mine).one_or_none()
        if log_in is None:
            raise Refusal(NOT_FOUND)
        sessions.end(session, log_in)


def change_password(current: str, new: str) -> None:
    """Another password, which ends the sessions elsewhere."""
    caller = person()
    kept = demand_password(str(caller.id), current, "current")
    with reading() as session:
        passwords.demand(new, "new", context_of(session, session.get_one(User, caller.id)))
    fresh = passwords.hashed(new)
    with service().database.writing() as session:
        user = locked(session, str(caller.id))
        if user.password_hash != kept:  # somebody else was faster: what was right is so no longer
            raise _refused("current")
        set_password(session, user, fresh, but=sessions.current())


def demand_password(user: str, given: str, field: str) -> str:
    """Refuse whoever does not know the password, although logged in; returns the hash it was compared with."""
    # As at a log-in: whoever stole a token has no more guesses than whoever did not.
    limits.demand(LOG_INS_PER_ACCOUNT.name, account := f"{user} {limits.address()}")
    with reading() as session:
        kept = session.get_one(User, user).password_hash
    if kept is None:
        raise Refusal(NOT_READY, _NO_PASSWORD)
    if not passwords.matches(kept, given):
        with service().database.writing() as session:
            security.note(session, Kind.LOGIN_FAILED, user, field=field)
        raise _refused(field)
    limits.give_back(LOG_INS_PER_ACCOUNT.name, account)
    return kept


def _refused(field: str) -> Refusal:
    return Refusal(INVALID, errors=[{"pointer": f"/{field}", "detail": _WRONG}])


def locked(session: Session, user: str) -> User:
    """A user's account, held until the transaction ends."""
    return session.scalars(select(User).where(User.id == user).with_for_update()).one()


def set_password(session: Session, user: User, fresh: str, but: str | None = None) -> None:
    """Put a hash in the place of the one there was; sessions, less one, and letters for a new password end.

    The person's webhooks wait until they are let go on.
    """
    user.password_hash = fresh
    sessions.end_all(session, user.id, but=but)
    running.pause(session, user.id)
    session.execute(delete(Invitation).where(Invitation.email == user.email, Invitation.partner_id.is_(None)))
    security.note(session, Kind.PASSWORD_CHANGED, user.id)


def context_of(session: Session, user: User) -> list[str | None]:
    """What is known of a person, and so no part of a good password."""
    held = select(Partner.name).join(Membership, Membership.partner_id == Partner.id)
    names = session.scalars(held.where(Membership.user_id == user.id)).all()
    return context(user.name, user.email, *names)


def context(name: str | None, email: str | None, *partners: Mapping[str, str | None]) -> list[str | None]:
    """The same of somebody who has no account yet."""
    return [name, email, "co-pi", *(word for partner in partners for word in partner.values())]


def events(user: str, wanted: Mapping[str, Any], *, all_told: bool = False) -> dict[str, Any]:
    """What happened to somebody's access, the newest first."""
    query = select(SecurityEvent).where(SecurityEvent.user_id == user).order_by(SecurityEvent.id.desc())
    with reading() as session:
        return pages.page(session, query, wanted, lambda row: _event(row[0], all_told))


def _event(event: SecurityEvent, all_told: bool) -> dict[str, Any]:
    # From where CO-PI or a manager called is theirs to know.
    own = all_told or event.actor_id in (None, event.user_id)
    names = ("id", "at", "kind", "actor_id", "details")
    return {**{name: getattr(event, name) for name in names}, "address": event.address if own else None}
