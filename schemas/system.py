"""What is not a record: tokens, code lists, the service's own state, the bodies of lifecycle steps."""

from __future__ import annotations

from schemas.base import Shape
from schemas.fields import UUID, Email, Field, Integer, Links, Many, Moment, Object, PartialDate, Password, Text
from schemas.query import PageQuery, Words
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema


class TokenRequestSchema(Shape):
    """A log-in with e-mail and password."""

    request = True

    email = Email("The user's e-mail address.", required=True, example="editor@demo.example")
    password = Password("The password.", required=True, example="skriv-selv-en-adgangskode")
    client_id = Text(
        "The frontend the person logs in through, when it is registered.",
        max=36,
        pattern=UUID,
        example="019b76da-a800-7c11-8a01-1f0e4b9d2c33",
    )


class TokenSchema(Shape):
    """An access token, to be sent as `Authorization: Bearer ...`, and the refresh token for the next one."""

    access_token = Text(
        "The token, a JWT.", max=8192, required=True, example="eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"
    )
    token_type = Text("Always Bearer.", max=10, required=True, example="Bearer")
    expires_in = Integer("Seconds until it expires.", min=1, max=86_400, required=True, example=900)
    refresh_token = Text(
        "Gets the next pair of tokens at `POST /oauth/token`, once.",
        max=200,
        required=True,
        example="copi_refresh_jeres-eget",
    )


class StatusSchema(Shape):
    """Whether the service works; for monitoring, without log-in."""

    status = Text("`ok` when requests can be served.", max=20, required=True, example="ok")
    version = Text("Version of the API.", max=20, required=True, example="1.0.0")
    database = Text("Database engine in use.", max=20, required=True, example="sqlite")


class CodeListSummarySchema(Shape):
    """One code list, without its items."""

    always = frozenset({"scheme", "title", "version", "licence"})

    scheme = Text("The list's name in addresses.", max=100, required=True, example="theme")
    title = Object(
        LocalizedTitleSchema,
        "What the list is called.",
        required=True,
        example={"da": "Indsatsområder", "en": "Focus areas"},
    )
    description = Object(
        LocalizedTextSchema,
        "What the list classifies.",
        example={"da": "CO-PI's tre indsatsområder.", "en": "CO-PI's three focus areas."},
    )
    version = Text("Version of the list.", max=100, required=True, example="1.0.0")
    licence = Text("What the list may be used for.", max=300, required=True, example="CC0-1.0")
    source = Text("Where the list comes from.", max=1000, required=True, example="CO-PI")
    valid_from = PartialDate("First day the list applies.", example="2026-01-01")
    valid_to = PartialDate("First day it no longer applies.", example="2028-01-01")
    count = Integer("Number of items.", min=0, max=100_000, required=True, example=3)
    links = Links("Where its items are.", {"self": "/v1/code-lists/{id}"}, key="scheme")


class Facts(Field):
    """Further facts about a code, by name; which ones depends on the list."""

    json_schema = {"type": "object", "additionalProperties": True}


class CodeSchema(Shape):
    """One code with its words."""

    always = frozenset({"label"})

    code = Text("The code; null until the authority has published one.", max=100, example="green_transition")
    label = Object(
        LocalizedTextSchema,
        "The code in words.",
        required=True,
        example={"da": "Grøn omstilling", "en": "Green transition"},
    )
    facts = Facts(
        "Further facts, which depend on the list: validity, NUTS code, check digit ...",
        example={"check_digit": "2"},
        required=True,
    )


class CodeListSchema(CodeListSummarySchema):
    """One code list and the page of its items that was asked for."""

    always = CodeListSummarySchema.always | {"items", "total"}

    items = Many(Object(CodeSchema, "A code."), "The codes.", max=250, required=True)
    total = Integer("Number of items that match.", min=0, max=100_000, required=True, example=3)
    next = Text(
        "Address of the next page, null on the last one.",
        max=2000,
        format="uri-reference",
        example="/v1/code-lists/cpv?page=2",
    )


class CodeListsSchema(Shape):
    """All code lists."""

    items = Many(Object(CodeListSummarySchema, "A list."), "The lists.", max=250, required=True)
    total = Integer("Number of lists.", min=0, max=1000, required=True, example=50)


class CodeQuery(PageQuery):
    """Search in one code list."""

    q = Words("Beginnings of words in the label, or of the code.", example="grøn")


__all__ = [
    "CodeListSchema",
    "CodeListsSchema",
    "CodeQuery",
    "Moment",
    "StatusSchema",
    "TokenRequestSchema",
    "TokenSchema",
]
