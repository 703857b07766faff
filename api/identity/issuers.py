"""Access tokens of other issuers: judged, and turned into what their claims mean here."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jwt
from stdnum.dk import cvr

from api.config import Settings
from api.domain import clock
from api.domain.errors import UNAUTHENTICATED, Refusal
from api.identity import issuer_file
from api.identity.envelope import Opened, Unfit, opened
from api.identity.issuer_file import ClaimPath, Issuer
from api.identity.issuer_keys import Key, published
from api.identity.key_ring import KeyRing
from schemas.vocabulary import PlatformRole, Role

REMEMBERED = 4096
"""Good tokens whose verdict is kept; all are forgotten when they grow too many."""
NOT_OF_ACCESS_TOKENS = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events"})
"""Claims of ID, logout and security-event tokens, by which these are told where the header does not."""
LAST_MOMENT = 253_402_300_799
"""The end of the year 9999."""
_TIMES_LATER: dict[str, Any] = {
    # The times are judged below, by this service's clock and with numbers alone.
    "require": ["iss", "aud", "sub"], "verify_exp": False, "verify_nbf": False, "verify_iat": False,
    "enforce_minimum_key_length": True,
}  # fmt: skip
_WRONG = (jwt.PyJWTError, ValueError, TypeError, RecursionError)
"""How reading and checking a token can fail."""

_logger = logging.getLogger("copi.identity")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token of another issuer says about its bearer, in this service's words."""

    issuer: str
    subject: str
    name: str | None
    email: str | None
    partner_cvr: str | None
    roles: frozenset[Role]
    """Held in the organisation with the CVR number; none without one."""
    duties: frozenset[PlatformRole]
    expires: int
    jti: str | None
    frontend: str | None
    """The client here whose pages people log in at the issuer through."""


class Expired(Unfit):
    """A token has had its time, as every one has."""


class Misplaced(Unfit):
    """A token that its issuer has signed for somebody, and that is not one for here."""

    def __init__(self, why: str, issuer: str, subject: Any) -> None:
        super().__init__(why)
        self.issuer, self.subject = issuer, _line(subject, 255)


class Doubted(Refusal):
    """The refusal of such a token; it tells no more than any other."""

    def __init__(self, token: Misplaced) -> None:
        super().__init__(UNAUTHENTICATED)
        self.issuer, self.subject = token.issuer, token.subject


@dataclass(frozen=True, slots=True)
class _Verdict:
    claims: Claims
    token: Opened
    key: Key
    good_until: float


class Issuers:
    """The issuers of an installation, with their keys; one object for all threads of a process."""

    def __init__(self, configured: Iterable[Issuer], ticks: Callable[[], float] = time.monotonic) -> None:
        self._configured = {one.issuer: one for one in configured}
        self._rings = {name: KeyRing(name, partial(published, one), ticks) for name, one in self._configured.items()}
        self._verdicts: dict[bytes, _Verdict] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> Issuers:
        """Those of the file the settings name; none when they name none."""
        return cls(issuer_file.issuers(settings.issuers) if settings.issuers else ())

    def knows(self, issuer: str) -> bool:
        """Whether tokens of this issuer are judged here."""
        return issuer in self._configured

    def meant(self, token: str) -> bool:
        """Whether a token claims to be of an issuer that is judged here; one that cannot be read does not."""
        if not self._configured or _fingerprint(token) in self._verdicts:
            return bool(self._configured)
        try:
            return self.knows(opened(token).issuer)
        except _WRONG:
            return False

    def verified(self, token: str) -> Claims:
        """What a token says, if it is good; a refusal that tells nothing otherwise. The log tells why."""
        try:
            return self._remembered(token) or self._judged(token)
        except _WRONG as wrong:
            why = str(wrong) if isinstance(wrong, Unfit) else type(wrong).__name__
            _logger.info("A token of another issuer was refused: %s", why)
            raise (Doubted(wrong) if isinstance(wrong, Misplaced) else Refusal(UNAUTHENTICATED)) from wrong

    def _remembered(self, token: str) -> Claims | None:
        """The verdict of before, as long as the issuer still has the key it was reached with."""
        verdict = self._verdicts.get(_fingerprint(token))
        if verdict is None or verdict.key is not self._key(verdict.token):
            return None
        if clock.now().timestamp() >= verdict.good_until:
            raise Expired("it has expired")
        return verdict.claims

    def _judged(self, token: str) -> Claims:
        envelope = opened(token)
        issuer = self._configured.get(envelope.issuer)
        if issuer is None:
            raise Unfit("its issuer is not known here")
        _accept(envelope, issuer)
        key = self._key(envelope)
        if key is None:
            raise Unfit(f"{issuer.issuer} has no such key")
        said = _said(token, envelope, issuer, key)
        try:
            good_until = _good_until(said, issuer)
            claims = _meaning(said, issuer)
        except Expired:
            raise
        except Unfit as wrong:
            raise Misplaced(str(wrong), issuer.issuer, said["sub"]) from wrong
        if len(self._verdicts) >= REMEMBERED:
            self._verdicts.clear()
        self._verdicts[_fingerprint(token)] = _Verdict(claims, envelope, key, good_until)
        return claims

    def _key(self, token: Opened) -> Key | None:
        return self._rings[token.issuer].key(token.key_id, token.algorithm)


def _fingerprint(token: str) -> bytes:
    """What a token is remembered by: memory holds none that could be used."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _said(token: str, envelope: Opened, issuer: Issuer, key: Key) -> dict[str, Any]:
    """The claims, once the signature is found good and that they are for here."""

    def read(**options: Any) -> dict[str, Any]:
        wanted = {"algorithms": [envelope.algorithm], "issuer": issuer.issuer, "audience": issuer.audience}
        return jwt.decode(token, key.public, **wanted, options={**_TIMES_LATER, **options})  # type: ignore[arg-type]

    try:
        return read()
    except jwt.InvalidAudienceError as wrong:
        raise Misplaced("it is for another service", issuer.issuer, read(verify_aud=False)["sub"]) from wrong


def _accept(token: Opened, issuer: Issuer) -> None:
    if token.algorithm not in issuer.algorithms:
        raise Unfit(f"{issuer.issuer} does not sign like that")
    if token.type not in issuer.token_types:
        raise Unfit("it is another type of token")
    if token.type != "at+jwt" and (token.claims & NOT_OF_ACCESS_TOKENS):
        raise Unfit("it is no access token")


def _good_until(said: dict[str, Any], issuer: Issuer) -> float:
    now = clock.now().timestamp()
    ends, begins, made = (_moment(said, name) for name in ("exp", "nbf", "iat"))
    if ends is None:
        raise Unfit("it never expires")
    if max(begins or 0, made or 0) > now + issuer.leeway:
        raise Unfit("it is not valid yet")
    if issuer.max_age is not None:
        if made is None:
            raise Unfit("it does not say when it was made")
        ends = min(ends, made + issuer.max_age)
    if now >= ends + issuer.leeway:
        raise Expired("it has expired")
    return ends + issuer.leeway


def _moment(said: dict[str, Any], name: str) -> float | None:
    value = said.get(name)
    if name not in said:
        return None
    # Written so that what is not a number, as NaN, is on the wrong side too.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LAST_MOMENT:
        raise Unfit(f"its {name} is no moment")
    return value


# --- What claims mean ---------------------------------------------------------------------------------------


def _meaning(said: dict[str, Any], issuer: Issuer) -> Claims:
    for claim, allowed in issuer.required_claims.items():
        if not _words(said, (claim,)) & allowed:
            raise Unfit(f"its {claim} is not one that {issuer.issuer} must give")
    subject, jti = _line(said["sub"], 255), _line(said.get("jti"), 255)
    if subject is None or (jti is None and "jti" in said):
        raise Unfit("its subject or id is empty, too long or unprintable")
    partner, words = _partner(said, issuer), _words(said, issuer.roles)
    email = _line(_found(said, issuer.email), 254)
    return Claims(
        issuer=issuer.issuer,
        subject=subject,
        name=_line(_found(said, issuer.name), 200),
        email=email if said.get("email_verified", True) is True else None,
        partner_cvr=partner,
        roles=frozenset(role for word, role in issuer.role_map.items() if partner and word in words),
        duties=frozenset(duty for word, duty in issuer.duty_map.items() if word in words),
        expires=int(said["exp"]),
        jti=jti,
        frontend=issuer.frontend,
    )


def _partner(said: dict[str, Any], issuer: Issuer) -> str | None:
    if issuer.cvr is None:
        return issuer.partner
    number = _found(said, issuer.cvr)
    if isinstance(number, list) and len(number) == 1:
        number = number[0]
    if number is None:
        return None
    if not isinstance(number, str) or len(number) != 8 or not cvr.is_valid(number):
        raise Unfit("its CVR number is none")
    return number


def _found(said: Any, path: ClaimPath) -> Any:
    for name in path:
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _words(said: dict[str, Any], path: ClaimPath) -> frozenset[str]:
    """A claim's strings, one or several; scopes come as one string with spaces between (RFC 9068)."""
    value = _found(said, path)
    if isinstance(value, str):
        return frozenset(value.split(" ") if path[-1] in ("scope", "scp") else [value])
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()


def _line(value: Any, longest: int) -> str | None:
    """A string that can be shown and stored, or None."""
    good = isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() and value.strip()
    return value if good else None
