"""Projects: public-private collaborations that answer challenges."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from schemas import codes
from schemas import vocabulary as v
from schemas.base import ResourceSchema, Shape
from schemas.fields import Choice, Flag, Integer, Links, Many, Object, PartialDate, Ref, Text, Url
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort, Years
from schemas.values import (
    LocalizedTextSchema,
    LocalizedTitleSchema,
    MilestoneSchema,
    MoneySchema,
    PhaseSchema,
    in_order,
)


class ParticipantSchema(Shape):
    """One organisation in one role; an organisation may hold several."""

    partner_id = Ref("partner", "The organisation.", required=True)
    role = Choice(v.ParticipantRole, "What it does in the project.", required=True, example="need_owner")


class ProcurementRefSchema(Shape):
    """Where the procurement is published."""

    system = Text("TED, udbud.dk, OCID or another register.", max=50, min=1, required=True, example="TED")
    reference = Text("The notice number or open-contracting id.", max=100, min=1, required=True, example="123456-2026")
    url = Url("The notice itself.", example="https://ted.europa.eu/en/notice/-/detail/123456-2026")


class FundingSchema(Shape):
    """One contribution as its source states it. Rows are not additive: one may be part of another."""

    funder_id = Ref("partner", "Who funds; null where the source names only a programme.")
    programme = Text("Name of the pool or programme.", max=200, min=1, example="MUDP")
    money = Object(MoneySchema, "The amount, where one is stated.")
    is_upper_bound = Flag("The source gives a ceiling, not a sum.", example=False)
    is_approximate = Flag("The source says about.", example=False)
    kind = Choice(v.FundingKind, "Sort of contribution.", required=True, example="grant")
    note = Object(LocalizedTitleSchema, "The source's own words.", example={"da": "I to runder", "en": "In two rounds"})


class ExportPotentialSchema(Shape):
    """Whether the solution can be sold abroad."""

    level = Choice(v.ExportLevel, "How large the potential is judged to be.", example="medium")
    markets = codes.export_markets()
    rationale = Object(LocalizedTextSchema, "Why.")
    barriers = Object(LocalizedTextSchema, "What stands in the way.")


class EvaluationSchema(Shape):
    """How the effect is to be, or was, found out."""

    plan = Object(LocalizedTextSchema, "What is measured, when, against what.")
    url = Url("The evaluation.", example="https://www.co-pi.dk/evaluering")


class DiscontinuationSchema(Shape):
    """Why a project was stopped, and what others can learn from it."""

    reason = Object(LocalizedTextSchema, "Why it was stopped.", required=True)
    lesson = Object(LocalizedTextSchema, "What others can learn.", required=True)


class ProjectSchema(ResourceSchema):
    """A collaboration of public bodies with companies, knowledge institutions or clusters; a programme is one too."""

    always = ResourceSchema.always | {"title"}

    state = Choice(v.ProjectState, "Where the project is in its life.", dump_only=True, required=True, example="active")
    state_as_of = PartialDate("The date of the page that tells the state.", example="2024-06")
    title = Object(
        LocalizedTitleSchema,
        "What the project is called.",
        required=True,
        example={"da": "Sammen om emissionsfrie arbejdsmaskiner", "en": "Together on emission-free machinery"},
    )
    summary = Object(LocalizedTextSchema, "The project in a few sentences.", required=True)
    theme = Choice(v.Theme, "Focus area.", required=True, example="green_transition")
    keywords = codes.keywords()
    method = Text(
        "The method it follows, as a slug.",
        max=100,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        example="co-pi-scaling-process",
    )
    programme = Text(
        "The pool or programme it belongs to, as the source names it.", max=200, min=1, example="Horizon 2020"
    )
    parent_id = Ref(
        "project", "The programme, itself a project, that it is part of; named by those who may change the programme."
    )
    challenge_ids = Many(
        Ref("challenge", "A challenge."), "The challenges it answers; named by those who may change the challenge."
    )
    participants = Many(
        Object(ParticipantSchema, "A participant."), "Who takes part, in which role.", max=200, unique=True
    )
    cpv = codes.cpv()
    municipality_codes = codes.municipality_codes()
    region_codes = codes.region_codes()
    location = Text("The place, as the source names it.", max=200, min=1, example="Gellerup, Aarhus")
    collaboration_form = Choice(v.CollaborationForm, "How the parties work together.", example="scaled_demand_process")
    procurement_route = Choice(
        v.ProcurementRoute, "How the solution was or is bought.", example="innovation_partnership"
    )
    procurement_note = Object(LocalizedTextSchema, "Lots, bids, framework agreements, staged payment ...")
    procurement_refs = Many(Object(ProcurementRefSchema, "A reference."), "Where the procurement is published.")
    funding = Many(
        Object(FundingSchema, "A contribution."),
        "Contributions as their sources state them; never add them up blindly.",
    )
    total_budget = Object(MoneySchema, "Budget of the whole project.")
    phases = Many(Object(PhaseSchema, "A phase."), "Stretches of the project in order.")
    milestones = Many(
        Object(MilestoneSchema, "A milestone."),
        "What it is to reach, in order; one that is due and not reached is among the tasks of those who answer for it.",
    )
    start = PartialDate("When it began or is to begin.", example="2022-04")
    end = PartialDate("When it ended or is to end.", example="2024")
    stage = Choice(v.ProjectStage, "How far the solution has come.", example="pilot")
    trl = Integer("Technology readiness level of the solution.", min=1, max=9, example=7)
    export_potential = Object(ExportPotentialSchema, "Whether the solution can be sold abroad.")
    evaluation = Object(EvaluationSchema, "How the effect is found out.")
    follow_up_due = Many(
        PartialDate("A date.", example="2025-01"),
        "When to ask for effects: 12 and 48 months after the end when left out.",
        max=10,
    )
    discontinuation = Object(
        DiscontinuationSchema, "Why it was stopped and what was learnt; set when it is discontinued.", dump_only=True
    )
    links = Links(
        "Where its neighbours are.",
        {"self": "/v1/projects/{id}", "outcomes": "/v1/outcomes?project={id}", "children": "/v1/projects?parent={id}"},
    )

    @ma.validates_schema
    def _in_order(self, fields: dict[str, Any], **_: Any) -> None:
        in_order(fields, "start", "end")


class ProjectQuery(ListQuery):
    """Filters of the project list."""

    state = AnyOf(Choice(v.ProjectState, "State of the project.", example="active"))
    theme = AnyOf(Choice(v.Theme, "Focus area.", example="green_transition"))
    keyword = AnyOf(codes.keywords().inner)  # type: ignore[arg-type]
    partner = AnyOf(Ref("partner", "Participant in any role."))
    owner = AnyOf(Ref("partner", "Participant that answers for the project: lead, need owner, client, owner or buyer."))
    challenge = AnyOf(Ref("challenge", "Challenge it answers."))
    parent = AnyOf(Ref("project", "Programme it is part of."))
    form = AnyOf(Choice(v.CollaborationForm, "Form of collaboration.", example="opi"))
    route = AnyOf(Choice(v.ProcurementRoute, "Procurement route.", example="innovation_partnership"))
    method = AnyOf(Text("Method.", max=100, min=1, example="co-pi-scaling-process"))
    stage = AnyOf(Choice(v.ProjectStage, "How far the solution has come.", example="pilot"))
    municipality = AnyOf(codes.municipality_code())
    region = AnyOf(codes.region_code())
    cpv = AnyOf(codes.cpv_code())
    year = Years("Year or span of years in which the project ran.")
    export_market = AnyOf(codes.country("Market with export potential."))
    sort = Sort("updated_at", "created_at", "title", "start", "end")
    fields = Fields(ProjectSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("partners", "challenges", "outcomes", "parent", "children", "actions", "hints")
