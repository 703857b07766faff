"""Imports as clients see them: sent, looked at, begun, cancelled. A runner does the work."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api.db import reading_session, session
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import INVALID, NOT_READY, WRONG_STATE, Refusal
from api.imports import callers, profiles
from api.kit import pages, uploads
from api.kit.actor import actor
from api.kit.service import service
from api.models import Import, LineError
from schemas.vocabulary import ImportState
from schemas.wording import Say

S = ImportState
MOST_WAITING = 20
"""Imports of one account that are not over."""
_LISTED = 100
_GOING_ON = (S.QUEUED, S.CHECKING, S.RUNNING)

_EMPTY = Say("Filen er tom.", "The file is empty.")
_ENOUGH = Say(
    f"Du har allerede {MOST_WAITING} indlæsninger, der ikke er færdige. Vent på dem, eller afbryd nogle af dem.",
    f"You already have {MOST_WAITING} imports that are not over. Wait for them, or cancel some.",
)
_NOT_CHECKED = Say(
    "Kun en fil, der er kontrolleret (checked), kan indlæses; den er i tilstanden {state}.",
    "Only a file that has been checked can be taken in; it is in state {state}.",
)
_OVER = Say("Indlæsningen er slut: den er i tilstanden {state}.", "The import is over: it is in state {state}.")


def page(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the imports the caller sees, the newest first."""
    query = select(Import).where(Import.seen_by(actor())).order_by(Import.id.desc())
    with service().database.reading() as connection, reading_session(connection) as opened:
        return pages.page(opened, query, wanted, lambda row: row[0])


def create(fields: Mapping[str, Any]) -> Import:
    """A file to be taken in; its bytes are put into the storage once everything else is in order."""
    caller, opened = actor(), session()
    _demand_room(opened, caller)
    upload: FileStorage = fields["file"]
    content = uploads.incoming(upload)
    if content.size == 0:
        raise Refusal(INVALID, errors=[{"pointer": "/file", "detail": _EMPTY}])
    name, reading = None, None
    if fields["profile"]:
        name, reading = profiles.named(opened, caller, fields["profile"], fields["resource"])
    made = Import(
        **{part: fields[part] for part in ("resource", "mode", "dry_run")},
        profile=name,
        reading=reading,
        granted=callers.granted(opened, caller),
        file_name=_name(upload.filename or ""),
        size=content.size,
        sha256=content.sha256,
        created_at=clock.now(),
        created_by=caller.id,
        sandbox=caller.sandbox,
    )
    opened.add(made)
    opened.flush()
    return made


def _demand_room(opened: Session, caller: Actor) -> None:
    waiting = (
        select(func.count()).select_from(Import).where(Import.created_by == caller.id, Import.state.in_(_GOING_ON))
    )
    if (opened.scalar(waiting) or 0) >= MOST_WAITING:
        raise Refusal(NOT_READY, _ENOUGH)


def _name(given: str) -> str:
    """The file's name without folders and without signs that do not show."""
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2])
    return "".join(mark for mark in name if mark.isprintable())[-200:].strip() or "file"


def with_errors(job: Import) -> Import:
    """The import with the first of its errors."""
    job.errors = session().scalars(_errors(job).limit(_LISTED)).all()
    return job


def errors(wanted: Mapping[str, Any], job: Import) -> dict[str, Any]:
    """One page of what is wrong in the file, line by line."""
    return pages.page(session(), _errors(job), wanted, lambda row: row[0])


def _errors(job: Import) -> Any:
    return select(LineError).where(LineError.import_id == job.id).order_by(LineError.line, LineError.id)


def run(job: Import) -> Import:
    """Take in a file that has been checked."""
    if job.state is not S.CHECKED:
        raise Refusal(WRONG_STATE, _NOT_CHECKED.format(state=job.state))
    job.state, job.dry_run, job.started_at, job.finished_at = S.QUEUED, False, None, None
    job.granted = callers.granted(session(), actor())
    return with_errors(job)


def cancel(job: Import) -> Import:
    """End an import: what it has taken in stays, the rest is not."""
    if job.state not in (*_GOING_ON, S.CHECKED):
        raise Refusal(WRONG_STATE, _OVER.format(state=job.state))
    job.state, job.finished_at = S.CANCELLED, clock.now()
    job.lease_holder = job.lease_until = None
    return with_errors(job)
