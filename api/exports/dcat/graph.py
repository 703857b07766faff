"""The catalogue as a graph: the catalogue itself, the data service, and a dataset for every open resource."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, OWL, XSD

from api.exports import terms
from api.exports.dcat import terms as v
from api.exports.dcat.datasets import Dataset
from api.exports.dcat.nodes import Nodes
from openapi.spec import PREFIX, VERSION
from schemas.wording import Say


@dataclass(frozen=True, slots=True)
class Distribution:
    """One form a dataset is read in: its name, address, format and media type. A `whole` one holds everything."""

    name: str
    address: str
    format: str
    media: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset as it now stands: when it last changed, from when its records are, and how it is read."""

    dataset: Dataset
    modified: dt.datetime | None
    since: dt.date | None
    distributions: Sequence[Distribution]


def graph(base: str, entries: Sequence[Entry]) -> Graph:
    """The whole catalogue, of a service that is reached at `base`."""
    nodes = Nodes(base)
    datasets = [_dataset(nodes, entry) for entry in entries]
    newest = max((entry.modified for entry in entries if entry.modified), default=None)
    nodes.add(nodes.here, DCAT.Catalog, {
        DCTERMS.title: Say("Åbne data om offentlig-privat innovation", "Open data on public-private innovation"),
        DCTERMS.description: Say(
            "CO-PI's katalog: udfordringer, organisationer, samarbejder og deres effekter i Danmark.",
            "CO-PI's catalogue: challenges, organisations, collaborations and their effects in Denmark.",
        ),
        DCTERMS.publisher: nodes.publisher(),
        DCTERMS.modified: newest,
        DCTERMS.language: v.LANGUAGES,
        DCTERMS.license: nodes.licence(),
        DCTERMS.spatial: nodes.denmark(),
        FOAF.homepage: nodes.page(base),
        DCAT.themeTaxonomy: nodes.themes(),
        DCAT.dataset: datasets,
        DCAT.service: _service(nodes, datasets),
    })  # fmt: skip
    return nodes.graph


def _service(nodes: Nodes, datasets: Sequence[URIRef]) -> URIRef:
    return nodes.add(nodes.part("api"), DCAT.DataService, {
        DCTERMS.title: Say("CO-PI API", "CO-PI API"),
        DCTERMS.description: Say(
            "Læs, søg og filtrér alle datasæt; åben uden log-in, dokumenteret med OpenAPI.",
            "Read, search and filter every dataset; open without a log-in, documented by OpenAPI.",
        ),
        DCAT.endpointURL: URIRef(f"{nodes.base}{PREFIX}"),
        DCAT.endpointDescription: nodes.contract(),
        DCTERMS.conformsTo: nodes.standard(v.OPENAPI, "OpenAPI 3.1"),
        DCTERMS.publisher: nodes.publisher(),
        DCAT.contactPoint: nodes.contact(),
        DCAT.servesDataset: list(datasets),
        DCTERMS.license: nodes.licence(),
        DCTERMS.accessRights: nodes.rights(),
        FOAF.page: nodes.page(f"{nodes.base}/docs"),
    })  # fmt: skip


def _dataset(nodes: Nodes, entry: Entry) -> URIRef:
    dataset, node = entry.dataset, nodes.part(entry.dataset.name)
    standard = nodes.standard(dataset.standard, dataset.title.en) if dataset.standard else None
    return nodes.add(node, DCAT.Dataset, {
        DCTERMS.identifier: Literal(str(node)),
        DCTERMS.title: dataset.title,
        DCTERMS.description: dataset.description,
        DCTERMS.publisher: nodes.publisher(),
        DCAT.contactPoint: nodes.contact(),
        DCAT.theme: [nodes.theme(code) for code in dataset.themes],
        DCAT.keyword: dataset.keywords,
        DCTERMS.language: v.LANGUAGES,
        DCTERMS.spatial: nodes.denmark(),
        DCTERMS.temporal: _period(nodes, entry),
        DCTERMS.modified: entry.modified,
        DCTERMS.accrualPeriodicity: v.CONTINUOUS,
        DCTERMS.accessRights: nodes.rights(),
        DCTERMS.conformsTo: [nodes.contract(), standard],
        OWL.versionInfo: Literal(VERSION),
        v.DCAT_DK.paymentImposedContents: Literal(False),
        FOAF.page: nodes.page(f"{nodes.base}{terms.POLICY}"),
        DCAT.landingPage: nodes.page(f"{nodes.base}/docs"),
        DCAT.distribution: [_distribution(nodes, dataset, one) for one in entry.distributions],
    })  # fmt: skip


def _period(nodes: Nodes, entry: Entry) -> URIRef | None:
    if entry.since is None:
        return None
    start = Literal(entry.since.isoformat(), datatype=XSD.date)
    return nodes.add(nodes.part(f"{entry.dataset.name}-period"), DCTERMS.PeriodOfTime, {DCAT.startDate: start})


def _distribution(nodes: Nodes, dataset: Dataset, one: Distribution) -> URIRef:
    address = URIRef(f"{nodes.base}{one.address}")
    return nodes.add(nodes.part(f"{dataset.name}-{one.name}"), DCAT.Distribution, {
        DCTERMS.title: dataset.title + Say(*(f" ({one.name.upper()})",) * 2),
        DCAT.accessURL: address,
        DCAT.downloadURL: address if one.whole else None,
        DCAT.accessService: nodes.part("api"),
        DCAT.mediaType: v.media_type(one.media),
        DCTERMS["format"]: v.file_type(one.format),
        DCTERMS.license: nodes.licence(),
        DCTERMS.language: v.LANGUAGES,
        DCTERMS.conformsTo: nodes.contract(),
        v.DCAT_AP.availability: v.STABLE,
    })  # fmt: skip
