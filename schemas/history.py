"""History: who changed a record, when, what and why."""

from __future__ import annotations

from schemas.base import Shape
from schemas.fields import Id, Integer, Many, Moment, Object, Text


class PersonSchema(Shape):
    """A person, as those who may know see them."""

    id = Id("The person's id.", required=True, example="019b76da-a800-7ee6-8bcd-15df0f0ea16e")
    name = Text("The person's name; null when the log-in no longer exists.", max=200, example="CO-PI administrator")


class ChangeSchema(Shape):
    """One change of a record: the version it made, and how that came about."""

    version = Integer("The version that the change made.", min=1, max=2**31 - 1, required=True, example=2)
    type = Text("What happened: the resource and the event.", max=100, required=True, example="challenge.published")
    at = Moment("When.", required=True, example="2026-11-23T09:00:00.000000Z")
    actor = Object(
        PersonSchema,
        "Who. Names are personal data: null unless you answer for the record, work at CO-PI or at the "
        "same organisation as the person, and null when the service itself made the change.",
    )
    reason = Text("Why, where the step asked for it.", max=2000, lines=True, example="Målgruppen mangler tal.")
    changes = Many(
        Text("A property.", max=100, example="state"),
        "The properties that differ from the version before.",
        max=200,
        required=True,
        example=["state"],
    )


class HistorySchema(Shape):
    """A page of a record's history, the newest change first."""

    items = Many(Object(ChangeSchema, "A change."), "The changes of this page.", max=250, required=True)
    total = Integer("How many changes you may see.", min=0, max=10**9, required=True, example=2)
    next = Text("Address of the next page; null on the last one.", max=4000, format="uri-reference")
