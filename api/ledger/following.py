"""Records whose sight hangs on a changed one: they get an event of their own when it changes who sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from api.ledger.documents import facets_of
from api.models import Resource, log
from api.models.sight import Sight, followers, sights_of, stakes_of


def staked_anew(connection: Connection, model: type[Resource], records: Sequence[Resource]) -> set[str]:
    """Those of the changed records in which others have a stake than the facets still say."""
    names, facets = stakes_of(model.__tablename__), model.facets.c
    if not records or not names:
        return set()
    ids = [record.id for record in records]
    kept = select(facets.id, facets.name, facets.value).where(facets.id.in_(ids), facets.name.in_(names))
    stored = {tuple(row) for row in connection.execute(kept)}
    rows = (row for record in records for row in facets_of(record) if row["name"] in names)
    now = {(row["id"], row["name"], row["value"]) for row in rows}
    return {id for id, *_ in stored ^ now}


def let_follow(
    session: Session, changed: Mapping[str, Resource], restaked: Collection[str]
) -> dict[str, tuple[int, Sight]]:
    """Find them and change them, so that whoever follows the log is told; returns the last event of each from before.

    `restaked` are the ids of those of the changed in which others have a stake now.
    """
    before = _before(session, [record for record in changed.values() if record.version > 1])
    reached, moved = dict(changed), _moved(changed, before) | set(restaked)
    leading = changed
    while leading:
        led = {one.id: one for id, record in leading.items() for one in followers(record, moved=id in moved)}
        fresh = {id: record for id, record in led.items() if id not in reached}
        reached |= fresh
        before |= _before(session, fresh.values())
        for id in _moved(fresh, before):
            fresh[id].happened("visibility_changed")
            flag_modified(fresh[id], "audience")
        session.flush()
        # What hangs on them may hang on those stakes as well, whether they themselves are seen otherwise or not.
        leading, moved = fresh, set(fresh)
    return before


def _moved(records: Mapping[str, Resource], before: Mapping[str, tuple[int, Sight]]) -> set[str]:
    """The ids of those that are seen otherwise than before."""
    known = [record for id, record in records.items() if id in before]
    return {id for id, sight in sights_of(known).items() if sight != before[id][1]}


def _before(session: Session, records: Iterable[Resource]) -> dict[str, tuple[int, Sight]]:
    """The last event of each of the records, and who sees it since; nothing of one that is new."""
    ids: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    known: dict[str, tuple[int, Sight]] = {}
    for record in records:
        ids[record.__tablename__, record.sandbox].append(record.id)
    for (resource, sandbox), some in ids.items():
        known |= log.latest(session.connection(), sandbox, resource, some)
    return known
