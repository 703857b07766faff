"""Log-ins: a person's session begins with a password, goes on by refresh tokens of one use each, and ends at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import g
from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from api.domain import clock
from api.domain.errors import BAD_CREDENTIALS, INVALID, Refusal
from api.identity import clients, keys, passwords, secrets, security, tokens
from api.kit import limits
from api.kit.actor import actor
from api.kit.service import service
from api.models import Client, LoginSession, RefreshToken, User
from openapi.limits import LOG_INS, LOG_INS_PER_ACCOUNT
from schemas.vocabulary import SecurityEventKind as Kind
from schemas.wording import Say

_BY_EMAIL = select(User.id, User.password_hash, User.blocked).where(User.email == bindparam("email"))
_NOT_OURS = Say("Tokenet er udstedt et andet sted: log ud dér.", "The token was issued elsewhere: log out there.")
_NO_FRONTEND = Say("Den brugerflade findes ikke.", "There is no such frontend.")


class Spent(Exception):
    """A refresh token that is not, or no longer, good."""


def log_in(email: str, password: str, client_id: str | None = None) -> dict[str, Any]:
    """Tokens for the right password; a refusal that tells nothing otherwise."""
    client, address = client_id or tokens.FIRST_PARTY, limits.address()
    # By address, so that nobody can lock anybody out from elsewhere. Counted before it is known whether it fails, so
    # that no more are tried at once than may fail.
    limits.demand(LOG_INS.name, address)
    limits.demand(LOG_INS_PER_ACCOUNT.name, account := f"{email.casefold()} {address}")
    _demand_frontend(client)
    with service().database.reading() as connection:
        row = connection.execute(_BY_EMAIL, {"email": email.casefold()}).first()
    former = _sent_along()
    # Outside any transaction: it takes long on purpose.
    right = passwords.matches(row.password_hash if row else None, password)
    renewed = passwords.hashed(password) if row and right and passwords.outdated(row.password_hash) else None
    with service().database.writing() as session:
        if row and right and (user := _still(session, row.id, row.password_hash, password)):
            limits.proved(user.id)
            limits.give_back(LOG_INS_PER_ACCOUNT.name, account)
            user.password_hash = renewed or user.password_hash
            security.note(session, Kind.LOGGED_IN, user.id, client=client)
            _end_former(session, former, user.id)
            return _begin(session, user.id, client)
        # Also of nobody's: otherwise the time a write takes would tell who has an account.
        security.note(session, Kind.LOGIN_FAILED, row.id if row else None)
    raise Refusal(BAD_CREDENTIALS)


def _sent_along() -> str | None:
    """The session of a token that came with the log-in; that one is no longer good hinders nobody to log in anew."""
    try:
        actor()
    except Refusal:
        return None
    return current()


def _end_former(session: Session, id: str | None, user: str) -> None:
    """Whoever logs in anew, sending the token they had, goes on with one session and not with two."""
    former = id and session.get(LoginSession, id)
    if former and former.user_id == user:
        end(session, former)


def _still(session: Session, id: str, kept: str | None, password: str) -> User | None:
    """The user, locked, unless blocked, or given another password while this one was checked."""
    mine = select(User).where(User.id == id, ~User.blocked)
    user = session.scalars(mine.with_for_update()).one_or_none()
    if user is None or (user.password_hash != kept and not passwords.matches(user.password_hash, password)):
        return None
    return user


def _demand_frontend(client: str) -> None:
    if client != tokens.FIRST_PARTY and not clients.is_frontend(client):
        raise Refusal(INVALID, errors=[{"pointer": "/client_id", "detail": _NO_FRONTEND}])


def _begin(session: Session, user: str, client: str) -> dict[str, Any]:
    now = clock.now()
    last = now + dt.timedelta(days=service().settings.session_days)
    begun = LoginSession(user_id=user, client_id=client, created_at=now, used_at=now, expires_at=last)
    session.add(begun)
    session.flush()
    return _tokens(session, begun)


def _tokens(session: Session, log_in: LoginSession) -> dict[str, Any]:
    """A pair of tokens that carries the session on."""
    settings = service().settings
    refresh = secrets.fresh("refresh")
    session.add(RefreshToken(digest=secrets.digest(refresh), session_id=log_in.id))
    access = tokens.issue(log_in.user_id, keys.current(session, settings), client=log_in.client_id, sid=log_in.id)
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": settings.token_seconds,
        "refresh_token": refresh,
    }


def refresh(given: str, client: str) -> dict[str, Any]:
    """New tokens for a refresh token that has not been used. One that has ends the session: somebody stole it."""
    digest = secrets.digest(given)
    with service().database.writing() as session:
        # Locked: of two that come at once with the same token, the second finds it used.
        log_in = session.scalars(_carried_by(digest).with_for_update()).one_or_none()
        if log_in is not None and log_in.client_id == client and _goes_on(session, log_in):
            limits.proved(log_in.user_id)
            unused = update(RefreshToken).where(RefreshToken.digest == digest, RefreshToken.used_at.is_(None))
            if session.execute(unused.values(used_at=clock.now())).rowcount:  # type: ignore[attr-defined]
                log_in.used_at = clock.now()
                return _tokens(session, log_in)
            log_in.ended_at = clock.now()
            security.note(session, Kind.TOKEN_REUSED, log_in.user_id, session=log_in.id)
    raise Spent


def _carried_by(digest: str) -> Select[LoginSession]:
    """The session a refresh token belongs to."""
    mine = select(LoginSession).join(RefreshToken, RefreshToken.session_id == LoginSession.id)
    return mine.where(RefreshToken.digest == digest)


def _goes_on(session: Session, log_in: LoginSession) -> bool:
    """Whether a session has neither been ended nor run out, nor lain idle too long."""
    now = clock.now()
    idle = dt.timedelta(days=service().settings.session_idle_days)
    if log_in.ended_at or log_in.expires_at <= now or log_in.used_at + idle <= now:
        return False
    if log_in.client_id != tokens.FIRST_PARTY and session.get_one(Client, log_in.client_id).blocked:
        return False
    return not session.get_one(User, log_in.user_id).blocked


def found(session: Session, given: str) -> LoginSession | None:
    """The session an unused refresh token carries, if it still goes on."""
    unused = _carried_by(secrets.digest(given)).where(RefreshToken.used_at.is_(None))
    log_in = session.scalars(unused).one_or_none()
    return log_in if log_in and _goes_on(session, log_in) else None


def family(session: Session, given: str) -> LoginSession | None:
    """The session a refresh token is or was of, used or not, if it still goes on."""
    log_in = session.scalars(_carried_by(secrets.digest(given))).one_or_none()
    return log_in if log_in and _goes_on(session, log_in) else None


def end(session: Session, log_in: LoginSession) -> None:
    """End a session, and with it every token of it."""
    if log_in.ended_at is None:
        log_in.ended_at = clock.now()
        security.note(session, Kind.LOGGED_OUT, log_in.user_id, session=log_in.id)


def end_all(session: Session, user: str, *, but: str | None = None) -> None:
    """End every session of a user, less the one named."""
    for log_in in session.scalars(going_on(user)):
        if log_in.id != but:
            end(session, log_in)


def going_on(user: str) -> Select[LoginSession]:
    """The sessions of a user that go on, the newest first."""
    now, idle = clock.now(), dt.timedelta(days=service().settings.session_idle_days)
    mine = select(LoginSession).where(LoginSession.user_id == user, LoginSession.ended_at.is_(None))
    lives = mine.where(LoginSession.expires_at > now, LoginSession.used_at > now - idle)
    return lives.order_by(LoginSession.created_at.desc(), LoginSession.id)


def current() -> str | None:
    """The session of the token that was sent; None of a token that belongs to none."""
    return getattr(g.get("token"), "session", None)


def log_out() -> None:
    """End the session of the token that was sent; one that belongs to none is itself revoked."""
    token: tokens.Token | None = g.get("token")
    if token is None:
        raise Refusal(INVALID, _NOT_OURS)
    with service().database.writing() as session:
        if token.session:
            end(session, session.get_one(LoginSession, token.session))
        else:
            tokens.revoke(session, token)
