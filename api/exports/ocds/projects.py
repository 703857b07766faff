"""A project as a contracting process: how it was bought, from whom, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.exports.ocds.methods import method
from api.exports.ocds.neighbours import Record
from api.exports.ocds.parties import BUYER, FUNDER, ROLES, SUPPLIER, parties, references
from api.exports.ocds.releases import OCID, Publication, ocids
from api.exports.ocds.values import Part, items, moment, money, period, texts
from schemas.vocabulary import ParticipantRole
from schemas.vocabulary import ProjectState as State

_STATUS = {
    State.PLANNED: "pending",
    State.ACTIVE: "active",
    State.ON_HOLD: "active",
    State.COMPLETED: "terminated",
    State.IN_OPERATION: "terminated",
    State.DISCONTINUED: "terminated",
    State.ARCHIVED: "terminated",
}
"""The contract by the project's state; that of an unknown state is unknown."""


def release(publication: Publication, project: Record) -> Part:
    """The project as it now stands."""
    involved = parties(_roles(project), publication.neighbours.partners)
    buyers, suppliers = references(involved, BUYER), references(involved, SUPPLIER)
    contracts = _contracts(project) if suppliers and project["state"] != State.PLANNED else []
    parts = {
        "tag": list(_tags(project, contracts)),
        "parties": involved,
        "buyer": buyers[0] if buyers else None,
        "planning": _planning(publication, project),
        "tender": _tender(project, buyers),
        "awards": _awards(project, suppliers) if contracts else [],
        "contracts": contracts,
        "relatedProcesses": list(_related(publication, project)),
    }
    return publication.release("project", project, parts)


def _roles(project: Record) -> Iterator[tuple[str, str]]:
    for one in project["participants"]:
        if role := ROLES.get(ParticipantRole(one["role"])):
            yield one["partner_id"], role
    yield from ((one["funder_id"], FUNDER) for one in project["funding"])


def _tags(project: Record, contracts: list[Part]) -> Iterator[str]:
    """What the release tells of: the stages it has a part about."""
    if project["state"] == State.PLANNED or not contracts:
        yield "planning"
    if _bought(project):
        yield "tender"
    if contracts:
        yield from ("award", "contract")
    if contracts and project["milestones"]:
        yield "implementation"
    if contracts and project["state"] == State.DISCONTINUED:
        yield "contractTermination"


def _bought(project: Record) -> bool:
    return bool(project["procurement_route"] or project["procurement_refs"])


def _planning(publication: Publication, project: Record) -> Part:
    return {
        "rationale": project["summary"]["da"],
        "rationale_en": project["summary"]["en"],
        "budget": {"amount": money(project["total_budget"])},
        "documents": publication.documents("project", project),
    }


def _tender(project: Record, buyers: list[Part]) -> Part | None:
    if not _bought(project):
        return None
    note = project["procurement_note"] or {}
    return {
        "id": project["id"],
        **texts("title", project["title"]),
        "status": {State.PLANNED: "planned", State.UNKNOWN: None}.get(State(project["state"]), "complete"),
        "procuringEntity": buyers[0] if buyers else None,
        "items": items(project["cpv"]),
        **method(project["procurement_route"]),
        "procurementMethodRationale": note.get("da"),
        "procurementMethodRationale_en": note.get("en"),
        "documents": list(_notices(project)),
    }


def _notices(project: Record) -> Iterator[Part]:
    for one in project["procurement_refs"]:
        if one["system"].upper() != OCID:
            name = f"{one['system']} {one['reference']}"
            yield {"id": name, "documentType": "tenderNotice", "title": name, "url": one["url"]}


def _awards(project: Record, suppliers: list[Part]) -> list[Part]:
    return [{"id": project["id"], **texts("title", project["title"]), "status": "active", "suppliers": suppliers}]


def _contracts(project: Record) -> list[Part]:
    contract = {
        "id": project["id"],
        "awardID": project["id"],
        **texts("title", project["title"]),
        "status": _STATUS.get(State(project["state"])),
        "period": period(project["start"], project["end"]),
        "implementation": {"milestones": list(_milestones(project))},
    }
    return [contract]


def _milestones(project: Record) -> Iterator[Part]:
    """They have no ids of their own; their place in the order stands for one."""
    for number, one in enumerate(project["milestones"], start=1):
        yield {
            "id": str(number),
            **texts("title", one["title"]),
            **texts("description", one["note"]),
            "type": "delivery",
            "dueDate": moment(one["due_on"]),
            "dateMet": moment(one["reached_on"]),
            "status": "met" if one["reached_on"] else "scheduled",
        }


def _related(publication: Publication, project: Record) -> Iterator[Part]:
    near = publication.neighbours
    answered: list[Any] = [near.challenges[id] for id in project["challenge_ids"] if id in near.challenges]
    yield from publication.related("planning", "challenge", answered)
    if parent := near.projects.get(project["parent_id"]):
        yield from publication.related("parent", "project", [parent])
    for number, other in enumerate(ocids(project) if len(ocids(project)) > 1 else (), start=1):
        yield {"id": f"ocid-{number}", "relationship": ["subsequentProcess"], "scheme": "ocid", "identifier": other}
