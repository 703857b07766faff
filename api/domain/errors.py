"""Every way a request can be refused: one row each, from which the wire, the docs and the catalogue page derive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.wording import Say


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its name in addresses, its status, its title and what the reader should do."""

    slug: str
    status: int
    title: Say
    advice: Say


class Refusal(Exception):
    """The request cannot be served; says which kind of problem it is and, if need be, the particulars."""

    def __init__(
        self,
        kind: Kind,
        detail: Say | None = None,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail or kind.advice
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def _kind(slug: str, status: int, title: tuple[str, str], advice: tuple[str, str]) -> Kind:
    return Kind(slug, status, Say(*title), Say(*advice))


MALFORMED = _kind(
    "malformed",
    400,
    ("Forespørgslen kan ikke læses", "The request cannot be read"),
    ("Send gyldig JSON i UTF-8.", "Send valid JSON in UTF-8."),
)
UNKNOWN_PARAMETER = _kind(
    "unknown-parameter",
    400,
    ("Ukendt parameter", "Unknown parameter"),
    (
        "Fjern den parameter, der er nævnt i errors, eller ret dens navn.",
        "Remove the parameter named in errors, or correct its name.",
    ),
)
UNAUTHENTICATED = _kind(
    "unauthenticated",
    401,
    ("Du skal logge ind", "You must log in"),
    (
        "Hent et token på POST /v1/tokens og send det som Authorization: Bearer.",
        "Get a token at POST /v1/tokens and send it as Authorization: Bearer.",
    ),
)
BAD_CREDENTIALS = _kind(
    "bad-credentials",
    401,
    ("Forkert log-in", "Wrong log-in"),
    ("E-mail eller adgangskode er forkert.", "The e-mail address or the password is wrong."),
)
FORBIDDEN = _kind(
    "forbidden",
    403,
    ("Det må du ikke", "You may not do that"),
    ("Din rolle giver ikke adgang til handlingen.", "Your role does not allow this."),
)
INSECURE = _kind(
    "https-required",
    403,
    ("Kun HTTPS", "HTTPS only"),
    (
        "Brug https:// i adressen. Har du sendt et token eller en adgangskode uden, så skift den.",
        "Use https:// in the address. If you sent a token or a password without it, change it.",
    ),
)
NOT_FOUND = _kind(
    "not-found",
    404,
    ("Findes ikke", "Not found"),
    (
        "Der er intet på adressen, eller du kan ikke se det. Kontrollér adressen, eller log ind.",
        "There is nothing at this address, or you cannot see it. Check the address, or log in.",
    ),
)
METHOD_NOT_ALLOWED = _kind(
    "method-not-allowed",
    405,
    ("Metoden findes ikke her", "Method not allowed"),
    ("Brug en af de metoder, der står i Allow.", "Use one of the methods listed in Allow."),
)
NOT_ACCEPTABLE = _kind(
    "not-acceptable",
    406,
    ("Formatet findes ikke", "Format not available"),
    ("Bed om application/json i Accept.", "Ask for application/json in Accept."),
)
WRONG_STATE = _kind(
    "wrong-state",
    409,
    ("Det kan ikke ske nu", "Not possible now"),
    ("Posten er ikke i en tilstand, hvor det kan ske.", "The record is not in a state that allows it."),
)
NOT_READY = _kind(
    "not-ready",
    409,
    ("Der mangler endnu noget", "Something is still missing"),
    ("Ret det, der er nævnt i detail, og prøv igen.", "Put right what detail names, and try again."),
)
CONFLICT = _kind(
    "conflict",
    409,
    ("Findes allerede", "Already exists"),
    ("Der findes allerede en post med samme nøgle.", "There is already a record with the same key."),
)
STALE = _kind(
    "stale",
    412,
    ("Posten er ændret i mellemtiden", "The record has changed since"),
    (
        "Hent posten igen, sammenlign, og send ændringen med den nye ETag i If-Match.",
        "Read the record again, compare, and send the change with the new ETag in If-Match.",
    ),
)
IN_FLIGHT = _kind(
    "idempotency-key-in-flight",
    409,
    ("Kaldet er ikke færdigt endnu", "The call is not finished yet"),
    (
        "Et kald med samme Idempotency-Key er i gang. Vent det antal sekunder, der står i Retry-After, og send igen.",
        "A call with the same Idempotency-Key is under way. Wait the number of seconds in Retry-After, and send again.",
    ),
)
PRECONDITION_FAILED = _kind(
    "precondition-failed",
    412,
    ("Betingelsen er ikke opfyldt", "The condition is not met"),
    (
        "Posten er der ikke, eller er der allerede. Se detail, og send uden If-Match eller If-None-Match.",
        "The record is not there, or is there already. See detail, and send without If-Match or If-None-Match.",
    ),
)
TOO_LARGE = _kind(
    "too-large",
    413,
    ("Indholdet er for stort", "Content too large"),
    ("Send højst 1 MiB ad gangen.", "Send at most 1 MiB at a time."),
)
URI_TOO_LONG = _kind(
    "uri-too-long",
    414,
    ("Adressen er for lang", "Address too long"),
    (
        "Kort adressen ned; del store filtre i flere kald.",
        "Shorten the address; split large filters over several calls.",
    ),
)
UNSUPPORTED_MEDIA_TYPE = _kind(
    "unsupported-media-type",
    415,
    ("Indholdets format kan ikke bruges", "Unsupported media type"),
    (
        "Send Content-Type: application/json; til PATCH også application/merge-patch+json.",
        "Send Content-Type: application/json; for PATCH also application/merge-patch+json.",
    ),
)
RANGE_NOT_SATISFIABLE = _kind(
    "range-not-satisfiable",
    416,
    ("Den del findes ikke", "There is no such part"),
    (
        "Bed i Range om en del, der ligger inden for den længde, der står i Content-Range.",
        "Ask in Range for a part within the length that Content-Range tells.",
    ),
)
INVALID = _kind(
    "invalid",
    422,
    ("Indholdet er ikke gyldigt", "The content is not valid"),
    ("Ret de felter, der er nævnt i errors, og send igen.", "Correct the fields named in errors and send again."),
)
KEY_REUSED = _kind(
    "idempotency-key-reused",
    422,
    ("Nøglen er brugt til et andet kald", "The key was used for another call"),
    (
        "Brug en ny Idempotency-Key til hvert nyt kald, og den samme kun, når kaldet gentages uændret.",
        "Use a new Idempotency-Key for each new call, and the same one only to repeat a call unchanged.",
    ),
)
PRECONDITION_REQUIRED = _kind(
    "precondition-required",
    428,
    ("If-Match mangler", "If-Match is missing"),
    (
        "Send If-Match med postens ETag, så du ikke overskriver andres ændringer.",
        "Send If-Match with the record's ETag, so that you do not overwrite others' changes.",
    ),
)
TOO_MANY_REQUESTS = _kind(
    "too-many-requests",
    429,
    ("For mange kald", "Too many requests"),
    ("Vent det antal sekunder, der står i Retry-After.", "Wait the number of seconds in Retry-After."),
)
HEADERS_TOO_LARGE = _kind(
    "headers-too-large",
    431,
    ("Headerne er for store", "Request header fields too large"),
    ("Send færre eller kortere headere.", "Send fewer or shorter headers."),
)
INTERNAL = _kind(
    "internal",
    500,
    ("Fejl hos os", "An error on our side"),
    (
        "Prøv igen. Sker det igen, så send os værdien i instance.",
        "Try again. If it happens again, send us the value in instance.",
    ),
)
UNAVAILABLE = _kind(
    "unavailable",
    503,
    ("Tjenesten er optaget", "Service unavailable"),
    ("Databasen svarer ikke lige nu. Prøv igen om lidt.", "The database does not answer right now. Try again shortly."),
)

KINDS: dict[str, Kind] = {kind.slug: kind for kind in list(globals().values()) if isinstance(kind, Kind)}
BY_STATUS: dict[int, Kind] = {kind.status: kind for kind in reversed(KINDS.values())}
"""The kind that stands for a bare HTTP status; the first row of a status wins."""
