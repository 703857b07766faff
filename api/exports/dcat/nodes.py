"""The nodes that several parts of the catalogue point at, each typed as the profile wants it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, SKOS, XSD

from api.exports import terms
from api.exports.dcat import terms as v
from openapi.spec import PREFIX
from schemas.wording import Say


@dataclass(slots=True)
class Nodes:
    """A graph that grows; `base` is where the service is reached."""

    base: str
    graph: Graph = field(default_factory=Graph)

    @property
    def here(self) -> URIRef:
        """The catalogue itself."""
        return URIRef(f"{self.base}{PREFIX}/catalog")

    def part(self, name: str) -> URIRef:
        """Something in the catalogue that has no address of its own."""
        return URIRef(f"{self.here}#{name}")

    def add(self, subject: URIRef, kind: URIRef, facts: Mapping[URIRef, Any]) -> URIRef:
        """A typed node; a fact may be several, in two languages, or none."""
        self.graph.add((subject, RDF.type, kind))
        for predicate, value in facts.items():
            for one in value if isinstance(value, list | tuple) else (value,):
                for node in _nodes(one):
                    self.graph.add((subject, predicate, node))
        return subject

    def publisher(self) -> URIRef:
        """Who publishes."""
        return self.add(URIRef(f"{terms.HOMEPAGE}#publisher"), FOAF.Agent, {
            FOAF.name: terms.PUBLISHER,
            FOAF.homepage: self.page(terms.HOMEPAGE),
            DCTERMS.type: v.NATIONAL_AUTHORITY,
        })  # fmt: skip

    def contact(self) -> URIRef:
        """Whom to write to; of both classes, because a validator does not know that one is the other."""
        contact = self.add(self.part("contact"), v.VCARD.Organization, {
            v.VCARD.fn: Literal(terms.PUBLISHER.da, lang="da"),
            v.VCARD.hasEmail: URIRef(f"mailto:{terms.EMAIL}"),
            v.VCARD.hasURL: URIRef(terms.HOMEPAGE),
        })  # fmt: skip
        return self.add(contact, v.VCARD.Kind, {})

    def page(self, address: str) -> URIRef:
        """A page to read."""
        return self.add(URIRef(address), FOAF.Document, {})

    def licence(self) -> URIRef:
        """What the data may be used for."""
        return self.add(v.LICENCE, DCTERMS.LicenseDocument, {
            DCTERMS.title: Literal("Creative Commons Attribution 4.0"),
            DCTERMS.type: v.ATTRIBUTION,
            SKOS.exactMatch: URIRef(terms.LICENCE),
        })  # fmt: skip

    def rights(self) -> URIRef:
        """Who may read it: everybody."""
        return self.add(v.PUBLIC, DCTERMS.RightsStatement, {})

    def denmark(self) -> URIRef:
        """Where it is about."""
        return self.add(v.DENMARK, DCTERMS.Location, {SKOS.prefLabel: Say("Danmark", "Denmark")})

    def themes(self) -> URIRef:
        """The EU's list of data themes."""
        return self.add(v.THEMES, SKOS.ConceptScheme, {DCTERMS.title: Say("Datatemaer", "Data themes")})

    def theme(self, code: str) -> URIRef:
        """One of them."""
        words = {SKOS.prefLabel: v.THEME_WORDS[code], SKOS.inScheme: v.THEMES}
        return self.add(v.theme(code), SKOS.Concept, words)

    def standard(self, address: str, title: str) -> URIRef:
        """Something to conform to."""
        return self.add(URIRef(address), DCTERMS.Standard, {DCTERMS.title: Literal(title)})

    def contract(self) -> URIRef:
        """What says of every field what it means."""
        return self.standard(f"{self.base}{PREFIX}/openapi.json", "CO-PI API, OpenAPI 3.1")


def _nodes(value: Any) -> Iterable[URIRef | Literal]:
    match value:
        case None:
            return ()
        case Say():
            return Literal(value.da, lang="da"), Literal(value.en, lang="en")
        case dt.datetime():
            return (Literal(value.astimezone(dt.UTC).isoformat(), datatype=XSD.dateTime),)
        case _:
            return (value,)
