"""Responses: what companies and consortia answer to a challenge."""

from __future__ import annotations

from schemas import codes
from schemas import vocabulary as v
from schemas.base import ResourceSchema, Shape
from schemas.fields import Choice, Integer, Links, Many, Moment, Object, Ref, Url
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema, MoneySchema


class ReferenceSchema(Shape):
    """Where the solution, or one like it, is in use already."""

    title = Object(
        LocalizedTitleSchema,
        "What was done for whom.",
        required=True,
        example={"da": "Elektriske gravemaskiner til Oslo", "en": "Electric excavators for Oslo"},
    )
    url = Url("Where it can be checked.", example="https://www.example.org/oslo")


class ResponseSchema(ResourceSchema):
    """An answer to a challenge: confidential to the responder, the challenge's owners and CO-PI."""

    always = ResourceSchema.always | {"challenge_id", "partner_id", "title"}

    state = Choice(
        v.ResponseState, "Where the answer is on its way.", dump_only=True, required=True, example="submitted"
    )
    challenge_id = Ref("challenge", "The challenge it answers.", dump_only=True, required=True)
    partner_id = Ref("partner", "The organisation that answers.", required=True, create_only=True)
    consortium = Many(Ref("partner", "A partner."), "Those it answers together with.", max=30)
    title = Object(
        LocalizedTitleSchema,
        "The solution in one line.",
        required=True,
        example={"da": "Batteridrevne gravemaskiner med lånebatterier", "en": "Excavators with swappable batteries"},
    )
    approach = Object(LocalizedTextSchema, "How it meets the need.", required=True)
    novelty = Choice(v.NoveltySought, "How new it is.", example="known_technology_new_use")
    trl = Integer("Technology readiness level of the solution.", min=1, max=9, example=7)
    references = Many(Object(ReferenceSchema, "A reference."), "Where it is in use already.", max=20)
    ip_note = Object(LocalizedTextSchema, "Who holds which rights, as far as it matters to the owners.")
    export_markets = codes.export_markets()
    price_indication = Object(MoneySchema, "What it may cost.")
    submitted_at = Moment(
        "When it was handed in; from then on the challenge's owners see it.",
        dump_only=True,
        example="2026-11-23T09:00:00.000000Z",
    )
    decline_reason = Choice(v.DeclineReason, "Why it was declined.", dump_only=True, example="others_stronger")
    feedback = Object(LocalizedTextSchema, "What the owners say to the company.", dump_only=True)
    links = Links("Where its neighbours are.", {"self": "/v1/responses/{id}"})


class ResponseQuery(ListQuery):
    """Filters of the response lists."""

    state = AnyOf(Choice(v.ResponseState, "State of the response.", example="submitted"))
    challenge = AnyOf(Ref("challenge", "Challenge it answers."))
    partner = AnyOf(Ref("partner", "Organisation that answers, alone or in a consortium."))
    novelty = AnyOf(Choice(v.NoveltySought, "How new it is.", example="any"))
    export_market = AnyOf(codes.country("Market abroad."))
    sort = Sort("updated_at", "created_at", "title")
    fields = Fields(ResponseSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("challenge", "partners", "actions")
