"""Passwords: what makes a good one (NIST SP 800-63B-4, section 3.1.1), and how they are kept (Argon2id, RFC 9106).

Long, nothing about their make-up, no expiry. Lists of stolen passwords hardly reach fifteen characters, so what may
not be chosen is told by what it is made of: `guessable`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from api.domain.errors import INVALID, Refusal
from api.identity import guessable
from schemas.wording import Say

# RFC 9106, section 4, second recommended option; above OWASP's least (19 MiB, 2 passes).
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16)
SHORTEST, LONGEST = 15, 128
_ENOUGH = 8
"""So many letters must be left once everything that is guessed first is taken away."""

_SHORT = Say(
    "Skal være mindst {least} tegn. En sætning, som kun du kender, er let at huske.",
    "Must be at least {least} characters. A sentence that only you know is easy to remember.",
)
_LONG = Say("Må højst være {most} tegn.", "May be at most {most} characters.")
_GUESSABLE = Say(
    "Er for let at gætte. Undgå navne, almindelige ord, årstal og gentagelser; brug fx fire ord, der ikke hører "
    "sammen.",
    "Is too easy to guess. Avoid names, common words, years and repetitions; use, say, four words that do not belong "
    "together.",
)


def demand(password: str, field: str, context: Iterable[str | None]) -> None:
    """Refuse (422) a password that may not be chosen; `context` is what is known of the person."""
    length = len(_normal(password))
    if length < SHORTEST:
        wrong = _SHORT.format(least=SHORTEST)
    elif length > LONGEST:
        wrong = _LONG.format(most=LONGEST)
    elif _leaves_enough(guessable.left_of(password, context)):
        return
    else:
        wrong = _GUESSABLE
    raise Refusal(INVALID, errors=[{"pointer": f"/{field}", "detail": wrong}])


def _leaves_enough(rest: str) -> bool:
    return len(rest) >= _ENOUGH and len(set(rest)) > _ENOUGH // 2


def hashed(password: str) -> str:
    """The hash to keep."""
    return _hasher.hash(_normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash to compare with it takes as long, so that time tells nothing."""
    try:
        _hasher.verify(kept or _nobodys(), _normal(password))
    except (Argon2Error, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    """One spelling of what looks the same, however a keyboard sends it (NFC)."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody's password")
