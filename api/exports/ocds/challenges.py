"""A challenge as a contracting process: its planning, and the tender it may lead to."""

from __future__ import annotations

from collections.abc import Iterator

from api.exports.ocds.methods import method
from api.exports.ocds.neighbours import Record
from api.exports.ocds.parties import BUYER, parties, references
from api.exports.ocds.releases import Publication
from api.exports.ocds.values import Part, items, moment, money, texts
from schemas.vocabulary import ChallengePhase
from schemas.vocabulary import ChallengeState as State
from schemas.wording import Say

_MILESTONES = {
    "market_dialogue_at": ("engagement", Say("Markedsdialog", "Market dialogue")),
    "response_deadline": ("engagement", Say("Frist for svar", "Deadline for responses")),
    "procurement_expected_at": ("preProcurement", Say("Udbud forventes", "Tender expected")),
}
"""The dates of the timeline, with their types in the standard's code list `milestoneType`."""


def release(publication: Publication, challenge: Record) -> Part:
    """The challenge as it now stands."""
    owners = parties([(id, BUYER) for id in challenge["owners"]], publication.neighbours.partners)
    buyers = references(owners, BUYER)
    tendering = challenge["phase"] == ChallengePhase.PROCUREMENT
    parts = {
        "tag": ["planning", "tender"] if tendering else ["planning"],
        "parties": owners,
        "buyer": buyers[0] if buyers else None,
        "planning": _planning(publication, challenge),
        "tender": _tender(challenge, buyers, "planned" if tendering else "planning"),
        "relatedProcesses": list(_projects(publication, challenge)),
    }
    return publication.release("challenge", challenge, parts)


def _planning(publication: Publication, challenge: Record) -> Part:
    return {
        "rationale": challenge["summary"]["da"],
        "rationale_en": challenge["summary"]["en"],
        "budget": {"amount": money(challenge["budget_indication"])},
        "documents": publication.documents("challenge", challenge),
        "milestones": list(_milestones(challenge)),
    }


def _milestones(challenge: Record) -> Iterator[Part]:
    timeline = challenge["timeline"] or {}
    for name, (kind, title) in _MILESTONES.items():
        if due := moment(timeline.get(name)):
            yield {"id": name, "title": title.da, "title_en": title.en, "type": kind, "dueDate": due}


def _tender(challenge: Record, buyers: list[Part], status: str) -> Part:
    """What may be put out to tender; what has become of a need that is resolved, its projects tell."""
    return {
        "id": challenge["id"],
        **texts("title", challenge["title"]),
        **texts("description", challenge["problem"]),
        "status": {State.OPEN: status, State.CLOSED: status, State.WITHDRAWN: "withdrawn"}.get(challenge["state"]),
        "procuringEntity": buyers[0] if buyers else None,
        "items": items(challenge["cpv"]),
        **method(challenge["procurement_route_considered"]),
    }


def _projects(publication: Publication, challenge: Record) -> Iterator[Part]:
    # The standard has no code for what a planning process led to; its list is open.
    yield from publication.related("subsequentProcess", "project", publication.neighbours.answering[challenge["id"]])
