"""The vocabularies a catalogue is written in, and the codes of the EU's authority lists that it uses."""

from __future__ import annotations

from rdflib import Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, XSD

from schemas.wording import Say

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
DCAT_AP = Namespace("http://data.europa.eu/r5r/")
DCAT_DK = Namespace("https://data.gov.dk/model/core/dcat-dk/")
PREFIXES = {
    "dcat": DCAT,
    "dct": DCTERMS,
    "foaf": FOAF,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "vcard": VCARD,
    "xsd": XSD,
    "dcat-ap": DCAT_AP,
    "dcat-dk": DCAT_DK,
}

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
LANGUAGES = tuple(URIRef(f"{_AUTHORITY}language/{code}") for code in ("DAN", "ENG"))
LICENCE = URIRef(f"{_AUTHORITY}licence/CC_BY_4_0")
ATTRIBUTION = URIRef("http://purl.org/adms/licencetype/Attribution")
PUBLIC = URIRef(f"{_AUTHORITY}access-right/PUBLIC")
DENMARK = URIRef(f"{_AUTHORITY}country/DNK")
CONTINUOUS = URIRef(f"{_AUTHORITY}frequency/CONT")
NATIONAL_AUTHORITY = URIRef("http://purl.org/adms/publishertype/NationalAuthority")
STABLE = URIRef("http://data.europa.eu/r5r/availability/stable")
OPENAPI = URIRef("https://spec.openapis.org/oas/v3.1.0")
THEMES = URIRef(f"{_AUTHORITY}data-theme")
THEME_WORDS = {
    "ECON": Say("Økonomi og finans", "Economy and finance"),
    "GOVE": Say("Regering og offentlig sektor", "Government and public sector"),
    "JUST": Say("Justitsvæsen, retssystem og offentlig sikkerhed", "Justice, legal system and public safety"),
    "TECH": Say("Videnskab og teknologi", "Science and technology"),
}
FILE_TYPES = {"json": "JSON", "csv": "CSV", "xlsx": "XLSX", "atom": "ATOM", "ics": "ICS"}
"""Our formats by their codes in the EU's list of file types; it has none for NDJSON."""


def theme(code: str) -> URIRef:
    """A theme of the EU's list."""
    return URIRef(f"{THEMES}/{code}")


def file_type(format: str) -> URIRef | None:
    """A format's code in the EU's list."""
    return URIRef(f"{_AUTHORITY}file-type/{FILE_TYPES[format]}") if format in FILE_TYPES else None


def media_type(media: str) -> URIRef | None:
    """A media type at IANA, where it is registered."""
    registered = not media.partition("/")[2].startswith("x-")
    return URIRef(f"https://www.iana.org/assignments/media-types/{media}") if registered else None
