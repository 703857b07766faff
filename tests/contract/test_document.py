"""The contract as a document: what is committed is what the code says, and it leaves nothing undescribed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from api import create_app
from api.config import Settings
from api.domain import policy
from api.domain.errors import KINDS
from openapi import contract
from tests.v1.bodies import NAMES, collection, minimal
from tests.v1.operations import OPERATIONS

VERSIONS = list(contract.FILES)
DOCUMENT: dict[str, Any] = json.loads((contract.HERE / contract.FILES["3.1.0"]).read_text(encoding="utf-8"))
TWIN: dict[str, Any] = json.loads((contract.HERE / contract.FILES["3.0.3"]).read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
METHODS = ("get", "post", "put", "patch", "delete")
NEEDING_NOTHING = {"public", "logged-in"}
"""What anyone may call, or anyone with a log-in: no role decides."""
WITHOUT_EXAMPLE = {"cursor", "next", "challenge_id", "project_id", "outcome_id", "response_id", "enquiry_id"}
"""A made-up cursor would be refused, and so would an address that holds one; a document belongs to one record."""


def schemas(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a part of the document, with where it stands."""
    if isinstance(node, dict):
        if "type" in node and isinstance(node["type"], str | list):
            yield place, node
        for name, inner in node.items():
            if name not in ("example", "examples", "enum"):
                yield from schemas(inner, f"{place}/{name}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from schemas(inner, f"{place}/{index}")


def types(schema: dict[str, Any]) -> set[str]:
    kinds = schema.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


PROPERTIES = [
    (f"{component}.{name}", field)
    for component, schema in SCHEMAS.items()
    for name, field in schema.get("properties", {}).items()
]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_committed_is_what_the_code_says(version):
    app = create_app(Settings(database_url="sqlite://", secret="x" * 32, log="text"), version)
    document = app.extensions["contract"].document()
    path = contract.HERE / contract.FILES[version]
    assert path.read_bytes() == contract.text(document), "run `copi contract` and review the diff"


def test_both_documents_are_valid():
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    OpenAPIV30SpecValidator(TWIN).validate()


def test_both_documents_hold_the_same_operations_and_components():
    assert TWIN["paths"].keys() == DOCUMENT["paths"].keys()
    for path, item in DOCUMENT["paths"].items():
        assert TWIN["paths"][path].keys() == item.keys()
    assert TWIN["components"]["schemas"].keys() == SCHEMAS.keys()
    for name, schema in SCHEMAS.items():
        assert TWIN["components"]["schemas"][name].get("properties", {}).keys() == schema.get("properties", {}).keys()


@pytest.mark.parametrize(("file", "version"), [("openapi.json", "3.1.0"), ("openapi-3.0.json", "3.0.3")])
def test_the_service_hands_the_documents_out(client, file, version):
    answer = client.get(f"/{file}")
    assert answer.json["openapi"] == version
    assert answer.data == (contract.HERE / file).read_bytes()
    assert client.get(f"/{file}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


# --- Fields -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "field"), PROPERTIES, ids=[place for place, _ in PROPERTIES])
def test_every_field_is_described_and_exemplified(place, field):
    assert field["description"].strip().endswith((".", "?")), "a sentence"
    name = place.partition(".")[2]
    resolved = SCHEMAS[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
    inner = field.get("items") or next((one for one in field.get("anyOf", ()) if "$ref" in one), field)
    shown = "examples" in field or "example" in field or "$ref" in inner or "enum" in resolved
    assert shown or name in WITHOUT_EXAMPLE


def test_every_component_is_described_and_used():
    whole = json.dumps(DOCUMENT)
    for name, schema in SCHEMAS.items():
        assert schema["description"].strip(), name
        assert f'"#/components/schemas/{name}"' in whole, name


def test_everything_has_bounds():
    for place, schema in schemas({part: DOCUMENT[part] for part in ("paths", "webhooks", "components")}):
        if "string" in types(schema):
            assert "enum" in schema or "maxLength" in schema, place
            assert schema.keys() & {"enum", "pattern", "format"}, place
        if "integer" in types(schema) and "/headers/" not in place:
            assert {"minimum", "maximum"} <= schema.keys(), place
        if "array" in types(schema):
            assert "maxItems" in schema, place
        assert "default" not in schema, place


def test_requests_are_closed_and_answers_open():
    asked = {
        reference.rpartition("/")[2]
        for item in DOCUMENT["paths"].values()
        for method in METHODS
        if method in item
        for media in item[method].get("requestBody", {}).get("content", {}).values()
        for reference in [media["schema"]["$ref"]]
    }
    assert asked
    for name in asked:
        assert SCHEMAS[name]["additionalProperties"] is False, name
    for name in NAMES:
        assert "additionalProperties" not in SCHEMAS[name.title()]


# --- Operations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_is_described(operation):
    document = operation.document
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation.id)
    assert 2 <= len(document["summary"].split()) <= 8
    assert not document["summary"].endswith(".")
    assert document["description"].strip().endswith(".")
    assert len(document["tags"]) == 1
    assert operation.permission in {*NEEDING_NOTHING, *policy.POLICY}
    public = [{"client": []}, {}] if operation.path.startswith("/oauth/") else [{}, {"bearer": []}]
    assert document["security"] == (public if operation.permission == "public" else [{"bearer": []}])
    if operation.permission not in NEEDING_NOTHING:
        assert policy.needs(operation.permission).en in document["description"]
        assert {"401", "403"} <= document["responses"].keys()
    for status, response in DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"].items():
        assert "$ref" in response or response["description"].strip(), status
    for parameter in DOCUMENT["paths"][operation.path][operation.method.lower()].get("parameters", []):
        assert "$ref" in parameter or parameter["description"].strip()


def test_operations_are_told_apart_by_their_names():
    assert len({one.id for one in OPERATIONS}) == len(OPERATIONS)


def test_every_tag_is_described_and_used():
    told = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert all(words.strip() for words in told.values())
    called = {tag for one in OPERATIONS for tag in one.document["tags"]}
    sent = {tag for item in DOCUMENT["webhooks"].values() for tag in item["post"]["tags"]}
    assert set(told) == called | sent
    assert not called & sent, "a tag of both breaks generated clients"


def test_no_row_of_the_policy_is_unused():
    assert {one.permission for one in OPERATIONS} - NEEDING_NOTHING == set(policy.POLICY)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_answer_and_body_has_an_example(operation):
    document = DOCUMENT["paths"][operation.path][operation.method.lower()]
    answers = {status: one for status, one in document["responses"].items() if status.startswith("2")}
    for media in (document.get("requestBody", {}), *answers.values()):
        for content in media.get("content", {}).values():
            assert content["schema"].get("format") == "binary" or content["example"] not in (None, {})


# --- Links --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", KINDS)
def test_the_type_of_every_problem_resolves(client, slug):
    for accept in ("text/html", "application/json"):
        assert client.outside(f"/problems/{slug}", headers={"Accept": accept}).status_code == 200


def test_problems_in_the_contract_are_of_known_types():
    for response in DOCUMENT["components"]["responses"].values():
        for media in response.get("content", {}).values():
            if "example" in media:
                assert media["example"]["type"].rpartition("/")[2] in KINDS


@pytest.mark.parametrize("resource", NAMES)
def test_every_link_of_what_was_made_leads_on(as_, make, resource):
    operations = {one.id: one for one in OPERATIONS}
    made = as_.everywhere.post(collection(resource, make), minimal(resource, make))
    document = operations[f"create_{resource}"].document["responses"]["201"]
    assert document["links"].keys() == {"read", "update"}
    for link in document["links"].values():
        target = operations[link["operationId"]]
        assert link["parameters"] == {"id": "$response.body#/id"}
        body = {"sources": ["https://example.org"]} if target.method == "PATCH" else None
        headers = {"If-Match": made.headers["ETag"]}
        assert (
            as_.everywhere.call(target.method, target.address(made.json["id"]), json=body, headers=headers).status_code
            == 200
        )
    assert as_.everywhere.get(made.headers["Location"].removeprefix("/v1")).status_code == 200
    for address in made.json["links"].values():
        assert as_.everywhere.get(address.removeprefix("/v1")).status_code == 200, address
