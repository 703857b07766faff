"""Challenges: concrete needs that public bodies put to the market."""

from __future__ import annotations

from schemas import codes
from schemas import vocabulary as v
from schemas.base import ResourceSchema, Shape
from schemas.fields import Choice, Counts, Integer, Links, Many, Object, PartialDate, Ref, StoredMoment
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort, Years
from schemas.values import (
    LocalizedTextSchema,
    LocalizedTitleSchema,
    MeasureSchema,
    MoneySchema,
    SumSchema,
    VolumeSchema,
)


class TimelineSchema(Shape):
    """The dates a company needs to plan after."""

    posed = PartialDate("When the need was made public.", example="2022-04")
    response_deadline = StoredMoment("Answers are accepted until this moment.", example="2027-03-01T11:00:00.000000Z")
    market_dialogue_at = StoredMoment("When the market dialogue is held.", example="2027-02-01T08:00:00.000000Z")
    procurement_expected_at = PartialDate("When a tender is expected.", example="2027-06")


class AddendumSchema(Shape):
    """A material change after publication; nothing that stood before is changed."""

    text = Object(
        LocalizedTextSchema,
        "What is added or changed.",
        required=True,
        example={
            "da": "Kravet til ladetid er sat ned til to timer.",
            "en": "Charging may take two hours.",
        },
    )
    published_at = StoredMoment("When.", dump_only=True, required=True, example="2026-11-23T09:00:00.000000Z")


class DemandSchema(Shape):
    """The joint demand behind a challenge: its owners and the bodies whose support is confirmed."""

    supports = Integer("How many bodies have joined.", min=0, required=True, example=14)
    letters_of_intent = Integer("How many of them have signed a letter of intent.", min=0, required=True, example=14)
    by_level = Counts("How many have joined at each level.", v.SupportLevel)
    partner_ids = Many(
        Ref("partner", "A body."), "The bodies that have joined and say so in public.", max=1000, required=True
    )
    population_covered = Integer(
        "Inhabitants of the municipalities and regions among owners and joiners, each counted once; "
        "null when there are none.",
        min=0,
        example=1_200_000,
    )
    annual_volume = Many(
        Object(VolumeSchema, "A sum."), "What the joiners need a year, added up unit by unit.", required=True
    )
    annual_value = Many(
        Object(SumSchema, "A sum."), "What they expect to buy for a year, added up currency by currency.", required=True
    )


class ChallengeSchema(ResourceSchema):
    """A concrete public need, put so that companies can answer it."""

    always = ResourceSchema.always | {"title"}

    state = Choice(
        v.ChallengeState, "Where the challenge is in its life.", dump_only=True, required=True, example="open"
    )
    title = Object(
        LocalizedTitleSchema,
        "What the need is, in one line.",
        required=True,
        example={"da": "Dieselmaskiner på offentlige byggepladser", "en": "Diesel machinery on public building sites"},
    )
    summary = Object(LocalizedTextSchema, "The need in a few sentences.", required=True)
    problem = Object(LocalizedTextSchema, "The problem in full.")
    desired_effect = Object(LocalizedTextSchema, "What should be different when it is solved.")
    current_practice = Object(LocalizedTextSchema, "How the task is done today.")
    not_wanted = Object(LocalizedTextSchema, "What has been tried or ruled out.")
    users_affected = Object(LocalizedTextSchema, "Who lives with the problem, and how many they are.")
    owners = Many(
        Ref("partner", "A partner."),
        "The need's owners (behovsejere); the first is the contact.",
        min=1,
        required=True,
    )
    theme = Choice(v.Theme, "Focus area.", required=True, example="green_transition")
    keywords = codes.keywords()
    cpv = codes.cpv()
    municipality_codes = codes.municipality_codes()
    region_codes = codes.region_codes()
    figures = Many(Object(MeasureSchema, "A figure."), "The problem in numbers: the baseline.", max=50)
    phase = Choice(v.ChallengePhase, "Phase of the joint process.", example="market_dialogue")
    budget_indication = Object(MoneySchema, "What a solution may cost, as far as the owners say.")
    timeline = Object(
        TimelineSchema,
        "Dates to plan after.",
        example={
            "posed": "2022-04",
            "response_deadline": "2027-03-01T11:00:00.000000Z",
            "market_dialogue_at": None,
            "procurement_expected_at": None,
        },
    )
    procurement_route_considered = Choice(
        v.ProcurementRoute, "The route the owners have in mind.", example="innovation_partnership"
    )
    export_note = Object(LocalizedTextSchema, "Whether others abroad have the same need.")
    novelty_sought = Choice(v.NoveltySought, "How new the answer must be.", example="any")
    close_reason = Choice(
        v.CloseReason, "What became of the need; set when it is resolved.", dump_only=True, example="project_started"
    )
    addenda = Many(
        Object(AddendumSchema, "An addendum."), "Material changes after publication, oldest first.", dump_only=True
    )
    demand = Object(DemandSchema, "The joint demand, counted by the service.", dump_only=True)
    response_count = Integer(
        "How many answers came in; told once the time for answers is over.", min=0, dump_only=True, example=3
    )
    links = Links(
        "Where its neighbours are.",
        {
            "self": "/v1/challenges/{id}",
            "projects": "/v1/projects?challenge={id}",
            "supports": "/v1/challenges/{id}/supports",
            "questions": "/v1/challenges/{id}/questions",
            "lineage": "/v1/challenges/{id}/lineage",
        },
    )


class ChallengeQuery(ListQuery):
    """Filters of the challenge list."""

    state = AnyOf(Choice(v.ChallengeState, "State of the challenge.", example="open"))
    theme = AnyOf(Choice(v.Theme, "Focus area.", example="green_transition"))
    phase = AnyOf(Choice(v.ChallengePhase, "Phase of the joint process.", example="market_dialogue"))
    keyword = AnyOf(codes.keywords().inner)  # type: ignore[arg-type]
    owner = AnyOf(Ref("partner", "Owner of the need."))
    municipality = AnyOf(codes.municipality_code())
    region = AnyOf(codes.region_code())
    cpv = AnyOf(codes.cpv_code())
    route = AnyOf(Choice(v.ProcurementRoute, "Procurement route considered.", example="innovation_partnership"))
    novelty = AnyOf(Choice(v.NoveltySought, "How new the answer must be.", example="any"))
    indicator = AnyOf(MeasureSchema._declared_fields["indicator"])  # type: ignore[arg-type]
    demand = AnyOf(Choice(v.SupportLevel, "Level at which at least one body has joined.", example="letter_of_intent"))
    supporter = AnyOf(Ref("partner", "Body that has joined."))
    year = Years("Year or span of years the need was made public.")
    sort = Sort("updated_at", "created_at", "title", "posed", "deadline")
    fields = Fields(ChallengeSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("owners", "projects", "supports", "actions", "hints")
