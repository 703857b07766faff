"""Effects by indicator, without adding what may not be added.

Values stand together only when indicator, unit, `per` and the way they are known are the same; how a unit is spaced and
where it has capitals tells no two apart, but for those where a capital means another. A sum is given where the list
`indicator` allows it and the unit is the list's own, or another in which amounts are told, over one value a project:
its latest, so that the report after 48 months does not add to the one at the close; and not those of a programme's
parts beside the programme's own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from flask import Response
from sqlalchemy import func, select

from api import reference
from api.models import Outcome, Project
from api.services.statistics.question import Question, respond
from schemas import vocabulary as v
from schemas.outcomes import OutcomeQuery
from schemas.statistics import EffectsSchema

MOST = 500
K, Q = v.ValueKind, v.Qualifier
REALISED = (K.MEASURED, K.REPORTED, K.ESTIMATED)
AWAITED = (K.EXPECTED, K.TARGET)
AS_GIVEN = frozenset({None, Q.ABOUT, Q.ALMOST, Q.NEARLY})
"""Reservations that leave the value what it is; the others make it a bound, an average or a change."""
TIMES = frozenset({None, "year", "quarter", "month", "week", "day"})
"""What a value may be counted per and still be added; per person or per machine it is a ratio."""
AMOUNTS = frozenset({
    "g", "kg", "t", "tonnes", "kg co2", "t co2", "kg co2e", "t co2e", "l", "m", "km", "m2", "m3", "kwh", "MWh", "gwh",
    "minutes", "hours", "days", "dkk", "eur", "usd", "sek", "nok",
})  # fmt: skip
"""Units besides an indicator's own that amounts are told in, so that their values may be added, each unit for itself.
Not a share, and no unit per something: what is counted otherwise is known by the indicator's own unit alone."""
MILLI_OR_MEGA = frozenset({"mg", "ml", "mm", "mt", "mn", "mj", "mw", "mwh", "mv", "mhz", "mpa"})
"""Units in which a capital letter makes a thousand million of one."""

Key = tuple[str, str, str | None]
"""Indicator, unit as `_plain` writes it, and `per`."""
When = tuple[str, str]


@dataclass(slots=True)
class Latest:
    """A project's latest word: the value that goes into the sum, or None when that is not one plain value."""

    when: When
    value: float | None


@dataclass(slots=True)
class Spread:
    """Values of one indicator, unit and `per`, all known in one way."""

    count: int = 0
    ranges: int = 0
    qualified: int = 0
    plain: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    latest: dict[str, Latest] = field(default_factory=dict)

    def take(self, measure: Mapping[str, Any], project: str, when: When) -> None:
        """Take one value in."""
        value, as_given = measure["value"], measure["qualifier"] in AS_GIVEN
        self.count += 1
        self.ranges += value is None
        self.qualified += measure["qualifier"] is not None
        if as_given:
            self.ends += [measure["low"], measure["high"]] if value is None else [value]
        plain = value if as_given else None
        if plain is not None:
            self.plain.append(plain)
        known = self.latest.get(project)
        if known is None or known.when < when:
            self.latest[project] = Latest(when, plain)
        elif known.when == when:
            known.value = None

    def told(self, known: v.ValueKind, additive: bool, parents: Mapping[str, str]) -> dict[str, Any]:
        """The spread as it is answered."""
        added = list(self._added(parents)) if additive else []
        return {
            "known": known,
            "count": self.count,
            "ranges": self.ranges,
            "qualified": self.qualified,
            "lowest": min(self.ends, default=None),
            "highest": max(self.ends, default=None),
            "median": median(self.plain) if self.plain else None,
            # Decimals, so that 0.1 and 0.2 make 0.3.
            "sum": float(sum(Decimal(str(value)) for value in added)) if added else None,
            "summed": len(added),
            "projects": len(self.latest),
        }

    def _added(self, parents: Mapping[str, str]) -> Iterator[float]:
        for project, latest in self.latest.items():
            if latest.value is not None and not any(one in self.latest for one in _above(project, parents)):
                yield latest.value


def read_effects(wanted: Mapping[str, Any]) -> Response:
    """The effects of the outcomes that match, as far as the caller sees them."""
    return respond(Outcome, OutcomeQuery, wanted, _work_out, EffectsSchema)


def _work_out(question: Question) -> dict[str, Any]:
    spreads, told, measured = _collect(question)
    parents = dict(question.rows(select(Project.id, Project.parent_id).where(Project.parent_id.is_not(None))).all())
    total = question.rows(select(func.count()).select_from(Outcome).where(question.published)).scalar_one()
    items = [_effect(key, told[key], kinds, parents) for key, kinds in spreads.items()]
    items.sort(key=lambda one: (-_size(one), one["indicator"], one["unit"], one["per"] or ""))
    return {"outcomes": total, "measured": measured, "items": items[:MOST]}


def _collect(question: Question) -> tuple[dict[Key, dict[str, Spread]], dict[Key, Any], int]:
    """Every value of the published outcomes that match, by what may be compared."""
    columns = (Outcome.id, Outcome.project_id, Outcome.date_key, Outcome.measures)
    facets = Outcome.facets.c
    holding = select(facets.id).where(facets.name == "value_kind")
    rows = question.rows(select(*columns).where(question.published, Outcome.id.in_(holding)).order_by(Outcome.id))
    indicators, kinds = (question.values.get(name) for name in ("f_indicator", "f_value_kind"))
    spreads: dict[Key, dict[str, Spread]] = {}
    told: dict[Key, Any] = {}
    measured = 0
    for id, project, date, measures in rows:
        measured += 1
        for measure in measures:
            if _unwanted(measure["indicator"], indicators) or _unwanted(measure["value_kind"], kinds):
                continue
            key = (measure["indicator"], _plain(measure["unit"]), measure["per"])
            told.setdefault(key, measure)
            spread = spreads.setdefault(key, {}).setdefault(measure["value_kind"], Spread())
            spread.take(measure, project, (date, id))
    return spreads, told, measured


def _unwanted(value: str, wanted: Iterable[str] | None) -> bool:
    return wanted is not None and value not in wanted


def _plain(unit: str) -> str:
    """A unit without what people write differently and mean alike: `t CO2`, `t co2` and `t  CO₂`."""
    spaced = " ".join(unicodedata.normalize("NFKC", unit).split())
    folded = spaced.casefold()
    return spaced if folded in MILLI_OR_MEGA else folded


def _effect(
    key: Key, told: Mapping[str, Any], kinds: Mapping[str, Spread], parents: Mapping[str, str]
) -> dict[str, Any]:
    """One indicator in one unit; `told` is the first measure that tells of it."""
    indicator, unit, per = key
    item = reference.item("indicator", indicator)
    facts = item["facts"] if item else {}
    own = facts.get("unit")
    as_listed = own is not None and unit == _plain(own)
    additive = bool(facts.get("additive")) and per in TIMES and (as_listed or unit in AMOUNTS)
    realised, awaited = (
        [kinds[kind].told(kind, additive, parents) for kind in several if kind in kinds]
        for several in (REALISED, AWAITED)
    )
    return {
        "indicator": indicator,
        "label": item["label"] if item else told["label"],
        "unit": own if as_listed else told["unit"],
        "per": per,
        "direction": facts.get("direction"),
        "additive": additive,
        "realised": realised,
        "awaited": awaited,
    }


def _size(effect: Mapping[str, Any]) -> int:
    return sum(one["count"] for one in (*effect["realised"], *effect["awaited"]))


def _above(project: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The programmes a project is part of, from the nearest up."""
    seen = {project}
    while (above := parents.get(project)) is not None and above not in seen:
        seen.add(above)
        yield (project := above)
