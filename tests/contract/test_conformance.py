"""The page about the Danish rules: complete, and right about what it names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from openapi.contract import FILES
from tests.clients import Client

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "openapi" / "conformance.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if re.match(r"\| R\d", line)]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES]
OPERATION = re.compile(r"\[([^\]]+)\]\(/docs#/([^/)]+)/([^)]+)\)")
LINK = re.compile(r"\[[^\]]+\]\((/[^)#]+)\)")
FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|md|json|csv))`")


def contract(version: str = "3.1.0") -> dict[str, Any]:
    return dict(orjson.loads((ROOT / "openapi" / FILES[version]).read_bytes()))


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        operation
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]


class TestThePage:
    def test_has_every_rule_once_and_in_order(self) -> None:
        assert [row[0] for row in ROWS] == [f"R{number:02}" for number in range(1, 41)]

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
    def test_says_in_both_languages_how_a_rule_is_met_and_where(self, row: list[str]) -> None:
        _, status, danish, english, seen = row
        assert status in {"met", "partly", "not yet"}
        for words in (danish, english):
            assert re.match(r"\*\*[^*]+\.\*\* \S.*\.$", words)
        assert seen or status == "not yet"
        if status == "partly":
            assert "endnu" in danish or row[0] == "R28"
            assert "yet" in english or row[0] == "R28"

    def test_names_only_operations_that_there_are(self) -> None:
        known = {(operation["tags"][0], operation["operationId"]) for operation in operations(contract())}
        named = OPERATION.findall(PAGE)
        assert len(named) > 25
        for label, tag, name in named:
            assert label == name
            assert (tag, name) in known

    def test_names_only_files_that_there_are(self) -> None:
        named = FILE.findall(PAGE)
        assert len(named) > 15
        for path in named:
            assert (ROOT / path).is_file(), path

    def test_names_only_addresses_that_answer(self, client: Client) -> None:
        addresses = set(LINK.findall(PAGE))
        assert len(addresses) >= 5
        for address in addresses:
            assert client.outside(address).status_code == 200, address

    def test_a_later_feature_is_no_longer_called_missing_once_the_contract_has_it(self) -> None:
        text = orjson.dumps(contract()["paths"]) + orjson.dumps(contract()["components"].get("parameters", {}))
        missing = {row[0] for row in ROWS if row[1] != "met"}
        for rule, sign in {"R04": b"Idempotency-Key", "R20": b"valid_at", "R21": b"/history"}.items():
            assert (rule in missing) is (sign not in text)


class TestTheDocs:
    @pytest.mark.parametrize("page", ["conformance", "journey", "security", "versions"])
    def test_serve_the_page_without_script_or_style_of_its_own(self, client: Client, page: str) -> None:
        answer = client.outside(f"/docs/{page}")
        assert answer.status_code == 200
        assert answer.content_type.startswith("text/html")
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
        assert "<table>" in answer.text
        assert "<script" not in answer.text
        assert " style=" not in answer.text

    def test_serve_a_row_per_rule(self, client: Client) -> None:
        assert len(re.findall(r"<tr>\s*<td>R\d\d</td>", client.outside("/docs/conformance").text)) == 40

    @pytest.mark.parametrize("page", ["conformance", "journey", "security", "versions"])
    def test_lead_to_it_from_the_front_page_and_from_the_contract(self, client: Client, page: str) -> None:
        assert f'href="/docs/{page}"' in client.outside("/", headers={"Accept": "text/html"}).text
        assert f"(/docs/{page})" in contract()["info"]["description"]

    def test_still_serve_the_files_of_the_viewer(self, client: Client) -> None:
        with client.outside("/docs/swagger-ui.css") as answer:
            assert answer.status_code == 200
        assert client.outside("/docs/nothing").status_code == 404


@pytest.mark.parametrize("version", FILES)
class TestMarks:
    def test_the_contract_is_classified_by_form_and_kle(self, version: str) -> None:
        marks = contract(version)["info"]["x-klassifikation"]
        assert {mark["scheme"] for mark in marks} == {"FORM", "KLE"}
        for mark in marks:
            assert re.fullmatch(r"\d\d(\.\d\d)*", mark["code"])
            assert set(mark["label"]) == {"da", "en"}

    def test_every_operation_says_how_sensitive_it_is(self, version: str) -> None:
        document = contract(version)
        for operation in operations(document):
            if any(mailbox_in(document, body) for body in bodies(operation)):
                expected = "personal"
            else:
                expected = "public" if operation["x-permission"] == "public" else "restricted"
            assert operation["x-sensitivity"] == expected, operation["operationId"]

    def test_the_operations_with_personal_data_are_these(self, version: str) -> None:
        marked = {one["operationId"] for one in operations(contract(version)) if one["x-sensitivity"] == "personal"}
        assert marked == {
            "create_import", "read_import", "list_imports", "run_import", "cancel_import", "list_import_errors",
            "create_token", "read_contact_points", "replace_contact_points", "read_me", "update_me", "accept_invitation",
            "list_members", "replace_member", "list_partner_invitations", "create_partner_invitation", "list_users",
            "read_user", "block_user", "unblock_user", "replace_duties", "reset_password", "list_own_security_events",
            "list_user_security_events",
        }  # fmt: skip

    def test_so_does_every_schema_with_personal_data(self, version: str) -> None:
        document = contract(version)
        for name, schema in document["components"]["schemas"].items():
            expected = "personal" if mailbox_in(document, schema) else None
            assert schema.get("x-sensitivity") == expected, name


def bodies(operation: dict[str, Any]) -> list[Any]:
    """The schemas an operation takes, and gives when it succeeds."""
    carriers = [operation.get("requestBody", {})]
    carriers += [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    return [media["schema"] for carrier in carriers for media in carrier.get("content", {}).values()]


def mailbox_in(document: dict[str, Any], part: Any) -> bool:
    """Whether a schema, or one it refers to, has a string of format `email`, or one that is marked itself."""
    match part:
        case {"$ref": str(reference)}:
            return mailbox_in(document, document["components"]["schemas"][reference.rsplit("/", 1)[1]])
        case {"format": "email"} | {"maxLength": _, "x-sensitivity": "personal"}:
            return True
        case dict():
            return any(mailbox_in(document, value) for key, value in part.items() if key not in ("example", "examples"))
        case list():
            return any(mailbox_in(document, value) for value in part)
        case _:
            return False
