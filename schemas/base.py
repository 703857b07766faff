"""What every resource shares, and how the shapes for creating and changing follow from the shape that is read."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any, ClassVar, cast

import marshmallow as ma

from schemas import vocabulary as v
from schemas.fields import Choice, Field, Flag, Id, Integer, Many, Moment, Object, StoredMoment, Text, Url
from schemas.wording import Say

JSON = "application/json"
MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"


class Shape(ma.Schema):
    """Base of every schema. Requests are closed (an unknown member is refused), responses are open."""

    class Meta:
        unknown = ma.RAISE

    error_messages: dict[str, Any] = {
        "unknown": Say("Ukendt felt.", "Unknown field."),
        "type": Say("Skal være et objekt.", "Must be an object."),
    }
    #: Whether the shape is sent by clients (closed) or by the API (open).
    request: ClassVar[bool] = False
    #: How clients send it; in a form, objects are parts of JSON.
    media: ClassVar[str] = JSON
    #: The setting that says how large a file in it may be.
    size_setting: ClassVar[str] = "max_document_bytes"
    #: Properties an answer always holds, also when `fields` thins the record out; None means all.
    always: ClassVar[frozenset[str] | None] = None
    #: Whether what is created in this shape has an address of its own, where it is read and changed.
    located: ClassVar[bool] = False


class SourceSchema(Shape):
    """Where the record comes from: the system that owns it and its id there."""

    system = Text("The system the record comes from.", max=100, min=1, example="co-pi-cases", required=True)
    external_id = Text("The record's id in that system.", max=200, min=1, example="circle-house", required=True)
    url = Url("The record's page in that system.", example="https://gxn.3xn.com/project/circle-house")


class ResourceSchema(Shape):
    """What every resource has."""

    located = True
    always = frozenset({"id", "version", "state"})

    id = Id(
        "The record's id; never changes, never reused.",
        dump_only=True,
        required=True,
        example="01941f29-7c00-7c5e-8a9b-3f6f0a1d2e4c",
    )
    version = Integer(
        "Raised by one at every change; the ETag is this number in quotes.",
        min=1,
        dump_only=True,
        required=True,
        example=1,
    )
    visibility = Choice(
        v.Visibility,
        "Who may see the record once it is published.",
        example="public",
        load_default=lambda: v.Visibility.PUBLIC,
        allow_none=False,
    )
    created_at = Moment(
        "When the record was registered.", dump_only=True, required=True, example="2026-11-23T09:00:00.000000Z"
    )
    updated_at = Moment(
        "When the record was last changed.", dump_only=True, required=True, example="2026-11-23T09:00:00.000000Z"
    )
    source = Object(SourceSchema, "The system the record was imported from; unique per system.", create_only=True)
    sources = Many(
        Url("A page that states the facts.", example="https://www.co-pi.dk/skaleringsproces/"),
        "The pages on which the facts can be checked.",
    )
    test = Flag("A record of a sandbox, which nobody sees but its test client.", dump_only=True, example=False)


def creating(schema: type[Shape]) -> type[Shape]:
    """The shape of a POST body: what is not set by the service itself."""
    return _derived(schema, "create")


def patching(schema: type[Shape]) -> type[Shape]:
    """The shape of a JSON merge patch (RFC 7396), for the contract: nothing is required, null clears."""
    return _derived(schema, "patch")


def updating(schema: type[Shape]) -> type[Shape]:
    """The shape of the record after a patch was merged in: as when created, less what can never change."""
    return _derived(schema, "update")


def sending(schema: type[Shape]) -> type[Shape]:
    """The closed shape of anything else a client sends."""
    return _derived(schema, "input")


_SUFFIX = {"create": "Create", "patch": "Patch", "update": "Update", "input": "Input"}


@cache
def _derived(schema: type[Shape], purpose: str) -> type[Shape]:
    fields = {
        name: _field(field, purpose)
        for name, field in schema._declared_fields.items()
        if not field.dump_only and not (purpose in ("patch", "update") and getattr(field, "create_only", False))
    }
    name = schema.__name__.removesuffix("Schema") + _SUFFIX[purpose] + "Schema"
    return type(name, (Shape,), {**fields, **_rules(schema), "request": True, "__doc__": schema.__doc__})


def _rules(schema: type[Shape]) -> dict[str, Any]:
    """The rules across fields (`validates_schema` and the like), which hold for every shape of the record."""
    return {name: getattr(schema, name) for hooks in schema._hooks.values() for name, *_ in hooks}


def _field(field: ma.fields.Field[Any], purpose: str) -> ma.fields.Field[Any]:
    field = deepcopy(field)
    if purpose == "patch":
        # Null takes away what may be missing; what may not be missing has no null.
        field.required, field.allow_none = False, not field.required
    if isinstance(field, Object):
        # A merge patch goes into objects but replaces lists whole.
        _renest(field, "patch" if purpose == "patch" else "input")
    elif isinstance(field, Many) and isinstance(field.inner, Object):
        field.inner = deepcopy(field.inner)  # marshmallow copies a list, not what is in it
        _renest(cast(Object, field.inner), "input")
    return field


def _renest(field: Object, purpose: str) -> None:
    field.nested, field._schema = _derived(cast(type[Shape], field.nested), purpose), None


def merged(current: Any, patch: Any) -> Any:
    """JSON merge patch, word for word after RFC 7396 section 2."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(current) if isinstance(current, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


__all__ = [
    "FORM",
    "JSON",
    "MULTIPART",
    "Field",
    "ResourceSchema",
    "Shape",
    "SourceSchema",
    "StoredMoment",
    "creating",
    "merged",
    "patching",
    "sending",
    "updating",
]
