"""Questions: what companies ask about an open challenge, answered to all alike (spørgsmål og svar)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.domain import lifecycle
from api.models.base import Id, Resource
from api.models.challenge import Challenge
from api.models.party import Party
from schemas import vocabulary as v
from schemas.questions import QuestionSchema


class Question(Resource):
    """One question; who asked is never told to others."""

    __tablename__ = "question"
    schema = QuestionSchema()
    lifecycle = lifecycle.QUESTION
    PARENTS = ("challenge",)
    PARTIES: ClassVar = {"owner": Party(), "challenge": Party("challenge", key="challenge_id")}
    TEXTS = ("question", "answer")
    FACETS: ClassVar = {"owner": lambda q: [q.partner_id], "challenge": lambda q: [q.challenge_id]}

    state: Mapped[v.QuestionState]
    challenge_id: Mapped[Id] = mapped_column(ForeignKey("challenge.id"), index=True)
    partner_id: Mapped[Id] = mapped_column(ForeignKey("partner.id"), index=True)
    """Who asked: never part of the document."""
    question: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any] | None]

    challenge: Mapped[Challenge] = relationship(viewonly=True)

    @property
    def called(self) -> dict[str, Any]:
        return self.challenge.title
