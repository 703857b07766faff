"""A page of a list: the records, how many there are, and where the next page is."""

from __future__ import annotations

from functools import cache

from schemas.base import Shape
from schemas.fields import Integer, Many, Object, Text


@cache
def page_of(schema: type[Shape]) -> type[Shape]:
    """The shape of one page of a resource's list."""
    name = schema.__name__.removesuffix("Schema")
    fields = {
        "items": Many(Object(schema, "A record."), "The records of this page.", max=250, required=True),
        "total": Integer("How many records match; null when it was not asked for.", min=0, max=10**9, example=101),
        "next": Text("Address of the next page; null on the last one.", max=4000, format="uri-reference"),
    }
    return type(f"{name}PageSchema", (Shape,), {**fields, "__doc__": f"A page of {name.lower()} records."})
