"""Letters of one use: into a role in a partner, or to choose a new password. What they say is kept nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.db import session as at_hand
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, WRONG_STATE, Refusal
from api.identity import accounts, passwords, secrets, security
from api.kit import limits, pages
from api.kit.actor import actor
from api.kit.service import service
from api.models import Invitation, Membership, Partner, User
from openapi.limits import FAILED_TOKENS
from schemas.vocabulary import PartnerState, Role
from schemas.vocabulary import SecurityEventKind as Kind
from schemas.wording import Say

VALID = dt.timedelta(days=7)

_SPENT = Say(
    "Invitationen gælder ikke: den er brugt, trukket tilbage eller udløbet. Bed om en ny.",
    "The invitation is not valid: it has been used, withdrawn or has expired. Ask for another.",
)
_MERGED = Say(
    "Partneren er lagt sammen med en anden; invitér dér.", "The partner has been merged into another; invite there."
)
_MEMBER = Say(
    "Personen er allerede medlem; skift rollen i stedet.", "The person is a member already; change the role instead."
)
_LOG_IN = Say(
    "Der er allerede en konto med den mailadresse. Log ind, og tag så imod invitationen.",
    "There is an account with that address already. Log in, then accept the invitation.",
)
_SOMEBODY_ELSE = Say(
    "Invitationen er til en anden mailadresse end den, du er logget ind med.",
    "The invitation is for another address than the one you are logged in with.",
)
_REQUIRED = Say("Skal udfyldes.", "This is required.")


def page(partner: Partner, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The partner's invitations that wait for an answer, the newest first."""
    query = _open().where(Invitation.partner_id == partner.id).order_by(Invitation.id.desc())
    return pages.page(at_hand(), query, wanted, lambda row: _told(row[0]))


def _open() -> Any:
    return select(Invitation).where(Invitation.accepted_at.is_(None), Invitation.expires_at > clock.now())


def _told(letter: Invitation) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in ("id", "email", "role", "created_at", "expires_at")}


def invite(partner: Partner, email: str, role: Role) -> dict[str, Any]:
    """A letter into a role, in the place of any before it to the same address; the only answer that holds its token."""
    session, address = at_hand(), email.casefold()
    if partner.state == PartnerState.MERGED:
        raise Refusal(WRONG_STATE, _MERGED)
    user = session.scalars(select(User).where(User.email == address)).one_or_none()
    if user is not None and partner.id in user.party("owner"):
        raise Refusal(CONFLICT, _MEMBER)
    letter = write(session, address, partner.id, role)
    security.note(
        session, Kind.INVITED, user.id if user else None, partner=partner.id, role=role, invitation=letter["id"]
    )
    return letter


def write(session: Session, email: str, partner: str | None = None, role: Role | None = None) -> dict[str, Any]:
    """A new letter, with its token; whoever calls holds the lock that keeps two from being written at once."""
    same = delete(Invitation).where(Invitation.email == email, Invitation.partner_id == partner)
    session.execute(same.where(Invitation.accepted_at.is_(None)))
    token, now = secrets.fresh("invitation"), clock.now()
    letter = Invitation(
        digest=secrets.digest(token),
        email=email,
        partner_id=partner,
        role=role,
        invited_by=actor().id,
        created_at=now,
        expires_at=now + VALID,
    )
    session.add(letter)
    session.flush()
    return {**_told(letter), "token": token}


def withdraw(partner: Partner, id: str) -> None:
    """Take back a letter that nobody has answered."""
    letter = at_hand().scalars(_open().where(Invitation.id == id, Invitation.partner_id == partner.id)).one_or_none()
    if letter is None:
        raise Refusal(NOT_FOUND)
    at_hand().delete(letter)
    security.note(at_hand(), Kind.INVITATION_WITHDRAWN, None, partner=partner.id, invitation=id)


def forget_those_by(session: Session, inviter: str, partner: str | None = None) -> None:
    """Take back what somebody wrote who may no longer: otherwise they could let themselves in again."""
    written = delete(Invitation).where(Invitation.invited_by == inviter, Invitation.accepted_at.is_(None))
    session.execute(written if partner is None else written.where(Invitation.partner_id == partner))


# --- Answered -----------------------------------------------------------------------------------------------


def accept(token: str, name: str | None = None, password: str | None = None) -> dict[str, Any]:
    """What a letter offers: a role, with a new account if need be, or a new password."""
    caller = actor()
    with accounts.reading() as session:
        letter = session.scalars(_open().where(Invitation.digest == secrets.digest(token))).one_or_none()
        user = letter and session.scalars(select(User).where(User.email == letter.email)).one_or_none()
        partner = letter and letter.partner_id and session.get_one(Partner, letter.partner_id)
        known = accounts.context_of(session, user) if user else []
    if letter is None:
        limits.demand(FAILED_TOKENS.name, limits.address())
        raise _spent()
    if not partner:
        return _new_password(letter, user, password, known)
    if not caller.anonymous:
        return _join(letter, accounts.person())
    if user is not None:
        raise Refusal(CONFLICT, _LOG_IN)
    return _enrol(letter, name, password, partner.name)


def _spent() -> Refusal:
    return Refusal(INVALID, errors=[{"pointer": "/token", "detail": _SPENT}])


def _use(session: Session, letter: Invitation) -> None:
    """Use a letter up; of many who come at once with it, one gets past here."""
    unused = update(Invitation).where(Invitation.id == letter.id, Invitation.accepted_at.is_(None))
    if not session.execute(unused.values(accepted_at=clock.now())).rowcount:  # type: ignore[attr-defined]
        raise _spent()


def _join(letter: Invitation, caller: Actor) -> dict[str, Any]:
    """The caller in the role. A letter passed on is not for whoever got it: managers know members by address."""
    with service().database.writing() as session:
        # The partner before the person, as everywhere.
        session.execute(select(Partner.id).where(Partner.id == letter.partner_id).with_for_update())
        user = accounts.locked(session, str(caller.id))
        if user.email != letter.email:
            raise Refusal(FORBIDDEN, _SOMEBODY_ELSE)
        _use(session, letter)
        held = session.get(Membership, (user.id, letter.partner_id))
        role = max(Role(str(letter.role)), held.role if held else Role.MEMBER, key=list(Role).index)
        if held is None:
            session.add(Membership(user_id=user.id, partner_id=letter.partner_id, role=role))
        else:
            held.role = role  # an older letter takes nothing away
        return _accepted(session, letter, user.id, role)


def _enrol(letter: Invitation, name: str | None, password: str | None, partner: Mapping[str, Any]) -> dict[str, Any]:
    """A new account in the role."""
    missing = [field for field, given in (("name", name), ("password", password)) if given is None]
    if name is None or password is None:
        raise Refusal(INVALID, errors=[{"pointer": f"/{field}", "detail": _REQUIRED} for field in missing])
    passwords.demand(password, "password", accounts.context(name, letter.email, partner))
    kept = passwords.hashed(password)
    with service().database.writing() as session:
        _use(session, letter)
        user = User(email=letter.email, name=name, password_hash=kept, created_at=clock.now())
        user.memberships = [Membership(partner_id=letter.partner_id, role=letter.role)]
        session.add(user)
        session.flush()
        return _accepted(session, letter, user.id, Role(str(letter.role)))


def _accepted(session: Session, letter: Invitation, user: str, role: Role) -> dict[str, Any]:
    details = {"partner": letter.partner_id, "role": role, "invitation": letter.id}
    security.note(session, Kind.INVITATION_ACCEPTED, user, **details)
    return {"id": user, "partner_id": letter.partner_id, "role": role}


def _new_password(
    letter: Invitation, user: User | None, password: str | None, known: list[str | None]
) -> dict[str, Any]:
    """A new password for whoever holds the letter, logged in or not."""
    if password is None:
        raise Refusal(INVALID, errors=[{"pointer": "/password", "detail": _REQUIRED}])
    if user is None:
        raise _spent()
    passwords.demand(password, "password", known)
    fresh = passwords.hashed(password)
    with service().database.writing() as session:
        _use(session, letter)
        accounts.set_password(session, accounts.locked(session, user.id), fresh)
    return {"id": user.id, "partner_id": None, "role": None}
