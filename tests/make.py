"""Builders of records with defaults: a test states only what matters to it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from api.db import Database
from api.identity import hashed, oauth
from api.identity.secrets import digest
from api.models import (
    RESOURCES,
    Client,
    ClientSecret,
    Document,
    Import,
    ImportProfile,
    Membership,
    SavedSearch,
    User,
    Webhook,
    WebhookDelivery,
    WebhookSecret,
)
from schemas import vocabulary as v
from schemas.base import creating
from schemas.imports import ImportProfileSchema
from schemas.vocabulary import Role

SANDBOX = "019b76da-a800-7000-8000-5a4db0c50000"
"""The sandbox of some test client whom no test calls as."""
PROFILE = {"name": "Udtræk", "resource": "partners", "system": "fagsystem", "external_id": "id",
           "columns": [{"target": "name.da", "source": "navn"}]}  # fmt: skip
PASSWORD = "correct horse battery staple"
SECRET = "copi_secret_"
_HASH = hashed(PASSWORD)
_numbers = itertools.count(1)

States = {
    "partner": v.PartnerState,
    "challenge": v.ChallengeState,
    "project": v.ProjectState,
    "outcome": v.OutcomeState,
    "support": v.SupportState,
    "response": v.ResponseState,
    "question": v.QuestionState,
    "adoption": v.AdoptionState,
    "enquiry": v.EnquiryState,
    "guidance": v.GuidanceState,
    "document": v.DocumentState,
}


def challenge_body(owner: str, **given: Any) -> dict[str, Any]:
    """What a client must send to register a challenge."""
    return {
        "title": {"da": f"Behov {next(_numbers)}"},
        "summary": {"da": "Kort om behovet."},
        "owners": [owner],
        "theme": "green_transition",
        **given,
    }


def partner_body(**given: Any) -> dict[str, Any]:
    """What a client must send to register a partner."""
    return {"name": {"da": f"Partner {next(_numbers)}"}, "kind": "company", **given}


def project_body(**given: Any) -> dict[str, Any]:
    """What a client must send to register a project."""
    return {
        "title": {"da": f"Projekt {next(_numbers)}"},
        "summary": {"da": "Kort om projektet."},
        "theme": "welfare_technology",
        **given,
    }


def outcome_body(project: str, **given: Any) -> dict[str, Any]:
    """What a client must send to register an outcome."""
    return {
        "title": {"da": f"Resultat {next(_numbers)}"},
        "summary": {"da": "Kort om resultatet."},
        "project_id": project,
        "kind": "measured_effect",
        **given,
    }


def support_body(partner: str, **given: Any) -> dict[str, Any]:
    """What a client must send to join a challenge."""
    return {"partner_id": partner, "level": "interested", **given}


def response_body(partner: str, **given: Any) -> dict[str, Any]:
    """What a client must send to answer a challenge."""
    return {
        "partner_id": partner,
        "title": {"da": f"Svar {next(_numbers)}"},
        "approach": {"da": "Sådan løser vi det."},
        **given,
    }


def question_body(partner: str, **given: Any) -> dict[str, Any]:
    """What a client must send to ask about a challenge."""
    return {"partner_id": partner, "question": {"da": f"Spørgsmål {next(_numbers)}?"}, **given}


def adoption_body(partner: str | None, **given: Any) -> dict[str, Any]:
    """What a client must send to report an adoption; without a partner, how many they are."""
    who = {"count": {"count": 9, "unit": "kommuner"}} if partner is None else {"partner_id": partner}
    return {**who, "kind": "adapted", **given}


def enquiry_body(partner: str, **given: Any) -> dict[str, Any]:
    """What a client must send to ask for procurement sparring."""
    return {
        "partner_id": partner,
        "title": {"da": f"Henvendelse {next(_numbers)}"},
        "question": {"da": "Må vi det?"},
        **given,
    }


def guidance_body(**given: Any) -> dict[str, Any]:
    """What a client must send to draft guidance."""
    return {
        "title": {"da": f"Vejledning {next(_numbers)}"},
        "question": {"da": "Må man det?"},
        "answer": {"da": "Ja."},
        **given,
    }


class Make:
    """Puts records straight into the database, in any state; returns their ids. With a `sandbox` they are in that one."""

    def __init__(self, database: Database, sandbox: str | None = None) -> None:
        self.database, self.sandbox = database, sandbox

    @cached_property
    def home(self) -> str:
        """The public body that joins, answers, asks and adopts unless a test says who does."""
        return self.partner(kind="municipality", name={"da": "Hjemme Kommune"})

    def partner(self, state: str = "active", **given: Any) -> str:
        if state == "merged":
            given.setdefault("merged_into", self.partner())
        return self._record("partner", partner_body(**given), state)

    def challenge(self, state: str = "open", owner: str | None = None, **given: Any) -> str:
        return self._record("challenge", challenge_body(owner or self.partner(kind="municipality"), **given), state)

    def project(self, state: str = "active", owner: str | None = None, **given: Any) -> str:
        if owner is not None:
            given.setdefault("participants", [{"partner_id": owner, "role": "lead"}])
        return self._record("project", project_body(**given), state)

    def outcome(self, state: str = "verified", project: str | None = None, **given: Any) -> str:
        return self._record("outcome", outcome_body(project or self.project(), **given), state)

    def support(self, state: str = "confirmed", challenge: str | None = None, **given: Any) -> str:
        body = support_body(self.home, challenge_id=challenge or self.challenge(), **given)
        return self._record("support", body, state)

    def response(self, state: str = "submitted", challenge: str | None = None, **given: Any) -> str:
        handed_in = None if state == "draft" else dt.datetime.now(dt.UTC)
        body = response_body(
            self.home, challenge_id=challenge or self.challenge(), **{"submitted_at": handed_in, **given}
        )
        return self._record("response", body, state)

    def question(self, state: str = "answered", challenge: str | None = None, **given: Any) -> str:
        body = question_body(self.home, challenge_id=challenge or self.challenge(), **given)
        return self._record("question", body, state)

    def adoption(self, state: str = "confirmed", outcome: str | None = None, **given: Any) -> str:
        adopter = None if "count" in given else self.home
        return self._record("adoption", adoption_body(adopter, outcome_id=outcome or self.outcome(), **given), state)

    def enquiry(self, state: str = "new", **given: Any) -> str:
        return self._record("enquiry", enquiry_body(self.home, **given), state)

    def guidance(self, state: str = "published", **given: Any) -> str:
        return self._record("guidance", guidance_body(**given), state)

    def document(self, state: str = "current", project: str | None = None, **given: Any) -> str:
        """Without bytes: what is said about a file."""
        with self.database.writing():
            title = {"da": f"Bilag {next(_numbers)}", "en": None}
            document = Document.add(
                {
                    "project_id": project or self.project(owner=self.home),
                    "title": title,
                    "name": "bilag.txt",
                    "format": v.DocumentFormat.TXT,
                    "size": 5,
                    "sha256": "0" * 64,
                    "state": v.DocumentState(state),
                    **given,
                }
            )
        return document.id

    def user(self, duties: Sequence[str] = (), roles: Mapping[str, str] = {}, **given: Any) -> str:
        number = next(_numbers)
        with self.database.writing() as session:
            user = User(
                email=f"user{number}@tests.example",
                name=f"User {number}",
                password_hash=_HASH,
                duties=list(duties),
                created_at=dt.datetime.now(dt.UTC),
                memberships=[Membership(partner_id=partner, role=Role(role)) for partner, role in roles.items()],
            )
            for name, value in given.items():
                setattr(user, name, value)
            session.add(user)
            session.flush()
            return user.id

    def client(self, roles: Mapping[str, str] = {}, **given: Any) -> str:
        """A service with its account and a secret, SECRET and its id; a frontend when `kind` says so. Has all scopes."""
        number, kind = next(_numbers), v.ClientKind(given.pop("kind", "service"))
        with self.database.writing() as session:
            now = dt.datetime.now(dt.UTC)
            scopes = oauth.scopes() if kind is v.ClientKind.SERVICE else []
            client = Client(name=f"Client {number}", kind=kind, created_at=now, scopes=scopes)
            for name, value in given.items():
                setattr(client, name, value)
            session.add(client)
            session.flush()
            if kind is v.ClientKind.SERVICE:
                members = [Membership(partner_id=partner, role=Role(role)) for partner, role in roles.items()]
                session.add(User(id=client.id, name=client.name, created_at=now, memberships=members))
                client.secrets = [ClientSecret(digest=digest(SECRET + client.id), created_at=now)]
        return client.id

    def test_client(self, **given: Any) -> str:
        """A service with a sandbox of its own, which has the same id."""
        return self.client(test=True, **given)

    def an_import(self, owner: str | None = None, **given: Any) -> str:
        """A checked import of a user's, or of nobody's that a test calls as."""
        made = {"created_by": owner or self.user(), "created_at": dt.datetime.now(dt.UTC), "resource": "partners"}
        checked = {"state": "checked", "mode": "line_by_line", "dry_run": True, "granted": {}, "file_name": "f.csv"}
        with self.database.writing() as session:
            job = Import(size=1, sha256="0" * 64, **made, **checked, **given)
            session.add(job)
            session.flush()
            return job.id

    def import_profile(self, owner: str | None = None, **given: Any) -> str:
        """A profile of a user's, or of nobody's that a test calls as."""
        with self.database.writing() as session:
            made = {"created_by": owner or self.user(), "created_at": dt.datetime.now(dt.UTC)}
            profile = ImportProfile(**creating(ImportProfileSchema)().load(PROFILE), **made, **given)
            session.add(profile)
            session.flush()
            return profile.id

    def search(self, owner: str | None = None, **given: Any) -> str:
        """A saved search of a user's, or of nobody's that a test calls as."""
        with self.database.writing() as session:
            search = SavedSearch(
                name="Søgning", resource="challenge", query="", language=v.Language.DA, told_until=0,
                created_by=owner or self.user(), created_at=dt.datetime.now(dt.UTC), **given,
            )  # fmt: skip
            session.add(search)
            session.flush()
            return search.id

    def webhook(self, created_by: str | None = None, **given: Any) -> str:
        """One that is paused, with secrets that nobody knows and one delivery."""
        now = dt.datetime.now(dt.UTC)
        with self.database.writing() as session:
            webhook = Webhook(url="https://hooks.example.org/", state=v.WebhookState.PAUSED, after=0, created_at=now,
                              updated_at=now, created_by=created_by or self.user(), **given)  # fmt: skip
            webhook.secrets = [WebhookSecret(sealed=b"sealed", created_at=now) for _ in range(2)]
            session.add(webhook)
            session.flush()
            session.add(WebhookDelivery(webhook_id=webhook.id, kind=v.DeliveryKind.EVENT, message_id=f"{webhook.id}_1",
                                        seq=1, state=v.DeliveryState.DELIVERED, at=now))  # fmt: skip
            return webhook.id

    @property
    def _inside(self) -> dict[str, str]:
        return {} if self.sandbox is None else {"sandbox": self.sandbox}

    def _record(self, resource: str, body: dict[str, Any], state: str) -> str:
        """What no client can set, say `sandbox` or a close reason, is put beside what one sends."""
        model = RESOURCES[resource]
        shape = creating(type(model.schema))()
        own = {name: body.pop(name) for name in body.keys() - shape.fields.keys()}
        with self.database.writing():
            record = model.add({**shape.load(body), **self._inside, **own, "state": States[resource](state)})
        return record.id
