"""Supports: public bodies that join the demand behind a challenge."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import ResourceSchema
from schemas.fields import Choice, Links, Object, PartialDate, Ref
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort
from schemas.values import LocalizedTextSchema, MoneySchema, VolumeSchema


class SupportSchema(ResourceSchema):
    """A public body that joins a challenge, how firmly, and for how much."""

    always = ResourceSchema.always | {"challenge_id", "partner_id", "level"}

    state = Choice(v.SupportState, "Whether the body stands by it.", dump_only=True, required=True, example="confirmed")
    challenge_id = Ref("challenge", "The challenge it joins.", dump_only=True, required=True)
    partner_id = Ref("partner", "The body that joins.", required=True, create_only=True)
    level = Choice(v.SupportLevel, "How firmly it joins.", required=True, example="letter_of_intent")
    annual_volume = Object(VolumeSchema, "What it needs a year.", example={"amount": "12", "unit": "excavators"})
    annual_value = Object(
        MoneySchema,
        "What it expects to buy for a year.",
        example={"amount": "4000000", "currency": "DKK", "qualifier": "about"},
    )
    valid_until = PartialDate("How long it stands by it.", example="2028-12-31")
    signed_at = PartialDate("When the letter of intent was signed.", example="2023-11-23")
    note = Object(LocalizedTextSchema, "What it attaches to it.")
    links = Links("Where its neighbours are.", {"self": "/v1/supports/{id}"})


class SupportQuery(ListQuery):
    """Filters of the support lists."""

    state = AnyOf(Choice(v.SupportState, "State of the support.", example="confirmed"))
    challenge = AnyOf(Ref("challenge", "Challenge it joins."))
    partner = AnyOf(Ref("partner", "Body that joins."))
    level = AnyOf(Choice(v.SupportLevel, "How firmly it joins.", example="letter_of_intent"))
    sort = Sort("updated_at", "created_at")
    fields = Fields(SupportSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("challenge", "partner", "actions")
