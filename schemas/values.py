"""Value objects that several resources share: localized text, money, measures."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Choice, Decimal, Number, Object, PartialDate, Text
from schemas.wording import Say


class LocalizedTitleSchema(Shape):
    """A short text in Danish and, where there is one, English."""

    da = Text("Danish.", max=200, min=1, required=True, example="Dieselmaskiner på byggepladser")
    en = Text("English.", max=200, min=1, example="Diesel machines on building sites")


class LocalizedTextSchema(Shape):
    """A text in Danish and, where there is one, English; line breaks are kept."""

    da = Text(
        "Danish.",
        max=10_000,
        min=1,
        required=True,
        lines=True,
        example="Maskinerne på kommunernes byggepladser kører næsten alle på diesel.",
    )
    en = Text(
        "English.",
        max=10_000,
        min=1,
        lines=True,
        example="Nearly all machines on the municipalities' building sites run on diesel.",
    )


class MoneySchema(Shape):
    """An amount in one currency, never converted, with the source's own reservation."""

    amount = Decimal("The amount as an exact decimal.", required=True, example="6900000")
    currency = Text(
        "ISO 4217.",
        max=3,
        pattern=r"^[A-Z]{3}$",
        required=True,
        example="DKK",
        wrong=Say("Skal være en valutakode som DKK.", "Must be a currency code such as DKK."),
    )
    qualifier = Choice(v.Qualifier, "The source's reservation about the amount.", example="about")


class SumSchema(Shape):
    """A sum in one currency."""

    amount = Decimal("The sum as an exact decimal.", required=True, example="6900000")
    currency = Text("ISO 4217.", max=3, pattern=r"^[A-Z]{3}$", required=True, example="DKK")


class VolumeSchema(Shape):
    """A quantity in one unit."""

    amount = Decimal("How many, as an exact decimal.", required=True, example="12")
    unit = Text("Of what.", max=50, min=1, required=True, example="excavators")


class MeasureSchema(Shape):
    """A number about the world and, above all, how it is known."""

    indicator = Text(
        "What is measured: a code of the list `indicator`, or your own until it is taken up there.",
        max=100,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        required=True,
        example="co2-saved",
        wrong=Say(
            "Skal være små bogstaver og tal med bindestreg: co2-saved.",
            "Must be lower-case letters and digits with hyphens: co2-saved.",
        ),
    )
    label = Object(
        LocalizedTitleSchema,
        "What is measured, for people.",
        required=True,
        example={"da": "CO₂ sparet", "en": "CO₂ saved"},
    )
    value = Number("The value; leave it out where the source gives a range.", example=15)
    low = Number("The lower end of a range.", example=1.4)
    high = Number("The upper end of a range.", example=2.9)
    unit = Text("The unit the value is counted in.", max=50, min=1, required=True, example="t CO2")
    per = Text("What the value is counted per.", max=50, min=1, example="year")
    qualifier = Choice(v.Qualifier, "The source's reservation about the value.", example="about")
    value_kind = Choice(v.ValueKind, "How the value is known.", required=True, example="measured")
    baseline = Number("The value before, in the same unit.", example=184000)
    target = Number("The value aimed at, in the same unit.", example=100)
    comparator = Object(
        LocalizedTitleSchema,
        "What the value is compared with.",
        example={"da": "dieselfærgen", "en": "the diesel ferry"},
    )
    period = Text("The time the value covers, as the source says it.", max=100, min=1, example="2020-2030")

    @ma.validates_schema
    def _value_or_range(self, fields: dict[str, Any], **_: Any) -> None:
        value, low, high = fields.get("value"), fields.get("low"), fields.get("high")
        if (value is None) == (low is None or high is None) or (low is None) != (high is None):
            raise ma.ValidationError(
                [Say("Angiv enten value eller både low og high.", "Give either value or both low and high.")], "value"
            )
        if low is not None and high is not None and low > high:
            raise ma.ValidationError([Say("low er større end high.", "low is greater than high.")], "low")


class PhaseSchema(Shape):
    """A stretch of a project, in the project's own words; often undated."""

    name = Object(
        LocalizedTitleSchema,
        "What the phase is called.",
        required=True,
        example={"da": "Proof of concept", "en": "Proof of concept"},
    )
    start = PartialDate("When it began or is to begin.", example="2018-09")
    end = PartialDate("When it ended or is to end.", example="2019-05")

    @ma.validates_schema
    def _in_order(self, fields: dict[str, Any], **_: Any) -> None:
        in_order(fields, "start", "end")


class MilestoneSchema(Shape):
    """A point a project is to reach, in the project's own words; often undated."""

    title = Object(
        LocalizedTitleSchema,
        "What is to be reached.",
        required=True,
        example={"da": "Første emissionsfri byggeplads", "en": "First emission-free building site"},
    )
    due_on = PartialDate("When it is to be reached.", example="2023-04")
    reached_on = PartialDate("When it was reached; null until then.", example="2023-06-15")
    note = Object(LocalizedTextSchema, "What there is to say about it.")


def in_time(start: str | None, end: str | None) -> bool:
    """Whether a period ends when it has begun, as far as both dates are known."""
    return not start or not end or start[: len(end)] <= end[: len(start)]


def in_order(fields: dict[str, Any], first: str, last: str) -> None:
    """Refuse a period that ends before it begins, compared only as far as both dates are known."""
    if not in_time(fields.get(first), fields.get(last)):
        raise ma.ValidationError(
            [Say(f"{last} ligger før {first}.", f"{last} is before {first}.")],
            last,
        )
