"""Events: what happened, in the order in which it was written."""

from __future__ import annotations

from typing import Any, ClassVar

from schemas.base import Shape
from schemas.fields import Field, Id, Integer, Many, Moment, Object, Text
from schemas.names import EXAMPLE_IDS, PLURALS
from schemas.query import AnyOf, Names, Query, QueryInteger

MOST_EVENTS = 1_000
LONGEST_WAIT = 30
_LAST = 10**15
RESOURCES = (*PLURALS, "sandbox", "webhook")


class DocumentField(Field):
    """A record as it was: the very object that reading it answered then."""

    json_schema: ClassVar[dict[str, Any]] = {"type": "object", "additionalProperties": True}


class EventSchema(Shape):
    """Something that happened to a record, as the reader may know it."""

    seq = Integer(
        "The event's number: they grow in the order in which changes were written. To one reader some are missing.",
        min=1, max=_LAST, required=True, example=412,
    )  # fmt: skip
    type = Text(
        "What happened: the resource and the event. `<resource>.hidden` is a tombstone: the record is no longer there "
        "for you, as if it had been deleted. `sandbox.emptied` is one for everything in a sandbox.",
        max=100, required=True, example="challenge.published",
    )  # fmt: skip
    resource = Text("The kind of record.", max=40, required=True, example="challenge")
    resource_id = Id("The record's id.", required=True, example=EXAMPLE_IDS["challenge"])
    version = Integer("The version that the change made.", min=1, max=2**31 - 1, required=True, example=2)
    at = Moment("When.", required=True, example="2026-11-23T09:00:00.000000Z")
    reason = Text("Why, where the step asked for it.", max=2000, lines=True, example="Målgruppen mangler tal.")
    changes = Many(
        Text("A property.", max=100, example="state"),
        "The properties that differ from the version before.",
        max=200,
        required=True,
        example=["state"],
    )
    document = DocumentField(
        "The record as the change left it, in the shape in which it was read at that time; null in a tombstone.",
        allow_none=True,
        example={"id": EXAMPLE_IDS["challenge"], "version": 2, "state": "open"},
    )


class EventsSchema(Shape):
    """Some events in their order, and where to go on."""

    items = Many(Object(EventSchema, "An event."), "The events, oldest first.", max=MOST_EVENTS, required=True)
    cursor = Integer(
        "Ask `after` this number next. Keep it when you have dealt with the events: you can always go on from it.",
        min=0, max=_LAST, required=True, example=412,
    )  # fmt: skip
    head = Integer(
        "The number of the newest event there is; as long as `cursor` is smaller there may be more to ask for.",
        min=0, max=_LAST, required=True, example=412,
    )  # fmt: skip
    view = Text(
        "Stands for what you may see at all: your roles and scopes. When it is another than before, no event told what "
        "you see more or less because of that: take a full copy anew.",
        max=8, pattern=r"^[0-9a-f]{8}$", required=True, example="5d0ea1b3",
    )  # fmt: skip
    next = Text("Address to ask next.", max=4000, format="uri-reference", required=True, example="/v1/events?after=412")


class EventQuery(Query):
    """Which events, after which, and whether to wait for them."""

    after = QueryInteger(
        "The number after which to go on, from `cursor`; from the first event there is when left out.",
        min=0, max=_LAST, example=0, load_default=lambda: 0,
    )  # fmt: skip
    limit = QueryInteger(
        f"Events a page, 1 to {MOST_EVENTS}; 100 when left out.",
        min=1, max=MOST_EVENTS, example=100, load_default=lambda: 100,
    )  # fmt: skip
    type = AnyOf(
        Text("Events of these types; tombstones are told only when their types are named too.",
             max=60, pattern=r"^[a-z_]+\.[a-z_]+$", example="challenge.published")
    )  # fmt: skip
    resource = Names("Events of these kinds of record, tombstones included.", RESOURCES)
    search = Id(
        "Events of the records that this saved search of yours finds now, and tombstones of that kind of record. It "
        "says nothing when a record leaves the search though you still see it: follow by a search to be told, not to "
        "keep a copy.",
        example=EXAMPLE_IDS["search"],
    )
    wait = QueryInteger(
        f"Seconds to wait for an event when there is none, at most {LONGEST_WAIT}: the answer comes as soon as one is "
        "there. When too many wait already it comes at once: ask again after some seconds.",
        min=0, max=LONGEST_WAIT, example=0, load_default=lambda: 0,
    )  # fmt: skip
