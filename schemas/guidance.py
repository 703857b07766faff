"""Guidance: answers that everyone can use."""

from __future__ import annotations

from schemas import codes
from schemas import vocabulary as v
from schemas.base import ResourceSchema
from schemas.fields import Choice, Links, Many, Object, Ref
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema


class GuidanceSchema(ResourceSchema):
    """A note on procurement and innovation that grew out of an enquiry, told without who asked."""

    always = ResourceSchema.always | {"title"}

    state = Choice(v.GuidanceState, "Whether it is published.", dump_only=True, required=True, example="published")
    enquiry_id = Ref("enquiry", "The enquiry it grew out of; never shown.", create_only=True, load_only=True)
    title = Object(
        LocalizedTitleSchema,
        "What it is about, in one line.",
        required=True,
        example={"da": "Markedsdialog før et udbud", "en": "Talking to the market before a tender"},
    )
    question = Object(LocalizedTextSchema, "The question, without anything that tells who asked.", required=True)
    answer = Object(LocalizedTextSchema, "The answer.", required=True)
    theme = Choice(v.Theme, "Focus area.", example="green_transition")
    keywords = codes.keywords()
    procurement_routes = Many(
        Choice(v.ProcurementRoute, "A route.", example="innovation_partnership"), "Procurement routes it is about."
    )
    links = Links("Where its neighbours are.", {"self": "/v1/guidance/{id}"})


class GuidanceQuery(ListQuery):
    """Filters of the guidance list."""

    state = AnyOf(Choice(v.GuidanceState, "State of the note.", example="published"))
    theme = AnyOf(Choice(v.Theme, "Focus area.", example="green_transition"))
    keyword = AnyOf(codes.keywords().inner)  # type: ignore[arg-type]
    route = AnyOf(Choice(v.ProcurementRoute, "Procurement route it is about.", example="innovation_partnership"))
    sort = Sort("updated_at", "created_at", "title")
    fields = Fields(GuidanceSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("actions")
