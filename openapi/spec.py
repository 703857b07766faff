"""The contract's frame: flask-smorest's `Api` taught our fields, our problems and our way of naming things."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api
from flask_smorest.spec.plugins import FlaskPlugin

from openapi import limits, sensitivity
from openapi.operations import problem_response
from schemas.base import Shape
from schemas.fields import UUID, Field
from schemas.names import EXAMPLE_IDS, EXAMPLE_SOURCES, SINGULARS, WRITABLE_IDS
from schemas.problem import ProblemSchema
from schemas.vocabulary import Term

VERSION = "1.0.0"
PREFIX = "/v1"
HERE = Path(__file__).parent

_PARAMETERS = {
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the version you change, so that nobody's work is overwritten.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^.+$"},
        "example": '"1"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The ETag you hold; the answer is 304 when nothing has changed.",
        "schema": {"type": "string", "maxLength": 1000, "pattern": "^.*$"},
    },
    "IfMatchAtWill": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the version you replace; 412 when it is another one, or there is none.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^.+$"},
    },
    "IfNoneMatchAny": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "`*` to make the record only where there is none; 412 when there is one.",
        "schema": {"type": "string", "maxLength": 1000, "pattern": "^.*$"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A name of your own for this call, such as a new UUID, so that you can send it again when its "
        "answer got lost: for 24 hours the same call with the same key does nothing more and is answered as before, "
        "marked `Idempotency-Replayed`. Another call with the same key is refused with 422, and with 409 while the "
        "first is under way. What was refused did nothing and can be tried again with its key.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    },
    "TransactionId": {
        "name": "x-TransaktionsId",
        "in": "header",
        "required": False,
        "description": "Id of the business transaction the call belongs to, a UUID: sent back and logged. "
        "What is no UUID is left out of account.",
        "schema": {"type": "string", "maxLength": 200, "pattern": "^.*$"},
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "required": False,
        "description": "The part of the bytes to answer with (206), such as `bytes=1048576-`; all when left out.",
        "schema": {"type": "string", "maxLength": 200, "pattern": "^.*$"},
    },
    "IfRange": {
        "name": "If-Range",
        "in": "header",
        "required": False,
        "description": "The ETag the part must belong to; all bytes are answered when it is another.",
        "schema": {"type": "string", "maxLength": 200, "pattern": "^.*$"},
    },
}

_HEADERS = {
    "ETag": ("The representation's tag (RFC 9110).", '"1"'),
    "Cache-Control": ("How the answer may be kept.", "public, no-cache"),
    "Vary": ("What the answer depends on besides the address.", "Authorization, Accept, Accept-Encoding, Origin"),
    "Link": ("The other pages (RFC 8288): first, prev, next, last.", '</v1/projects?page=1>; rel="first"'),
    "X-Total-Count": ("How many records match.", "101"),
    "Location": ("Where the new record is.", "/v1/challenges/019b76da-a800-7000-8000-000000000004"),
    "Idempotency-Replayed": ("The answer is an earlier one, repeated; nothing was done.", "true"),
    "Access-Control-Allow-Origin": (
        "The calling origin, where the settings or the token's client allow it.",
        "https://www.example.org",
    ),
    "API-Version": ("Version of the API that answered.", VERSION),
    "X-Request-ID": ("This request's id; quote it when you ask for help.", "01941f29-7c00-7c5e-8a9b-3f6f0a1d2e4c"),
    "x-TransaktionsId": ("The transaction's id, where the call had one.", "01941f29-7c00-7c5e-8a9b-3f6f0a1d2e4d"),
    "RateLimit-Policy": ("The limits it counted under: quota and seconds.", '"anonymous";q=600;w=60'),
    "RateLimit": ("What is left of them, and for how many seconds.", '"anonymous";r=599;t=60'),
    "Deprecation": ("Since when it is deprecated (RFC 9745).", "@1830297600"),
    "Sunset": ("When it ends (RFC 8594).", "Sun, 31 Dec 2028 23:00:00 GMT"),
    "WWW-Authenticate": ("How to log in (RFC 6750).", 'Bearer realm="CO-PI"'),
    "Retry-After": ("Seconds to wait.", "5"),
    "Content-Disposition": ("The file's name (RFC 6266).", "attachment; filename*=UTF-8''kravspecifikation.pdf"),
    "Accept-Ranges": ("Parts can be asked for.", "bytes"),
    "Content-Range": ("Which part it is, and of how many bytes.", "bytes 0-1023/48213"),
}


# What the service is about in the public sector's two classifications of tasks, at their highest level.
_CLASSIFICATION = [
    {"scheme": "FORM", "code": "34", "label": {"da": "Erhverv", "en": "Business"}},
    {"scheme": "KLE", "code": "24", "label": {"da": "Erhvervsforhold", "en": "Business affairs"}},
    {"scheme": "KLE", "code": "88", "label": {"da": "Kommunens indkøb og udbud", "en": "Municipal procurement"}},
]


class Converter(OpenAPIConverter):
    """Turns our schemas into JSON Schema: each field describes itself."""

    @property
    def modern(self) -> bool:
        """Whether the document is 3.1, whose schemas are JSON Schema proper."""
        return bool(self.openapi_version.minor >= 1)

    def field2property(self, field: ma.fields.Field[Any]) -> dict[str, Any]:
        return cast(Field, field).describe(self)

    def schema2jsonschema(self, schema: ma.Schema) -> dict[str, Any]:
        shape = cast(Shape, resolve_schema_instance(schema))
        fields = shape.fields
        if shape.request:
            needed: Iterable[str] = [name for name, field in fields.items() if field.required]
        else:
            needed = [name for name in fields if shape.always is None or name in shape.always]
        described: dict[str, Any] = {
            "type": "object",
            "description": " ".join((shape.__doc__ or "").split()),
            "properties": {name: self.field2property(field) for name, field in fields.items()},
        }
        if required := sorted(needed):
            described["required"] = required
        if shape.request:
            described["additionalProperties"] = False
        if sensitivity.holds_personal_data(shape):
            described["x-sensitivity"] = sensitivity.PERSONAL
        return described

    def schema2parameters(self, schema: Any, *, location: str, **_: Any) -> list[dict[str, Any]]:
        query = resolve_schema_instance(schema)
        return [self._parameter(name, cast(Field, field), location) for name, field in query.fields.items()]

    def _parameter(self, name: str, field: Field, location: str) -> dict[str, Any]:
        shape = field.shape(self)
        style = {"style": "form", "explode": False} if shape.get("type") == "array" else {}
        # In words: an `example` is what tools fill in by themselves, and every filter at once finds nothing.
        shown = field.example if isinstance(field.example, list) else [field.example]
        words = "" if field.example is None else f" For example `{','.join(_plain(one) for one in shown)}`."
        return {
            "name": name,
            "in": location,
            "required": False,
            "description": field.description + words,
            **style,
            "schema": shape,
        }

    # --- What a field asks of the document (schemas.fields.Doc) ---

    def reference(self, schema: ma.Schema) -> dict[str, Any]:
        return dict(self.resolve_nested_schema(schema))  # type: ignore[no-untyped-call]

    def vocabulary(self, terms: type[Term]) -> dict[str, Any]:
        name = terms.__name__
        if name not in self.spec.components.schemas:
            meanings = "; ".join(f"`{term}` {term.en}" for term in terms)
            about = f"{terms.descriptions['en']} {meanings}."
            self.spec.components.schema(name, {"type": "string", "description": about, "enum": [str(t) for t in terms]})
        return {"$ref": f"#/components/schemas/{name}"}

    def nullable(self, shape: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in shape:
            return {"anyOf": [shape, {"type": "null"}]} if self.modern else {"nullable": True, "allOf": [shape]}
        if not self.modern:
            return {**shape, "nullable": True}
        return {**shape, "type": [shape["type"], "null"]}

    def annotate(self, shape: dict[str, Any], description: str, example: Any) -> dict[str, Any]:
        if "$ref" in shape and not self.modern:
            shape = {"allOf": [shape]}  # 3.0 ignores what stands beside a $ref
        shown = {} if example is None else {"examples": [example]} if self.modern else {"example": example}
        return {**shape, "description": description, **shown}


class Plugin(MarshmallowPlugin):
    """apispec's marshmallow plugin with our converter; a component is named as its class, less `Schema`."""

    Converter = Converter

    def __init__(self) -> None:
        super().__init__(
            schema_name_resolver=lambda schema: type(resolve_schema_instance(schema)).__name__[: -len("Schema")]
        )


class Paths(FlaskPlugin):
    """Paths without the version, which stands in `servers`; what is not versioned names its own server."""

    def rule_to_params(self, rule: Any) -> list[dict[str, Any]]:
        parameters = [{**parameter, **_PATH_WORDS[parameter["name"]]} for parameter in super().rule_to_params(rule)]
        for parameter in parameters:
            if parameter["name"] == "id":
                parameter["example"] = _example_id(rule.rule)
            if parameter["name"] == "external_id":
                parameter["example"] = EXAMPLE_SOURCES[SINGULARS[rule.rule.split("/")[2]]]
        return parameters

    def path_helper(self, rule: Any, operations: Any, parameters: Any, **options: Any) -> str:
        return str(super().path_helper(rule, operations, parameters, **options)).removeprefix(PREFIX)


def _example_id(rule: str) -> str:
    """A record that the operation works on: one that is still open where the address asks something of it."""
    _, _, plural, _, *below = rule.split("/")
    if plural not in SINGULARS:
        return EXAMPLE_IDS["user"]
    usable = WRITABLE_IDS if below and below[0] not in ("lineage", "history") else {}
    name = SINGULARS.get(plural, plural.removesuffix("s"))
    return usable.get(name, EXAMPLE_IDS[name])


# How such a name begins, and what it does not hold, as patterns have it.
_BEGINS, _CONTROLS = r"[^/\u0000-\u0020\u007f]", r"\u0000-\u001f\u007f"
_PATH_WORDS: dict[str, dict[str, Any]] = {
    "id": {
        "description": "The record's id.",
        "schema": {"type": "string", "format": "uuid", "maxLength": 36, "pattern": UUID},
    },
    "secret": {
        "description": "The secret's id.",
        "schema": {"type": "string", "format": "uuid", "maxLength": 36, "pattern": UUID},
        "example": EXAMPLE_IDS["secret"],
    },
    "version": {
        "description": "A version of the record.",
        "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1},
        "example": 1,
    },
    **{
        name: {
            "description": words,
            "schema": {"type": "string", "format": "uuid", "maxLength": 36, "pattern": UUID},
            "example": EXAMPLE_IDS["user"],
        }
        for name, words in (("user", "The user's id."), ("invitation", "The invitation's id."))
    },
    "system": {
        "description": "The system the record comes from; its name has no slash.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "pattern": f"^{_BEGINS}[^/{_CONTROLS}]*$",
        },
        "example": "co-pi-cases",
    },
    "external_id": {
        "description": "The record's id in that system, percent-encoded: it may hold slashes and spaces.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "pattern": f"^{_BEGINS}[^{_CONTROLS}]*$",
        },
    },
    "scheme": {
        "description": "The code list's name.",
        "schema": {"type": "string", "maxLength": 100, "pattern": "^[a-z0-9-]+$"},
        "example": "theme",
    },
}


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_SERVER = {
    "url": PREFIX,
    "description": "The server this document comes from: local, test or production.",
    "x-internal": False,
}


class Contract(Api):
    """The document, with everything operations share."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(
        self, app: Flask, problems: Iterable[tuple[int, str, dict[str, Any]]], openapi_version: str = "3.1.0"
    ) -> None:
        app.config.update(API_TITLE="CO-PI API", API_VERSION=VERSION, OPENAPI_VERSION=openapi_version)
        self._problems = tuple(problems)
        super().__init__(
            app,
            spec_kwargs={
                "flask_plugin": Paths(),
                "marshmallow_plugin": Plugin(),
                "info": _info(openapi_version),
                "servers": [_SERVER],
                "security": [{}, {"bearer": []}],
            },
        )

    def _register_error_handlers(self) -> None:
        """Problems are answered by the service itself (`kit.problems`)."""

    def _register_etag_headers(self) -> None:
        """Registered with the rest, in `_register_responses`."""

    def _register_shared(self) -> None:
        for name, parameter in _PARAMETERS.items():
            self.spec.components.parameter(name, parameter["in"], parameter, lazy=True)
        for name, (description, sample) in _HEADERS.items():
            text = {"type": "string", "maxLength": 5000, "pattern": "^[ -~]*$"}
            header = {"description": description, "schema": text, "example": sample}
            self.spec.components.header(name, header, lazy=True)

    def _register_pagination_header(self) -> None:
        """Paging is described by the lists' own headers."""

    def _register_responses(self) -> None:
        self._register_shared()
        self.spec.components.security_scheme(
            "client",
            {
                "type": "http",
                "scheme": "basic",
                "description": "A service's client id and secret (RFC 6749).",
            },
        )
        self.spec.components.security_scheme(
            "bearer",
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "An access token (RFC 9068): of a person from `POST /tokens`, of a service from "
                "`POST /oauth/token`. Verified after RFC8725.",
            },
        )
        for status, title, sample in self._problems:
            response = problem_response(status, title, sample, ProblemSchema)
            self.spec.components.response(f"Problem{status}", response, lazy=True)

    def document(self) -> dict[str, Any]:
        """The whole contract."""
        return dict(self.spec.to_dict())


def intro() -> str:
    """What every reader of the contract begins with."""
    return (HERE / "intro.md").read_text(encoding="utf-8").replace("{limits}", limits.in_markdown())


def _info(openapi_version: str) -> dict[str, Any]:
    summary = "Challenges, partners, projects and measured outcomes of public-private innovation in Denmark."
    return {
        **({"summary": summary} if openapi_version >= "3.1" else {}),
        "description": intro(),
        "contact": {
            "name": "Center for Offentlig-Privat Innovation (CO-PI)",
            "url": "https://www.co-pi.dk",
            "email": "info@co-pi.dk",
        },
        "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        "termsOfService": "https://www.co-pi.dk",
        "x-klassifikation": _CLASSIFICATION,
    }
