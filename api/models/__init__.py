"""The tables, and the SQL clause that decides who may see which row."""

from api.models.base import Audience, Base, Resource
from api.models.challenge import Challenge
from api.models.event import Event, Setting
from api.models.outcome import Outcome
from api.models.partner import Partner
from api.models.project import Project
from api.models.user import Membership, User

RESOURCES: dict[str, type[Resource]] = {model.__tablename__: model for model in (Partner, Challenge, Project, Outcome)}
"""The registry: every resource by its name."""

__all__ = [
    "RESOURCES",
    "Audience",
    "Base",
    "Challenge",
    "Event",
    "Membership",
    "Outcome",
    "Partner",
    "Project",
    "Resource",
    "Setting",
    "User",
]
