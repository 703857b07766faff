"""What is checked, as generators of differences: tests want none of them, mutants must bring at least one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select

from api.db import reading_session
from api.models import RESOURCES, Audience
from api.models.sight import sights_of
from schemas.query import FILTER_FREE
from tests.matrix.expected import ANONYMOUS, CALLERS, Caller, Record, sees
from tests.matrix.operations import KINDS, Operation, attempts, one_of_each
from tests.matrix.world import TEXT, WORD, World

COPI = CALLERS[-1]


def statuses(world: World, operation: Operation, promised: Sequence[int] = (200, 401, 403, 404, 409)) -> Iterator[str]:
    """Each caller's answer: on every record there is when it is read, elsewhere on one of each kind."""
    tried = attempts(world, operation)
    every = operation.method == "GET" and operation.path.endswith("{id}")
    pairs = ((one, caller) for one in tried for caller in CALLERS) if every else one_of_each(tried)
    for attempt, caller in pairs:
        if attempt.expected(caller) in promised:
            answer = world.call(caller, operation.method, attempt.address, attempt.body)
            if difference := attempt.wrong(caller, answer.status_code):
                yield difference


def lists(world: World, operation: Operation) -> Iterator[str]:
    """Each caller finds exactly what they see, below a parent that they see."""
    for caller in CALLERS:
        for parent in _parents(world, operation):
            yield from _listed(world, operation, caller, parent, "", _seen_by(world, operation, caller, parent))


def services(world: World, operation: Operation) -> Iterator[str]:
    """Each service finds exactly what it is to see, in the list and one by one: a test client its own sandbox alone."""
    if "{id}" in operation.path:
        return
    records = {record.id: record for record in world.of(_kind(operation))}
    for one in world.services:
        wanted = {id for id, record in records.items() if one.sees(record)}
        answer = one.client.get(f"{operation.path}?limit=250&fields=state")
        assert answer.status_code == 200, answer.text
        found = {found["id"] for found in answer.json["items"]}
        # Another sandbox holds what it began with.
        if (differing := (found ^ wanted) & records.keys()) or answer.json["total"] != len(found):
            yield f"{operation} for {one.name}: {_said(differing, records)}"
        for id, record in records.items():
            status = one.client.get(f"{operation.path}/{id}").status_code
            if (status == 404) == (id in wanted):
                yield f"{operation} for {one.name}, {record}: answered {status}"


def filters(world: World, operation: Operation) -> Iterator[str]:
    """The same under every filter, set to every value that any record has, and for a word that is in all of them."""
    for caller in CALLERS:
        seen = _seen_by(world, operation, caller, None)
        for query in ("q=" + WORD, "since=2000-01-01T00:00:00Z", "total=false"):
            for parent in _parents(world, operation):
                yield from _listed(world, operation, caller, parent, query, _seen_by(world, operation, caller, parent))
        if "{id}" in operation.path:
            continue
        for query in _filters(world, operation):
            found = _ids(world, operation, COPI, None, query) or set()
            yield from _listed(world, operation, caller, None, query, None if seen is None else found & seen)


def embeds(world: World, operation: Operation) -> Iterator[str]:
    """Each record comes with those of its neighbours that the caller sees."""
    if "{id}" in operation.path:
        return
    kind = KINDS[operation.plural]
    records = {record.id: record for record in world.records}
    for name in _neighbours(kind):
        everything = _embedded(world, operation, COPI, name)
        for caller in CALLERS:
            for id, found in _embedded(world, operation, caller, name).items():
                wanted = {one for one in everything[id] if sees(caller, records[one])}
                if found != wanted:
                    yield f"{operation} with {name} for {caller}, {records[id]}: {_said(found ^ wanted, records)}"


def lineage(world: World) -> Iterator[str]:
    """The whole journey, each step of it as far as the caller sees it."""
    challenge = world.named("challenge", "of third with a lineage")
    everything = world.call(COPI, "GET", f"/challenges/{challenge.id}/lineage").json
    records = {record.id: record for record in world.records}
    for caller in CALLERS:
        told = world.call(caller, "GET", f"/challenges/{challenge.id}/lineage").json
        wanted = set(_told(everything, lambda id, caller=caller: sees(caller, records[id])))
        found = set(_told(told, lambda _: True))
        if found != wanted:
            yield f"lineage for {caller}: {_said(found ^ wanted, records)}"


def _told(tree: Any, shown: Any) -> Iterator[str]:
    """Every record in a lineage, leaving out what is not shown together with all that hangs on it."""
    yield from (one["id"] for one in tree["supports"] if shown(one["id"]))
    for project in tree["projects"]:
        if shown(project["project"]["id"]):
            yield project["project"]["id"]
            for outcome in project["outcomes"]:
                if shown(outcome["outcome"]["id"]):
                    yield outcome["outcome"]["id"]
                    yield from (one["id"] for one in outcome["adoptions"] if shown(one["id"]))


def events(world: World) -> Iterator[str]:
    """Who takes in the whole feed ends with exactly what they see, and a service with what it is to see."""
    records = {record.id: record for record in world.records}
    readers: list[tuple[Any, Any, Any]] = [
        *((caller, partial(world.call, caller, "GET"), partial(sees, caller)) for caller in CALLERS),
        *((one.name, one.client.get, one.sees) for one in world.services),
    ]
    for reader, get, seen in readers:
        kept: set[str] = set()
        address = "/events?limit=1000"
        while address:
            page = get(address).json
            for event in page["items"]:
                (kept.add if event["document"] else kept.discard)(event["resource_id"])
            address = page["next"].removeprefix("/v1") if page["cursor"] < page["head"] else ""
        if differing := (kept & records.keys()) ^ {id for id, record in records.items() if seen(record)}:
            yield f"the feed of {reader}: {_said(differing, records)}"


def sights(world: World) -> Iterator[str]:
    """Who the event log keeps as those that see a record by a stake is who sees it."""
    theirs = {
        organisation: {id, *(one.id for one in world.of("partner") if organisation in one.stakes["partner"])}
        for organisation, id in world.partner.items()
    }
    callers = [one for one in CALLERS if one.organisation]
    with world.database.reading() as connection, reading_session(connection) as opened:
        for kind, model in RESOURCES.items():
            records = [one for one in world.of(kind) if not one.sandbox]
            kept = sights_of(opened.scalars(select(model).where(model.id.in_([one.id for one in records]))).all())
            for record in (one for one in records if kept[one.id].circle is Audience.OWNERS):
                if strange := kept[record.id].holders.difference(*theirs.values()):
                    yield f"{record} is held by {strange}"
                for caller in callers:
                    if bool(theirs[caller.organisation] & kept[record.id].holders) != sees(caller, record):
                        yield f"{caller} and {record}"


def references(world: World) -> Iterator[str]:
    """A body can point at what its sender sees, and at nothing else."""
    body = {"title": TEXT, "question": TEXT}
    for caller in CALLERS:
        if caller.organisation:
            for record in (*world.of("challenge"), *world.of("project")):
                sent = {**body, "partner_id": world.partner[caller.organisation], f"{record.kind}_id": record.id}
                status = world.call(caller, "POST", "/enquiries", sent).status_code
                if status != (201 if sees(caller, record) else 422):
                    yield f"an enquiry by {caller} about {record}: answered {status}"


# --- Lists --------------------------------------------------------------------------------------------------


def _kind(operation: Operation) -> str:
    return KINDS[operation.below or operation.plural]


def _parents(world: World, operation: Operation) -> Sequence[Record | None]:
    """A list below a record is read below each record that has any; another one once."""
    if "{id}" not in operation.path:
        return [None]
    above = KINDS[operation.plural]
    parents = (record.parent for record in world.of(_kind(operation)))
    return list(dict.fromkeys(parent for parent in parents if parent and parent.kind == above))


def _seen_by(world: World, operation: Operation, caller: Caller, parent: Record | None) -> set[str] | None:
    """The ids the caller is to find; None where there is no such list for them."""
    if (caller is ANONYMOUS and not operation.public) or (parent is not None and not sees(caller, parent)):
        return None
    candidates = (one for one in world.of(_kind(operation)) if parent is None or one.parent is parent)
    return {one.id for one in candidates if sees(caller, one)}


def _listed(
    world: World, operation: Operation, caller: Caller, parent: Record | None, query: str, wanted: set[str] | None
) -> Iterator[str]:
    found = _ids(world, operation, caller, parent, query)
    if found != wanted:
        records = {record.id: record for record in world.records}
        differing = (found or set()) ^ (wanted or set())
        yield f"{operation}?{query} for {caller} below {parent}: {_said(differing, records)}"


def _ids(world: World, operation: Operation, caller: Caller, parent: Record | None, query: str) -> set[str] | None:
    path = operation.path.replace("{id}", parent.id if parent else "")
    answer = world.call(caller, "GET", f"{path}?limit=250&fields=state&{query}".rstrip("&"))
    if answer.status_code in (401, 404):
        return None
    assert answer.status_code == 200, answer.text
    ids = [one["id"] for one in answer.json["items"]]
    assert answer.json["total"] in (len(ids), None), "a total that counts what is not shown"
    return set(ids)


def _filters(world: World, operation: Operation) -> Iterator[str]:
    names = set(operation.parameters) - set(FILTER_FREE)
    fields = {name: _query(operation).fields[name] for name in names}
    with world.database.reading() as connection:
        for name, field in sorted(fields.items()):
            facets = RESOURCES[field.via or _kind(operation)].facets.c
            values = connection.scalars(select(facets.value).distinct().where(facets.name == name).limit(50)).all()
            if values:
                yield f"{name}={','.join(sorted(values))}"


def _query(operation: Operation) -> Any:
    from importlib import import_module

    module = import_module(f"schemas.{operation.plural}")
    return getattr(module, f"{KINDS[operation.plural].title()}Query")()


# --- Neighbours ---------------------------------------------------------------------------------------------


def _neighbours(kind: str) -> Iterable[str]:
    from api.kit.embed import EMBEDS

    return [name for resource, name in EMBEDS if resource == kind]


def _embedded(world: World, operation: Operation, caller: Caller, name: str) -> dict[str, set[str]]:
    answer = world.call(caller, "GET", f"{operation.path}?limit=250&embed={name}")
    if answer.status_code == 401:
        return {}
    assert answer.status_code == 200, answer.text
    return {one["id"]: {found["id"] for found in one["embedded"][name]} for one in answer.json["items"]}


def _said(ids: Iterable[str], records: dict[str, Record]) -> str:
    return "; ".join(sorted(str(records.get(id, id)) for id in ids)) or "nothing there, or nothing to be there"
