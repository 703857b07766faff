"""How something is bought: the procurement route as a method of the standard, and as the code of eForms."""

from __future__ import annotations

from api import reference
from api.exports.ocds.values import Part
from schemas.vocabulary import ProcurementRoute as Route

_METHODS = {
    Route.OPEN: "open",
    Route.RESTRICTED: "selective",
    Route.NEGOTIATED: "selective",
    Route.COMPETITIVE_DIALOGUE: "selective",
    Route.INNOVATION_PARTNERSHIP: "selective",
    Route.NEGOTIATED_WITHOUT_NOTICE: "limited",
    Route.OPI_TENDER_FREE: "direct",
}
"""After the standard's code list `method` and the OCDS for eForms profile; other routes leave it open."""


def method(code: str | None) -> Part:
    """The method, the route in words, and its eForms code where there is one."""
    if code is None:
        return {}
    route = Route(code)
    return {
        "procurementMethod": _METHODS.get(route),
        # Both languages in one: of this field the standard has no translations.
        "procurementMethodDetails": f"{route.da} / {route.en}{_eforms(code)}",
    }


def _eforms(code: str) -> str:
    item = reference.item("procurement-route", code)
    facts = item["facts"] if item else {}
    return f" (eForms {facts['eforms_list']}: {facts['eforms_code']})" if facts.get("eforms_code") else ""
