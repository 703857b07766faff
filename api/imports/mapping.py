"""From the rows of a file to what they say of which record: by a profile, or by columns that are named as ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any

from api.imports.cells import Unclear, Way, plain
from api.imports.documents import at
from api.imports.rows import Row, Unreadable, Wrong, shown
from api.imports.targets import Target
from schemas.columns import Column, unflatten
from schemas.wording import Say

_SYSTEM, _ID, _OWN = "source.system", "source.external_id", "id"
_SHOWN = 100

_UNKNOWN = Say("Der er ingen kolonne, som hedder {column}.", "There is no column called {column}.")
_PERHAPS = Say(
    "Mente du {near}? Fjern kolonnen, ret dens navn, eller brug en profil.",
    "Did you mean {near}? Remove the column, correct its name, or use a profile.",
)
_RENAME = Say(
    "Fjern kolonnen, ret dens navn, eller brug en profil.", "Remove the column, correct its name, or use a profile."
)
_LACKING = Say("Kolonnen {column} mangler i filen.", "The column {column} is missing in the file.")
_SOURCED = Say(
    "Hver linje skal sige i source.system og source.external_id, hvilken post den er, eller i id, hvis den er her "
    "allerede; eller brug en profil.",
    "Each line must say in source.system and source.external_id which record it is, or in id when it is here already; "
    "or use a profile.",
)
_OTHER_FILE = Say("Ret profilen, eller vælg en anden. Filens kolonner er: {columns}.",
                  "Correct the profile, or choose another. The columns of the file are: {columns}.")  # fmt: skip
_NO_ID = Say("Linjen siger ikke, hvilken post den er.", "The line does not say which record it is.")
_SAY_ID = Say("Udfyld {column}.", "Fill in {column}.")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line says of one record."""

    line: int
    system: str
    external_id: str
    body: dict[str, Any]
    past: Mapping[str, Any]
    """What only steps set, as the line has it."""
    shown: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By our columns, what the file calls them and what stands there."""
    id: str = ""
    """The record's own id, which names it when the source is not said."""
    unread: Mapping[str, Wrong] = field(default_factory=dict)
    """By our columns, what is wrong with cells that can mean two things; the body has nothing of them."""

    @property
    def key(self) -> tuple[str, str]:
        """The record's source or, with no system before it, its own id."""
        return (self.system, self.external_id) if self.system else ("", self.id)

    def left_out(self, pointer: str) -> bool:
        """Whether a pointer is about a cell that was not read, or an object around one."""
        path = pointer.removeprefix("/").replace("/", ".")
        return any(f"{one}.".startswith(f"{path}.") or f"{path}.".startswith(f"{one}.") for one in self.unread)

    def at(self, pointer: str) -> tuple[str | None, str | None]:
        """The column of the file, and the value there, that a pointer into the body is about."""
        names = pointer.removeprefix("/").split("/")
        for length in range(len(names), 0, -1):
            if found := self.shown.get(".".join(names[:length])):
                return found[0], found[1][:_SHOWN]
        # What an object lacks is a matter of its first column.
        below = ".".join(names) + "."
        if found := next((shown for path, shown in self.shown.items() if path.startswith(below)), None):
            return found[0], found[1][:_SHOWN]
        if pointer and not self.shown:
            found_value = at({**self.body, **self.past, _OWN: self.id or None}, pointer)
            return pointer, None if found_value is None else str(found_value)[:_SHOWN]
        return None, None


@dataclass(frozen=True, slots=True)
class Profile:
    """How the files of one system are read."""

    system: str
    external_id: str
    columns: Sequence[Mapping[str, Any]]
    items: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """One of our columns, and where the file has what goes into it."""

    column: Column
    way: Way
    source: str | None = None
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads the rows of one file."""

    target: Target
    filled: tuple[Filled, ...]
    system: str | None
    external_id: str

    def entry(self, row: Row) -> Entry | list[Wrong]:
        """What a row says, or what is wrong with it."""
        cells, shown, unread = {}, {}, {}
        for one in self.filled:
            text = one.constant if one.constant is not None else self._found(row, one)
            if one.source is not None:
                shown[one.column.path] = one.source, text
            try:
                cells[one.column.path] = text if one.constant is not None else one.way.read(text)
            except Unclear as unclear:
                wrong = Wrong(row.line, unclear.detail, unclear.advice, one.source, text[:_SHOWN])
                unread[one.column.path] = wrong
        self._leave_alone(cells)
        return self._entry(row, cells, shown, unread)

    def _leave_alone(self, cells: dict[str, str]) -> None:
        """A constant belongs to what the file says beside it: no currency without an amount."""
        for one in self.filled:
            beside = self._beside(one) if one.constant is not None else ()
            if beside and not any(cells.get(path) for path in beside):
                cells[one.column.path] = ""

    def _beside(self, one: Filled) -> list[str]:
        above = one.column.names[:-1]
        found = [other.column for other in self.filled if other.source is not None and other.column.names[:-1] == above]
        return [column.path for column in found] if above else []

    def _found(self, row: Row, one: Filled) -> str:
        return _at(row, str(one.source), one.column)

    def _entry(
        self,
        row: Row,
        cells: Mapping[str, str],
        shown: Mapping[str, tuple[str, str]],
        unread: Mapping[str, Wrong],
    ) -> Entry | list[Wrong]:
        external_id = cells.get(_ID) or _at(row, self.external_id, self.target.columns[_ID])
        external_id = external_id.strip()
        system = self.system or cells.get(_SYSTEM, "")
        id = "" if self.system else row.cells.get(_OWN, "").strip()
        if not (system and external_id) and (system or external_id or not id):
            wrong = Wrong(row.line, _NO_ID, _SAY_ID.format(column=self.external_id), self.external_id)
            return [*unread.values(), wrong]
        shown = {_ID: (self.external_id, external_id), _OWN: (_OWN, id), **shown}
        body = unflatten(cells, [one.column for one in self.filled])
        _name(body, system, external_id)
        return Entry(row.line, system, external_id, body, self.target.history(body), shown, id, unread)


def _name(body: dict[str, Any], system: str, external_id: str) -> None:
    """Put the source into a body or, of a record that is named by its own id, leave that as it is."""
    said = body.pop("source", None) or {}
    own = {"system": system, "external_id": external_id} if system else {}
    said = {name: value for name, value in said.items() if system or value is not None}
    if said or own:
        body["source"] = {**said, **own}


def _at(row: Row, source: str, column: Column) -> str:
    return row.cells.get(source, "") if row.value is None else plain(at(row.value, source), column)


def by_profile(target: Target, profile: Profile, columns: Sequence[str] | None, danish: bool = False) -> Reading:
    """Read by a profile; `columns` are those of a table, of which none that the profile names may be missing."""
    needed = [profile.external_id, *(one["source"] for one in profile.columns if one.get("source"))]
    missing = [name for name in needed if columns is not None and name not in columns]
    if missing:
        listed = ", ".join(shown(name) for name in (columns or ())[:40])
        lacking = _LACKING.format(column=shown(missing[0]))
        raise Unreadable(lacking, _OTHER_FILE.format(columns=listed), column=missing[0])
    filled = tuple(sorted((_filled(target, one, danish) for one in profile.columns), key=partial(_order, target)))
    return Reading(target, filled, profile.system, profile.external_id)


def _order(target: Target, one: Filled) -> int:
    """As the schema has them: what is of one object must stand together."""
    return list(target.columns).index(one.column.path)


def _filled(target: Target, one: Mapping[str, Any], danish: bool) -> Filled:
    column = target.columns[one["target"]]
    options = {name: one[name] for name in ("terms", "date", "decimal", "split", "prefix", "default") if one.get(name)}
    return Filled(column, Way(column, danish, **options), one.get("source"), one.get("constant"))


def by_name(target: Target, columns: Sequence[str], danish: bool = False) -> Reading:
    """Read columns that are named as ours; what only the service writes is passed over."""
    for name in columns:
        if name not in target.columns and name not in target.told:
            near = get_close_matches(name[:_SHOWN], target.columns, n=1)
            advice = _PERHAPS.format(near=near[0]) if near else _RENAME
            raise Unreadable(_UNKNOWN.format(column=shown(name)), advice, column=name)
    for name in (_SYSTEM, _ID):
        if name not in columns and (_OWN not in columns or {_SYSTEM, _ID} & set(columns)):
            raise Unreadable(_LACKING.format(column=name), _SOURCED, column=name)
    named = [(path, column) for path, column in target.columns.items() if path in columns]
    filled = tuple(Filled(column, Way(column, danish), path) for path, column in named)
    return Reading(target, filled, None, _ID)


@dataclass(frozen=True, slots=True)
class AsTheyAre:
    """Reads records in JSON that are as ours."""

    target: Target

    def entry(self, row: Row) -> Entry | list[Wrong]:
        """What a record says, or what is wrong with it."""
        body = {name: value for name, value in row.value.items() if name not in self.target.answered}
        source = body.get("source")
        named = source if isinstance(source, dict) else {}
        system, external_id = named.get("system"), named.get("external_id")
        id = row.value.get(_OWN)
        id = id if isinstance(id, str) else ""
        if source is None and id:
            body.pop("source", None)
            return Entry(row.line, "", "", body, self.target.history(body), id=id)
        if not (isinstance(system, str) and isinstance(external_id, str) and system and external_id):
            return [Wrong(row.line, _NO_ID, _SOURCED, "/source")]
        return Entry(row.line, system, external_id, body, self.target.history(body), id=id)
