"""Forming a project from a challenge: everything both sides have said already is carried over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from api.db import session
from api.domain import lifecycle
from api.domain.circles import is_wider
from api.domain.steps import Step
from api.kit.moving import demand_ready
from api.models import Challenge, Project, Response, Support
from schemas import vocabulary as v

ROLE = v.ParticipantRole


def project_from(challenge: Challenge, fields: Mapping[str, Any]) -> Project:
    """The planned project that answers the challenge, which it resolves."""
    step: Step = lifecycle.CHALLENGE.step("form-project")
    demand_ready(challenge, step)
    project = Project.add(
        {
            "title": fields["title"] or challenge.title,
            "summary": fields["summary"] or challenge.summary,
            "theme": challenge.theme,
            "keywords": challenge.keywords,
            "cpv": challenge.cpv,
            "municipality_codes": challenge.municipality_codes,
            "region_codes": challenge.region_codes,
            "procurement_route": challenge.procurement_route_considered,
            "visibility": challenge.visibility,
            "challenge_ids": [challenge.id],
            "participants": _participants(challenge, fields),
            **{name: fields[name] for name in ("collaboration_form", "start", "end")},
        }
    )
    challenge.state = v.ChallengeState.RESOLVED
    challenge.close_reason = v.CloseReason.PROJECT_STARTED
    challenge.happened(step.event)
    return project


def _participants(challenge: Challenge, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each organisation in each role once, in the order they came in."""
    lead = fields["lead_id"] or challenge.owners[0]
    pairs = [
        (lead, ROLE.LEAD),
        *_sides(challenge),
        *((one["partner_id"], one["role"]) for one in fields["participants"]),
    ]
    return [{"partner_id": partner, "role": role} for partner, role in dict.fromkeys(pairs)]


def _sides(challenge: Challenge) -> Iterator[tuple[str, v.ParticipantRole]]:
    for owner in challenge.owners:
        yield owner, ROLE.NEED_OWNER
    supports = select(Support).where(Support.challenge_id == challenge.id, Support.state == v.SupportState.CONFIRMED)
    for support in session().scalars(supports.order_by(Support.id)):
        if is_wider(challenge.visibility, support.visibility):
            continue  # to name it in the project would tell more people than it has told
        signed = support.level in (v.SupportLevel.LETTER_OF_INTENT, v.SupportLevel.WILL_PROCURE)
        yield support.partner_id, ROLE.SIGNATORY if signed else ROLE.PARTICIPANT
    selected = select(Response).where(Response.challenge_id == challenge.id, Response.state == v.ResponseState.SELECTED)
    for response in session().scalars(selected.order_by(Response.id)):
        for partner in response.parties:
            yield partner, ROLE.SOLUTION_PROVIDER
