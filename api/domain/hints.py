"""What a good record has besides what is required: asked for, never demanded. One row a hint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas import vocabulary as v
from schemas.wording import Say

Document = Mapping[str, Any]
_REALISED = {v.ValueKind.MEASURED, v.ValueKind.REPORTED, v.ValueKind.ESTIMATED}


@dataclass(frozen=True, slots=True)
class Hint:
    """Something worth adding: where in the record, when it is missing, and why it helps."""

    resource: str
    pointer: str
    missing: Callable[[Document], bool]
    words: Say


def _lacks(name: str) -> Callable[[Document], bool]:
    return lambda record: not record[name]


def _measures(record: Document) -> list[Document]:
    return [one for one in record["measures"] if one["value_kind"] in _REALISED]


HINTS = (
    Hint("challenge", "/figures", _lacks("figures"),
         Say("Fortæl behovet i tal: det er dem, effekten siden måles mod.",
             "Put the need in numbers: the effect is measured against them later.")),
    Hint("challenge", "/desired_effect", _lacks("desired_effect"),
         Say("Sig, hvad der skal være anderledes bagefter.", "Say what should be different afterwards.")),
    Hint("challenge", "/timeline/response_deadline", lambda c: not (c["timeline"] or {}).get("response_deadline"),
         Say("Sæt en svarfrist, så virksomheder kan planlægge.", "Set a deadline, so that companies can plan.")),
    Hint("challenge", "/title/en", lambda c: not c["title"].get("en"),
         Say("Giv titlen på engelsk, så løsninger ude fra kan finde den.",
             "Give the title in English, so that solutions from abroad can find it.")),
    Hint("project", "/evaluation/plan", lambda p: not (p["evaluation"] or {}).get("plan"),
         Say("Læg en plan for, hvordan effekten måles, mens der endnu er et før.",
             "Plan how the effect is measured while there still is a before.")),
    Hint("project", "/export_potential", _lacks("export_potential"),
         Say("Vurder, om løsningen kan sælges i udlandet.", "Judge whether the solution can be sold abroad.")),
    Hint("project", "/start", _lacks("start"), Say("Sig, hvornår det begyndte.", "Say when it began.")),
    Hint("outcome", "/measures", lambda o: o["kind"] == v.OutcomeKind.MEASURED_EFFECT and not o["measures"],
         Say("En målt effekt uden tal kan andre ikke regne med.",
             "Nobody can count on a measured effect without numbers.")),
    Hint("outcome", "/measures/*/baseline", lambda o: any(one["baseline"] is None for one in _measures(o)),
         Say("Angiv udgangspunktet: uden det ses forandringen ikke.",
             "Give the baseline: without it the change cannot be seen.")),
    Hint("outcome", "/measures/*/comparator", lambda o: any(not one["comparator"] for one in _measures(o)),
         Say("Sig, hvad der sammenlignes med.", "Say what it is compared with.")),
    Hint("outcome", "/evidence", lambda o: not o["evidence"] and not o["sources"],
         Say("Henvis til, hvor det kan efterprøves.", "Point to where it can be checked.")),
    Hint("outcome", "/lesson", _lacks("lesson"),
         Say("Fortæl, hvad næste kommune skal vide, også om det, der ikke virkede.",
             "Tell the next municipality what to know, what did not work included.")),
    Hint("outcome", "/reporting_point", _lacks("reporting_point"),
         Say("Sig, hvornår i forløbet det er målt.", "Say when in its course it was measured.")),
    Hint("outcome", "/date", _lacks("date"), Say("Sig, hvornår det skete.", "Say when it happened.")),
)  # fmt: skip


def of(resource: str, record: Document) -> list[dict[str, Any]]:
    """The hints for one record, as they are answered."""
    return [
        {"pointer": hint.pointer, "detail": {"da": hint.words.da, "en": hint.words.en}}
        for hint in HINTS
        if hint.resource == resource and hint.missing(record)
    ]
