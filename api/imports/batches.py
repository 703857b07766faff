"""Some hundred lines at a time: what they refer to is asked for together, and what they say is upserted one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import marshmallow as ma
import orjson
from sqlalchemy.orm import Session

from api.domain.actor import Actor
from api.domain.errors import CONFLICT, FORBIDDEN, INVALID, NOT_READY, WRONG_STATE, Kind, Refusal
from api.imports.mapping import Entry
from api.imports.rows import CORRECT, Wrong
from api.imports.sources import ORGANISATION, Neighbours, Reference, references_in
from api.imports.targets import Target
from api.kit import problems
from api.kit.upsert import Demand, Outcome, change, elsewhere, foresee, upsert
from api.models import Resource
from schemas.wording import Say

SIZE = 500
"""Lines of a batch: enough to ask for much at once, few enough that others' writes do not wait long."""
_MOST_OF_A_LINE = 20

_ASK = Say("Bed en, der må, om at indlæse filen.", "Ask somebody who may do this to import the file.")
_LATER = Say("Bring posten i orden i API'et, og indlæs filen igen.",
             "Put the record in order through the API, and import the file again.")  # fmt: skip
_TWO_RECORDS = Say(
    "Linjens id er en anden post end den, source.system og source.external_id siger.",
    "The id of the line is another record than the one source.system and source.external_id say.",
)
_ONE_RECORD = Say(
    "Lad source.system og source.external_id stå tomme for at ændre posten med dette id; ellers slet id.",
    "Leave source.system and source.external_id empty to change the record of this id; otherwise delete the id.",
)
_ADVICE: dict[Kind, Say] = {FORBIDDEN: _ASK, WRONG_STATE: _LATER, NOT_READY: _LATER, CONFLICT: _LATER}


@dataclass(slots=True)
class Tally:
    """What has come of some lines of a file."""

    line: int = 0
    """The last of them."""
    lines: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[Wrong] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """One line more that says a record is new, changed or as it was."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def add(self, other: Tally) -> None:
        """What has come of the lines after these."""
        self.line = max(self.line, other.line)
        for name in ("lines", "created", "changed", "unchanged", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors += other.errors

    def refuse(self, wrong: Sequence[Wrong]) -> None:
        """One line more that is refused."""
        self.refused += 1
        self.errors += wrong[:_MOST_OF_A_LINE]


class Earlier:
    """What a file has said so far, on the disk: a check, which keeps nothing, makes it again where it is named."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places: dict[tuple[str, str], int] = {}

    def keep(self, key: tuple[str, str], said: bytes) -> None:
        """Remember what a line says of a record."""
        self._places[key] = self._file.seek(0, os.SEEK_END)
        self._file.write(said + b"\n")

    def of(self, key: tuple[str, str]) -> Entry | None:
        """What an earlier line says of a record."""
        place = self._places.get(key)
        if place is None:
            return None
        self._file.seek(place)
        line, body, past = orjson.loads(self._file.readline())
        return Entry(line, *key, body, past) if key[0] else Entry(line, "", "", body, past, id=key[1])


class Batch:
    """One batch in one transaction, in the caller's name."""

    def __init__(self, session: Session, caller: Actor, target: Target, earlier: Earlier | None = None) -> None:
        self._session, self._caller, self._target, self._earlier = session, caller, target, earlier
        self._neighbours = Neighbours(session, caller)
        self._made: set[tuple[str, str]] = set()

    def take_in(self, lines: Sequence[Entry | list[Wrong]]) -> Tally:
        """Upsert what the lines say; those that are refused leave the transaction as it was."""
        tally = Tally()
        entries = [one for one in lines if isinstance(one, Entry)]
        sources = {one.key for one in entries if one.system}
        ids = {one.id: one.key if one.system else None for one in entries if one.id}
        foresee(self._session, self._caller, self._target.model, sources, ids)
        self._neighbours.fetch(one for entry in entries for one in references_in(self._target.model, entry.body))
        for one in lines:
            self._line(one, tally)
        self._session.flush()
        return tally

    def _line(self, one: Entry | list[Wrong], tally: Tally) -> None:
        tally.lines += 1
        if isinstance(one, list):
            tally.line = max(tally.line, one[0].line)
            tally.refuse(one)
            return
        tally.line = max(tally.line, one.line)
        if one.unread:
            tally.refuse([*one.unread.values(), *self._further(one)])
            return
        said = orjson.dumps([one.line, one.body, one.past]) if self._earlier else b""  # before ids are put in
        try:
            tally.count(self._entry(one))
        except Refusal as refusal:
            tally.refuse(list(_told(refusal, one)))
        else:
            if self._earlier:
                self._earlier.keep(one.key, said)

    def _entry(self, entry: Entry, demand: Demand = lambda _: None) -> Outcome:
        self._again(entry.key)
        self._demand_one(entry)
        self._resolve(entry)
        past = self._past(entry) if self._caller.at_copi else {}
        where = self._session, self._caller, self._target.model
        if entry.system:
            _, outcome = upsert(*where, *entry.key, entry.body, demand=demand, past=past, partial=True)
        else:
            _, outcome = change(*where, entry.id, entry.body, demand=demand)
        self._made.add(entry.key)
        return outcome

    def _further(self, entry: Entry) -> Iterator[Wrong]:
        """What else is wrong with a line that has unreadable cells; whatever it says, nothing is done."""
        try:
            self._entry(entry, _stop)
        except _Stopped:
            return
        except Refusal as refusal:
            yield from _told(refusal, entry)

    def _demand_one(self, entry: Entry) -> None:
        """Refuse a line whose source is one record and whose id is another."""
        if entry.system and entry.id and elsewhere(self._session, self._target.model, entry.id):
            wrong = {"pointer": "/id", "detail": _TWO_RECORDS, "advice": _ONE_RECORD}
            raise Refusal(INVALID, errors=[wrong])

    def _past(self, entry: Entry) -> dict[str, Any]:
        try:
            return self._target.past(entry.past)
        except ma.ValidationError as wrong:
            raise Refusal(INVALID, errors=problems.in_body(wrong.messages)) from wrong

    def _resolve(self, entry: Entry) -> None:
        """Put ids in the place of what the line says instead."""
        wrong = []
        for one in references_in(self._target.model, entry.body):
            if one.source or one.said.startswith(ORGANISATION):
                id = self._neighbours.id_of(one) or self._found_in_file(one)
                if id:
                    one.becomes(id)
                else:
                    detail, advice = self._neighbours.wanting(one)
                    wrong.append({"pointer": one.pointer, "detail": detail, "advice": advice})
        if wrong:
            raise Refusal(INVALID, errors=wrong)

    def _found_in_file(self, reference: Reference) -> str | None:
        """The id of a record that an earlier line of this very file has made."""
        if reference.resource != self._target.noun or reference.source is None:
            return None
        self._again(reference.source)
        if reference.source not in self._made:
            return None
        self._session.flush()
        self._neighbours.fetch([reference])
        return self._neighbours.id_of(reference)

    def _again(self, key: tuple[str, str]) -> None:
        """In a check: make what an earlier batch has made, and taken back."""
        if self._earlier and key not in self._made and (entry := self._earlier.of(key)):
            self._made.add(key)
            self._entry(entry)


class _Stopped(Exception):
    """Nothing was refused until it would have been done."""


def _stop(_: Resource | None) -> None:
    raise _Stopped


def _told(refusal: Refusal, entry: Entry) -> Iterator[Wrong]:
    """A refusal as errors of the line, each at its column."""
    advice = _ADVICE.get(refusal.kind, CORRECT)
    if not refusal.errors:
        yield Wrong(entry.line, refusal.detail, advice)
    for one in refusal.errors:
        if entry.left_out(one.get("pointer", "")):
            continue
        column, value = entry.at(one.get("pointer") or f"/source/{one['parameter']}")
        yield Wrong(entry.line, one["detail"], one.get("advice", advice), column, value)
