"""The world of the matrix: every kind of record in every part of its life, owned by and hidden from everyone in turn."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker
from werkzeug.test import TestResponse

from api.db import Database, session
from api.domain import clock
from api.domain.lifecycle import LIFECYCLES
from api.identity import hashed
from api.models import RESOURCES, Invitation, Membership, User
from schemas.base import creating
from schemas.vocabulary import Role
from tests.clients import Client, service
from tests.conftest import build as application
from tests.federation.provider import Provider, running
from tests.files import PDF
from tests.make import SANDBOX, Make
from tests.matrix import tokens
from tests.matrix.expected import ANONYMOUS, AWAY, CALLERS, FIRM, HEIR, HOME, THIRD, Caller, Record, sees, tester_sees

WORD = "matrixord"
"""In the texts of every record, so that a search for it finds all that the caller may see."""
SYSTEM = "matrix"
"""Where the records come from."""
NAME, SHA256 = "behov.pdf", hashlib.sha256(PDF).hexdigest()
TEXT = {"da": WORD, "en": None}
PASSWORD = "correct horse battery staple"
EMAIL = "login@matrix.example"

FORM = object()
"""What is sent where a file is taken."""
OWNING = {
    "challenge": "owner", "project": "owner", "outcome": "project's owner", "response": "responder", "enquiry": "asker",
}  # fmt: skip
"""What a document can belong to, and who answers for that."""

LETTING_IN = ("/members", "/invitations")
"""What is never given to services, at the end of addresses."""
ORGANISATIONS = (HOME, AWAY, THIRD, FIRM, HEIR)


@dataclass(frozen=True)
class Service:
    """A service, and which records it is to see."""

    name: str
    client: Client
    sees: Callable[[Record], bool]


class World:
    """The records, the callers, and a way to try a write without leaving a trace."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.database: Database = app.extensions["copi"].database
        self.records: list[Record] = []
        self.partner: dict[str, str] = {}
        """The id of each organisation's own active record."""
        self.colleague = ""
        """Somebody who is a member wherever anybody is one."""
        self.invitations: dict[str, str] = {}
        """An open invitation of each partner."""
        self._clients: dict[str, Iterator[Client]] = {}
        self.in_person: dict[str, Client] = {}
        """Each caller with the token of a password."""
        self._people: dict[str, Iterator[Client]] = {}
        self.services: tuple[Service, ...] = ()

    def of(self, kind: str) -> list[Record]:
        return [record for record in self.records if record.kind == kind]

    def named(self, kind: str, name: str) -> Record:
        return next(record for record in self.records if (record.kind, record.name) == (kind, name))

    def as_(self, caller: Caller, path: str = "") -> Client:
        """The caller, with the next kind of token they hold; services let nobody in."""
        among = (
            self._people
            if path.partition("?")[0].endswith(LETTING_IN) or any(f"{one}/" in path for one in LETTING_IN)
            else self._clients
        )
        return next(among[caller.name])

    def enrol(self, provider: Provider) -> None:
        """Register a user per caller; whoever works for an organisation does so in all of its records."""
        with self.database.writing() as opened:
            users = {caller: _user(f"user{place}@matrix.example", caller) for place, caller in enumerate(CALLERS)}
            for caller, user in users.items():
                user.memberships = [Membership(partner_id=id, role=Role(caller.role)) for id in self._employers(caller)]
            opened.add_all(user for caller, user in users.items() if caller.logged_in)
            opened.add(_with_password())
            opened.add(colleague := _user("colleague@matrix.example", CALLERS[1]))
            partners = self.of("partner")
            colleague.memberships = [Membership(partner_id=one.id, role=Role.MEMBER) for one in partners]
            letters = {one.id: _invitation(one.id) for one in partners}
            opened.add_all(letters.values())
            opened.flush()
            self.colleague, self.invitations = colleague.id, {id: letter.id for id, letter in letters.items()}
            known = {caller: user.id for caller, user in users.items()}
        held = {caller.name: self._held(provider, caller, id) for caller, id in known.items()}
        self.in_person = {name: clients[0] for name, clients in held.items()}
        self._clients = {name: cycle(clients) for name, clients in held.items()}
        self._people = {name: cycle([one for one in clients if not one.of_service]) for name, clients in held.items()}

    def _held(self, provider: Provider, caller: Caller, user: str) -> list[Client]:
        if not caller.logged_in:
            return [Client(self.app)]
        return tokens.clients(self.app, provider, caller, user, self._employers(caller))

    def _employers(self, caller: Caller) -> dict[str, str]:
        """The partners a caller works for, each with how it stands; one in the sandbox nobody can vouch for."""
        mine = [one for one in self.of("partner") if caller.organisation in one.stakes["partner"]]
        return {one.id: "sandbox" if one.sandbox else one.life for one in mine}

    def enrol_services(self) -> None:
        """Services with every scope and with none: real ones that act for an organisation, and test clients, one of
        which has the sandbox that the records are in.
        """
        make = Make(self.database)
        home = {one.id: "manager" for one in self.of("partner") if HOME in one.stakes["partner"]}
        manager = next(caller for caller in CALLERS if (caller.role, caller.organisation) == ("manager", HOME))
        tester, stranger = make.test_client(id=SANDBOX), make.test_client(roles=home)
        self.services = (
            Service("service of home", self._service(make.client(roles=home)), partial(sees, manager)),
            Service("the same without scopes", self._service(make.client(roles=home), ()), partial(sees, ANONYMOUS)),
            Service("test client", self._service(tester), partial(tester_sees, scoped=True)),
            Service("the same without scopes", self._service(tester, ()), partial(tester_sees, scoped=False)),
            Service("another test client", self._service(stranger), lambda _: False),
            Service("the same without scopes", self._service(stranger, ()), lambda _: False),
        )

    def _service(self, id: str, scopes: Collection[str] | None = None) -> Client:
        return service(self.app, id, scopes)

    def call(self, caller: Caller, method: str, path: str, body: Any = None) -> TestResponse:
        """A call by which nothing changes: a write answers as it would, and is rolled back."""
        options = _form() if body is FORM else {"json": body} if body is not None else {}
        if method == "GET":
            return self.as_(caller, path).call(method, path, **options)
        headers = {} if "/by-source/" in path else {"If-Match": "*"}  # what is not there has no version
        with rehearsed(self.database):
            return self.as_(caller, path).call(method, path, headers=headers, **options)


@contextmanager
def rehearsed(database: Database) -> Iterator[None]:
    """Let writes commit into a transaction that is then taken back."""
    real = database._sessions
    with database.writes.connect() as connection:
        outer = connection.begin()
        database._sessions = sessionmaker(
            connection, autoflush=False, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        try:
            yield
        finally:
            database._sessions = real
            outer.rollback()


def _user(email: str, caller: Caller) -> User:
    duties = [caller.duty] if caller.duty else []
    return User(email=email, name=caller.name, password_hash="-", duties=duties, created_at=dt.datetime.now(dt.UTC))


def _form() -> dict[str, Any]:
    title = json.dumps(TEXT)
    return {"data": {"file": (io.BytesIO(PDF), NAME, "application/pdf"), "title": title},
            "content_type": "multipart/form-data"}  # fmt: skip


def _invitation(partner: str) -> Invitation:
    now = dt.datetime.now(dt.UTC)
    return Invitation(digest=partner, email="invited@matrix.example", partner_id=partner, role=Role.MEMBER, created_at=now,
                      expires_at=now + dt.timedelta(days=7))  # fmt: skip


def _with_password() -> User:
    return User(email=EMAIL, name=EMAIL, password_hash=hashed(PASSWORD), duties=[], created_at=dt.datetime.now(dt.UTC))


@contextmanager
def inhabited(url: str, paths: pytest.TempPathFactory) -> Iterator[World]:
    """A world in an empty database, and an outside issuer whose tokens count there."""
    path = paths.mktemp("issuers") / "issuers.toml"
    with running("ES256") as provider:
        path.write_text(tokens.issuers(provider))
        app = application(url, issuers=str(path))
        yield build(app, provider)
        app.extensions["copi"].database.dispose()


def build(app: Flask, provider: Provider) -> World:
    """The world, written in one transaction and then never changed."""
    world = World(app)
    with world.database.writing():
        make = _Builder(world)
        for part in (
            make.partners, make.challenges, make.supports, make.responses, make.questions, make.projects,
            make.outcomes, make.adoptions, make.enquiries, make.guidance, make.documents, make.lineage,
        ):  # fmt: skip
            part()
    world.enrol(provider)
    world.enrol_services()
    app.extensions["copi"].storage.keep(SHA256, io.BytesIO(PDF))
    return world


class _Builder:
    """Puts the records into the transaction at hand; `name` says, of each, whose it is and how it stands."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add(
        self,
        kind: str,
        name: str,
        life: str,
        body: Mapping[str, Any],
        stakes: Mapping[str, Collection[str]],
        /,
        *,
        parent: Record | None = None,
        sandbox: bool = False,
        visibility: str = "public",
        stuck: Collection[str] = (),
        **columns: Any,
    ) -> Record:
        model = RESOURCES[kind]
        shape, source = creating(type(model.schema))(), f"{kind}/{len(self.world.records)}"
        fields = shape.load({"visibility": visibility, "source": {"system": SYSTEM, "external_id": source}, **body})
        state = type(model.lifecycle.initial)(life.rpartition(" ")[2])
        if parent is not None:
            columns[f"{parent.kind}_id"] = parent.id
            sandbox = sandbox or parent.sandbox
        elif sandbox:
            columns["sandbox"] = SANDBOX
        made = model.add({**fields, **columns, "state": state})
        session().flush()
        said = json.loads(made.document)
        whole = {name: said[name] for name in shape.fields if name in said}
        record = Record(kind, made.id, name, life, visibility, sandbox, stakes, parent, stuck, source, whole)
        self.world.records.append(record)
        return record

    # --- Partners -------------------------------------------------------------------------------------------

    def partners(self) -> None:
        for organisation in ORGANISATIONS:
            self.world.partner[organisation] = self.partner(organisation, "active", trusted=organisation == AWAY).id
        for organisation in (HOME, THIRD):
            for life in ("draft", "inactive", "merged"):
                self.partner(organisation, life, merged_into=self.world.partner[FIRM] if life == "merged" else None)
            for how in HOW:
                self.partner(organisation, "active", **how)
        self.partner(AWAY, "draft", parent_id=self.world.partner[THIRD])

    def partner(self, organisation: str, life: str, parent_id: str | None = None, **options: Any) -> Record:
        kind = "company" if organisation == FIRM else "municipality"
        numbers = [{"scheme": "DK-CVR", "value": tokens.NUMBERS[organisation]}]
        body = {"name": TEXT, "kind": kind, "parent_id": parent_id, "identifiers": numbers}
        return self.add("partner", _name(organisation, life, options), life, body,
                        {"partner": {organisation}}, **options)  # fmt: skip

    # --- Challenges -----------------------------------------------------------------------------------------

    def challenges(self) -> None:
        for owner in (HOME, THIRD):
            for life in CHALLENGE_LIVES:
                self.challenge([owner], life)
            for how in HOW:
                self.challenge([owner], "open", **how)
        for owners in ([AWAY], [AWAY, THIRD], [HOME, THIRD]):
            for life in ("draft", "in_review", "open"):
                self.challenge(owners, life)

    def challenge(self, owners: Sequence[str], life: str, name: str = "", **options: Any) -> Record:
        body = {
            "title": TEXT, "summary": TEXT, "problem": TEXT, "theme": "green_transition",
            "owners": [self.world.partner[owner] for owner in owners],
        }  # fmt: skip
        # What has been resolved says how; that is also what tells it from a withdrawn challenge once it is archived.
        reason = "procured" if life in ("resolved", "archived") else None
        stakes = {"owner": set(owners), "trusted owner": set(owners) & {AWAY}, "supporter": set[str](),
                  "responder": set[str]()}  # fmt: skip
        return self.add("challenge", name or _name(" and ".join(owners), life, options), life, body, stakes,
                        close_reason=reason, **options)  # fmt: skip

    # --- What belongs to a challenge ------------------------------------------------------------------------

    def supports(self) -> None:
        for supporter, owner in ((HOME, THIRD), (THIRD, HOME), (THIRD, THIRD), (AWAY, THIRD)):
            for life in ("proposed", "confirmed", "withdrawn"):
                self.support(supporter, self.challenge([owner], "open", f"of {owner} for {life} {supporter}"), life)
            for how in ({"visibility": "network"}, {"visibility": "private"}):
                name = f"of {owner} for {how['visibility']} {supporter}"
                self.support(supporter, self.challenge([owner], "open", name), "confirmed", **how)
        for life, how in (("draft", {}), ("open", {"visibility": "network"}), ("open", {"visibility": "private"}),
                          ("open", {"sandbox": True})):  # fmt: skip
            hidden = self.challenge([THIRD], life, f"of third, {life} {_how(how)}, with supports", **how)
            self.support(THIRD, hidden, "confirmed")
            for life_of_mine, whose in (("proposed", HOME), ("withdrawn", AWAY)):
                self.support(whose, hidden, life_of_mine)

        for life in ("proposed", "confirmed", "withdrawn"):
            hidden = self.challenge([THIRD], "draft", f"of third, draft, for {life} home alone")
            self.support(HOME, hidden, life)

    def support(self, supporter: str, challenge: Record, life: str, **options: Any) -> Record:
        if life != "withdrawn":
            challenge.stakes["supporter"].add(supporter)  # type: ignore[attr-defined]
        body = {"partner_id": self.world.partner[supporter], "level": "interested", "note": TEXT}
        return self.add("support", f"{_name(supporter, life, options)}, of {challenge}", life, body,
                        {"supporter": {supporter}, "challenge's owner": challenge.stakes["owner"]},
                        parent=challenge, **options)  # fmt: skip

    def responses(self) -> None:
        lives = ("draft", "submitted", "shortlisted", "selected", "declined", "withdrawn", "drafted and withdrawn")
        for life in lives:
            takes = "open" if life == "draft" else "closed"
            # What is still to be decided on keeps the challenge from becoming a project, or from ending otherwise.
            stuck = ("form-project", "resolve") if life in ("submitted", "shortlisted") else ()
            asked = self.challenge([THIRD], takes, f"of third for {life} responses", stuck=stuck)
            asking = self.challenge([HOME], takes, f"of home for {life} responses", stuck=stuck)
            self.response([HOME], asked, life)
            self.response([THIRD], asked, life)
            self.response([FIRM, AWAY], asked, life)
            self.response([THIRD], asking, life)
            self.response([FIRM, HOME], asking, life)
        late = self.challenge([HOME], "closed", "of home for late responses")
        early = self.challenge([HOME], "open", "of home for early responses")
        self.response([HOME], late, "draft", stuck=("submit",))
        self.response([THIRD], early, "submitted", stuck=("shortlist", "select", "decline"))
        for how in ({}, {"visibility": "private"}):
            gone = self.challenge([THIRD], "withdrawn", f"of third, withdrawn {_how(how)}, with responses", **how)
            self.response([FIRM, AWAY], gone, "submitted", stuck=("shortlist", "select", "decline"))
            self.response([HOME], gone, "draft", stuck=("submit",))
        for life in ("shortlisted", "selected", "declined", "withdrawn"):
            gone = self.challenge([AWAY], "withdrawn", f"of away, withdrawn, with responses {life}")
            self.response([FIRM, HOME], gone, life, stuck=("shortlist", "select", "decline"))
        sandbox = self.challenge([HOME], "open", "of home for responses of the sandbox", sandbox=True)
        self.response([HOME], sandbox, "submitted")

    def response(self, parties: Sequence[str], challenge: Record, life: str, **options: Any) -> Record:
        if life in RECEIVED:
            challenge.stakes["responder"].update(parties)  # type: ignore[attr-defined]
        responder, *consortium = (self.world.partner[one] for one in parties)
        body = {"partner_id": responder, "consortium": consortium, "title": TEXT, "approach": TEXT}
        handed_in = None if life.startswith("draft") else clock.now()
        stakes = {
            "responder": set(parties),
            "lead": {parties[0]},
            "challenge's owner": challenge.stakes["owner"] if handed_in else set(),
        }
        name = f"{_name(' and '.join(parties), life, options)}, to {challenge}"
        return self.add("response", name, life, body, stakes, parent=challenge, submitted_at=handed_in, **options)

    def questions(self) -> None:
        asked = {owner: self.challenge([owner], "open", f"of {owner} with questions") for owner in (HOME, THIRD)}
        for asker, owner in ((HOME, THIRD), (THIRD, HOME), (THIRD, THIRD), (AWAY, THIRD)):
            for life in ("asked", "answered", "dismissed"):
                self.question(asker, asked[owner], life)
            for how in HOW[:2]:
                self.question(asker, asked[owner], "answered", **how)
        for life, how in (("draft", {}), ("open", {"visibility": "private"}), ("open", {"sandbox": True})):
            hidden = self.challenge([THIRD], life, f"of third, {life} {_how(how)}, with questions", **how)
            self.question(THIRD, hidden, "answered")
            self.question(HOME, hidden, "asked")

    def question(self, asker: str, challenge: Record, life: str, **options: Any) -> Record:
        body = {"partner_id": self.world.partner[asker], "question": TEXT}
        return self.add("question", f"{_name(asker, life, options)}, about {challenge}", life, body,
                        {"asker": {asker}, "challenge's owner": challenge.stakes["owner"]},
                        parent=challenge, **options)  # fmt: skip

    # --- Projects and what came of them ---------------------------------------------------------------------

    def projects(self) -> None:
        for owner in (HOME, THIRD):
            for life in PROJECT_LIVES:
                self.project([owner], life)
            for how in HOW:
                self.project([owner], "active", **how)
        self.project([HOME, THIRD], "active", visibility="private")
        self.project([THIRD], "planned", "of third, planned, with home as a supplier", supplier=HOME)
        # A supplier sees the record as whoever takes part does, but does not answer for it.
        self.project([THIRD], "active", "of third, private, with home as a supplier", visibility="private",
                     supplier=HOME)  # fmt: skip

    def project(
        self, owners: Sequence[str], life: str, name: str = "", supplier: str = FIRM, of: Sequence[Record] = (),
        part_of: Record | None = None, **options: Any,
    ) -> Record:  # fmt: skip
        roles = [*((owner, "lead") for owner in owners), (supplier, "solution_provider"), (FIRM, "supplier")]
        body = {
            "title": TEXT, "summary": TEXT, "theme": "green_transition",
            "challenge_ids": [challenge.id for challenge in of], "parent_id": part_of and part_of.id,
            "participants": [{"partner_id": self.world.partner[one], "role": role} for one, role in roles],
        }  # fmt: skip
        return self.add("project", name or _name(" and ".join(owners), life, options), life, body,
                        {"owner": set(owners), "participant": {*owners, supplier, FIRM}}, **options)  # fmt: skip

    def outcomes(self) -> None:
        for owner in (HOME, THIRD):
            project = self.world.named("project", f"of {owner}, active")
            for life in ("draft", "submitted", "returned", "verified", "corrected", "retracted"):
                self.outcome(project, life)
            for how in HOW[:2]:
                self.outcome(project, "verified", **how)
            for how in ("network", "private", "sandbox"):
                self.outcome(self.world.named("project", f"of {owner}, active {how}"), "verified")
        self.outcome(self.world.named("project", "of home and third, active private"), "draft")
        shared = self.world.named("project", "of third, private, with home as a supplier")
        for life, visibility in (("draft", "public"), ("verified", "public"), ("verified", "private")):
            self.outcome(shared, life, visibility=visibility)

    def outcome(self, project: Record, life: str, called: str = "it", **options: Any) -> Record:
        body = {"title": TEXT, "summary": TEXT, "project_id": project.id, "kind": "measured_effect"}
        return self.add("outcome", f"{_name(called, life, options)}, of {project}", life, body,
                        {"project's owner": project.stakes["owner"],
                         "project's participant": project.stakes["participant"]}, parent=project, **options)  # fmt: skip

    def adoptions(self) -> None:
        # Each of an outcome of its own: nobody takes one over twice.
        for adopter, owner in ((HOME, THIRD), (THIRD, HOME), (THIRD, THIRD), (None, HOME), (None, THIRD)):
            project = self.world.named("project", f"of {owner}, active")
            for life in ("reported", "confirmed", "withdrawn"):
                self.adoption(adopter, self.outcome(project, "verified", "a solution"), life)
            for how in HOW[:2]:
                self.adoption(adopter, self.outcome(project, "verified", "a solution"), "confirmed", **how)
        for name in ("of it, retracted, of project of third, active",
                     "of it, verified network, of project of third, active",
                     "of it, verified private, of project of third, active",
                     "of it, verified, of project of third, active private",
                     "of it, verified, of project of third, active sandbox"):  # fmt: skip
            hidden = self.world.named("outcome", name)
            self.adoption(HOME, hidden, "reported", stuck=("confirm",) if hidden.life == "retracted" else ())
            self.adoption(THIRD, hidden, "confirmed")

    def adoption(self, adopter: str | None, outcome: Record, life: str, **options: Any) -> Record:
        who = {"partner_id": self.world.partner[adopter]} if adopter else {"count": {"count": 9, "unit": "kommuner"}}
        return self.add("adoption", f"{_name(adopter or 'nobody', life, options)}, of {outcome}", life,
                        {**who, "kind": "adapted", "note": TEXT},
                        {"adopter": {adopter} if adopter else set(), "project's owner": outcome.stakes["project's owner"]},
                        parent=outcome, **options)  # fmt: skip

    # --- Procurement sparring -------------------------------------------------------------------------------

    def enquiries(self) -> None:
        open_one = self.world.named("challenge", "of home, open private")
        for asker in (HOME, THIRD):
            for life in ("new", "assigned", "answered", "closed"):
                self.enquiry(asker, life)
            self.enquiry(asker, "new", sandbox=True)
        self.enquiry(AWAY, "new", about=open_one)

    def enquiry(self, asker: str, life: str, about: Record | None = None, **options: Any) -> Record:
        body = {"partner_id": self.world.partner[asker], "title": TEXT, "question": TEXT,
                "challenge_id": about and about.id}  # fmt: skip
        return self.add("enquiry", _name(asker, life, options), life, body, {"asker": {asker}}, **options)

    def guidance(self) -> None:
        for life, how in (*((life, {}) for life in ("draft", "published", "withdrawn")),
                          *(("published", how) for how in HOW)):  # fmt: skip
            body = {"title": TEXT, "question": TEXT, "answer": TEXT}
            self.add("guidance", _name("CO-PI", life, how), life, body, {}, **how)

    # --- Documents ------------------------------------------------------------------------------------------

    def documents(self) -> None:
        for parent in [one for kind in OWNING for one in self.world.of(kind) if _takes_documents(one)]:
            for life in ("current", "removed"):
                self.document(parent, life)
            if parent.name in ("of third, open", "of home, active", "of third, active"):
                for how in HOW[:2]:
                    self.document(parent, "current", **how)

    def document(self, parent: Record, life: str, **options: Any) -> Record:
        # All have the same bytes, so that they stay where they are when one is removed for a try.
        file = {"name": NAME, "format": "pdf", "size": len(PDF), "sha256": SHA256}
        owners = parent.stakes[OWNING[parent.kind]]
        stuck = () if changeable(parent) else ("update", "remove")
        return self.add("document", f"{life} {_how(options)}, of {parent}", life, {"title": TEXT},
                        {"parent's owner": owners, OWNING[parent.kind]: owners}, parent=parent, stuck=stuck,
                        **options, **file)  # fmt: skip

    # --- One journey ----------------------------------------------------------------------------------------

    def lineage(self) -> None:
        """A need that everyone sees, with projects, outcomes and adoptions of which each sees another part."""
        need = self.challenge([THIRD], "open", "of third with a lineage")
        programme = self.project([THIRD], "active", "of third, the programme", of=[need], visibility="private")
        secret = self.world.named("challenge", "of third, open private")
        for supporter, how in ((HOME, {"visibility": "private"}), (AWAY, {"visibility": "network"}), (THIRD, {})):
            self.support(supporter, need, "confirmed", **how)
        for how in ({}, *HOW):
            project = self.project([THIRD], "active", f"of third, {_how(how) or 'public'}, in the lineage",
                                   of=[need, secret], part_of=programme, **how)  # fmt: skip
            for life, outcome_how in (("verified", {}), ("verified", {"visibility": "network"}), ("draft", {})):
                outcome = self.outcome(project, life, **outcome_how)
                self.adoption(HOME, outcome, "confirmed", visibility="private")
                self.adoption(THIRD, outcome, "confirmed")


HOW: Sequence[dict[str, Any]] = ({"visibility": "network"}, {"visibility": "private"}, {"sandbox": True})
CHALLENGE_LIVES = (
    "draft", "in_review", "open", "closed", "resolved", "withdrawn", "archived", "withdrawn and archived",
)  # fmt: skip
RECEIVED = ("submitted", "shortlisted", "selected", "declined")
"""The part of a response's life in which the challenge's owners have it."""
PROJECT_LIVES = (
    "planned", "active", "on_hold", "completed", "in_operation", "discontinued", "archived", "unknown",
)  # fmt: skip


def changeable(record: Record) -> bool:
    """Whether documents come to the record and go in this part of its life: while anything of it can be changed, and
    while somebody is to answer it.
    """
    lifecycle = LIFECYCLES.get(record.kind)
    if (record.kind, record.life) == ("enquiry", "assigned"):
        return True
    return lifecycle is not None and lifecycle.may_change(type(lifecycle.initial)(record.life.rpartition(" ")[2]))


def _takes_documents(record: Record) -> bool:
    """A few of each kind: open and closed to change, seen by all, by some and by their own."""
    return record.name.startswith(WITH_DOCUMENTS[record.kind])


WITH_DOCUMENTS = {
    "challenge": ("of home, draft", "of home, open", "of home, archived", "of third, open", "of third, draft, for"),
    "project": ("of home, active", "of home, archived", "of third, active", "of third, private, with home"),
    "outcome": ("of it, draft", "of it, verified"),
    "response": ("of home, draft", "of third, submitted", "of home, submitted", "of firm and away, submitted"),
    "enquiry": ("of home, new", "of home, assigned", "of home, answered", "of third, new"),
}


def _how(options: Mapping[str, Any]) -> str:
    return "sandbox" if options.get("sandbox") else str(options.get("visibility", ""))


def _name(whose: str, life: str, options: Mapping[str, Any]) -> str:
    return f"of {whose}, {life} {_how(options)}".strip()
