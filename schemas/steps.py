"""What lifecycle steps ask for: their bodies, from the names in `api.domain.lifecycle`."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from schemas import vocabulary as v
from schemas.base import Shape, patching, sending
from schemas.fields import Choice, Field, Object, PartialDate, Ref, Text
from schemas.outcomes import OutcomeSchema
from schemas.projects import DiscontinuationSchema
from schemas.values import LocalizedTextSchema

STEP_FIELDS: dict[str, Field] = {
    "reason": Text(
        "Why, for those it concerns and for the history.",
        max=2000,
        min=1,
        required=True,
        lines=True,
        example="Målgruppen mangler tal: hvor mange maskiner er der?",
    ),
    "close_reason": Choice(v.CloseReason, "What became of the need.", required=True, example="procured"),
    "discontinuation": Object(DiscontinuationSchema, "Why it is stopped and what others can learn.", required=True),
    "merged_into": Ref("partner", "The partner that takes its place.", required=True),
    "level": Choice(
        v.SupportLevel, "How firmly the body joins from now on.", required=True, example="letter_of_intent"
    ),
    "signed_at": PartialDate("When the letter of intent was signed.", required=True, example="2023-11-23"),
    "end": PartialDate(
        "When it ended; left out, today, unless a date that has come is known.", required=True, example="2026-06"
    ),
    "decline_reason": Choice(v.DeclineReason, "Why the answer is declined.", required=True, example="others_stronger"),
    "feedback": Object(
        LocalizedTextSchema,
        "What the company can use next time.",
        required=True,
        example={"da": "Løsningen er god, men ladningen tager for lang tid.", "en": None},
    ),
    "text": Object(
        LocalizedTextSchema,
        "What is added or changed.",
        required=True,
        example={
            "da": "Kravet til ladetid er sat ned til to timer.",
            "en": "Charging may take two hours.",
        },
    ),
    "answer": Object(
        LocalizedTextSchema, "The answer.", required=True, example={"da": "Ja, fra byggestrøm.", "en": None}
    ),
    "adviser": Text(
        "The adviser at CO-PI who takes it, by name or mailbox.",
        max=200,
        min=1,
        required=True,
        example="sparring@co-pi.dk",
    ),
    "correction": Object(
        patching(OutcomeSchema),
        "What is right, as a JSON merge patch (RFC 7396) of the outcome.",
        required=True,
        example={"date": "2023-11"},
    ),
}


@cache
def step_body(name: str, asks: tuple[str, ...]) -> type[Shape]:
    """The body of a lifecycle step; what is named with a question mark may be left out."""
    fields: dict[str, object] = {ask.removesuffix("?"): _field(ask) for ask in asks}
    return sending(type(f"{name}Schema", (Shape,), {**fields, "__doc__": "What the step asks for."}))


def _field(ask: str) -> Field:
    field = deepcopy(STEP_FIELDS[ask.removesuffix("?")])
    if ask.endswith("?"):
        field.required = False
    return field
