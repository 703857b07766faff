"""A body per resource in which every field a client may write is set, in the very form the API answers it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import marshmallow as ma

from api.models import RESOURCES
from schemas.base import Shape, creating
from schemas.names import PLURALS
from tests import make as builders
from tests.make import Make

SCHEMAS: dict[str, type[Shape]] = {name: type(model.schema) for name, model in RESOURCES.items()}
NAMES = tuple(name for name in SCHEMAS if name != "document")
"""A document is sent as a form: see test_documents."""


def both(da: str, en: str | None = None) -> dict[str, str | None]:
    """A text in two languages."""
    return {"da": da, "en": en or f"{da} (en)"}


def source(number: int) -> dict[str, str]:
    return {"system": "et-andet-system", "external_id": f"sag-{number}", "url": f"https://example.org/sager/{number}"}


MEASURES = [
    {"indicator": "co2-saved", "label": both("CO₂ sparet"), "value": 15.5, "low": None, "high": None, "unit": "t CO2",
     "per": "year", "qualifier": "about", "value_kind": "measured", "baseline": 184000, "target": -3,
     "comparator": both("dieselfærgen"), "period": "2020-2030"},
    {"indicator": "jobs", "label": both("Job"), "value": None, "low": -1.4, "high": 2.9, "unit": "job", "per": None,
     "qualifier": None, "value_kind": "expected", "baseline": None, "target": None, "comparator": None, "period": None},
]  # fmt: skip
MONEY = {"amount": "1250000.50", "currency": "DKK", "qualifier": "up_to"}


def full_partner(make: Make) -> dict[str, Any]:
    return {
        "visibility": "network", "source": source(1), "sources": ["https://example.org/a", "http://example.org/b?c=d"],
        "name": both("Æblegårdens Innovation", "Apple Yard Innovation"), "kind": "cluster",
        "note": both("Første linje\nanden linje"), "parent_id": make.partner(),
        "identifiers": [{"scheme": "DK-CVR", "value": "10150817"}, {"scheme": "DK-P", "value": "1003388394"},
                        {"scheme": "LEI", "value": "213800KUD8LAJWSQ9D15"}, {"scheme": "EU-VAT", "value": "DK10150817"}],
        "country": "DK", "municipality_code": "0751", "region_code": "1082", "valid_from": "2007-01-01",
        "valid_to": "2027", "successor_id": make.partner(), "size": "medium",
        "themes": ["green_transition", "welfare_technology"], "keywords": ["robotter", "ældre-pleje"],
        "capabilities": ["Robotteknologi"], "technologies": ["computer vision", "lidar"], "cpv": ["43300000"],
        "nace": ["26.51", "62"], "trl_min": 3, "trl_max": 9, "export_markets": ["DE", "NO"],
        "website": "https://www.example.org",
    }  # fmt: skip


def full_challenge(make: Make) -> dict[str, Any]:
    return {
        "visibility": "private", "source": source(2), "sources": ["https://example.org/behov"],
        "title": both("Ærlige øl på åen", "Honest ales on the stream"), "summary": both("Kort om behovet."),
        "problem": both("Problemet"), "desired_effect": both("Effekten"), "current_practice": both("I dag"),
        "not_wanted": both("Ikke ønsket"), "users_affected": both("Borgerne"),
        "owners": [make.partner(kind="municipality"), make.partner(kind="utility")],
        "theme": "sustainable_construction", "keywords": ["øl", "circular-economy"], "cpv": ["43300000", "45000000"],
        "municipality_codes": ["0101", "0851"], "region_codes": ["1085"], "figures": MEASURES,
        "phase": "market_dialogue", "budget_indication": MONEY,
        "timeline": {"posed": "2022-04", "response_deadline": "2027-03-01T11:00:00.000000Z",
                     "market_dialogue_at": "2027-02-01T08:00:00.123456Z", "procurement_expected_at": "2027-06"},
        "procurement_route_considered": "innovation_partnership", "export_note": both("Også i Norge"),
        "novelty_sought": "new_technology",
    }  # fmt: skip


def full_project(make: Make) -> dict[str, Any]:
    lead, company = make.partner(kind="municipality"), make.partner()
    return {
        "visibility": "network", "source": source(3), "sources": ["https://example.org/projekt"],
        "state_as_of": "2024-06", "title": both("Øjeblikkets projekt"), "summary": both("Kort om projektet."),
        "theme": "green_transition", "keywords": ["genoptræning"], "method": "co-pi-scaling-process",
        "programme": "Horizon 2020", "parent_id": make.project(), "challenge_ids": [make.challenge(owner=lead)],
        "participants": [{"partner_id": lead, "role": "lead"}, {"partner_id": lead, "role": "need_owner"},
                         {"partner_id": company, "role": "solution_provider"}],
        "cpv": ["33100000"], "municipality_codes": ["0751"], "region_codes": ["1082"], "location": "Gellerup, Aarhus",
        "collaboration_form": "innovation_partnership", "procurement_route": "innovation_partnership",
        "procurement_note": both("To delaftaler\nog en option"),
        "procurement_refs": [{"system": "TED", "reference": "123456-2026",
                              "url": "https://ted.europa.eu/en/notice/-/detail/123456-2026"}],
        "funding": [{"funder_id": company, "programme": "MUDP", "money": MONEY, "is_upper_bound": True,
                     "is_approximate": True, "kind": "grant", "note": both("I to runder")}],
        "total_budget": {"amount": "6900000", "currency": "EUR", "qualifier": "about"},
        "phases": [{"name": both("Proof of concept"), "start": "2018-09", "end": "2019-05"},
                   {"name": both("Drift"), "start": None, "end": None}],
        "milestones": [{"title": both("Prototypen er klar"), "due_on": "2019-05", "reached_on": "2019-06-15",
                        "note": both("En måned for sent")},
                       {"title": both("Salg i Norge"), "due_on": None, "reached_on": None, "note": None}],
        "start": "2018-09-01", "end": "2024", "stage": "pilot", "trl": 7,
        "export_potential": {"level": "high", "markets": ["SE"], "rationale": both("Fordi"), "barriers": both("Pris")},
        "evaluation": {"plan": both("Måles efter et år"), "url": "https://example.org/evaluering"},
        "follow_up_due": ["2025-01", "2028"],
    }  # fmt: skip


def full_outcome(make: Make) -> dict[str, Any]:
    return {
        "visibility": "network", "source": source(4), "sources": ["https://example.org/resultat"],
        "project_id": make.project(), "kind": "adoption", "title": both("Åben dør"),
        "summary": both("Kort om resultatet."), "theme": "green_transition", "keywords": ["mursten"],
        "date": "2023-11-23", "reporting_point": "m12", "measures": MEASURES,
        "value_dimensions": ["quality", "climate"], "novelty": "adapted",
        "lesson": {"what_worked": both("Det"), "what_did_not": both("Ikke det"), "conditions": both("Kræver tid"),
                   "advice": both("Begynd i tide")},
        "evidence": [{"title": both("Slutevaluering"), "url": "https://example.org/evaluering.pdf"}],
        "reused_by": [make.partner()], "reuse_count": {"count": 9, "unit": "kommuner"}, "export_markets": ["SE"],
        "export_value": {"amount": "-12.5", "currency": "SEK", "qualifier": "about"},
    }  # fmt: skip


def full_support(make: Make) -> dict[str, Any]:
    return {
        "visibility": "network", "source": source(5), "sources": ["https://example.org/tilslutning"],
        "partner_id": make.home, "level": "letter_of_intent", "annual_volume": {"amount": "12", "unit": "gravemaskiner"},
        "annual_value": MONEY, "valid_until": "2028-12-31", "signed_at": "2023-11-23", "note": both("På to vilkår"),
    }  # fmt: skip


def full_response(make: Make) -> dict[str, Any]:
    return {
        "visibility": "private", "source": source(6), "sources": ["https://example.org/svar"],
        "partner_id": make.home, "consortium": [make.partner(), make.partner()], "title": both("Lånebatterier"),
        "approach": both("Sådan gør vi"), "novelty": "known_technology_new_use", "trl": 7,
        "references": [{"title": both("Elektriske gravemaskiner til Oslo"), "url": "https://example.org/oslo"}],
        "ip_note": both("Vi ejer patentet"), "export_markets": ["NO", "SE"], "price_indication": MONEY,
    }  # fmt: skip


def full_question(make: Make) -> dict[str, Any]:
    return {
        "visibility": "network", "source": source(7), "sources": ["https://example.org/spoergsmaal"],
        "partner_id": make.home, "question": both("Skal maskinerne kunne lades på pladsen?"),
    }  # fmt: skip


def full_adoption(make: Make) -> dict[str, Any]:
    return {
        "visibility": "network", "source": source(8), "sources": ["https://example.org/genbrug"],
        "partner_id": make.home, "kind": "copied", "in_use_from": "2026-03", "channel": "CO-PI's netværksmøde",
        "note": both("Vi har ændret farven"),
    }  # fmt: skip


def full_enquiry(make: Make) -> dict[str, Any]:
    return {
        "visibility": "private", "source": source(9), "sources": ["https://example.org/sparring"],
        "partner_id": make.home, "challenge_id": make.challenge(), "project_id": make.project(),
        "title": both("Markedsdialog før udbud"), "question": both("Må vi det?"), "context": both("Vi køber for 8 mio."),
        "procurement_route_considered": "innovation_partnership",
    }  # fmt: skip


def full_guidance(make: Make) -> dict[str, Any]:
    return {
        "visibility": "network", "source": source(10), "sources": ["https://example.org/vejledning"],
        "enquiry_id": make.enquiry("answered"), "title": both("Markedsdialog før et udbud"),
        "question": both("Må man det?"), "answer": both("Ja, når alle får det samme at vide."),
        "theme": "green_transition", "keywords": ["markedsdialog"], "procurement_routes": ["open", "pcp"],
    }  # fmt: skip


FULL: Mapping[str, Callable[[Make], dict[str, Any]]] = {
    "partner": full_partner, "challenge": full_challenge, "project": full_project, "outcome": full_outcome,
    "support": full_support, "response": full_response, "question": full_question, "adoption": full_adoption,
    "enquiry": full_enquiry, "guidance": full_guidance,
}  # fmt: skip
NOT_BESIDE_THE_REST = {"adoption": {"count"}}
"""Fields of which a full body lacks one: an adoption names who takes over, or counts them."""

_MINIMAL: Mapping[str, Callable[..., dict[str, Any]]] = {
    "partner": lambda _, **given: builders.partner_body(**given),
    "challenge": lambda make, **given: builders.challenge_body(make.partner(kind="municipality"), **given),
    "project": lambda _, **given: builders.project_body(**given),
    "outcome": lambda make, **given: builders.outcome_body(make.project(), **given),
    "support": lambda make, **given: builders.support_body(make.home, **given),
    "response": lambda make, **given: builders.response_body(make.home, **given),
    "question": lambda make, **given: builders.question_body(make.home, **given),
    "adoption": lambda make, **given: builders.adoption_body(make.home, **given),
    "enquiry": lambda make, **given: builders.enquiry_body(make.home, **given),
    "guidance": lambda _, **given: builders.guidance_body(**given),
}
TEXT = {"partner": "name", "question": "question", "support": "note", "adoption": "note"}
"""The text a record is known by; a title where nothing is said here."""


def minimal(resource: str, make: Make, **given: Any) -> dict[str, Any]:
    """The least a client must send."""
    return _MINIMAL[resource](make, **given)


def collection(resource: str, make: Make) -> str:
    """The address where such a record is made: below a new record that takes it, if it belongs to one its body does not name."""
    parent = next((one for one in RESOURCES[resource].PARENTS if f"{one}_id" not in writable(resource)), None)
    above = f"/{PLURALS[parent]}/{getattr(make, parent)()}" if parent else ""
    return f"{above}/{PLURALS[resource]}"


def at(resource: str, id: str) -> str:
    """The address of a record."""
    return f"/{PLURALS[resource]}/{id}"


def writable(resource: str) -> dict[str, ma.fields.Field[Any]]:
    """The fields of a POST body by name."""
    return creating(SCHEMAS[resource])().fields


def read_only(resource: str) -> list[str]:
    return [name for name, field in SCHEMAS[resource]._declared_fields.items() if field.dump_only]


def create_only(resource: str) -> list[str]:
    return [name for name, field in SCHEMAS[resource]._declared_fields.items() if getattr(field, "create_only", False)]


def write_only(resource: str) -> list[str]:
    """What is never answered."""
    return [name for name, field in SCHEMAS[resource]._declared_fields.items() if field.load_only]


def leaves(shape: ma.Schema, value: Mapping[str, Any], pointer: str = "") -> Iterator[tuple[str, ma.fields.Field[Any]]]:
    """The JSON pointer of every value that is set in a body, however deep, with the field it is of."""
    for name, field in shape.fields.items():
        if value.get(name) is not None:
            yield from _within(field, value[name], f"{pointer}/{name}")


def _within(field: ma.fields.Field[Any], value: Any, pointer: str) -> Iterator[tuple[str, ma.fields.Field[Any]]]:
    if isinstance(field, ma.fields.Nested):
        yield from leaves(field.schema, value, pointer)
    elif isinstance(field, ma.fields.List):
        for place, item in enumerate(value):
            yield from _within(field.inner, item, f"{pointer}/{place}")
    else:
        yield pointer, field


def every(shape: ma.Schema, path: str = "") -> Iterator[str]:
    """The path of every field there is to set; the items of a list are one path."""
    for name, field in shape.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if isinstance(inner, ma.fields.Nested):
            yield from every(inner.schema, f"{path}/{name}")
        else:
            yield f"{path}/{name}"
