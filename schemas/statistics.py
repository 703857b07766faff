"""Statistics: how many, of what, with what effect and how fast; the filters are those of the lists."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Choice, Code, Field, Flag, Integer, Many, Number, Object, Text
from schemas.query import AnyOf, ListQuery, Query, Years
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema

_MOST = 10**9


class ValueCountSchema(Shape):
    """One value of a filter, and how many records answer to it."""

    code = Text("The value, as the filter takes it.", max=100, required=True, example="green_transition")
    label = Object(
        LocalizedTextSchema,
        "The value in words.",
        required=True,
        example={"da": "Grøn omstilling", "en": "Green transition"},
    )
    count = Integer("How many records.", min=0, max=_MOST, required=True, example=42)


class CountsSchema(Shape):
    """The records by the values of one filter. A record with several values counts under each."""

    values = Many(
        Object(ValueCountSchema, "A value."),
        "Closed lists in their own order, zeros included; years in order; anything else by how often it occurs.",
        max=500,
        required=True,
    )
    missing = Integer("Records without any value.", min=0, max=_MOST, required=True, example=3)


class ReportedReuseSchema(Shape):
    """Reuse told as a number. The numbers may count the same places, so they are never added."""

    unit = Text("What is counted.", max=50, required=True, example="municipalities")
    outcomes = Integer("Outcomes that tell such a number.", min=0, max=_MOST, required=True, example=2)
    most = Integer("The highest of the numbers.", min=0, max=_MOST, required=True, example=90)


class ReuseSchema(Shape):
    """How far published solutions have been taken over by others."""

    outcomes = Integer("Outcomes that anyone has taken over.", min=0, max=_MOST, required=True, example=9)
    reusers = Integer("Different organisations named as reusers.", min=0, max=_MOST, required=True, example=12)
    reported = Many(
        Object(ReportedReuseSchema, "One unit."), "Where only a number is known, by unit.", max=500, required=True
    )


class SpreadSchema(Shape):
    """How the values of one indicator lie, all of one unit and known in one way."""

    known = Choice(v.ValueKind, "How the values are known.", required=True, example="measured")
    count = Integer("Values, ranges included.", min=1, max=_MOST, required=True, example=7)
    ranges = Integer("Of these, values given as a range.", min=0, max=_MOST, required=True, example=1)
    qualified = Integer(
        "Of these, values with a reservation such as about or up to.", min=0, max=_MOST, required=True, example=2
    )
    lowest = Number(
        "The lowest value, or lower end of a range; null when only bounds such as up to are known.", example=1.4
    )
    highest = Number(
        "The highest value, or upper end of a range; null when only bounds such as up to are known.", example=184
    )
    median = Number("The middle value; ranges and bounds are left out, null when none is left.", example=15)
    sum = Number(
        "The sum, where values may be added: null otherwise. Each project counts once, with its latest value; ranges, "
        "bounds, several values in one outcome, and parts of a programme that has its own value are left out.",
        example=210.5,
    )
    summed = Integer("How many values the sum is of.", min=0, max=_MOST, required=True, example=5)
    projects = Integer("Different projects behind the values.", min=1, max=_MOST, required=True, example=6)


class EffectSchema(Shape):
    """One indicator in one unit: other units and other `per` are other entries, for they cannot be compared."""

    indicator = Text("The indicator.", max=100, required=True, example="co2-saved")
    label = Object(
        LocalizedTitleSchema,
        "The indicator in words.",
        required=True,
        example={"da": "CO₂ sparet", "en": "CO₂ saved"},
    )
    unit = Text(
        "The unit, as the list `indicator` spells its own; capitals and spaces tell no two apart.",
        max=50,
        required=True,
        example="t CO2",
    )
    per = Text("What the values are counted per.", max=50, example="year")
    direction = Text(
        "The wanted direction by the list `indicator`: increase, decrease or neutral; null when it is not there.",
        max=20,
        example="increase",
    )
    additive = Flag(
        "Whether values of different projects may be added at all: by the list `indicator`, in its own unit or another "
        "of amounts, and per nothing but time. Percentages never are.",
        example=True,
    )
    realised = Many(
        Object(SpreadSchema, "Values known in one way."),
        "What was measured, reported or estimated: one entry each, never mixed.",
        max=3,
        required=True,
    )
    awaited = Many(
        Object(SpreadSchema, "Values known in one way."),
        "What is expected or aimed at: forecasts, not effects.",
        max=2,
        required=True,
    )


class EffectsSchema(Shape):
    """Effects by indicator, over published outcomes."""

    outcomes = Integer("Published outcomes that match.", min=0, max=_MOST, required=True, example=133)
    measured = Integer("Of these, outcomes that hold values.", min=0, max=_MOST, required=True, example=100)
    items = Many(
        Object(EffectSchema, "An effect."),
        "The effects, those with most values first, at most 500.",
        max=500,
        required=True,
    )


class DurationSchema(Shape):
    """Days between two events, over the challenges where both dates are known."""

    count = Integer("Challenges with both dates.", min=0, max=_MOST, required=True, example=31)
    median = Number("The middle number of days; null when there is none.", example=412)
    lower = Number("A quarter took at most so many days.", example=180)
    upper = Number("Three quarters took at most so many days.", example=790)
    earlier = Integer(
        "Challenges left out because the second date surely lies before the first.",
        min=0,
        max=_MOST,
        required=True,
        example=2,
    )


class JourneySchema(Shape):
    """How many challenges have come how far, and how long it took."""

    challenges = Integer("Challenges that match.", min=0, max=_MOST, required=True, example=81)
    answered = Integer("Of these, challenges that a project answers.", min=0, max=_MOST, required=True, example=54)
    with_outcome = Integer("Of these, with a published outcome.", min=0, max=_MOST, required=True, example=40)
    with_measured_effect = Integer("Of these, with a measured effect.", min=0, max=_MOST, required=True, example=12)
    reused = Integer("Of those with an outcome, with one that others took over.", min=0, max=_MOST, required=True,
                     example=6)  # fmt: skip
    posed_to_start = Object(
        DurationSchema, "From the need was made public until the first project began.", required=True
    )
    posed_to_measured_effect = Object(
        DurationSchema, "From the need was made public until the first measured effect.", required=True
    )


def labels_of(field: AnyOf) -> Mapping[str, Mapping[str, str]] | None:
    """The words for every value a filter can take; None when its values are no closed list."""
    return {str(term): term.label for term in field.item.terms} if isinstance(field.item, Choice) else None


@cache
def groups_of(query: type[ListQuery]) -> dict[str, AnyOf]:
    """The filters by whose values a list's records are counted: closed lists, places, years and markets."""
    return {
        name: field
        for name, field in query._declared_fields.items()
        if isinstance(field, AnyOf) and (_is_list(field.item) or isinstance(field, Years) or name == "export_market")
    }


def _is_list(item: Field) -> bool:
    return isinstance(item, Choice) or (isinstance(item, Code) and item.scheme in ("municipality", "region"))


@cache
def statistics_query(query: type[ListQuery]) -> type[Query]:
    """The filters of a list, without its order and paging."""
    names = [name for name, field in query._declared_fields.items() if isinstance(field, AnyOf)]
    fields = {name: query._declared_fields[name] for name in (*names, "q", "since")}
    about = query.__name__.removesuffix("Query").lower()
    doc = f"Filters of the statistics of {about}s: those of the list."
    return type(query.__name__.replace("Query", "StatisticsQuery"), (Query,), {**fields, "__doc__": doc})


@cache
def statistics_of(query: type[ListQuery], *further: str, reuse: bool = False) -> type[Shape]:
    """The shape of the counts of a list's records; `further` are groups that are no filters."""
    name = query.__name__.removesuffix("Query")
    groups: dict[str, Any] = {
        group: Object(CountsSchema, f"By `{group}`: {field.item.description}", required=True)
        for group, field in groups_of(query).items()
    }
    groups |= {group: Object(CountsSchema, _FURTHER[group], required=True) for group in further}
    doc = f"Counts of {name.lower()} records, by the filters of their list."
    by = type(f"{name}CountsSchema", (Shape,), {**groups, "__doc__": doc})
    fields: dict[str, Any] = {
        "total": Integer("Records that match; the list's `total`.", min=0, max=_MOST, required=True, example=101),
        "by": Object(by, "The records by the values of each filter.", required=True),
    }
    if reuse:
        fields["reuse"] = Object(ReuseSchema, "Reuse (genbrug) of the published ones among them.", required=True)
    doc = f"How many {name.lower()} records there are, of which kind."
    return type(f"{name}StatisticsSchema", (Shape,), {**fields, "__doc__": doc})


_FURTHER = {
    "owner_kind": "By what sort of organisations own the need.",
    "partner_kind": "By what sort of organisations take part.",
}
