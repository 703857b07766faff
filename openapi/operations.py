"""One operation of the contract, described from what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import marshmallow as ma
import orjson

from openapi import sensitivity
from openapi.deprecation import Deprecated
from schemas.base import JSON, MULTIPART, Shape
from schemas.fields import File
from schemas.query import Query

MERGE_PATCH = "application/merge-patch+json"
PROBLEM = "application/problem+json"
EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True, slots=True)
class Described:
    """Everything the contract says of one operation besides its words."""

    id: str
    method: str
    permission: str | None
    """None for what anyone may call."""
    needs: str = ""
    """Who may call it, in words."""
    status: int = 200
    query: type[Query] = Query
    takes: type[Shape] | None = None
    body_required: bool = True
    gives: type[ma.Schema] | None = None
    streams: tuple[str, ...] = ()
    """Media types of the bytes it answers with instead of JSON; parts of them can be asked for."""
    formats: tuple[str, ...] = ()
    """Media types it answers with besides JSON, as asked."""
    item: bool = False
    """It works on the record in its address."""
    named: bool = False
    """Its address names something else that may not exist."""
    versioned: bool = False
    """The answer carries an ETag, and a write needs If-Match."""
    listing: bool = False
    redirects: bool = False
    location: bool = False
    refuses: type[ma.Schema] | None = None
    """The shape of its refusals, where they are no problem details."""
    versioned_address: bool = True
    """Its address lies below the API's version."""
    counted: bool = True
    """It counts under a limit."""
    proves: bool = False
    """Who calls shows who that is in what is sent; it then counts as a call of theirs, not of the address."""
    deprecated: Deprecated | None = None
    repeatable: bool = False
    """A POST that can be sent again with its key, and is then answered as before."""
    upserts: bool = False
    """It makes what is not there (201) and replaces what is."""
    shown: tuple[str, Mapping[str, Any]] | None = None
    """The operation whose example answer stands for this one's, and what differs in it."""


@cache
def example(name: str) -> Any:
    """An example of the contract, from `examples/`; None when there is none."""
    path = EXAMPLES / f"{name}.json"
    return orjson.loads(path.read_bytes()) if path.exists() else None


def operation(described: Described) -> dict[str, Any]:
    """The operation object, with schemas still as marshmallow classes for apispec to resolve."""
    return {
        "operationId": described.id,
        "security": _security(described),
        "x-permission": described.permission or "public",
        **({"deprecated": True} if described.deprecated else {}),
        "x-sensitivity": sensitivity.of_operation(described.permission, described.takes, described.gives),
        "parameters": [*_query_parameters(described.query), *_header_parameters(described)],
        **_request_body(described),
        "responses": {**_success(described), **_problems(described)},
        **({} if described.versioned_address else {"servers": [_ROOT]}),
    }


def _security(described: Described) -> list[dict[str, list[str]]]:
    if described.refuses:
        return [{"client": []}, {}]  # or in the form
    return [{"bearer": []}] if described.permission else [{}, {"bearer": []}]


_ROOT = {"url": "/", "description": "The server's root: these addresses have no version.", "x-internal": False}


def _query_parameters(query: type[Query]) -> list[dict[str, Any]]:
    # Resolved by the converter in `spec`, which knows the version of the document.
    return [{"in": "query", "schema": query}] if query._declared_fields else []


def _header_parameters(described: Described) -> list[Any]:
    writes = described.method != "get"
    asks = []
    if described.versioned or described.listing:
        asks = ["IfNoneMatch"] if not writes else ["IfMatch"] if described.item else []
    if described.upserts:
        asks = ["IfMatchAtWill", "IfNoneMatchAny"]
    if described.repeatable:
        asks = [*asks, "IdempotencyKey"]
    return [*asks, *(["Range", "IfRange"] if described.streams else []), "TransactionId"]


def _request_body(described: Described) -> dict[str, Any]:
    if described.takes is None:
        return {}
    kinds = (MERGE_PATCH, JSON) if described.method == "patch" else (described.takes.media,)
    shown = _own_body(described) if described.upserts else example(f"{described.id}.request")
    content = {kind: _media(described.takes, sample(described.takes()) if shown is None else shown) for kind in kinds}
    if MULTIPART in content:
        content[MULTIPART]["encoding"] = _encoding(described.takes())
    return {"requestBody": {"required": described.body_required, "content": content}}


def _own_body(described: Described) -> Any:
    """The record that is read there, as it would be sent: it can be tried, and changes nothing."""
    read = _answer(described)
    return read and {name: read[name] for name in described.takes().fields if name in read}  # type: ignore[misc]


def _encoding(schema: ma.Schema) -> dict[str, Any]:
    """In which media types the parts of a form come; objects are JSON."""
    files = {name: ", ".join(field.media) for name, field in schema.fields.items() if isinstance(field, File)}
    objects = {name: JSON for name, field in schema.fields.items() if isinstance(field, ma.fields.Nested)}
    return {name: {"contentType": kinds} for name, kinds in {**files, **objects}.items()}


def _media(schema: type[ma.Schema], shown: Any) -> dict[str, Any]:
    return {"schema": schema, **({} if shown is None else {"example": shown})}


def sample(schema: ma.Schema) -> dict[str, Any]:
    """A body made of the fields' own examples."""
    return {name: _sample_of(field) for name, field in schema.fields.items()}


def _sample_of(field: Any) -> Any:
    return sample(field.schema) if field.example is None and isinstance(field, ma.fields.Nested) else field.example


def _answer(described: Described) -> Any:
    if described.shown is None:
        return example(f"{described.id}.response")
    name, differing = described.shown
    shown = example(f"{name}.response")
    return shown and {**shown, **differing}


def _headers(described: Described) -> dict[str, Any]:
    said = {
        ("ETag", "Cache-Control", "Vary"): described.versioned or described.listing,
        ("Link", "X-Total-Count"): described.listing,
        ("Location",): described.location and not described.upserts,
        ("Idempotency-Replayed",): described.repeatable,
        ("Content-Disposition",): described.formats or described.streams,
        ("Accept-Ranges",): described.streams,
    }
    names = [*_of_deprecation(described), *(name for some, there in said.items() if there for name in some)]
    return {name: name for name in names}


def _success(described: Described) -> dict[str, Any]:
    headers = _headers(described)
    response: dict[str, Any] = {"description": _SAID[described.status], "headers": {**headers, **_ALWAYS}}
    if described.gives is not None:
        response["content"] = {JSON: _media(described.gives, _answer(described))}
    if described.streams:
        response["content"] = {
            kind: {"schema": {"type": "string", "format": "binary", "maxLength": 26_214_400}}
            for kind in described.streams
        }
    if described.formats:
        response["content"] |= {kind: _written(kind) for kind in described.formats}
    if (described.location and described.status == 201) or described.upserts:
        noun = (described.permission or described.id.removeprefix("create_")).partition(":")[0]
        response["links"] = {
            name: {"operationId": f"{verb}_{noun}", "parameters": {"id": "$response.body#/id"}, "description": words}
            for name, verb, words in (("read", "read", "Read it."), ("update", "update", "Change it."))
        }
    answers = {str(described.status): response}
    if described.upserts:
        made = {"description": _SAID[201], "headers": {**response["headers"], "Location": "Location"}}
        answers["201"] = {**response, **made}
    if described.redirects:
        answers["301"] = {
            "description": "Merged into another record, which is read there.",
            "headers": {"Location": "Location", **_ALWAYS},
        }
    if described.streams:
        part = {
            "description": "The part asked for.",
            "headers": {**response["headers"], "Content-Range": "Content-Range"},
        }
        answers["206"] = {**response, **part}
    if described.method == "get" and (described.versioned or described.listing):
        answers["304"] = {
            "description": "Not modified: the client holds this already.",
            "headers": {"ETag": "ETag", **_ALWAYS},
        }
    return answers


def _written(media: str) -> dict[str, Any]:
    """What an answer in another media type is: linked data is JSON still, the rest is bytes."""
    return _LINKED if media.endswith("+json") else {"schema": _AS_LONG_AS_IT_IS}


_LINKED = {
    "schema": {"type": "object", "description": "A document of JSON-LD 1.1."},
    "example": {"@context": {"@vocab": "https://schema.org/"}, "@id": "https://api.example.org/", "@type": "Thing"},
}
_AS_LONG_AS_IT_IS = {"type": "string", "format": "binary", "maxLength": 2**31 - 1}
"""There is no cap; the contract wants a bound on every string."""
_SAID = {
    200: "As asked.",
    201: "Created.",
    202: "Taken on; its answer tells where to look how it went.",
    204: "Done; nothing to say.",
}
_ALWAYS = {
    name: name
    for name in (
        "API-Version",
        "X-Request-ID",
        "x-TransaktionsId",
        "RateLimit-Policy",
        "RateLimit",
        "Access-Control-Allow-Origin",
    )
}


def _of_deprecation(described: Described) -> tuple[str, ...]:
    return ("Deprecation", "Sunset", "Link") if described.deprecated else ()


def _problems(described: Described) -> dict[str, Any]:
    statuses = [400, 401, 406]
    if described.needs:
        statuses.append(403)
    if described.item or described.named:
        statuses.append(404)
    if described.method != "get":
        statuses += [409] if described.permission or described.needs else []
        statuses += [413, 415, 422] if described.takes else [413]
        statuses += [412, 428] if described.item and described.versioned else []
        statuses += [412] if described.upserts else []
        statuses += [409, 422] if described.repeatable else []
    elif described.query._declared_fields:
        statuses.append(422)
    if described.streams:
        statuses.append(416)
    if described.counted:
        statuses.append(429)
    answers: dict[str, Any] = {str(status): f"Problem{status}" for status in sorted({*statuses})}
    if described.refuses:
        answers |= {status: _refusal(described.refuses, status) for status in ("400", "401")}
        del answers["422"]  # a 400 there
    return answers | {"500": "Problem500", "503": "Problem503"}


def _refusal(shape: type[ma.Schema], status: str) -> dict[str, Any]:
    headers = {"WWW-Authenticate": "WWW-Authenticate"} if status == "401" else {}
    shown = {"error": "invalid_client" if status == "401" else "invalid_request", "error_description": "What is wrong."}
    content = {JSON: {"schema": shape, "example": shown}}
    return {"description": "Refused, as OAuth words it.", "headers": {**headers, **_ALWAYS}, "content": content}


_OF_PROBLEMS = {
    401: "WWW-Authenticate",
    409: "Retry-After",
    412: "ETag",
    416: "Content-Range",
    429: "Retry-After",
    503: "Retry-After",
}


def problem_response(status: int, title: str, sample: Mapping[str, Any], schema: type[ma.Schema]) -> dict[str, Any]:
    """A shared response of the contract for one status."""
    headers: dict[str, Any] = dict(_ALWAYS)
    extra = _OF_PROBLEMS.get(status)
    if extra:
        headers[extra] = extra
    return {"description": title, "headers": headers, "content": {PROBLEM: {"schema": schema, "example": dict(sample)}}}
