"""Documents: files attached to a challenge, project, outcome, response or enquiry (bilag)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.domain import lifecycle
from api.models.base import Id, Resource, SortKey, danish_key
from api.models.party import PartyOfParent
from schemas import vocabulary as v
from schemas.documents import DocumentSchema

_PARENTS = ("challenge", "project", "outcome", "response", "enquiry")


class Document(Resource):
    """What is said about one file; its bytes are in the storage under their SHA-256, shared by those that are equal.

    Whoever answers for the record it belongs to answers for it, and nobody sees it who does not see that record.
    """

    __tablename__ = "document"
    INDEXES = (
        Index(None, "sha256"),
        CheckConstraint(" + ".join(f"CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END" for name in _PARENTS) + " = 1",
                        name="one_parent"),
    )  # fmt: skip
    schema = DocumentSchema()
    lifecycle = lifecycle.DOCUMENT
    PARENTS = _PARENTS
    PARTIES: ClassVar = {"owner": PartyOfParent()}
    TEXTS = ("title", "name")
    SORTS: ClassVar = {**Resource.SORTS, "title": "title_key"}
    FACETS: ClassVar = {
        "challenge": lambda d: [d.challenge_id],
        "project": lambda d: [d.project_id],
        "outcome": lambda d: [d.outcome_id],
        "response": lambda d: [d.response_id],
        "enquiry": lambda d: [d.enquiry_id],
        "file_format": lambda d: [d.format],
    }

    state: Mapped[v.DocumentState]
    challenge_id: Mapped[Id | None] = mapped_column(ForeignKey("challenge.id"), index=True)
    project_id: Mapped[Id | None] = mapped_column(ForeignKey("project.id"), index=True)
    outcome_id: Mapped[Id | None] = mapped_column(ForeignKey("outcome.id"), index=True)
    response_id: Mapped[Id | None] = mapped_column(ForeignKey("response.id"), index=True)
    enquiry_id: Mapped[Id | None] = mapped_column(ForeignKey("enquiry.id"), index=True)
    title: Mapped[dict[str, Any]]
    title_key: Mapped[SortKey]
    name: Mapped[str]
    format: Mapped[v.DocumentFormat]
    size: Mapped[int]
    sha256: Mapped[str]

    def derive(self) -> None:
        super().derive()
        self.title_key = danish_key(self.title["da"])
