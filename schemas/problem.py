"""A refusal on the wire: problem details after RFC 9457."""

from __future__ import annotations

from schemas.base import Shape
from schemas.fields import Integer, Many, Object, Text, Url


class ProblemErrorSchema(Shape):
    """One thing that is wrong with the request."""

    always = frozenset({"detail"})

    pointer = Text("JSON pointer (RFC 6901) into the body.", max=500, example="/title/da")
    parameter = Text("The parameter or header that is wrong.", max=100, example="limit")
    detail = Text("What is wrong with it.", max=2000, required=True, example="Skal udfyldes.")


class ProblemSchema(Shape):
    """Why the request was refused and what to do about it; Danish, or English where `Accept-Language` prefers it."""

    always = frozenset({"type", "title", "status", "detail", "instance"})

    type = Url(
        "The kind of problem; the address is a page that explains it.",
        required=True,
        example="http://127.0.0.1:8000/problems/invalid",
    )
    title = Text("The kind of problem in words.", max=200, required=True, example="Indholdet er ikke gyldigt")
    status = Integer("The HTTP status code.", min=400, max=599, required=True, example=422)
    detail = Text(
        "What went wrong this time and what to do.",
        max=5000,
        required=True,
        example="Ret de felter, der er nævnt i errors, og send igen.",
    )
    instance = Text(
        "This very request, as a URN; quote it when you ask for help.",
        max=100,
        required=True,
        format="uri",
        example="urn:uuid:01941f29-7c00-7c5e-8a9b-3f6f0a1d2e4c",
    )
    errors = Many(
        Object(ProblemErrorSchema, "One thing that is wrong."),
        "Each thing that is wrong, where there are several.",
        max=100,
        example=[{"pointer": "/title/da", "detail": "Skal udfyldes."}],
    )
