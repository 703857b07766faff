"""Joint demand: what the bodies that have joined a challenge need together, worked out from their supports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from api import reference
from schemas.vocabulary import SupportLevel, Visibility


def of(owners: Iterable[Any], supports: Iterable[Any]) -> dict[str, Any]:
    """The demand behind a challenge: its owners and the confirmed supports. Sums stay apart by unit and currency."""
    supports = list(supports)
    levels = Counter(str(support.level) for support in supports)
    # Who joins without saying so in public is counted, not named; nor told by how many people live there.
    named = [support.partner for support in supports if support.visibility == Visibility.PUBLIC]
    return {
        "supports": len(supports),
        "letters_of_intent": levels[SupportLevel.LETTER_OF_INTENT],
        "by_level": {str(level): levels[level] for level in SupportLevel},
        "partner_ids": [partner.id for partner in named],
        "population_covered": _population({place for one in (*owners, *named) for place in one.places}),
        "annual_volume": _sums((support.annual_volume for support in supports), "unit"),
        "annual_value": _sums((support.annual_value for support in supports), "currency"),
    }


def none() -> dict[str, Any]:
    """The demand of a challenge that nobody has joined yet."""
    return of((), ())


def _population(places: set[str]) -> int | None:
    return reference.population(places) if places else None


def _sums(amounts: Iterable[dict[str, Any] | None], kind: str) -> list[dict[str, Any]]:
    """Amounts added up, each kind for itself: hours are never added to machines."""
    sums: dict[str, Decimal] = {}
    for one in amounts:
        if one is not None:
            sums[one[kind]] = sums.get(one[kind], Decimal()) + Decimal(str(one["amount"]))
    return [{"amount": _plain(total), kind: key} for key, total in sorted(sums.items())]


def _plain(total: Decimal) -> str:
    return f"{total:f}"
