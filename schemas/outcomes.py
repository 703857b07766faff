"""Outcomes: what came of a project, measured and reused."""

from __future__ import annotations

from schemas import codes
from schemas import vocabulary as v
from schemas.base import ResourceSchema, Shape
from schemas.fields import Choice, Integer, Links, Many, Object, PartialDate, Ref, Text, Url
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort, Years
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema, MeasureSchema, MoneySchema


class LessonSchema(Shape):
    """What others should know before they do the same."""

    what_worked = Object(LocalizedTextSchema, "What worked.")
    what_did_not = Object(LocalizedTextSchema, "What did not.")
    conditions = Object(LocalizedTextSchema, "What it takes for the solution to work.")
    advice = Object(LocalizedTextSchema, "Advice to the next one.")


class EvidenceSchema(Shape):
    """Where the outcome can be checked."""

    title = Object(
        LocalizedTitleSchema, "What the evidence is.", example={"da": "Slutevaluering", "en": "Final evaluation"}
    )
    url = Url("The evidence itself.", required=True, example="https://www.co-pi.dk/evaluering.pdf")


class ReuseCountSchema(Shape):
    """How many have taken the solution over, where the source gives only a number."""

    count = Integer("How many.", min=0, max=1_000_000, required=True, example=9)
    unit = Text("Of what.", max=50, min=1, required=True, example="municipalities")


class OutcomeReuseSchema(Shape):
    """How far the solution has spread."""

    organisations = Integer("Named organisations that took it over.", min=0, max=1_000_000, required=True, example=3)
    adoptions = Integer("Adoptions confirmed by their adopters.", min=0, max=1_000_000, required=True, example=2)


class OutcomeSchema(ResourceSchema):
    """One thing that came of a project: an effect, a product, a lesson, a reuse; good or bad."""

    always = ResourceSchema.always | {"title"}

    state = Choice(
        v.OutcomeState, "Where the outcome is in its life.", dump_only=True, required=True, example="verified"
    )
    project_id = Ref("project", "The project it came of.", required=True, create_only=True)
    kind = Choice(
        v.OutcomeKind,
        "What sort of outcome it is; expected and measured effects are never mixed.",
        required=True,
        example="measured_effect",
    )
    title = Object(
        LocalizedTitleSchema,
        "The outcome in one line.",
        required=True,
        example={"da": "15 ton CO₂ sparet på mursten", "en": "15 tonnes of CO₂ saved on bricks"},
    )
    summary = Object(LocalizedTextSchema, "The outcome in a few sentences.", required=True)
    theme = Choice(v.Theme, "Focus area; the project's when left out.", example="sustainable_construction")
    keywords = codes.keywords()
    date = PartialDate("When it happened or was reported.", example="2023-11-23")
    reporting_point = Choice(v.ReportingPoint, "When in the project's life it was measured.", example="m12")
    measures = Many(Object(MeasureSchema, "A measure."), "The outcome in numbers.", max=100)
    value_dimensions = Many(
        Choice(v.ValueDimension, "A dimension.", example="quality"), "The sorts of value it creates.", max=7
    )
    novelty = Choice(v.Novelty, "How new the solution was to the workplace.", example="first")
    lesson = Object(LessonSchema, "What others should know.")
    evidence = Many(Object(EvidenceSchema, "A piece of evidence."), "Where it can be checked.")
    reused_by = Many(
        Ref("partner", "A partner."),
        "Organisations that took the solution over, where they are named.",
        max=200,
    )
    reuse_count = Object(
        ReuseCountSchema,
        "How many took it over, where only a number is known.",
        example={"count": 9, "unit": "municipalities"},
    )
    export_markets = codes.export_markets()
    export_value = Object(MoneySchema, "Value of the export, where it may be told.")
    reuse = Object(OutcomeReuseSchema, "How far the solution has spread, counted by the service.", dump_only=True)
    links = Links(
        "Where its neighbours are.", {"self": "/v1/outcomes/{id}", "adoptions": "/v1/outcomes/{id}/adoptions"}
    )


class OutcomeQuery(ListQuery):
    """Filters of the outcome list."""

    state = AnyOf(Choice(v.OutcomeState, "State of the outcome.", example="verified"))
    kind = AnyOf(Choice(v.OutcomeKind, "Sort of outcome.", example="measured_effect"))
    theme = AnyOf(Choice(v.Theme, "Focus area.", example="sustainable_construction"))
    keyword = AnyOf(codes.keywords().inner)  # type: ignore[arg-type]
    project = AnyOf(Ref("project", "Project it came of."))
    challenge = AnyOf(
        Ref("challenge", "Challenge its project answers."),
        via="project",
    )
    partner = AnyOf(Ref("partner", "Participant of its project."), via="project")
    municipality = AnyOf(codes.municipality_code(), via="project")
    region = AnyOf(codes.region_code(), via="project")
    reused_by = AnyOf(Ref("partner", "Organisation that took the solution over."))
    indicator = AnyOf(MeasureSchema._declared_fields["indicator"])  # type: ignore[arg-type]
    value_kind = AnyOf(Choice(v.ValueKind, "How at least one of its values is known.", example="measured"))
    novelty = AnyOf(Choice(v.Novelty, "How new the solution was to the workplace.", example="first"))
    reporting_point = AnyOf(Choice(v.ReportingPoint, "When in the project's life it was measured.", example="m12"))
    export_market = AnyOf(codes.country("Market it was exported to."))
    year = Years("Year or span of years it happened or was reported.")
    sort = Sort("updated_at", "created_at", "title", "date")
    fields = Fields(OutcomeSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("project", "partners", "adoptions", "actions", "hints")
