"""The peer's answers, as Pydantic models."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas import vocabulary as v


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Text(Out):
    da: str
    en: str | None


class RecordOut(Out):
    id: uuid.UUID
    version: int
    visibility: v.Visibility
    created_at: dt.datetime
    updated_at: dt.datetime
    source: dict[str, Any] | None
    sources: list[str]
    test: bool


class PartnerOut(RecordOut):
    state: v.PartnerState
    name_da: str
    name_en: str | None
    kind: v.PartnerKind
    country: str | None
    municipality_code: str | None
    website: str | None


class ParticipantOut(Out):
    partner_id: uuid.UUID
    role: v.ParticipantRole


class PhaseOut(Out):
    name: Text
    start: str | None
    end: str | None


class Money(Out):
    amount: str
    currency: str
    qualifier: v.Qualifier | None


class FundingOut(Out):
    funder_id: uuid.UUID | None
    programme: str | None
    money: Money | None
    is_upper_bound: bool
    is_approximate: bool
    kind: v.FundingKind
    note: Text | None


class ProjectOut(RecordOut):
    """Exactly what the service's own document holds, its links aside."""

    state: v.ProjectState
    state_as_of: str | None
    title: Text
    summary: Text
    theme: v.Theme
    keywords: list[str]
    method: str | None
    programme: str | None
    parent_id: uuid.UUID | None
    challenge_ids: list[uuid.UUID]
    participants: list[ParticipantOut]
    cpv: list[str]
    municipality_codes: list[str]
    region_codes: list[str]
    location: str | None
    collaboration_form: v.CollaborationForm | None
    procurement_route: v.ProcurementRoute | None
    procurement_note: Text | None
    procurement_refs: list[dict[str, Any]]
    funding: list[FundingOut]
    total_budget: Money | None
    phases: list[PhaseOut]
    milestones: list[dict[str, Any]]
    start: str | None
    end: str | None
    stage: v.ProjectStage | None
    trl: int | None
    export_potential: dict[str, Any] | None
    evaluation: dict[str, Any] | None
    follow_up_due: list[str]
    discontinuation: dict[str, Any] | None


class MeasureOut(Out):
    indicator: str
    label: Text
    value: float | None
    unit: str
    per: str | None
    value_kind: v.ValueKind


class OutcomeOut(RecordOut):
    state: v.OutcomeState
    project_id: uuid.UUID
    kind: v.OutcomeKind
    title: Text
    summary: Text
    theme: v.Theme | None
    keywords: list[str]
    date: str | None
    measures: list[MeasureOut]


class ParticipantWhole(ParticipantOut):
    partner: PartnerOut


class ProjectWhole(ProjectOut):
    """A project with its participants' records and its outcomes."""

    participants: list[ParticipantWhole]
    outcomes: list[OutcomeOut]


class Page(Out):
    items: list[ProjectOut]
    total: int | None
    next: str | None


class WholePage(Out):
    items: list[ProjectWhole]
    total: int | None
    next: str | None
