"""The runner: takes up imports one after the other, goes on where a killed one stopped, and says how far it has come.

An import is held by a lease. Whoever holds it renews the lease with each batch, in the very transaction that takes the
batch in; who has lost it writes nothing more.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from api.db import Database
from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import INTERNAL, Refusal
from api.imports import callers, profiles
from api.imports.batches import Tally
from api.imports.engine import Engine, Refused
from api.imports.files import Plan
from api.imports.rows import Unreadable, Wrong, shown
from api.models import Import, LineError
from api.storage import Missing, Storage, Unreachable
from schemas.imports import MOST_WHOLE
from schemas.vocabulary import ImportMode, ImportState
from schemas.wording import Say

S = ImportState
LEASE = dt.timedelta(seconds=60)
"""How long an import stays with a runner that is heard of no more."""
MOST_ATTEMPTS = 5

_log = logging.getLogger("copi.import")

_BROKE_OFF = Say(
    "Indlæsningen er brudt sammen fem gange. Skriv til CO-PI, og oplys dens id.",
    "The import has broken down five times. Write to CO-PI and tell them its id.",
)
_GONE = Say("Filen er ikke længere i lageret.", "The file is no longer in the storage.")
_CLASH = Say(
    "Andre har imens skrevet de samme poster; intet er indlæst. Indlæs filen igen.",
    "Others have written the same records meanwhile; nothing has been taken in. Import the file again.",
)
_NOTHING = Say(
    "Linjer er afvist, så intet er indlæst. Ret dem, og indlæs filen igen.",
    "Lines are refused, so nothing has been taken in. Correct them, and import the file again.",
)


class Lost(Exception):
    """The import is no longer this runner's: cancelled, or taken over by another."""


class Runner:
    """Takes imports up, one at a time. Any number of runners may be at work."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database, self._storage = database, storage
        self._me = str(uuid.uuid4())

    def run(self, stop: threading.Event) -> int:
        """Work on what is waiting, until nothing is or it is told to stop; how many imports."""
        done = 0
        while not stop.is_set() and (job := self._take_up()):
            done += 1
            self._work(job)
        return done

    def _take_up(self) -> Import | None:
        """The oldest import that waits, or that its runner has left; it is now held by this one."""
        now = clock.now()
        left = or_(Import.lease_until.is_(None), Import.lease_until <= now)
        waiting = select(Import).where(Import.state.in_((S.QUEUED, S.CHECKING, S.RUNNING)), left)
        with self._database.writing() as session:
            job = session.scalars(waiting.order_by(Import.id).limit(1).with_for_update(skip_locked=True)).first()
            if job is None:
                return None
            job.lease_holder, job.lease_until, job.attempts = self._me, now + LEASE, job.attempts + 1
            job.started_at = job.started_at or now
            session.flush()
            if job.state is S.QUEUED:
                _begin(session, job, _first(job))
        return job

    def _work(self, job: Import) -> None:
        try:
            if job.attempts > MOST_ATTEMPTS:
                self._end(job, S.FAILED, _BROKE_OFF)
            else:
                self._try(job)
        except Lost:
            _log.info("import %s: no longer ours", job.id)
        except (OperationalError, Unreachable):
            # The database or the storage is away for a moment: the lease runs out, and somebody goes on.
            _log.exception("import %s broke off", job.id)

    def _try(self, job: Import) -> None:
        try:
            with self._file(job) as file:
                self._go_through(job, file)
        except Exception as wrong:
            self._failed(job, wrong)

    def _failed(self, job: Import, wrong: Exception) -> None:
        """Say why it ends, when that is what it does."""
        match wrong:
            case Lost() | OperationalError() | Unreachable():
                raise wrong
            case Unreadable():
                self._end(job, S.FAILED, wrong.wrong.detail, Tally(errors=[wrong.wrong]))
            case Refused():
                self._end(job, S.FAILED, _NOTHING, wrong.tally)
            case Refusal():
                self._end(job, S.FAILED, wrong.detail)
            case Missing():
                self._end(job, S.FAILED, _GONE)
            case IntegrityError():
                self._end(job, S.FAILED, _CLASH)
            case _:
                _log.error("import %s failed", job.id, exc_info=wrong)
                self._end(job, S.FAILED, INTERNAL.advice)

    def _go_through(self, job: Import, file: IO[bytes]) -> None:
        plan = Plan(job.resource, profiles.read(job.reading))
        most = MOST_WHOLE if job.mode is ImportMode.ALL_OR_NOTHING else None
        engine = Engine(self._database, plan, lambda s: _caller(s, job), job.id, most)
        if job.state is S.CHECKING:
            self._restart(job)
            engine.check(file, self._noting(job))
            if self._checked(job):
                return
        if job.mode is ImportMode.ALL_OR_NOTHING:
            engine.whole(file, self._finishing(job), lambda: self._renew(job))
        else:
            engine.line_by_line(file, self._noting(job), job.position)
            self._end(job, S.DONE)

    def _restart(self, job: Import) -> None:
        """A check that broke off begins anew: nothing of it was kept but its report."""
        with self._database.writing() as session:
            self._own(session, job)
            _begin(session, job, S.CHECKING)

    def _checked(self, job: Import) -> bool:
        """What follows a check: whether that was all."""
        with self._database.writing() as session:
            found = self._own(session, job)
            if found.dry_run:
                self._finish(session, job, S.CHECKED)
            elif found.refused:
                self._finish(session, job, S.FAILED, problem=_both(_NOTHING))
            else:
                _begin(session, job, S.RUNNING)
        return job.state is not S.RUNNING

    def _noting(self, job: Import) -> Any:
        return lambda session, tally: self._note(session, job, tally)

    def _finishing(self, job: Import) -> Any:
        def finish(session: Session, tally: Tally) -> None:
            self._note(session, job, tally)
            self._finish(session, job, S.DONE)

        return finish

    def _note(self, session: Session, job: Import, tally: Tally) -> None:
        """Write down how far it has come; fails when the import is no longer ours."""
        self._own(session, job)
        counted = {name: getattr(Import, name) + getattr(tally, name) for name in _COUNTED}
        _update(session, job, position=tally.line, lease_until=clock.now() + LEASE, attempts=1, **counted)
        _report(session, job, tally.errors)

    def _renew(self, job: Import) -> None:
        """In a long transaction: tell others that it goes on. On SQLite nobody else can write, nor take it over."""
        if not self._database.is_sqlite:
            with self._database.writing() as session:
                self._own(session, job)
                _update(session, job, lease_until=clock.now() + LEASE)

    def _own(self, session: Session, job: Import) -> Import:
        held = select(Import).where(Import.id == job.id, Import.lease_holder == self._me, Import.state == job.state)
        found = session.scalars(held.with_for_update().execution_options(populate_existing=True)).one_or_none()
        if found is None:
            raise Lost
        return found

    def _end(self, job: Import, state: ImportState, problem: Say | None = None, tally: Tally | None = None) -> None:
        with self._database.writing() as session:
            self._own(session, job)
            if tally:
                _update(session, job, lines=Import.lines + tally.lines, refused=Import.refused + tally.refused)
                _report(session, job, tally.errors)
            self._finish(session, job, state, problem=problem and _both(problem))

    def _finish(self, session: Session, job: Import, state: ImportState, **told: Any) -> None:
        _update(session, job, state=state, lease_holder=None, lease_until=None, finished_at=clock.now(), **told)

    @contextmanager
    def _file(self, job: Import) -> Iterator[IO[bytes]]:
        """The bytes on this machine's disk, where they can be read several times."""
        with tempfile.TemporaryFile() as file:
            for chunk in self._storage.read(job.sha256, 0, job.size):
                file.write(chunk)
            file.seek(0)
            yield file


_COUNTED = ("lines", "created", "changed", "unchanged", "refused")
_COUNTS: dict[str, Any] = {**dict.fromkeys(_COUNTED, 0), "position": 0}


def _first(job: Import) -> ImportState:
    """What is done first: what is not kept, or only as a whole, is checked."""
    return S.CHECKING if job.dry_run or job.mode is ImportMode.ALL_OR_NOTHING else S.RUNNING


def _begin(session: Session, job: Import, state: ImportState) -> None:
    """Begin at the first line, and forget what an earlier pass through the file has found."""
    session.execute(delete(LineError).where(LineError.import_id == job.id))
    _update(session, job, state=state, **_COUNTS)
    job.state, job.position = state, 0


def _update(session: Session, job: Import, **values: Any) -> None:
    session.connection().execute(update(Import).where(Import.id == job.id).values(**values))


def _report(session: Session, job: Import, errors: list[Wrong]) -> None:
    if errors:
        session.execute(insert(LineError), [_row(job, wrong) for wrong in errors])


def _row(job: Import, wrong: Wrong) -> dict[str, Any]:
    return {
        "import_id": job.id,
        "line": wrong.line,
        "column": wrong.column and shown(wrong.column, 300),
        "value": wrong.value and shown(wrong.value),
        "detail": _both(wrong.detail),
        "advice": _both(wrong.advice),
    }


def _both(said: Say) -> dict[str, str]:
    return {"da": said.da, "en": said.en}


def _caller(session: Session, job: Import) -> Actor:
    return callers.today(session, job.created_by, job.sandbox, job.granted)
