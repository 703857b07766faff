"""Clients on the wire: programs that use the API, and their secrets."""

from __future__ import annotations

from typing import Any

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Choice, Flag, Id, Many, Moment, Object, Text
from schemas.names import EXAMPLE_IDS
from schemas.people import MembershipSchema
from schemas.query import PageQuery
from schemas.wording import Say

# A browser writes an origin in lower case and leaves out the port that goes without saying (RFC 6454).
_HOST = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
_PORT = r"(:[1-9][0-9]{0,4})?"
ORIGIN = rf"^(https://{_HOST}{_PORT}|http://(localhost|127\.0\.0\.1|\[::1\]){_PORT})$"
_NO_ORIGIN = Say(
    "Skal være en origin, som browseren skriver den: https://vært eller https://vært:port, uden sti og jokertegn; "
    "http kun for localhost.",
    "Must be an origin as the browser writes it: https://host or https://host:port, without path or wildcard; "
    "http for localhost only.",
)
_UNSAID = Say("Udelad porten, når den er den sædvanlige.", "Leave the port out when it is the usual one.")
_NO_PORT = Say("Der er ingen port over 65535.", "There is no port beyond 65535.")


class Origin(Text):
    """The origin of a frontend: exactly what its browsers send."""

    default_error_messages = {"unsaid": _UNSAID, "port": _NO_PORT}

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(description, max=261, pattern=ORIGIN, wrong=_NO_ORIGIN, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **rest)
        scheme, port = text.partition(":")[0], text.rpartition(":")[2]
        if port == {"https": "443", "http": "80"}[scheme]:
            raise self.make_error("unsaid")
        if port.isdigit() and int(port) > 65_535:
            raise self.make_error("port")
        return text


class SecretSchema(Shape):
    """A secret of a service, without the secret itself."""

    id = Id("The secret's id.", required=True, dump_only=True, example=EXAMPLE_IDS["secret"])
    created_at = Moment("When it was issued.", required=True, dump_only=True, example="2026-11-23T09:00:00.000000Z")
    expires_at = Moment("When it stops working; null for never.", example="2027-11-23T09:00:00.000000Z")
    last_used_at = Moment("When it last got a token.", dump_only=True, example="2026-11-23T09:00:00.000000Z")


_SHOWN_ONCE = Text(
    "The secret itself: store it at once, it is kept nowhere here. Null for a frontend.",
    max=200,
    dump_only=True,
    format="password",
    example="copi_secret_vises-kun-denne-ene-gang",
)


class NewSecretSchema(SecretSchema):
    """A secret as it is issued, once and never again."""

    secret = _SHOWN_ONCE


class ClientSchema(Shape):
    """A program that uses the API: a service, which acts for itself, or a frontend, through which people act."""

    located = True

    id = Id("The client's id: `client_id`.", dump_only=True, required=True, example=EXAMPLE_IDS["client"])
    name = Text("What people know it by.", max=200, min=1, required=True, example="Fagsystem i Aarhus Kommune")
    kind = Choice(v.ClientKind, "How it uses the API.", required=True, create_only=True, example="service")
    scopes = Many(
        Text("A scope.", max=100, min=1, example="challenge:create"),
        "The most a service may do: permissions as every operation names them (`x-permission`), and `<record>:read` "
        "to see more than everybody does. All of them are in `scopes_supported`.",
        max=250,
        unique=True,
        example=["challenge:create", "challenge:read", "challenge:update"],
    )
    memberships = Many(Object(MembershipSchema, "A partner it acts for."), "The partners a service acts for.")
    origins = Many(
        Origin("An exact origin.", example="https://app.example.org"),
        "The browser addresses a frontend is served from, which may read our answers (CORS).",
        max=20,
        unique=True,
        example=[],
    )
    test = Flag("It lives in a sandbox of its own, apart from all real records.", create_only=True, example=False)
    blocked = Flag("Whether it is shut out for now.", dump_only=True, example=False)
    created_at = Moment("When it was created.", dump_only=True, required=True, example="2026-11-23T09:00:00.000000Z")
    secrets = Many(Object(SecretSchema, "A secret."), "A service's secrets.", max=250, dump_only=True)


class NewClientSchema(ClientSchema):
    """A client as it is created: a service with its first secret, shown once and never again."""

    secret = _SHOWN_ONCE


class ClientQuery(PageQuery):
    """Paging through clients."""
