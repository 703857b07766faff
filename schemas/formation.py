"""Forming a project from a challenge: what cannot be carried over."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Choice, Many, Object, PartialDate, Ref
from schemas.projects import ParticipantSchema
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema


class FormationSchema(Shape):
    """What a project formed from a challenge is to be called; the rest is carried over unless it is said here."""

    title = Object(
        LocalizedTitleSchema,
        "What the project is called; as the challenge when left out.",
        example={"da": "Sammen om emissionsfrie arbejdsmaskiner", "en": "Together on emission-free machinery"},
    )
    summary = Object(LocalizedTextSchema, "The project in a few sentences; as the challenge when left out.")
    lead_id = Ref("partner", "Who leads it; the challenge's first owner when left out.")
    participants = Many(
        Object(ParticipantSchema, "A participant."),
        "Further participants, besides owners, supporters and selected responders.",
        max=100,
        unique=True,
    )
    collaboration_form = Choice(v.CollaborationForm, "How the parties work together.", example="innovation_partnership")
    start = PartialDate("When it is to begin.", example="2027-01")
    end = PartialDate("When it is to end.", example="2028-12")
