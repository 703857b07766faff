"""Taking a file in: checked without a trace, line by line in batches, or all of it in one transaction."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from api import ledger
from api.db import Database
from api.domain.actor import Actor
from api.imports.batches import SIZE, Batch, Earlier, Tally
from api.imports.files import Plan
from api.imports.mapping import Entry
from api.imports.rows import Unreadable, Wrong
from api.imports.targets import target
from api.kit import problems, sandboxes
from schemas.wording import Say

Lines = Sequence[Entry | list[Wrong]]
Note = Callable[[Session, Tally], None]
"""Writes down what has come of some lines, in the transaction it is given."""
Standing = Callable[[Session], Actor]
"""The caller with today's rights; raises when there is no such any more."""


_HELD = 4
"""Batches of one long transaction whose events are in memory before they are put into the log, which others then wait
for: those that take in few lines hold nobody up before they commit."""


class Refused(Exception):
    """A file that was to be taken in whole has lines that are refused."""

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally.refused)
        self.tally = tally


class _Undone(Exception):
    """What was done is not to stay."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Takes one file in, in somebody's name."""

    database: Database
    plan: Plan
    standing: Standing
    origin: str | None = None
    """What the event log calls the request behind it."""
    most: int | None = None
    """More lines are not taken in whole; a file that has them is unreadable before anything of it is written."""

    def check(self, file: IO[bytes], note: Note) -> None:
        """Go through the file as if it were taken in, and keep nothing but what `note` writes."""
        with tempfile.TemporaryFile() as said:
            earlier = Earlier(said)
            for lines in self._batches(file):
                tally = self._try_out(lines, earlier)
                with self.database.writing() as session:
                    note(session, tally)

    def _try_out(self, lines: Lines, earlier: Earlier) -> Tally:
        tally = Tally()
        with suppress(_Undone), self.database.writing() as session:
            tally = self._take_in(session, lines, earlier)
            raise _Undone
        return tally

    def line_by_line(self, file: IO[bytes], note: Note, after: int = 0) -> None:
        """Take in what is not refused, beginning behind a line; a batch and what is noted of it are one transaction."""
        for lines in self._batches(file, after):
            try:
                self._commit(lines, note)
            except (IntegrityError, StaleDataError):
                # Somebody else has written the same: whom it concerns is found out one by one.
                for line in lines:
                    self._alone(line, note)

    def whole(self, file: IO[bytes], note: Note, between: Callable[[], None] = lambda: None) -> None:
        """Take everything in or, should a line be refused, nothing; `between` batches it is told that it goes on."""
        total = Tally()
        with self.database.writing() as session:
            for number, lines in enumerate(self._batches(file), start=1):
                total.add(self._take_in(session, lines))
                if total.refused:
                    raise Refused(total)
                if number % _HELD == 0:
                    ledger.lay_by(session)
                    session.expunge_all()
                between()
            note(session, total)

    def _batches(self, file: IO[bytes], after: int = 0) -> Iterator[Lines]:
        """Some lines at a time, from the first one behind a line on."""
        lines = self.plan.entries(file)
        behind = (one for one in lines if (one.line if isinstance(one, Entry) else one[0].line) > after)
        read = 0
        while batch := list(islice(behind, SIZE)):
            read += len(batch)
            if self.most is not None and read > self.most:
                raise Unreadable(_TOO_MANY.format(most=self.most), _LINE_BY_LINE)
            yield batch

    def _commit(self, lines: Lines, note: Note) -> None:
        with self.database.writing() as session:
            note(session, self._take_in(session, lines))

    def _alone(self, line: Entry | list[Wrong], note: Note) -> None:
        try:
            self._commit([line], note)
        except (IntegrityError, StaleDataError) as clash:
            number = line.line if isinstance(line, Entry) else line[0].line
            wrong = Wrong(number, problems.translate(clash).detail, _AGAIN)
            with self.database.writing() as session:
                note(session, Tally(number, 1, refused=1, errors=[wrong]))

    def _take_in(self, session: Session, lines: Lines, earlier: Earlier | None = None) -> Tally:
        caller = self.standing(session)
        with ledger.acting(caller, self.origin):
            if caller.sandbox:
                sandboxes.enter(session, caller.sandbox)
            return Batch(session, caller, target(self.plan.resource), earlier).take_in(lines)


_AGAIN = Say("Indlæs filen igen.", "Import the file again.")
_TOO_MANY = Say(
    "Filen har flere end {most} linjer, og så mange indlæses ikke på én gang (all_or_nothing), fordi andre imens ikke "
    "kan skrive. Kontrollér den med dry_run, og indlæs den så med line_by_line.",
    "The file has more than {most} lines, and so many are not taken in at once (all_or_nothing), because others cannot "
    "write meanwhile. Check it by dry_run, then take it in by line_by_line.",
)
_LINE_BY_LINE = Say(
    "Send filen igen med mode line_by_line, først med dry_run.",
    "Send the file again with mode line_by_line, first with dry_run.",
)
