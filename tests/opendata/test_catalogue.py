"""The catalogue: what a data portal harvests, checked by the profile's tables and by following its links."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from tests.clients import Client
from tests.make import SANDBOX
from tests.opendata.counting import counted
from tests.opendata.rdf import graph
from tests.v1.operations import LISTS

PROFILE, EXPECTED = (
    Graph().parse(Path(__file__).parent / "dcat" / name) for name in ("dcat-ap-dk-2.0.2-shapes.ttl", "expected.ttl")
)
"""The shapes of the profile's own publishers, and what this catalogue has besides; they only recommend much of it."""
HERE = URIRef("http://localhost/v1/catalog")
UNLISTED = {"supports", "responses", "questions", "enquiries", "documents"}
"""Lists that are no datasets of their own: they belong to a challenge or project, or nobody sees them unasked."""


def read(client) -> Graph:
    return graph(client.get("/catalog"))


def modified(found: Graph, name: str = "") -> str:
    return str(found.value(URIRef(f"{HERE}#{name}") if name else HERE, DCTERMS.modified))


def complaints(found: Graph, *shapes: Graph) -> str:
    reports = [pyshacl.validate(found, shacl_graph=one, inference="none") for one in shapes or (PROFILE, EXPECTED)]
    return "".join(text for conforms, _, text in reports if not conforms)


@pytest.mark.parametrize("path", ["/catalog", "/catalog?format=ttl"])
def test_the_catalogue_is_what_the_profile_asks_for(cases, path):
    assert complaints(graph(cases.get(path))) == ""


def test_so_is_the_catalogue_of_an_empty_service(client):
    found = read(client)
    found.set((HERE, DCTERMS.modified, Literal("2026-11-27", datatype=XSD.date)))
    assert complaints(found) == ""


@pytest.mark.parametrize(
    ("subject", "predicate"),
    [
        (HERE, DCTERMS.publisher), (HERE, DCTERMS.license), (HERE, DCAT.service), (HERE, DCTERMS.spatial),
        (URIRef(f"{HERE}#projects"), DCTERMS.title), (URIRef(f"{HERE}#projects"), DCAT.theme),
        (URIRef(f"{HERE}#projects"), DCTERMS.accrualPeriodicity), (URIRef(f"{HERE}#projects-json"), DCAT.accessURL),
        (URIRef(f"{HERE}#api"), DCAT.endpointURL), (URIRef("https://www.co-pi.dk#publisher"), FOAF.name),
    ],
)  # fmt: skip
def test_the_shapes_notice_what_is_missing(cases, subject, predicate):
    found = read(cases)
    assert (subject, predicate, None) in found
    found.remove((subject, predicate, None))
    assert complaints(found, EXPECTED)


@pytest.mark.parametrize(
    ("subject", "predicate"),
    [
        (HERE, DCTERMS.title), (HERE, DCTERMS.publisher), (URIRef(f"{HERE}#projects"), DCTERMS.description),
        (URIRef(f"{HERE}#projects-json"), DCAT.accessURL), (URIRef(f"{HERE}#api"), DCAT.endpointURL),
    ],
)  # fmt: skip
def test_so_does_the_profile(cases, subject, predicate):
    found = read(cases)
    found.remove((subject, predicate, None))
    assert complaints(found, PROFILE)


def test_json_and_turtle_say_the_same(cases):
    one, other = cases.get("/catalog"), cases.get("/catalog", headers={"Accept": "text/turtle"})
    assert (one.mimetype, other.mimetype) == ("application/json", "text/turtle")
    assert isomorphic(graph(one), graph(other))


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/ld+json", "application/ld+json"),
        ("text/turtle;q=0.9, application/ld+json;q=0.5", "text/turtle"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/json", "application/json"),
    ],
)
def test_accept_chooses(client, accept, media):
    assert client.get("/catalog", headers={"Accept": accept}).mimetype == media


def test_the_address_goes_before_accept(client):
    answer = client.get("/catalog?format=ttl", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/turtle"
    assert client.get("/catalog?format=csv").status_code == 422
    assert client.get("/catalog", headers={"Accept": "text/csv"}).status_code == 406


def test_there_is_a_dataset_for_every_list_that_anyone_may_read(cases):
    found = read(cases)
    addresses = {str(one) for one in found.objects(None, DCAT.accessURL)}
    assert {name for name in (one.path[1:] for one in LISTS if not one.addressed) if name not in UNLISTED} <= {
        address.removeprefix("http://localhost/v1/") for address in addresses
    }
    datasets = set(found.objects(HERE, DCAT.dataset))
    assert datasets == set(found.subjects(RDF.type, DCAT.Dataset))
    assert datasets == set(found.objects(URIRef(f"{HERE}#api"), DCAT.servesDataset))


def test_every_link_answers_what_it_promises(cases):
    found = read(cases)
    for one in found.subjects(RDF.type, DCAT.Distribution):
        address = found.value(one, DCAT.downloadURL) or found.value(one, DCAT.accessURL)
        answer = cases.get(str(address).removeprefix("http://localhost/v1"))
        assert answer.status_code == 200, address
        promised = found.value(one, DCAT.mediaType)
        if promised:
            assert str(promised).endswith(f"/{answer.mimetype}"), address
    for page in found.subjects(RDF.type, FOAF.Document):
        if str(page).startswith("http://localhost"):
            assert cases.outside(str(page).removeprefix("http://localhost") or "/").status_code == 200, page
    assert cases.get("/openapi.json").status_code == 200


def test_texts_are_in_danish_and_english(cases):
    found = read(cases)
    for one in (HERE, *found.objects(HERE, DCAT.dataset)):
        for predicate in (DCTERMS.title, DCTERMS.description):
            assert {getattr(text, "language", None) for text in found.objects(one, predicate)} == {"da", "en"}


def test_it_is_the_same_in_every_process(cases_app, cases):
    """The contract has it as an example."""
    url = cases_app.extensions["copi"].database.url.render_as_string(hide_password=False)
    again = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, url], capture_output=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "1"},
    )  # fmt: skip
    assert again.stdout == cases.get("/catalog").data


PROGRAM = """
import sys
from api import create_app
from api.config import Settings
app = create_app(Settings(database_url=sys.argv[1], secret="x" * 32, log="none"))
sys.stdout.buffer.write(app.test_client().get("/v1/catalog").data)
"""


# --- When it changes ----------------------------------------------------------------------------------------


def test_a_dataset_changes_with_its_records(make, client):
    make.challenge()
    before = read(client)
    project = make.project()
    after = read(client)
    assert modified(after, "challenges") == modified(before, "challenges")
    assert modified(after, "projects") == modified(after) == modified(after, "ocds-releases")
    assert client.get(f"/projects/{project}").json["updated_at"].removesuffix("Z") in modified(after, "projects")


def test_it_changes_when_a_record_is_taken_back(make, client, as_):
    id = make.challenge(owner=make.home)
    before = modified(read(client), "challenges")
    answer = as_(make.home, "manager").post(f"/challenges/{id}/withdraw", {"reason": "Behovet er væk."}, version=1)
    assert answer.status_code == 200, answer.json
    assert modified(read(client), "challenges") > before


def test_what_happens_in_a_sandbox_shows_nowhere(make, client):
    owner = make.partner()
    make.challenge(owner=owner)
    before = read(client)
    make.challenge(owner=owner, sandbox=SANDBOX)
    assert isomorphic(read(client), before)


def test_records_are_from_their_oldest_date_on(make, client):
    make.challenge(timeline={"posed": "2019-05"})
    make.challenge(timeline={"posed": "2021"})
    make.challenge(state="draft", timeline={"posed": "2001"})
    found = read(client)
    [start] = found.objects(URIRef(f"{HERE}#challenges-period"), DCAT.startDate)
    assert start == Literal("2019-05-01", datatype=XSD.date)
    assert (URIRef(f"{HERE}#partners"), DCTERMS.temporal, None) not in found


@pytest.mark.parametrize("path", ["/catalog", "/catalog?format=ttl"])
def test_it_need_not_be_read_twice(make, client, path):
    make.challenge()
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/catalog?format=jsonld", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    make.challenge()
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_it_costs_two_questions_and_once_it_is_known_one(make, client):
    make.challenge()
    with counted(make.database) as asked:
        client.get("/catalog")
    assert len(asked) == 2
    with counted(make.database) as asked:
        client.get("/catalog?format=ttl")
    assert len(asked) == 1


def test_its_addresses_are_those_it_is_reached_at(app):
    service = app.extensions["copi"]
    usual = service.settings
    service.settings = dataclasses.replace(usual, public_url="https://api.co-pi.example")
    try:
        found = read(Client(app))
    finally:
        service.settings = usual
    [catalogue] = found.subjects(RDF.type, DCAT.Catalog)
    assert str(catalogue) == "https://api.co-pi.example/v1/catalog"
    assert not [one for one in found.all_nodes() if str(one).startswith("http://localhost")]
