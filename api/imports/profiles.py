"""Profiles: saved ways to read the files of one system, and those that come along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db import reading_session, session
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import INVALID, Refusal
from api.imports.mapping import Profile
from api.imports.targets import target
from api.kit import pages
from api.kit.actor import actor
from api.kit.service import service
from api.models import ImportProfile
from schemas.imports import ImportProfileSchema
from schemas.vocabulary import ImportResource
from schemas.wording import Say

_NO_TARGET = Say("Der er ingen sådan kolonne i {resource}.", "There is no such column in {resource}.")
_TWICE = Say("Kolonnen er nævnt to gange.", "The column is there twice.")
_NO_PROFILE = Say(
    "Der er ingen sådan profil. Med til at begynde med er: {names}.",
    "There is no such profile. Those that come along are: {names}.",
)
_OTHER_RESOURCE = Say("Profilen er til {resource}.", "The profile is for {resource}.")


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the profiles the caller sees, in the order they were made."""
    query = select(ImportProfile).where(ImportProfile.seen_by(actor())).order_by(ImportProfile.id)
    with service().database.reading() as connection, reading_session(connection) as opened:
        return pages.page(opened, query, wanted, lambda row: row[0])


def create(fields: Mapping[str, Any]) -> ImportProfile:
    """A new profile of the caller's."""
    _demand_known(fields)
    caller = actor()
    made = ImportProfile(**fields, created_at=clock.now(), created_by=caller.id, sandbox=caller.sandbox)
    session().add(made)
    session().flush()
    return made


def change(profile: ImportProfile, fields: Mapping[str, Any]) -> ImportProfile:
    """The same profile, changed; imports that have been sent go on by what it said then."""
    _demand_known(fields)
    for name, value in fields.items():
        setattr(profile, name, value)
    return profile


def delete(profile: ImportProfile) -> None:
    """Take a profile away."""
    session().delete(profile)


def _demand_known(fields: Mapping[str, Any]) -> None:
    """Refuse (422) columns that no record of this kind has."""
    if wrong := list(_unknown(fields)):
        raise Refusal(INVALID, errors=wrong)


def _unknown(fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    known, resource = target(fields["resource"]).columns, fields["resource"]
    names = [one["target"] for one in fields["columns"]]
    for place, name in enumerate(names):
        if name not in known:
            yield {"pointer": f"/columns/{place}/target", "detail": _NO_TARGET.format(resource=resource)}
        elif name in names[:place]:
            yield {"pointer": f"/columns/{place}/target", "detail": _TWICE}


# --- Those that come along ------------------------------------------------------------------------------------


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """The profiles that come along, by name."""
    files = sorted((resources.files(__package__) / "profiles").iterdir(), key=lambda file: file.name)
    found = {file.name.removesuffix(".json"): orjson.loads(file.read_bytes()) for file in files}
    shape = ImportProfileSchema()
    return {
        name: {"id": None, **shape.load({"name": name, **said}), "created_at": None} for name, said in found.items()
    }


def all_shipped() -> dict[str, Any]:
    """The profiles that come along, as one page."""
    return {"items": list(shipped().values()), "total": len(shipped()), "next": None}


def named(opened: Session, caller: Actor, name: str, resource: ImportResource) -> tuple[str, dict[str, Any]]:
    """What a profile is called and says, by its id or, of those that come along, its name; refused (422) otherwise."""
    found: Any = shipped().get(name) or _saved(opened, caller, name)
    if found is None:
        raise _refused(_NO_PROFILE.format(names=", ".join(shipped())))
    said = found if isinstance(found, Mapping) else ImportProfileSchema().dump(found)
    if said["resource"] != resource:
        raise _refused(_OTHER_RESOURCE.format(resource=said["resource"]))
    return said["name"], {part: said[part] for part in ("system", "external_id", "columns", "items")}


def _saved(opened: Session, caller: Actor, id: str) -> ImportProfile | None:
    try:
        asked = str(UUID(id))
    except ValueError:
        return None
    return opened.scalars(
        select(ImportProfile).where(ImportProfile.id == asked, ImportProfile.seen_by(caller))
    ).one_or_none()


def _refused(detail: Say) -> Refusal:
    return Refusal(INVALID, errors=[{"pointer": "/profile", "detail": detail}])


def read(said: Mapping[str, Any] | None) -> Profile | None:
    """A profile as it was put by for an import."""
    return Profile(**said) if said else None
