"""The peer's tables: normalised, and indexed for everything that is filtered and sorted by."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON,
    }


class Localized:
    """A title and a summary in two languages, kept in plain columns."""

    title_da: Mapped[str]
    title_en: Mapped[str | None]
    summary_da: Mapped[str]
    summary_en: Mapped[str | None]

    @property
    def title(self) -> dict[str, str | None]:
        return {"da": self.title_da, "en": self.title_en}

    @property
    def summary(self) -> dict[str, str | None]:
        return {"da": self.summary_da, "en": self.summary_en}


class Record:
    """What every resource has."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    state: Mapped[str]
    visibility: Mapped[str]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    test: Mapped[bool]
    source: Mapped[dict[str, Any] | None]
    sources: Mapped[list[Any]]


class Partner(Record, Base):
    __tablename__ = "partner"

    name_da: Mapped[str]
    name_en: Mapped[str | None]
    kind: Mapped[str]
    country: Mapped[str | None]
    municipality_code: Mapped[str | None]
    website: Mapped[str | None]


class Project(Localized, Record, Base):
    __tablename__ = "project"
    # The last ones are a present: they fit the questions of the measurement to the letter.
    __table_args__ = (
        Index("ix_project_newest", "updated_at", "id"),
        Index("ix_project_theme", "theme", "updated_at", "id"),
        Index("ix_project_state", "state", "updated_at", "id"),
        Index("ix_project_theme_state", "theme", "state", "updated_at", "id"),
    )

    state_as_of: Mapped[str | None]
    theme: Mapped[str]
    method: Mapped[str | None]
    programme: Mapped[str | None]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    location: Mapped[str | None]
    collaboration_form: Mapped[str | None]
    procurement_route: Mapped[str | None]
    start: Mapped[str | None]
    end: Mapped[str | None]
    stage: Mapped[str | None]
    trl: Mapped[int | None]
    # Nothing here is filtered by these, so they may stay whole, which is cheaper than more tables.
    challenge_ids: Mapped[list[Any]]
    cpv: Mapped[list[Any]]
    region_codes: Mapped[list[Any]]
    procurement_note: Mapped[dict[str, Any] | None]
    procurement_refs: Mapped[list[Any]]
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    total_budget: Mapped[dict[str, Any] | None]
    export_potential: Mapped[dict[str, Any] | None]
    evaluation: Mapped[dict[str, Any] | None]
    follow_up_due: Mapped[list[Any]]
    discontinuation: Mapped[dict[str, Any] | None]

    participants: Mapped[list[Participant]] = relationship(order_by="Participant.place")
    keyword_rows: Mapped[list[Keyword]] = relationship(order_by="Keyword.place")
    municipality_rows: Mapped[list[Municipality]] = relationship(order_by="Municipality.place")
    phases: Mapped[list[Phase]] = relationship(order_by="Phase.place")
    funding: Mapped[list[Funding]] = relationship(order_by="Funding.place")
    outcomes: Mapped[list[Outcome]] = relationship(order_by="Outcome.id.desc()")

    @property
    def keywords(self) -> list[str]:
        return [row.keyword for row in self.keyword_rows]

    @property
    def municipality_codes(self) -> list[str]:
        return [row.code for row in self.municipality_rows]


class Participant(Base):
    __tablename__ = "participant"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partner.id"), index=True)
    role: Mapped[str]
    partner: Mapped[Partner] = relationship()


class Keyword(Base):
    __tablename__ = "keyword"
    __table_args__ = (Index("ix_keyword_keyword", "keyword", "project_id"),)

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    keyword: Mapped[str]


class Municipality(Base):
    __tablename__ = "municipality"
    __table_args__ = (Index("ix_municipality_code", "code", "project_id"),)

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]


class Phase(Base):
    __tablename__ = "phase"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    name_da: Mapped[str]
    name_en: Mapped[str | None]
    start: Mapped[str | None]
    end: Mapped[str | None]

    @property
    def name(self) -> dict[str, str | None]:
        return {"da": self.name_da, "en": self.name_en}


class Funding(Base):
    __tablename__ = "funding"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    funder_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("partner.id"))
    programme: Mapped[str | None]
    money: Mapped[dict[str, Any] | None]
    is_upper_bound: Mapped[bool]
    is_approximate: Mapped[bool]
    kind: Mapped[str]
    note: Mapped[dict[str, Any] | None]


class Outcome(Localized, Record, Base):
    __tablename__ = "outcome"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str]
    theme: Mapped[str | None]
    keywords: Mapped[list[Any]]
    date: Mapped[str | None]
    measures: Mapped[list[Measure]] = relationship(order_by="Measure.place")


class Measure(Base):
    __tablename__ = "measure"

    outcome_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("outcome.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str]
    label_da: Mapped[str]
    label_en: Mapped[str | None]
    value: Mapped[float | None]
    unit: Mapped[str]
    per: Mapped[str | None]
    value_kind: Mapped[str]

    @property
    def label(self) -> dict[str, str | None]:
        return {"da": self.label_da, "en": self.label_en}
