"""The tables, and the SQL clause that decides who may see which row."""

from api.models import log
from api.models.access import AccessState, Client, ClientSecret, LoginSession, RefreshToken, RevokedToken, SigningKey
from api.models.adoption import Adoption
from api.models.base import Audience, Base, Resource
from api.models.bulk import Import, ImportProfile, LineError
from api.models.challenge import Challenge
from api.models.document import Document
from api.models.enquiry import Enquiry
from api.models.event import Event, SandboxEvent, Setting
from api.models.guarded import Guarded
from api.models.guidance import Guidance
from api.models.idempotency import IdempotencyKey
from api.models.outcome import Outcome
from api.models.partner import Partner
from api.models.project import Project
from api.models.question import Question
from api.models.response import Response
from api.models.security import SecurityEvent
from api.models.support import Support
from api.models.user import Invitation, Membership, User

RESOURCES: dict[str, type[Resource]] = {
    model.__tablename__: model
    for model in (
        Partner,
        Challenge,
        Support,
        Response,
        Question,
        Project,
        Outcome,
        Adoption,
        Enquiry,
        Guidance,
        Document,
    )
}
"""The registry: every resource by its name."""

__all__ = [
    "RESOURCES",
    "AccessState",
    "Adoption",
    "Audience",
    "Base",
    "Challenge",
    "Client",
    "ClientSecret",
    "Document",
    "Enquiry",
    "Event",
    "Guarded",
    "Guidance",
    "IdempotencyKey",
    "Import",
    "ImportProfile",
    "Invitation",
    "LineError",
    "LoginSession",
    "Membership",
    "Outcome",
    "Partner",
    "Project",
    "Question",
    "RefreshToken",
    "Resource",
    "Response",
    "RevokedToken",
    "SandboxEvent",
    "SecurityEvent",
    "Setting",
    "SigningKey",
    "Support",
    "User",
    "log",
]
