"""One record in the words of schema.org, as JSON-LD: what search engines and linked-data tools read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from api import reference
from api.exports import terms
from api.kit.formats import Context, Format
from schemas.names import PLURALS
from schemas.vocabulary import ParticipantRole, PartnerKind

Record = Mapping[str, Any]
Node = dict[str, Any]

_ADDRESS = {"@type": "@id"}
_CONTEXT = {
    "@vocab": "https://schema.org/",
    **dict.fromkeys(("url", "sameAs", "license", "citation"), _ADDRESS),
}
"""Whole, rather than the address of one: nobody need fetch anything to read it."""
_PUBLISHER = {"@type": "Organization", "name": terms.PUBLISHER.da, "url": terms.HOMEPAGE}
_GOVERNMENT = {PartnerKind.MUNICIPALITY, PartnerKind.REGION, PartnerKind.STATE}
_FUNDING = {ParticipantRole.FUNDER, ParticipantRole.INVESTOR}
_EMBEDS = {"challenge": ("owners",), "project": ("partners",)}


def write(documents: Iterator[bytes], about: Context) -> Iterator[bytes]:
    """The record's node."""
    for document in documents:
        record = orjson.loads(document)
        node = {**_common(record, about), **_WRITERS[about.noun](record, about)}
        yield orjson.dumps({"@context": _CONTEXT, **_pruned(node)})


def _common(record: Record, about: Context) -> Node:
    """What is said of every thing."""
    return {
        "@id": f"{about.base}{record['links']['self']}",
        "name": _texts(record.get("title") or record.get("name")),
        "description": _texts(record.get("summary") or record.get("note")),
        "identifier": record["id"],
        "sameAs": [(record["source"] or {}).get("url")],
        "keywords": record["keywords"],
    }


def _work(record: Record) -> Node:
    """What is said of something written."""
    return {
        "inLanguage": sorted({one["@language"] for one in _texts(record["title"])}),
        "dateCreated": record["created_at"],
        "dateModified": record["updated_at"],
        "publisher": _PUBLISHER,
        "license": terms.LICENCE,
        "citation": record["sources"],
    }


def _challenge(record: Record, about: Context) -> Node:
    timeline, budget = record["timeline"] or {}, record["budget_indication"]
    return {
        "@type": ["Demand", "CreativeWork"],
        **_work(record),
        "@reverse": {"seeks": [_named(one, about) for one in record["embedded"]["owners"]]},
        "validFrom": timeline.get("posed"),
        "validThrough": timeline.get("response_deadline"),
        "areaServed": _places(record),
        "priceSpecification": budget and {
            "@type": "PriceSpecification", "price": budget["amount"], "priceCurrency": budget["currency"]
        },
    }  # fmt: skip


def _partner(record: Record, about: Context) -> Node:
    return {
        "@type": _organisation(record),
        "identifier": [_property(one) for one in record["identifiers"]],
        "url": record["website"],
        "address": record["country"] and {"@type": "PostalAddress", "addressCountry": record["country"]},
        "parentOrganization": _reference("partner", record["parent_id"], about),
        "foundingDate": record["valid_from"],
        "dissolutionDate": record["valid_to"],
        "knowsAbout": [*record["capabilities"], *record["technologies"]],
    }


def _project(record: Record, about: Context) -> Node:
    partners = {one["id"]: one for one in record["embedded"]["partners"]}
    seen = [one for one in record["participants"] if one["partner_id"] in partners]
    funders = [one["partner_id"] for one in seen if one["role"] in _FUNDING]
    return {
        "@type": "Project",
        "member": [_member(partners[one["partner_id"]], one["role"], about) for one in seen],
        "funder": [_named(partners[id], about) for id in dict.fromkeys(funders)],
        "funding": [_grant(one) for one in record["funding"]],
        "foundingDate": record["start"],
        "dissolutionDate": record["end"],
        "areaServed": _places(record),
        "location": record["location"],
        "parentOrganization": _reference("project", record["parent_id"], about),
        "seeks": [_reference("challenge", id, about) for id in record["challenge_ids"]],
    }


def _outcome(record: Record, about: Context) -> Node:
    return {
        "@type": "CreativeWork",
        **_work(record),
        "about": _reference("project", record["project_id"], about),
        "datePublished": record["date"],
        "mentions": [_observation(one) for one in record["measures"]],
        "citation": [*record["sources"], *(one["url"] for one in record["evidence"])],
    }


def _guidance(record: Record, _: Context) -> Node:
    answer = {"@type": "Answer", "text": _texts(record["answer"])}
    return {"@type": "Question", **_work(record), "text": _texts(record["question"]), "acceptedAnswer": answer}


_WRITERS: Mapping[str, Callable[[Record, Context], Node]] = {
    "challenges": _challenge,
    "partners": _partner,
    "projects": _project,
    "outcomes": _outcome,
    "guidance": _guidance,
}


def _texts(text: Mapping[str, str | None] | None) -> list[Node]:
    return [{"@language": language, "@value": words} for language, words in (text or {}).items() if words]


def _organisation(partner: Record) -> str:
    return "GovernmentOrganization" if partner["kind"] in _GOVERNMENT else "Organization"


def _named(partner: Record, about: Context) -> Node:
    """An organisation by its address and name."""
    address = f"{about.base}{partner['links']['self']}"
    return {"@id": address, "@type": _organisation(partner), "name": _texts(partner["name"])}


def _reference(resource: str, id: str | None, about: Context) -> Node | None:
    return {"@id": f"{about.base}/v1/{PLURALS[resource]}/{id}"} if id else None


def _member(partner: Record, role: str, about: Context) -> Node:
    label = _texts(ParticipantRole(role).label)
    return {"@type": "OrganizationRole", "roleName": label, "member": _named(partner, about)}


def _grant(funding: Record) -> Node | None:
    money = funding["money"]
    if not money:
        return None
    amount = {"@type": "MonetaryAmount", "value": money["amount"], "currency": money["currency"]}
    return {"@type": "MonetaryGrant", "name": funding["programme"], "amount": amount}


def _property(identifier: Record) -> Node:
    return {"@type": "PropertyValue", "propertyID": identifier["scheme"], "value": identifier["value"]}


def _observation(measure: Record) -> Node:
    return {
        "@type": "Observation",
        "name": _texts(measure["label"]),
        "measuredProperty": measure["indicator"],
        "value": measure["value"],
        "minValue": measure["low"],
        "maxValue": measure["high"],
        "unitText": " per ".join(one for one in (measure["unit"], measure["per"]) if one),
        "observationPeriod": measure["period"],
        "measurementMethod": measure["value_kind"],
    }


def _places(record: Record) -> list[Node]:
    codes = [*_codes(record, "municipality"), *_codes(record, "region")]
    known = (reference.item(scheme, code) for scheme, code in codes)
    return [{"@type": "AdministrativeArea", "name": _texts(one["label"])} for one in known if one]


def _codes(record: Record, scheme: str) -> Iterator[tuple[str, str]]:
    return ((scheme, code) for code in record[f"{scheme}_codes"])


def _pruned(value: Any) -> Any:
    """The same without what is not known."""
    if isinstance(value, Mapping):
        kept = {name: _pruned(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, "", [], {})}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [inner for inner in map(_pruned, value) if inner not in (None, "", [], {})]
    return value


SCHEMA_ORG = Format("jsonld", "application/ld+json", write, embeds=_EMBEDS)
