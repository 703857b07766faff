"""Partners: every organisation that takes part, public or private."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import marshmallow as ma
from stdnum import lei
from stdnum.dk import cvr

from schemas import codes
from schemas import vocabulary as v
from schemas.base import ResourceSchema, Shape
from schemas.fields import Choice, Email, Flag, Integer, Links, Many, Object, PartialDate, Ref, Text, Url
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema, in_order
from schemas.wording import Say


class IdentifierSchema(Shape):
    """An official number of the organisation."""

    scheme = Choice(v.IdentifierScheme, "The register the number is from.", required=True, example="DK-CVR")
    value = Text(
        "The number, without spaces.",
        max=30,
        pattern=r"^[0-9A-Z]+$",
        required=True,
        example="10000009",
        wrong=Say(
            "Skal være cifre og store bogstaver uden mellemrum.", "Must be digits and capital letters without spaces."
        ),
    )

    @ma.validates_schema
    def _known_form(self, fields: dict[str, Any], **_: Any) -> None:
        if not _FORM_OF[fields["scheme"]](fields["value"]):
            raise ma.ValidationError(
                [
                    Say("Nummeret er ikke gyldigt i {scheme}.", "The number is not valid in {scheme}.").format(
                        scheme=fields["scheme"]
                    )
                ],
                "value",
            )


# P-numbers are never checksum-validated: a series was issued with wrong weights (Erhvervsstyrelsen).
_FORM_OF: dict[v.IdentifierScheme, Callable[[str], object]] = {
    v.IdentifierScheme("DK-CVR"): lambda number: len(number) == 8 and cvr.is_valid(number),
    v.IdentifierScheme("DK-P"): re.compile(r"[0-9]{10}\Z").match,
    v.IdentifierScheme("LEI"): lei.is_valid,
    v.IdentifierScheme("EU-VAT"): re.compile(r"[A-Z]{2}[0-9A-Z]{2,12}\Z").match,
}


class PartnerReuseSchema(Shape):
    """What the organisation has taken over from others, and passed on to them, of what everybody can see."""

    taken_over = Integer("Solutions of others it has taken over.", min=0, max=1_000_000, required=True, example=2)
    passed_on = Integer(
        "Times others took over a solution it led, needed or supplied.", min=0, max=1_000_000, required=True, example=5
    )


class PartnerSchema(ResourceSchema):
    """An organisation: municipality, region, company, knowledge institution, cluster, foundation ..."""

    always = ResourceSchema.always | {"name"}

    state = Choice(v.PartnerState, "Where the record is in its life.", dump_only=True, required=True, example="active")
    name = Object(
        LocalizedTitleSchema,
        "The name as the organisation itself writes it.",
        required=True,
        example={"da": "Københavns Kommune", "en": "City of Copenhagen"},
    )
    kind = Choice(v.PartnerKind, "What sort of organisation it is.", required=True, example="municipality")
    note = Object(
        LocalizedTextSchema,
        "A short remark.",
        example={"da": "Almen boligorganisation", "en": "Social housing association"},
    )
    parent_id = Ref("partner", "The organisation it is part of, e.g. a hospital's region.")
    identifiers = Many(
        Object(IdentifierSchema, "An official number."),
        "Official numbers.",
        max=10,
        example=[{"scheme": "DK-CVR", "value": "10000009"}],
    )
    country = codes.country("Home country: ISO 3166-1 alpha-2, or EU.")
    municipality_code = codes.municipality_code("The municipality it is, or has its seat in: four digits.")
    region_code = codes.region_code("The region it is, or belongs to: four digits.")
    valid_from = PartialDate("The first day the organisation exists.", example="2007-01-01")
    valid_to = PartialDate("The first day it no longer exists.", example="2027-01-01")
    successor_id = Ref("partner", "The organisation that takes over from it.")
    size = Choice(v.PartnerSize, "Size of the enterprise.", example="small")
    themes = Many(Choice(v.Theme, "A focus area.", example="green_transition"), "Focus areas it works in.", max=3)
    keywords = codes.keywords()
    capabilities = Many(Text("A capability.", max=200, min=1, example="robotics"), "What it can do.")
    technologies = Many(Text("A technology.", max=200, min=1, example="computer vision"), "Technologies it masters.")
    cpv = codes.cpv()
    nace = Many(
        Text("A NACE Rev. 2 code.", max=7, pattern=r"^[0-9]{2}(\.[0-9]{1,2}(\.[0-9]{1,2})?)?$", example="26.51"),
        "Industries by NACE Rev. 2 (DB07).",
        max=20,
    )
    trl_min = Integer("Lowest technology readiness level it works at.", min=1, max=9, example=4)
    trl_max = Integer("Highest technology readiness level it works at.", min=1, max=9, example=9)
    export_markets = codes.export_markets()
    website = Url("The organisation's site.", example="https://www.kk.dk")
    trusted = Flag(
        "Its managers may publish its challenges without CO-PI's review; CO-PI decides.", dump_only=True, example=False
    )
    reuse = Object(PartnerReuseSchema, "Reuse it has a part in, counted by the service.", dump_only=True)
    merged_into = Ref(
        "partner", "The record that took this one over; reading this one redirects there.", dump_only=True
    )
    links = Links(
        "Where its neighbours are.",
        {
            "self": "/v1/partners/{id}",
            "challenges": "/v1/challenges?owner={id}",
            "projects": "/v1/projects?partner={id}",
            "outcomes": "/v1/outcomes?partner={id}",
        },
    )

    @ma.validates_schema
    def _in_order(self, fields: dict[str, Any], **_: Any) -> None:
        in_order(fields, "valid_from", "valid_to")
        low, high = fields.get("trl_min"), fields.get("trl_max")
        if low and high and low > high:
            raise ma.ValidationError([Say("Er større end trl_max.", "Is greater than trl_max.")], "trl_min")


class ContactPointSchema(Shape):
    """A role mailbox or telephone of the organisation, never a private person's."""

    role = Object(
        LocalizedTitleSchema,
        "What to write to it about.",
        required=True,
        example={"da": "Innovation og indkøb", "en": "Innovation and procurement"},
    )
    email = Email("The mailbox.", example="innovation@example.org")
    phone = Text(
        "The telephone number in international form (E.164).",
        max=16,
        pattern=r"^\+[1-9][0-9]{5,14}$",
        example="+4533663366",
    )
    url = Url("A contact form.", example="https://www.example.org/kontakt")


class ContactPointsSchema(Shape):
    """The contact points of one partner: kept apart from its record, so that they can be erased for good."""

    items = Many(Object(ContactPointSchema, "A contact point."), "The contact points.", max=20, required=True)


class TrustSchema(Shape):
    """Whether an owner's managers may publish its challenges themselves."""

    trusted = Flag("Whether they may.", example=True, load_default=ma.missing, required=True)


class PartnerQuery(ListQuery):
    """Filters of the partner list."""

    state = AnyOf(Choice(v.PartnerState, "State of the record.", example="active"))
    kind = AnyOf(Choice(v.PartnerKind, "Sort of organisation.", example="municipality"))
    theme = AnyOf(Choice(v.Theme, "Focus area it works in.", example="green_transition"))
    keyword = AnyOf(Text("Keyword.", max=60, min=1, example="robotics"))
    municipality = AnyOf(codes.municipality_code())
    region = AnyOf(codes.region_code())
    country = AnyOf(codes.country("Home country."))
    identifier = AnyOf(
        Text(
            "An official number, after its register.", max=50, pattern=r"^[A-Z-]+:[0-9A-Z]+$", example="DK-CVR:55133018"
        )
    )
    parent = AnyOf(Ref("partner", "The organisation it is part of."))
    cpv = AnyOf(codes.cpv_code())
    trusted = AnyOf(Text("true or false.", max=5, pattern="^(true|false)$", example="true"))
    size = AnyOf(Choice(v.PartnerSize, "Size of the enterprise.", example="small"))
    export_market = AnyOf(codes.country("Market it exports to."))
    sort = Sort("updated_at", "created_at", "name", default="name")
    fields = Fields(PartnerSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("parent", "challenges", "projects", "actions")
