"""Sandboxes: what is in the caller's own."""

from __future__ import annotations

from schemas.base import Shape
from schemas.fields import Integer, Many, Object, Text


class SandboxKindSchema(Shape):
    """The test records of one kind."""

    resource = Text("The kind of record.", max=20, required=True, example="partner")
    count = Integer("How many there are, in any state.", min=0, max=1_000_000_000, required=True, example=5)
    href = Text("Where they are listed.", max=200, format="uri-reference", required=True, example="/v1/partners")


class SandboxSchema(Shape):
    """What is in a sandbox."""

    items = Many(Object(SandboxKindSchema, "A kind."), "Every kind of record.", max=50, required=True)
    total = Integer("How many records there are.", min=0, max=1_000_000_000, required=True, example=5)
