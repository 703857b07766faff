"""Whatever a client sends that is not right is refused in words, on both engines; nothing reaches a 500."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest

from api.domain.errors import KINDS
from api.models import RESOURCES
from schemas import fields as f
from schemas.base import creating
from schemas.names import PLURALS
from schemas.query import AnyOf
from tests.clients import Client
from tests.conftest import UNLIMITED, build
from tests.identity.forge import Forge
from tests.v1.bodies import FULL, NAMES, SCHEMAS, at, collection, create_only, leaves
from tests.v1.expect import ENGLISH, problem, refused
from tests.v1.operations import (
    BYTES,
    CONTACT_POINTS,
    FORMS,
    LISTS,
    OPERATIONS,
    WITH_BODY,
    address_for,
    filled,
    good_body,
    reader,
    record_for,
)

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


@pytest.fixture
def send(as_, make):
    """Sends raw bytes to an operation as somebody who may do everything, to a record it can work on."""
    admin = as_.everywhere
    targets: dict[str, str] = {}

    def sender(operation, data=None, content_type=JSON, **options):
        if operation.addressed and operation.id not in targets:
            targets[operation.id] = record_for(operation, make)
        headers = {"If-Match": '"1"', **options.pop("headers", {})}
        if content_type is not None:
            headers["Content-Type"] = content_type
        path = operation.address(targets.get(operation.id, ""))
        return admin.call(operation.method, path, data=data, headers=headers, **options)

    return sender


# --- Bodies that are no JSON, or not the JSON that was asked for --------------------------------------------

UNREADABLE = {
    "nothing": b"",
    "only spaces": b"  \n ",
    "broken off": b'{"title": {"da":',
    "two documents": b"{} {}",
    "single quotes": b"{'title': 1}",
    "a comment": b'{"title": 1 /* why */}',
    "10,000 open brackets": b"[" * 10_000,
    "10,000 nested lists": b"[" * 10_000 + b"]" * 10_000,
    "10,000 nested objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nested lists in a field": b'{"title":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "NaN": b'{"trl": NaN}',
    "Infinity": b'{"trl": Infinity}',
    "minus Infinity": b'{"trl": -Infinity}',
    "a number beyond every double": b'{"trl": 1e999}',
    "a surrogate in bytes": b'{"title": {"da": "\xed\xa0\x80"}}',
    "a lone surrogate, escaped": rb'{"title": {"da": "\ud800"}}',
    "a surrogate the wrong way round": rb'{"title": {"da": "\udc00\ud800"}}',
    "bytes that are not UTF-8": b'{"title": {"da": "\xff\xfe"}}',
    "Latin-1": '{"title": {"da": "blåbærgrød"}}'.encode("latin-1"),
    "UTF-16": '{"title": {"da": "behov"}}'.encode("utf-16"),
    "UTF-32": '{"title": {"da": "behov"}}'.encode("utf-32"),
    "a raw NUL": b'{"title": {"da": "a\x00b"}}',
    "a raw line break in a string": b'{"title": {"da": "a\nb"}}',
    "gzip": gzip.compress(b"{}"),
    "a form": b"title=behov&theme=green_transition",
}


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_that_is_not_json_is_malformed(send, operation):
    for name, data in UNREADABLE.items():
        if not data and not operation.body_required:
            continue
        response = send(operation, data)
        assert response.status_code == 400, (name, response.status_code, response.text[:500])
        problem(response, 400)


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_of_5000_digits_is_refused(send, operation):
    for data in (b"1" * 5000, b"-" + b"1" * 5000, b'{"trl": ' + b"9" * 5000 + b"}", b"0." + b"1" * 5000):
        assert refused(send(operation, data)) is None


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_that_is_no_object_is_invalid(send, operation):
    for data in (b"[]", b"[{}]", b'"text"', b"null", b"true", b"0", b"1.5", b"18446744073709551616"):
        assert problem(send(operation, data), 422)["errors"], data


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_other_media_types_are_not_taken(send, operation):
    kinds = [None, "", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
             "application/json-patch+json", "application/ld+json", "json", "application/jsonx", "*/*"]  # fmt: skip
    if operation.method != "PATCH":
        kinds.append(MERGE_PATCH)
    for kind in kinds:
        response = send(operation, b"{}", kind)
        problem(response, 415)
        if operation.method == "PATCH":
            assert response.headers["Accept-Patch"] == MERGE_PATCH


@pytest.mark.parametrize("kind", [JSON, MERGE_PATCH, "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_a_patch_may_be_called_by_either_name(as_, make, kind):
    id = make.project()
    response = as_.copi_editor.call(
        "PATCH", f"/projects/{id}", data=b'{"trl": 5}', headers={"Content-Type": kind, "If-Match": '"1"'}
    )
    assert response.status_code == 200, response.json
    assert response.json["trl"] == 5


NOT_ASKED_FOR: list[tuple[bytes, str, int]] = [
    (b"{", JSON, 400),
    (b"[" * 10_000, JSON, 400),
    (b'{"reason": "\xff"}', JSON, 400),
    (b"[]", JSON, 422),
    (b"null", JSON, 422),
    (b'"text"', JSON, 422),
    (b'{"reason": "Ingen har spurgt."}', JSON, 422),
    (b'{"state": "archived"}', JSON, 422),
    (b"{}", "text/plain", 415),
]


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.step and not one.takes_body], ids=str)
def test_a_step_that_asks_for_nothing_takes_nothing(send, operation):
    for data, kind, status in NOT_ASKED_FOR:
        problem(send(operation, data, kind), status)


def test_a_step_that_asks_for_nothing_goes_with_an_empty_object_too(as_, make):
    id = make.challenge(state="draft", problem={"da": "Sådan er det."})
    assert as_.copi_admin.post(f"/challenges/{id}/submit", {}, version=1).status_code == 200


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_above_the_limit_is_too_large(app, send, operation):
    limit = app.config["MAX_CONTENT_LENGTH"]
    padded = b"{" + b" " * limit + b"}"
    problem(send(operation, padded), 413)
    chunked = send(
        operation, headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": io.BytesIO(padded), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip
    problem(chunked, 413)


def test_a_body_just_at_the_limit_is_read(app, as_):
    limit = app.config["MAX_CONTENT_LENGTH"]
    data = b'{"name": {"da": "Stor"}, "kind": "company"}'.ljust(limit)
    made = as_.copi_editor.call("POST", "/partners", data=data, headers={"Content-Type": JSON})
    assert made.status_code == 201, made.json


@pytest.mark.parametrize("length", ["2000000", "99999999999999999999"])
def test_a_declared_length_above_the_limit_is_too_large(as_, length):
    response = as_.copi_editor.call(
        "POST", "/partners", data=b"{}", headers={"Content-Type": JSON}, environ_overrides={"CONTENT_LENGTH": length}
    )
    problem(response, 413)


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "٣", "0x10", "500"])
def test_a_wrong_content_length_is_a_clear_refusal(as_, length):
    response = as_.copi_editor.call(
        "POST", "/partners", data=b"{}", headers={"Content-Type": JSON}, environ_overrides={"CONTENT_LENGTH": length}
    )
    assert refused(response) is None


def test_of_a_key_that_is_there_twice_the_last_counts(as_):
    data = b'{"name": {"da": "En"}, "kind": "company", "name": {"da": "To"}}'
    made = as_.copi_editor.call("POST", "/partners", data=data, headers={"Content-Type": JSON})
    assert made.status_code == 201, made.json
    assert made.json["name"]["da"] == "To"


# --- Values that a field does not take ----------------------------------------------------------------------

ANYTHING_BUT_TEXT: list[Any] = [5, 1.5, True, [], {}, 2**63, -(2**63) - 1, 2**64]
A_UUID = "019b76da-a800-7000-8000-00000000000a"


def wrong_values(field: Any) -> list[Any]:
    """Values the field must refuse."""
    match field:
        case f.Flag():
            return ["yes", "true", 1, 0, None, [], {}, 1.0]
        case f.Choice():
            return ["", "nothing_of_the_sort", "PUBLIC ", 5, True, [], {}, "\x00", 2**63]
        case f.Integer():
            return ["5", "٣", 5.7, True, field.min - 1, field.max + 1, 2**63, 2**64, -(2**63), [], {}, "", 1e300]
        case f.Number():
            return ["5", "NaN", True, 1e16, -1e16, 2**63, 1e300, [], {}, ""]
        case f.Moment():
            return ["2027-03-01T12:00:00", "2027-03-01", "2027-02-30T12:00:00Z", "2027-03-01T25:00:00Z", 1_700_000_000,
                    "2027-03-01T12:00:00+25:00", "0001-01-01T00:00:00+23:59", "", "\x00", True, [], {}, "x" * 500]  # fmt: skip
    wrong = [*ANYTHING_BUT_TEXT, "a\x00b", "x" * (field.max + 1), "\x7f", "a\x1b[31m"]
    match field:
        case f.Url():
            wrong += ["ftp://example.org", "javascript:alert(1)", "https://", "https://a b.org", "//example.org",
                      "example.org", "https://[::1", "https:///x", "HTTP s://x", ""]  # fmt: skip
        case f.Email():
            wrong += ["nobody", "a@b", "a b@example.org", "@example.org", "a@@example.org", ""]
        case f.Ref() | f.Id():
            wrong += [
                f"{{{A_UUID}}}",
                A_UUID.upper(),
                A_UUID.replace("-", ""),
                f"urn:uuid:{A_UUID}",
                "1",
                f" {A_UUID}",
                "",
            ]
        case f.PartialDate():
            wrong += [
                "2022-13",
                "2022-02-30",
                "2023-02-29",
                "22",
                "2022-4",
                "2022-04-23T00:00:00Z",
                "0000",
                "٢٠٢٢",
                "i dag",
            ]
        case f.Decimal():
            wrong += ["5,5", "1e3", "NaN", "Infinity", "5.", ".5", "01", "٣", "1" * 16, "1.234", "+5", ""]
        case f.Code():
            wrong += ["x", "٠١٠١", " 0101", ""]
        case f.Text():
            wrong += ["", "   "] if field.min else []
            wrong += [] if "\\u000b" in field.pattern else ["to\nlinjer"]
    return wrong


def put(body: Any, pointer: str, value: Any) -> None:
    """Put a value at a JSON pointer."""
    *way, last = pointer[1:].split("/")
    for step in way:
        body = body[int(step) if isinstance(body, list) else step]
    body[int(last) if isinstance(body, list) else last] = value


def one_wrong_after_another(fields: dict[str, Any], body: Any) -> Iterator[tuple[Any, set[str]]]:
    """Bodies in which every field holds its next wrong value, and where those are."""
    wrong = {pointer: wrong_values(field) for pointer, field in fields.items()}
    for turn in range(max(map(len, wrong.values()))):
        spoilt = deepcopy(body)
        for pointer, values in wrong.items():
            put(spoilt, pointer, values[turn % len(values)])
        yield spoilt, set(fields)


def unnoticed(response: Any, sent: Any, pointers: set[str]) -> dict[str, Any]:
    """The places a refusal should have named but has not, with what stands there."""
    problem(response, 422)
    missed = pointers - {error.get("pointer") for error in response.json["errors"]}
    return {pointer: _at(sent, pointer) for pointer in sorted(missed)}


def _at(body: Any, pointer: str) -> Any:
    for step in pointer[1:].split("/"):
        body = body[int(step) if isinstance(body, list) else step]
    return str(body)[:60]


@pytest.mark.parametrize("resource", NAMES)
def test_every_field_refuses_what_it_is_not_when_a_record_is_made(as_, make, resource):
    body = FULL[resource](make)
    fields = dict(leaves(creating(SCHEMAS[resource])(), body))
    for spoilt, pointers in one_wrong_after_another(fields, body):
        assert not unnoticed(as_.everywhere.post(collection(resource, make), spoilt), spoilt, pointers)


@pytest.mark.parametrize("resource", NAMES)
def test_every_field_refuses_what_it_is_not_when_a_record_is_changed(as_, make, resource):
    body = FULL[resource](make)
    record = as_.everywhere.post(collection(resource, make), body)
    for name in create_only(resource):
        body.pop(name, None)
    fields = dict(leaves(creating(SCHEMAS[resource])(), body))
    # A merge patch takes null for "clear it".
    for spoilt, pointers in one_wrong_after_another(fields, body):
        asked = {
            pointer for pointer in pointers if _at(spoilt, pointer) != "None" or isinstance(fields[pointer], f.Flag)
        }
        answer = as_.everywhere.patch(at(resource, record.json["id"]), spoilt, version=1)
        assert not unnoticed(answer, spoilt, {pointer for pointer in asked if "/is_" not in pointer})


def test_every_field_of_contact_points_refuses_what_it_is_not(as_, make):
    from schemas.partners import ContactPointsSchema

    path = f"/partners/{make.partner()}/contact-points"
    fields = dict(leaves(ContactPointsSchema(), CONTACT_POINTS))
    for spoilt, pointers in one_wrong_after_another(fields, CONTACT_POINTS):
        assert not unnoticed(as_.copi_editor.put(path, spoilt, version=1), spoilt, pointers)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/challenges/{}/request-changes", {"reason": ""}, "/reason"),
        ("/challenges/{}/request-changes", {"reason": " \n "}, "/reason"),
        ("/challenges/{}/request-changes", {"reason": None}, "/reason"),
        ("/challenges/{}/request-changes", {"reason": 5}, "/reason"),
        ("/challenges/{}/request-changes", {"reason": "a\x00b"}, "/reason"),
        ("/challenges/{}/request-changes", {"reason": "x" * 2001}, "/reason"),
        ("/challenges/{}/request-changes", {"reason": "Fordi.", "state": "open"}, "/state"),
        ("/challenges/{}/request-changes", {}, "/reason"),
    ],
)
def test_what_a_step_asks_for_is_checked_as_any_field(as_, make, path, body, pointer):
    id = make.challenge(state="in_review")
    problem(as_.copi_editor.post(path.format(id), body, version=1), 422, pointer)


CONTAINERS: list[Any] = ["text", 5, True, 1.5]


@pytest.mark.parametrize("resource", NAMES)
def test_objects_and_lists_refuse_what_is_neither(as_, make, resource):
    body = FULL[resource](make)
    shape = creating(SCHEMAS[resource])()
    objects = {name: field for name, field in shape.fields.items() if isinstance(field, f.Object | f.Many)}
    for wrong in CONTAINERS:
        spoilt = {**body, **dict.fromkeys(objects, wrong)}
        assert not unnoticed(
            as_.everywhere.post(collection(resource, make), spoilt), spoilt, {f"/{name}" for name in objects}
        )
    swapped = {**body, **{name: {} if isinstance(field, f.Many) else [] for name, field in objects.items()}}
    assert not unnoticed(
        as_.everywhere.post(collection(resource, make), swapped),
        swapped,
        {f"/{name}" for name, field in objects.items()},
    )


@pytest.mark.parametrize("resource", NAMES)
def test_lists_have_a_longest_length_and_no_item_twice(as_, make, resource):
    body = FULL[resource](make)
    lists = {name: field for name, field in creating(SCHEMAS[resource])().fields.items() if isinstance(field, f.Many)}
    too_long = {**body, **{name: (body[name] * (field.max + 1))[: field.max + 1] for name, field in lists.items()}}
    assert not unnoticed(
        as_.everywhere.post(collection(resource, make), too_long), too_long, {f"/{name}" for name in lists}
    )

    unique = [name for name, field in lists.items() if field.unique]
    twins = {**body, **{name: [body[name][0], body[name][0]] for name in unique}}
    assert not unnoticed(
        as_.everywhere.post(collection(resource, make), twins), twins, {f"/{name}/1" for name in unique}
    )


@pytest.mark.parametrize("resource", NAMES)
def test_unknown_members_are_refused_at_every_depth(as_, make, resource):
    body = FULL[resource](make)
    shape = creating(SCHEMAS[resource])()
    pointers = {"/surprise", "/__proto__", "/a~1b~0c"}
    spoilt: dict[str, Any] = {**body, "surprise": 1, "__proto__": {}, "a/b~c": None}
    for name, field in shape.fields.items():
        if isinstance(field, f.Object):
            spoilt[name] = {**body.get(name, {}), "surprise": 1}
            pointers.add(f"/{name}/surprise")
        elif isinstance(field, f.Many) and isinstance(field.inner, f.Object):
            spoilt[name] = [{**body[name][0], "surprise": 1}]
            pointers.add(f"/{name}/0/surprise")
    assert not unnoticed(as_.everywhere.post(collection(resource, make), spoilt), spoilt, pointers)


def test_names_that_no_client_should_send_are_refused_too(as_):
    body = {"name": {"da": "X"}, "kind": "company", "": 1, "a\x00b": 1, "x" * 10_000: 1, "æ" * 300: 2, "\u2028": 3}
    problem(as_.copi_editor.post("/partners", body), 422)


def test_a_thousand_errors_are_not_all_listed(as_):
    body = {"name": {"da": "X"}, "kind": "company", **{f"field{number}": 1 for number in range(1000)}}
    refusal = problem(as_.copi_editor.post("/partners", body), 422)
    assert len(refusal["errors"]) == 100
    assert "100" in refusal["detail"]


# --- Addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/v1", "/v1/", "/v1/nothing", "/v1/challenges/", "/v1/challenges//", "/v1//challenges", "/v1/Challenges",
        "/v1/challenges/1", "/v1/challenges/{019b76da-a800-7000-8000-00000000000a}", f"/v1/challenges/{A_UUID}/",
        "/v1/challenges/019b76daa80070008000000000000a", "/v1/challenges/%00", "/v1/challenges/%ff%fe",
        "/v1/challenges/../partners", f"/v1/challenges/{A_UUID}/nothing", "/v1/code-lists/%00", "/v1/code-lists/%ff",
        "/v1/code-lists/nothing", "/v1/code-lists/THEME", "/v1/code-lists/" + "x" * 5000, "/problems/nothing", "/problems/%00",
        "/docs/../../etc/passwd", "/docs/%2e%2e/x", "/site/nothing.css", "/site/../templates/base.html", "/" + "x" * 20_000,
    ],
)  # fmt: skip
def test_an_address_where_nothing_is_answers_404(client, path):
    problem(client.outside(path), 404)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.addressed and one not in FORMS], ids=str)
def test_a_record_that_is_not_there_answers_404(send, as_, make, operation):
    response = as_.everywhere.call(
        operation.method, operation.address(A_UUID), json=good_body(operation, make) if operation.method != "GET" else None,
        headers={"If-Match": '"1"'},
    )  # fmt: skip
    problem(response, 404)


@pytest.mark.parametrize("path", sorted({one.path for one in OPERATIONS}))
def test_a_method_that_is_not_there_answers_405_with_those_that_are(client, path):
    there = {one.method for one in OPERATIONS if one.path == path}
    address = filled(path, A_UUID)
    for method in ("DELETE", "PUT", "PATCH", "POST", "GET", "TRACE", "PROPFIND"):
        if method in there:
            continue
        response = client.call(method, address)
        problem(response, 405)
        assert there <= set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one not in BYTES], ids=str)
def test_only_what_is_offered_is_given(client, make, operation):
    id = make.partner(state="active")
    for accept in ("text/html", "application/xml", "image/png, video/*;q=0.5", "nonsense"):
        problem(client.call(operation.method, operation.address(id), headers={"Accept": accept}), 406)


@pytest.mark.parametrize(
    "accept",
    ["application/json", "*/*", "application/*", "text/html, application/json;q=0.1", "text/html, */*;q=0.8"],
)
def test_whoever_takes_json_gets_it(client, accept):
    assert client.get("/challenges", headers={"Accept": accept}).status_code == 200


# --- Parameters ---------------------------------------------------------------------------------------------

WRONG_PARAMETERS = [
    ("limit", value)
    for value in ("-1", "0", "251", "", "abc", "5.0", "1e2", "%D9%A3", "+5", " 5", "0x10", "9" * 30, "%00", "9" * 5000, "true")
] + [
    ("page", value) for value in ("0", "-1", "10001", "", "x", "9" * 30)
] + [
    ("total", value) for value in ("", "yes", "1", "True", "TRUE", "%00")
] + [
    ("sort", value) for value in ("", ",", "nothing", "-", "--title",
                                  "updated_at;drop", "%00", "updated_at,", "id")
] + [
    ("fields", value) for value in ("", ",", "nothing", "id,,id", "%00", "document", "contact_points")
] + [
    ("embed", value) for value in ("", ",", "nothing", "%00", "__class__")
] + [
    ("since", value) for value in ("", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "%00",
                                   "2026-01-01T00:00:00+99:99", "0001-01-01T00:00:00%2B23:59", "now", "1700000000")
] + [
    ("q", value) for value in ("", "%20", "%20%20", "a%00b", "x" * 201, "%0a", "%1f")
] + [
    ("state", value) for value in ("", ",", "nothing", "%00", "draft,,open", ",".join(["draft"] * 51), "DRAFT")
]  # fmt: skip


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_parameter_with_a_wrong_value_is_named(as_, make, operation):
    client, address = reader(operation, as_), address_for(operation, make)
    for name, value in WRONG_PARAMETERS:
        response = client.get(f"{address}?{name}={value}")
        assert response.status_code == 422, (name, value[:80], response.status_code, response.text[:300])
        problem(response, 422, parameter=name)


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_every_filter_refuses_what_it_is_not(as_, make, operation):
    assert operation.resource in RESOURCES
    client, address = reader(operation, as_), address_for(operation, make)
    filters = [name for name in FILTERS[operation.resource] if name != operation.within]
    assert set(filters) <= set(operation.parameters)
    for name in filters:
        for value in ("", ",", "%00", "a,%00", "%C3%BC%C3%9F" * 101, ",".join(["1"] * 51)):
            response = client.get(f"{address}?{name}={value}")
            assert response.status_code == 422, (name, value[:60], response.status_code, response.text[:300])
            problem(response, 422, parameter=name)


def _filters(resource: str) -> list[str]:
    module = import_module(f"schemas.{PLURALS[resource]}")
    query = getattr(module, f"{resource.title()}Query")
    return [name for name, field in query._declared_fields.items() if isinstance(field, AnyOf)]


FILTERS = {resource: _filters(resource) for resource in PLURALS}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if not one.oauth], ids=str)
def test_an_unknown_parameter_is_refused_by_name(as_, make, operation):
    address = address_for(operation, make)
    for query, name in (("nonsense=1", "nonsense"), ("LIMIT=5", "LIMIT"), ("limit%00=5", "limit\ufffd"), ("=5", "")):
        response = as_.everywhere.call(
            operation.method,
            f"{address}?{query}",
            json=good_body(operation, make),
            headers={"If-Match": '"1"'},
        )
        problem(response, 400, parameter=name)


UNREADABLE_QUERIES = (
    ["limit=5&limit=5", "limit=5&limit=6", "state=draft&state=open", "q=a&q=b", "q=%ff", "q=%ed%a0%80", "%ff=1", "q=%C3",
     "&".join(["q=a"] * 200)]
)  # fmt: skip


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_query_that_cannot_be_read_is_malformed(as_, make, operation):
    client, address = reader(operation, as_), address_for(operation, make)
    for query in UNREADABLE_QUERIES:
        problem(client.get(address, query_string=query), 400)


def test_an_address_of_100_kilobytes_is_a_clear_refusal(client):
    assert refused(client.get("/challenges?q=" + "x" * 100_000)) is None


@pytest.mark.parametrize("query", ["page=0", "limit=0", "q=", "limit=251", "q=%00", "page=10001"])
def test_a_code_list_refuses_wrong_parameters(client, query):
    problem(client.get(f"/code-lists/cpv?{query}"), 422, parameter=query.partition("=")[0])


# --- Who calls ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if not one.public], ids=str)
def test_nobody_does_what_needs_a_log_in_without_one(client, make, operation):
    response = client.call(operation.method, address_for(operation, make), json=good_body(operation, make))
    problem(response, 401)


# --- How a refusal reads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", KINDS)
def test_every_kind_of_problem_has_a_page_that_explains_it(client, slug):
    page = client.outside(f"/problems/{slug}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert KINDS[slug].title.da in page.text
    as_json = client.outside(f"/problems/{slug}", headers={"Accept": "application/json"})
    assert as_json.json["status"] == KINDS[slug].status


def test_the_type_of_a_problem_is_an_address_that_answers(client):
    refusal = problem(client.get("/nothing"), 404)
    assert client.outside(refusal["type"].removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize(
    ("header", "language"),
    [(None, "da"), ("da", "da"), ("en", "en"), ("en-GB", "en"), ("en;q=0.5, da;q=0.9", "da"), ("da;q=0.5, en;q=0.9", "en"),
     ("fr", "da"), ("de, en;q=0.1", "en"), ("*", "da"), ("", "da"), ("en\xff", "da"), ("x" * 5000, "da"), ("en;q=abc", None)],
)  # fmt: skip
def test_refusals_are_in_danish_unless_english_is_preferred(client, header, language):
    response = client.get("/challenges?limit=0", headers={} if header is None else {"Accept-Language": header})
    language = language or response.headers["Content-Language"]
    refusal = problem(response, 422, parameter="limit", language=language)
    assert refusal["errors"][0]["detail"] == {
        "da": "Skal ligge mellem 1 og 250.", "en": "Must be between 1 and 250."}[language]  # fmt: skip


def test_errors_in_a_body_are_in_the_reader_s_language(as_):
    body = {"name": {}, "kind": "castle", "themes": ["x"], "surprise": 1}
    danish = as_.copi_editor.post("/partners", body)
    english = as_.copi_editor.post("/partners", body, headers={"Accept-Language": "en"})
    problem(danish, 422, "/name/da", "/kind", "/themes/0", "/surprise")
    problem(english, 422, "/name/da", "/kind", "/themes/0", "/surprise", language=ENGLISH)
    for one, other in zip(danish.json["errors"], english.json["errors"], strict=True):
        assert one["pointer"] == other["pointer"]
        assert one["detail"] != other["detail"]


def test_a_refusal_to_head_has_no_body(client):
    response = client.call("HEAD", "/challenges/" + A_UUID)
    assert response.status_code == 404
    assert response.data == b""


def test_a_refusal_is_never_kept(client):
    assert client.get("/nothing").headers["Cache-Control"] == "no-store"


# --- When the database does not answer ----------------------------------------------------------------------


def _down(url: str) -> Client:
    from api import create_app
    from api.config import Settings

    return Client(create_app(Settings(database_url=url, secret="of-the-tests-" * 4, log="text", **UNLIMITED)))


@pytest.fixture(params=["sqlite", "postgresql"])
def down(request, tmp_path):
    """The API on a database that cannot be reached."""
    if request.param == "sqlite":
        (tmp_path / "copi.db").mkdir()  # a folder where the file should be
        return _down(f"sqlite:///{tmp_path / 'copi.db'}")
    return _down("postgresql+psycopg://nobody@127.0.0.1:1/nothing")


@pytest.mark.parametrize(
    "path",
    [
        "/status",
        "/challenges",
        f"/challenges/{A_UUID}",
        "/challenges?q=skole&state=open",
        f"/partners/{A_UUID}/contact-points",
    ],
)
def test_without_a_database_reads_are_asked_to_wait(down, path):
    problem(down.get(path), 503)


def test_without_a_database_nobody_logs_in(down):
    problem(down.post("/tokens", {"email": "a@b.dk", "password": "x"}), 503)


def test_without_a_database_a_token_cannot_be_checked(down):
    bearer = Forge(down.app, A_UUID, kid="0" * 32).token()
    problem(down.post("/partners", {}, headers={"Authorization": f"Bearer {bearer}"}), 503)


def test_without_a_database_the_pages_and_code_lists_still_answer(down):
    assert down.outside("/docs").status_code == 200
    assert down.get("/code-lists/theme").status_code == 200
    problem(down.get("/nothing"), 404)


def test_a_database_that_comes_back_is_used_again(server):
    """Connections that have died in the pool are not handed to requests."""
    if server.engine != "postgresql":
        pytest.skip("a file does not hang up")
    app = build(server.database("hangs_up"))
    from sqlalchemy import text

    client = Client(app)
    assert client.get("/status").status_code == 200
    database = app.extensions["copi"].database
    with database.writes.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'hangs_up' AND pid <> pg_backend_pid()"
            )
        )
    assert client.get("/status").status_code == 200
    assert client.get("/challenges").status_code == 200
    database.dispose()


def test_an_error_of_ours_tells_nothing_of_its_inside(app, client, monkeypatch):
    def broken(*_):
        raise RuntimeError("the secret is in the trace")

    monkeypatch.setattr("api.kit.lists.head", broken)
    response = client.get("/challenges")
    problem(response, 500)
    assert "secret" not in response.text
    assert quote("Traceback") not in response.text
