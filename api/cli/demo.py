"""The demo: a log-in for every role, and one example of each kind of record that no public page tells about.

For development only. The examples are ours, not facts about the organisations they name, and say so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from api.cli.seed import EPOCH, seeded_id
from api.db import Database
from api.identity import hashed
from api.identity.secrets import digest
from api.models import (
    Adoption,
    Base,
    Client,
    ClientSecret,
    Document,
    Enquiry,
    Guidance,
    Membership,
    Question,
    Resource,
    Response,
    SavedSearch,
    User,
    Webhook,
)
from api.storage import Storage
from schemas import vocabulary as v
from schemas.base import creating
from schemas.names import EXAMPLE_IDS

DEMO_PASSWORD = "velkommen-til-co-pi"  # noqa: S105 - of log-ins that exist in development only
DEMO_SECRET = "copi_secret_kun-til-udvikling"  # noqa: S105 - of a client that exists in development only


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A log-in of the demo: duties on the platform, or one role in one partner."""

    email: str
    name: str
    duties: tuple[str, ...] = ()
    partner: str | None = None
    role: v.Role | None = None


MUNICIPALITY, COMPANY = "aarhus-kommune", "blue-ocean-robotics"
DEMO_USERS = (
    DemoUser("admin@demo.example", "CO-PI administrator", ("copi_admin",)),
    DemoUser("editor@demo.example", "CO-PI editor", ("copi_editor",)),
    DemoUser("adviser@demo.example", "Adviser of the business promotion system", ("adviser",)),
    DemoUser("manager@aarhus.example", "Manager at Aarhus Kommune", (), MUNICIPALITY, v.Role.MANAGER),
    DemoUser("editor@aarhus.example", "Editor at Aarhus Kommune", (), MUNICIPALITY, v.Role.EDITOR),
    DemoUser("member@aarhus.example", "Member at Aarhus Kommune", (), MUNICIPALITY, v.Role.MEMBER),
    DemoUser("manager@odense.example", "Manager at Odense Kommune", (), "odense-kommune", v.Role.MANAGER),
    DemoUser("editor@kolding.example", "Editor at Kolding Kommune", (), "kolding-kommune", v.Role.EDITOR),
    DemoUser("editor@startup.example", "Editor at DigiRehab", (), "digirehab", v.Role.EDITOR),
    DemoUser("manager@company.example", "Manager at Blue Ocean Robotics", (), COMPANY, v.Role.MANAGER),
)

OPEN_CHALLENGE = "mangel-paa-haender-i-hjemmeplejen"
REUSED_OUTCOME = "emissionsfri-hensigtserklaering"


_BYTES = b"Markedsdialog i marts, udbud i juni.\n"
_SHA256 = hashlib.sha256(_BYTES).hexdigest()


def seed_demo_users(database: Database) -> None:
    """Create the demo log-ins that are not there yet; the cases must be."""
    kept = hashed(DEMO_PASSWORD)
    with database.writing() as session:
        there = set(session.scalars(select(User.email)))
        for place, demo in enumerate(DEMO_USERS):
            if demo.email not in there:
                session.add(_user(demo, place, kept))
        if session.get(Client, EXAMPLE_IDS["client"]) is None:
            session.add_all(_client())
        session.flush()
        if session.get(Webhook, EXAMPLE_IDS["webhook"]) is None:
            session.add(_webhook())
        if session.get(SavedSearch, EXAMPLE_IDS["search"]) is None:
            session.add(_search())


def _client() -> Iterator[Base]:
    """A service that acts for the municipality, with its account and a secret that everybody knows."""
    id = EXAMPLE_IDS["client"]
    own = {"id": id, "name": "Eksempel: Fagsystem i Aarhus Kommune", "created_at": EPOCH}
    member = Membership(partner_id=seeded_id("partner", MUNICIPALITY), role=v.Role.EDITOR)
    secret = ClientSecret(id=EXAMPLE_IDS["secret"], digest=digest(DEMO_SECRET), created_at=EPOCH)
    yield User(**own, memberships=[member])
    scopes = ["challenge:create", "challenge:read", "challenge:update"]
    yield Client(**own, kind=v.ClientKind.SERVICE, scopes=scopes, secrets=[secret])


def _webhook() -> Webhook:
    """One that is paused, so that nobody is sent anything."""
    return Webhook(
        id=EXAMPLE_IDS["webhook"],
        url="https://hooks.example.org/copi",
        description="Eksempel: Fagsystem i Aarhus Kommune",
        types=["challenge.published", "challenge.closed", "challenge.hidden"],
        resources=["challenge"],
        state=v.WebhookState.PAUSED,
        after=0,
        created_by=seeded_id("user", "manager@aarhus.example"),
        created_at=EPOCH,
        updated_at=EPOCH,
    )


def _search() -> SavedSearch:
    return SavedSearch(
        id=EXAMPLE_IDS["search"],
        name="Åbne udfordringer i grøn omstilling",
        resource="challenge",
        query="theme=green_transition&state=open",
        language=v.Language.DA,
        created_by=seeded_id("user", "manager@aarhus.example"),
        told_until=0,
        created_at=EPOCH,
    )


def _user(demo: DemoUser, place: int, kept: str) -> User:
    partner = demo.partner and seeded_id("partner", demo.partner)
    return User(
        id=seeded_id("user", demo.email),
        email=demo.email,
        name=demo.name,
        password_hash=kept,
        duties=list(demo.duties),
        blocked=False,
        created_at=EPOCH + dt.timedelta(seconds=place),
        memberships=[Membership(partner_id=partner, role=demo.role)] if partner else [],
    )


def seed_demo_records(database: Database, storage: Storage) -> None:
    """Create the example records that are not there yet; the cases must be."""
    storage.keep(_SHA256, io.BytesIO(_BYTES))
    with database.writing() as session:
        for model, fields, own in _examples():
            id = seeded_id(model.__tablename__, "example")
            if session.get(model, id) is None:
                checked = creating(type(model.schema))().load(fields) if fields else {}
                model.add({**checked, **own, "id": id})
                session.flush()


def _examples() -> list[tuple[type[Resource], dict[str, Any], dict[str, Any]]]:
    challenge = {"challenge_id": seeded_id("challenge", OPEN_CHALLENGE)}
    municipality, company = seeded_id("partner", MUNICIPALITY), seeded_id("partner", COMPANY)
    return [
        (
            Question,
            {
                "partner_id": company,
                "question": _both("Eksempel: Må den kræve fast internet?", "Example: May it need fixed broadband?"),
            },
            challenge,
        ),
        (
            Response,
            {
                "partner_id": company,
                "title": _both("Eksempel: Robotter til løft i hjemmet", "Example: Lifting robots for the home"),
                "approach": _both("Et opdigtet svar, der viser felterne.", "An invented answer that shows the fields."),
                "novelty": "known_technology_new_use",
                "trl": 7,
                "export_markets": ["DE"],
            },
            challenge,
        ),
        (
            Adoption,
            {
                "partner_id": municipality,
                "kind": "adapted",
                "in_use_from": "2026-03",
                "note": _both("Eksempel: kravene er brugt i eget udbud.", "Example: the terms were used in a tender."),
            },
            {"outcome_id": seeded_id("outcome", REUSED_OUTCOME)},
        ),
        (
            Enquiry,
            {
                "partner_id": municipality,
                "title": _both("Eksempel: Markedsdialog før et udbud", "Example: Market dialogue before a tender"),
                "question": _both("Må vi tale med firmaer, før vi udbyder?", "May we talk to firms before we tender?"),
                "procurement_route_considered": "innovation_partnership",
            },
            {},
        ),
        (
            Document,
            {},
            {
                "enquiry_id": seeded_id("enquiry", "example"),
                "title": _both("Eksempel: Vores tidsplan", "Example: Our schedule"),
                "visibility": v.Visibility.PUBLIC,
                "name": "tidsplan.txt",
                "format": v.DocumentFormat.TXT,
                "size": len(_BYTES),
                "sha256": _SHA256,
            },
        ),
        (
            Guidance,
            {
                "title": _both("Markedsdialog før et udbud", "Talking to the market before a tender"),
                "question": _both(
                    "Må en ordregiver tale med virksomheder, før udbuddet begynder?",
                    "May a contracting authority talk to companies before the tender begins?",
                ),
                "answer": _both(
                    "Ja. Udbudslovens § 39 lader ordregiver gennemføre markedsundersøgelser og søge råd hos "
                    "virksomheder, når det ikke fordrejer konkurrencen og ikke strider mod ligebehandling og "
                    "gennemsigtighed. Del det, der kom frem, med alle tilbudsgivere, og giv dem tid nok.",
                    "Yes. Section 39 of the Danish Public Procurement Act lets an authority study the market and take "
                    "advice from companies as long as competition is not distorted and equal treatment and "
                    "transparency are kept. Share what came up with every tenderer, and give them enough time.",
                ),
                "keywords": ["markedsdialog", "udbud"],
                "procurement_routes": ["innovation_partnership"],
                "sources": ["https://www.retsinformation.dk/eli/lta/2015/1564"],
            },
            {"state": v.GuidanceState.PUBLISHED},
        ),
    ]


def _both(da: str, en: str) -> dict[str, str]:
    return {"da": da, "en": en}
