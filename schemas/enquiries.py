"""Enquiries: procurement sparring asked of CO-PI."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import ResourceSchema
from schemas.fields import Choice, Links, Object, Ref, Text
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema

_ADVISER = "The adviser at CO-PI who takes it, by name or mailbox."


class EnquirySchema(ResourceSchema):
    """A question to CO-PI's advisers about procurement (udbudsfaglig sparring): between the asker and CO-PI."""

    always = ResourceSchema.always | {"title"}

    state = Choice(
        v.EnquiryState, "Where the enquiry is on its way.", dump_only=True, required=True, example="assigned"
    )
    partner_id = Ref("partner", "The organisation that asks.", required=True, create_only=True)
    challenge_id = Ref("challenge", "The challenge it is about.")
    project_id = Ref("project", "The project it is about.")
    title = Object(
        LocalizedTitleSchema,
        "The question in one line.",
        required=True,
        example={"da": "Må vi holde markedsdialog før et udbud?", "en": "May we talk to the market before a tender?"},
    )
    question = Object(LocalizedTextSchema, "The question in full.", required=True)
    context = Object(LocalizedTextSchema, "What an adviser should know to answer.")
    procurement_route_considered = Choice(
        v.ProcurementRoute, "The route the asker has in mind.", example="innovation_partnership"
    )
    adviser = Text(_ADVISER, max=200, dump_only=True, example="sparring@co-pi.dk")
    answer = Object(LocalizedTextSchema, "CO-PI's answer.", dump_only=True)
    links = Links("Where its neighbours are.", {"self": "/v1/enquiries/{id}"})


class EnquiryQuery(ListQuery):
    """Filters of the enquiry list."""

    state = AnyOf(Choice(v.EnquiryState, "State of the enquiry.", example="new"))
    partner = AnyOf(Ref("partner", "Organisation that asks."))
    challenge = AnyOf(Ref("challenge", "Challenge it is about."))
    project = AnyOf(Ref("project", "Project it is about."))
    route = AnyOf(Choice(v.ProcurementRoute, "Procurement route considered.", example="innovation_partnership"))
    adviser = AnyOf(Text(_ADVISER, max=200, min=1, example="sparring@co-pi.dk"))
    sort = Sort("updated_at", "created_at", "title")
    fields = Fields(EnquirySchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("partner", "challenge", "project", "actions")
