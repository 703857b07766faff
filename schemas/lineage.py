"""Lineage: the whole way from a need to its reuse in one answer."""

from __future__ import annotations

from schemas.adoptions import AdoptionSchema
from schemas.base import Shape
from schemas.challenges import ChallengeSchema
from schemas.fields import Many, Object
from schemas.outcomes import OutcomeSchema
from schemas.projects import ProjectSchema
from schemas.supports import SupportSchema


class OutcomeLineageSchema(Shape):
    """An outcome and who took its solution over."""

    outcome = Object(OutcomeSchema, "The outcome.", required=True)
    adoptions = Many(Object(AdoptionSchema, "An adoption."), "Its adoptions.", max=1000, required=True)


class ProjectLineageSchema(Shape):
    """A project and what came of it."""

    project = Object(ProjectSchema, "The project.", required=True)
    outcomes = Many(Object(OutcomeLineageSchema, "An outcome."), "Its outcomes.", max=1000, required=True)


class LineageSchema(Shape):
    """A challenge and all that followed from it, as far as the caller sees; oldest first."""

    challenge = Object(ChallengeSchema, "The need.", required=True)
    supports = Many(Object(SupportSchema, "A support."), "Who joined it.", max=1000, required=True)
    projects = Many(
        Object(ProjectLineageSchema, "A project."),
        "The projects that answer it, those of their programmes included.",
        max=1000,
        required=True,
    )
