"""Builders of records with defaults: a test states only what matters to it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from api.db import Database
from api.identity import hashed
from api.models import Challenge, Membership, Outcome, Partner, Project, Resource, User
from schemas import vocabulary as v
from schemas.base import creating
from schemas.vocabulary import Role

PASSWORD = "correct horse battery staple"
_HASH = hashed(PASSWORD)
_numbers = itertools.count(1)

States = {
    "partner": v.PartnerState,
    "challenge": v.ChallengeState,
    "project": v.ProjectState,
    "outcome": v.OutcomeState,
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


class Make:
    """Puts records straight into the database, in any state; returns their ids."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def partner(self, state: str = "active", **given: Any) -> str:
        return self._record(Partner, partner_body(**given), state, given)

    def challenge(self, state: str = "open", owner: str | None = None, **given: Any) -> str:
        return self._record(
            Challenge, challenge_body(owner or self.partner(kind="municipality"), **given), state, given
        )

    def project(self, state: str = "active", owner: str | None = None, **given: Any) -> str:
        if owner is not None:
            given.setdefault("participants", [{"partner_id": owner, "role": "lead"}])
        return self._record(Project, project_body(**given), state, given)

    def outcome(self, state: str = "verified", project: str | None = None, **given: Any) -> str:
        return self._record(Outcome, outcome_body(project or self.project(), **given), state, given)

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

    def _record(self, model: type[Resource], body: dict[str, Any], state: str, given: Mapping[str, Any]) -> str:
        own = {name: body.pop(name) for name in ("test", "contact_points", "id") if name in given}
        fields = creating(type(model.schema))().load(body)
        with self.database.writing():
            record = model.add({**fields, **own, "state": States[model.__tablename__](state)})
        return record.id
