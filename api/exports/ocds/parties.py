"""Organisations with a part in a process: who buys, supplies and funds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.exports.ocds.values import Part
from schemas.vocabulary import ParticipantRole as Role

BUYER, SUPPLIER, FUNDER = "buyer", "supplier", "funder"
ROLES = {
    Role.BUYER: BUYER,
    Role.NEED_OWNER: BUYER,
    Role.CLIENT: BUYER,
    Role.OWNER: BUYER,
    Role.SUPPLIER: SUPPLIER,
    Role.SOLUTION_PROVIDER: SUPPLIER,
    Role.CONTRACTOR: SUPPLIER,
    Role.FUNDER: FUNDER,
    Role.INVESTOR: FUNDER,
}
"""The participants' roles that the standard's code list `partyRole` knows too."""
_REGISTERS = {"DK-CVR": "DK-CVR", "LEI": "XI-LEI"}
"""Our identifier schemes by their codes at org-id.guide, the one to prefer first."""

Roles = Iterable[tuple[str, str]]
"""Partners' ids, each with a role; whoever has several comes again."""


def parties(roles: Roles, partners: Mapping[str, Mapping[str, Any]]) -> list[Part]:
    """The organisations that the reader may see, each once with all its roles."""
    held: dict[str, list[str]] = {}
    for id, role in roles:
        if id in partners and role not in held.setdefault(id, []):
            held[id].append(role)
    return [_party(partners[id], roles) for id, roles in held.items()]


def references(parties: Iterable[Part], role: str) -> list[Part]:
    """Those with a role, as they are referred to."""
    return [{"id": one["id"], "name": one["name"]} for one in parties if role in one["roles"]]


def _party(partner: Mapping[str, Any], roles: list[str]) -> Part:
    identifiers = _identifiers(partner)
    first = identifiers[0] if identifiers else None
    return {
        # Not the register's number, which the standard suggests: a hospital and its region share one.
        "id": partner["id"],
        "name": partner["name"]["da"],
        "identifier": first and {**first, "legalName": partner["name"]["da"]},
        "additionalIdentifiers": identifiers[1:],
        "contactPoint": {"url": partner["website"]},
        "roles": roles,
    }


def _identifiers(partner: Mapping[str, Any]) -> list[Part]:
    return [
        {"scheme": register, "id": one["value"]}
        for scheme, register in _REGISTERS.items()
        for one in partner["identifiers"]
        if one["scheme"] == scheme
    ]
