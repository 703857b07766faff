"""Records in the words of schema.org, read by an RDF library as triples."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, RDFS, SH

from schemas.names import EXAMPLE_IDS, PLURALS
from tests.opendata.rdf import graph
from tests.v1.bodies import FULL, at, both
from tests.v1.expect import problem

SCHEMA = Namespace("https://schema.org/")
KINDS = ("challenge", "partner", "project", "outcome", "guidance")
NEWER = {"funding", "observationPeriod", "measurementMethod"}
"""What the copy of schema.org that pyshacl brings may be too old to know: https://schema.org/funding."""


@pytest.fixture(scope="session")
def words() -> set[str]:
    """The classes and properties there are in schema.org, from the copy of it as shapes that pyshacl brings."""
    known = Graph().parse(Path(pyshacl.__file__).parent / "assets" / "schema.ttl")
    found = {*known.subjects(RDF.type, RDFS.Class), *known.objects(None, SH.path)}
    return {str(one).rpartition("/")[2] for one in found}


def read(client, resource: str, id: str, **options) -> tuple[Graph, URIRef]:
    answer = client.get(at(resource, id), headers={"Accept": "application/ld+json", **options})
    assert answer.mimetype == "application/ld+json"
    return graph(answer), URIRef(f"http://localhost/v1{at(resource, id)}")


def values(found: Graph, subject: URIRef, name: str) -> set[str]:
    return {str(one) for one in found.objects(subject, SCHEMA[name])}


@pytest.mark.parametrize("resource", KINDS)
def test_every_word_is_schema_orgs(make, as_, words, resource):
    given = FULL[resource](make)
    if resource == "challenge":
        given["owner"] = given.pop("owners")[0]
    if resource == "outcome":
        given["project"] = given.pop("project_id")
    found, here = read(as_.copi_editor, resource, getattr(make, resource)(**given))
    used = {one.rpartition("/")[2] for one in map(str, found.predicates()) if one.startswith(SCHEMA)}
    kinds = {str(one).rpartition("/")[2] for one in found.objects(None, RDF.type)}
    assert used | kinds <= words | NEWER
    assert {"name", "description"} - {"description" if resource == "guidance" else ""} <= used
    assert (here, RDF.type, None) in found


@pytest.mark.parametrize("resource", KINDS)
def test_the_cases_are_read_without_the_network(cases, resource):
    found, here = read(cases, resource, EXAMPLE_IDS[resource])
    assert values(found, here, "name")
    assert {getattr(name, "language", None) for name in found.objects(here, SCHEMA.name)} <= {"da", "en"}


def test_a_challenge_is_a_demand_that_its_owners_seek(make, client):
    town = make.partner(kind="municipality", name={"da": "Byen"})
    id = make.challenge(
        owner=town, title=both("Tunge løft", "Heavy lifting"), municipality_codes=["0751"],
        budget_indication={"amount": "1250000.50", "currency": "DKK"}, keywords=["robotter"],
        timeline={"response_deadline": "2027-03-01T11:00:00Z"}, sources=["https://example.org/behov"],
        source={"system": "tests", "external_id": "1", "url": "https://example.org/side"},
    )  # fmt: skip
    found, here = read(client, "challenge", id)
    assert {SCHEMA.Demand, SCHEMA.CreativeWork} <= set(found.objects(here, RDF.type))
    assert Literal("Heavy lifting", lang="en") in set(found.objects(here, SCHEMA.name))
    assert (URIRef(f"http://localhost/v1/partners/{town}"), SCHEMA.seeks, here) in found
    assert (URIRef(f"http://localhost/v1/partners/{town}"), RDF.type, SCHEMA.GovernmentOrganization) in found
    assert values(found, here, "validThrough") == {"2027-03-01T11:00:00.000000Z"}
    assert set(found.objects(here, SCHEMA.sameAs)) == {URIRef("https://example.org/side")}
    assert values(found, here, "inLanguage") == {"da", "en"}
    [price] = found.objects(here, SCHEMA.priceSpecification)
    assert (values(found, price, "price"), values(found, price, "priceCurrency")) == ({"1250000.50"}, {"DKK"})
    [place] = found.objects(here, SCHEMA.areaServed)
    assert values(found, place, "name") >= {"Aarhus"}


def test_a_partner_tells_its_numbers(make, client):
    id = make.partner(
        identifiers=[{"scheme": "DK-CVR", "value": "10150817"}], website="https://example.org", country="DK"
    )
    found, here = read(client, "partner", id)
    assert (here, RDF.type, SCHEMA.Organization) in found
    [number] = found.objects(here, SCHEMA.identifier)
    assert (number, RDF.type, SCHEMA.PropertyValue) in found
    assert (values(found, number, "propertyID"), values(found, number, "value")) == ({"DK-CVR"}, {"10150817"})
    assert set(found.objects(here, SCHEMA.url)) == {URIRef("https://example.org")}


def test_a_project_tells_who_does_what(make, client):
    firm, fund = make.partner(name={"da": "Firmaet"}), make.partner(name={"da": "Fonden"})
    challenge = make.challenge()
    id = make.project(
        participants=[{"partner_id": firm, "role": "supplier"}, {"partner_id": fund, "role": "funder"}],
        challenge_ids=[challenge],
        funding=[
            {"funder_id": fund, "kind": "grant", "programme": "MUDP", "money": {"amount": "5", "currency": "EUR"}}
        ],
    )
    found, here = read(client, "project", id)
    assert (here, RDF.type, SCHEMA.Project) in found
    roles = {name for one in found.objects(here, SCHEMA.member) for name in values(found, one, "roleName")}
    assert {"Leverandør", "Supplier", "Bevillingsgiver", "Funder"} == roles
    assert set(found.objects(here, SCHEMA.funder)) == {URIRef(f"http://localhost/v1/partners/{fund}")}
    assert set(found.objects(here, SCHEMA.seeks)) == {URIRef(f"http://localhost/v1/challenges/{challenge}")}
    [grant] = found.objects(here, SCHEMA.funding)
    assert values(found, grant, "name") == {"MUDP"}


def test_an_outcome_tells_its_measures_and_evidence(make, client):
    id = make.outcome(
        evidence=[{"url": "https://example.org/evaluering.pdf"}],
        measures=[{"indicator": "co2-saved", "label": both("CO₂ sparet"), "value": 15, "unit": "t CO2", "per": "year",
                   "value_kind": "measured"}],
    )  # fmt: skip
    found, here = read(client, "outcome", id)
    [measure] = found.objects(here, SCHEMA.mentions)
    assert (measure, RDF.type, SCHEMA.Observation) in found
    assert (values(found, measure, "value"), values(found, measure, "unitText")) == ({"15"}, {"t CO2 per year"})
    assert set(found.objects(here, SCHEMA.citation)) == {URIRef("https://example.org/evaluering.pdf")}
    assert len(set(found.objects(here, SCHEMA.about))) == 1


def test_guidance_is_a_question_and_its_answer(make, client):
    found, here = read(client, "guidance", make.guidance(answer={"da": "Ja, altid."}))
    assert (here, RDF.type, SCHEMA.Question) in found
    [answer] = found.objects(here, SCHEMA.acceptedAnswer)
    assert values(found, answer, "text") == {"Ja, altid."}


def test_whom_one_does_not_see_is_not_named(make, client):
    hidden = make.partner(visibility="private", name={"da": "Hemmeligheden"})
    project = make.project(participants=[{"partner_id": hidden, "role": "supplier"}])
    for path in (at("project", project), at("challenge", make.challenge(owner=hidden))):
        answer = client.get(f"{path}?format=jsonld")
        assert answer.status_code == 200
        assert "Hemmeligheden" not in answer.text
        assert hidden not in answer.text


@pytest.mark.parametrize("resource", KINDS)
def test_the_record_itself_is_json_unless_asked_otherwise(make, client, resource):
    path = at(resource, getattr(make, resource)())
    assert client.get(path).mimetype == "application/json"
    assert client.get(f"{path}?format=jsonld").mimetype == "application/ld+json"
    problem(client.get(f"{path}?format=jsonld&embed=actions"), 422)
    problem(client.get(f"{path}?format=atom"), 422)
    problem(client.get(f"/{PLURALS[resource]}/01941f29-7c00-7000-8000-000000000000?format=jsonld"), 404)


def test_it_has_a_tag_of_its_own_that_follows_its_neighbours(make, client, as_):
    town = make.partner(kind="municipality", name={"da": "Byen"})
    path = at("challenge", make.challenge(owner=town))
    first = client.get(f"{path}?format=jsonld")
    held = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["ETag"] != client.get(path).headers["ETag"]
    assert client.get(f"{path}?format=jsonld", headers=held).status_code == 304
    renamed = as_(town, "manager").patch(at("partner", town), {"name": {"da": "Storbyen"}}, version=1)
    assert renamed.status_code == 200, renamed.json
    assert client.get(f"{path}?format=jsonld", headers=held).status_code == 200
