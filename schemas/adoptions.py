"""Adoptions: others that take a solution into use."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import ResourceSchema
from schemas.fields import Choice, Links, Object, PartialDate, Ref, Text
from schemas.outcomes import ReuseCountSchema
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort, Years
from schemas.values import LocalizedTextSchema


class AdoptionSchema(ResourceSchema):
    """One reuse of a solution (genbrug): by a named organisation, or where only a number is known."""

    always = ResourceSchema.always | {"outcome_id", "kind"}

    state = Choice(
        v.AdoptionState, "Whether the adopter confirms it.", dump_only=True, required=True, example="confirmed"
    )
    outcome_id = Ref("outcome", "The outcome whose solution is reused.", dump_only=True, required=True)
    partner_id = Ref(
        "partner",
        "The organisation that takes it into use: once for each outcome, and not whoever made the solution.",
        create_only=True,
    )
    count = Object(
        ReuseCountSchema,
        "How many took it into use, where they are not named.",
        example={"count": 9, "unit": "municipalities"},
    )
    kind = Choice(v.AdoptionKind, "Whether it was adapted or copied.", required=True, example="adapted")
    in_use_from = PartialDate("When it was taken into use.", example="2026-03")
    channel = Text("How the adopter came across it.", max=200, min=1, example="CO-PI's netværksmøde")
    note = Object(LocalizedTextSchema, "What was changed, and how it went.")
    links = Links("Where its neighbours are.", {"self": "/v1/adoptions/{id}"})


class AdoptionQuery(ListQuery):
    """Filters of the adoption lists."""

    state = AnyOf(Choice(v.AdoptionState, "State of the adoption.", example="confirmed"))
    outcome = AnyOf(Ref("outcome", "Outcome whose solution is reused."))
    project = AnyOf(Ref("project", "Project the solution came of."))
    partner = AnyOf(Ref("partner", "Organisation that takes it into use."))
    kind = AnyOf(Choice(v.AdoptionKind, "Adapted or copied.", example="adapted"))
    year = Years("Year or span of years it was taken into use.")
    sort = Sort("updated_at", "created_at", "in_use_from")
    fields = Fields(AdoptionSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("outcome", "partner", "actions")
