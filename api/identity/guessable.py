"""What is left of a password once everything is taken away that is guessed first: linear, and the same in every thread.

At fifteen characters and more, that is words everybody uses, what the person is known by, years, runs along the
keyboard or the alphabet, and repetitions. A strength estimator was tried in its place: it took seconds for a password
made against it, shared its word lists between threads, and knew no Danish.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import pairwise

_SAID_OFTEN = """
    password passwort passord adgangskode kodeord kode login logon admin administrator root user bruger guest
    gæst test demo welcome velkommen hello hej goddag farvel secret hemmelig hemmelighed master access letmein
    default change changeme skift qwerty abc iloveyou jegelskerdig elsker elskede skat love kærlighed hjerte
    princess prinsesse dragon monkey football fodbold baseball superman batman starwars pokemon sunshine shadow
    ninja killer trustno hunter tigger brøndby fckøbenhavn liverpool arsenal chelsea barcelona manchester united
    google facebook microsoft windows apple samsung internet computer arbejde work office kontor firma company
    danmark denmark dansk danish københavn copenhagen aarhus århus odense aalborg ålborg esbjerg kommune region
    styrelsen innovation public private offentlig privat center copi copidk januar februar marts april maj juni
    juli august september oktober november december january february march may june july october mandag tirsdag
    onsdag torsdag fredag lørdag søndag monday tuesday wednesday thursday friday saturday sunday forår sommer
    efterår vinter spring summer autumn fall winter jul easter påske correcthorsebatterystaple troubador
    iwillalwaysloveyou supercalifragilisticexpialidocious maytheforcebewithyou nevergonnagiveyouup
    nevergonnaletyoudown tobeornottobethatisthequestion tobeornottobe thequestion mickeymouse donaldduck
    forever forevermore michaeljackson michaeljordan cristianoronaldo lionelmessi detteermit determit hejmeddig
    mitnavn navneter whatshouldidonow iamyourfather wearethechampions allyouneedislove tillthedayidie
    thequickbrownfoxjumpsoverthelazydog loremipsumdolorsitamet onceuponatime happilyeverafter inthebeginning
    godblessamerica jesuslovesyou jesuschrist harrypotter lordoftherings gameofthrones helloworld thisismy
    whatever somebodythatiusedtoknow livelaughlove carpediem jegelskerdig jegerdenbedste dereretyndigtland
    mangetak tillykkemedfødselsdagen glædeligjul godtnytår
"""
_COMMON = frozenset(_SAID_OFTEN.split())
_KEYS = (
    "qwertyuiopåasdfghjklæøzxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyzæøå",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_NEIGHBOURS = frozenset(pair for row in (*_KEYS, *(row[::-1] for row in _KEYS)) for pair in pairwise(row))
_LOOK_ALIKES = str.maketrans("@401!357$", "aaoiiests")
_NO_LETTER = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(19|20)\d\d")
_AGAIN = re.compile(r"(.+?)\1+")
_GAP = " "
_MARKS = 3
"""So many different signs a sentence holds anyway; more of them are part of what must be guessed."""


def left_of(password: str, context: Iterable[str | None]) -> str:
    """What is left, whichever way it is read: as it stands, or with signs for the letters they look like."""
    known = {word for said in context for word in _named(said)}
    plain, meant = _letters(password), _letters(password.casefold().translate(_LOOK_ALIKES))
    signs = "".join(sorted(set("".join(_NO_LETTER.findall(password)))))
    return min((_without(text, known) for text in (plain, meant)), key=len) + signs[_MARKS:]


def _letters(text: str) -> str:
    """The text as it is guessed: case, spaces and signs in between make no odds."""
    return _NO_LETTER.sub("", unicodedata.normalize("NFC", text).casefold())


def _named(said: str | None) -> set[str]:
    """What somebody or something is known by, as a whole and word by word."""
    words = {_letters(part) for part in (said or "", *_NO_LETTER.split(said or ""))}
    return {word for word in words if len(word) > 2}


def _without(text: str, known: Collection[str]) -> str:
    words = sorted({*known, *_COMMON}, key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, words)), _GAP, _once(text))
    rest = _AGAIN.sub(r"\1", _without_runs(_YEAR.sub(_GAP, rest)))
    return rest.replace(_GAP, "")


def _once(text: str) -> str:
    """The first of what is only said over and over: a text with a period is found in itself doubled before its end."""
    return text[: (text + text).find(text, 1)] if text else text


def _without_runs(text: str) -> str:
    """Without three or more in a row that lie beside each other on a keyboard or in the alphabet."""
    ends = [place for place in range(1, len(text)) if (text[place - 1], text[place]) not in _NEIGHBOURS]
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return "".join(_GAP if len(part) > 2 else part for part in parts)
