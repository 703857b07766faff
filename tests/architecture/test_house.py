"""The house rules that no import contract can say: where facts stand, and what is written nowhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from api.domain import policy
from api.domain.lifecycle import LIFECYCLES
from api.models import RESOURCES
from schemas.names import PLURALS
from schemas.query import FILTER_FREE, AnyOf, Sort
from tests.v1.operations import LISTS, OPERATIONS

ROOT = Path(__file__).parents[2]
PYTHON = [
    *(path for folder in ("api", "openapi", "schemas") for path in sorted((ROOT / folder).rglob("*.py"))),
    ROOT / "wsgi.py",
]
V1 = [path for path in PYTHON if path.parent == ROOT / "api" / "v1"]

COMPUTED = {"links": "addresses follow from the id", "test": "whether the record is in a sandbox"}
"""Published fields that no column holds, and why."""
INTERNAL = {
    "audience": "worked out from state, visibility and sandbox; decides who sees the row",
    "sandbox": "the test client whose record it is; published as `test`",
    "source_system": "the part of `source` that is unique",
    "source_id": "the part of `source` that is unique",
    "document": "the rendered record itself",
    "project_id": "the outcome's project, by which adoptions are found and seen",
    "contact_points": "published at an address of its own, so that it can be erased from the history too",
}
"""Columns that are not published as fields of their resource, and why; sort keys end in `_key`."""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_published_field_has_a_column(resource):
    model = RESOURCES[resource]
    assert set(model.schema.fields) - set(COMPUTED) <= set(model.__mapper__.columns.keys())


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_column_is_published_or_internal_for_a_reason(resource):
    model = RESOURCES[resource]
    sorts = {column for column in model.SORTS.values() if column.endswith("_key")}
    assert set(model.__mapper__.columns.keys()) - set(model.schema.fields) <= set(INTERNAL) | sorts


def test_no_reason_outlives_what_it_excuses():
    columns = {column for model in RESOURCES.values() for column in model.__table__.columns.keys()}  # noqa: SIM118
    assert set(INTERNAL) <= columns


def query_of(resource):
    """The query schema of a resource's list, from what its operation declares."""
    from api import v1

    [listing] = [one for one in LISTS if one.resource == resource and not one.addressed]
    module = __import__(f"api.v1.{PLURALS[resource]}", fromlist=["blp"])
    assert module.blp in v1.BLUEPRINTS
    view = getattr(module, "GuidanceNotes" if resource == "guidance" else PLURALS[resource].title()).get
    described = view._apidoc["described"]
    assert described.id == listing.id
    return described.query()


@pytest.mark.parametrize("resource", RESOURCES)
def test_filters_are_facets_and_facets_are_filters(resource):
    filters = {one: field for one, field in query_of(resource).fields.items() if isinstance(field, AnyOf)}
    assert set(query_of(resource).fields) - FILTER_FREE <= set(filters)
    for one, field in filters.items():
        assert one in RESOURCES[field.via or resource].FACETS, f"{one} would find nothing"
    own = {one for one, field in filters.items() if not field.via}
    # `owner` also decides who sees a record, `provider` whose credit a reuse is, whether or not they are filtered by.
    assert set(RESOURCES[resource].FACETS) - own <= {"owner", "provider"}


@pytest.mark.parametrize("resource", RESOURCES)
def test_sort_keys_are_those_of_the_table(resource):
    sort = query_of(resource).fields["sort"]
    assert isinstance(sort, Sort)
    assert set(sort.keys) == set(RESOURCES[resource].SORTS)
    for column in RESOURCES[resource].SORTS.values():
        assert not RESOURCES[resource].__table__.columns[column].nullable


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_words_are_found_in_is_published(resource):
    assert set(RESOURCES[resource].TEXTS) <= set(RESOURCES[resource].schema.fields)


def test_permissions_asked_are_the_rows_of_the_table():
    asked = {one.permission for one in OPERATIONS} - {"public", "logged-in"}
    assert asked == set(policy.POLICY)
    assert LIFECYCLES.keys() == RESOURCES.keys()


# --- What is written nowhere --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", V1, ids=name)
def test_a_resource_file_is_a_table_of_contents(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 100
    # Told by the syntax, so that a word in a docstring is no offence.
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
    }
    assert not called & {
        "commit",
        "rollback",
        "abort",
        "execute",
        "scalars",
        "scalar",
        "flush",
        "writing",
        "reading",
        "get_or_404",
    }
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Try)], "the kit catches"


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_module_says_what_it_is_for(path):
    if "versions" in path.parts and path.name == "__init__.py":
        return
    assert (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").strip()


LIBRARIES = {"requests", "httpx", "urllib3", "aiohttp", "smtplib", "ftplib", "telnetlib"}
CALLS_OUT = {
    "api/identity/issuer_keys.py": {"urllib3"},
    "api/feeds/sender.py": {"urllib3"},
    "api/feeds/mail.py": {"smtplib"},
}
"""What may: it fetches the keys of the issuers an operator has named, and of nobody when none is named; it sends events
to the webhooks that users have created, wherever the guard lets it; and it hands mail to the server an operator names."""


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_no_code_calls_out(path):
    """Addresses stand in examples, descriptions and data; what is imported or called reaches nobody unasked."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in imported} & LIBRARIES == CALLS_OUT.get(name(path), set())
    assert not {module for module in imported if module in ("urllib.request", "http.client")}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("urlopen", "create_connection")
        ):
            raise AssertionError(f"{name(path)}:{node.lineno} calls out")


def test_pages_load_nothing_from_elsewhere():
    for path in (ROOT / "api" / "site").rglob("*"):
        if path.suffix in (".html", ".css", ".js"):
            loaded = re.findall(r"(?:src=|<link[^>]+href=|url\(|@import\s+|fetch\()\s*[\"']?((?:https?:)?//[^\"')\s]+)",
                                path.read_text(encoding="utf-8"))  # fmt: skip
            assert not loaded, (path, loaded)
