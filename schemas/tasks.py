"""Tasks: what waits for the caller."""

from __future__ import annotations

from schemas.base import Shape
from schemas.fields import Integer, Many, Moment, Object, PartialDate, Text
from schemas.names import EXAMPLE_IDS
from schemas.query import PageQuery
from schemas.values import LocalizedTextSchema, LocalizedTitleSchema


class TaskSchema(Shape):
    """One thing somebody is waited for to do."""

    resource = Text("The kind of record it is about.", max=20, required=True, example="support")
    id = Text("The record's id.", max=36, format="uuid", required=True, example=EXAMPLE_IDS["support"])
    step = Text(
        "The step to take: its name in the record's address; `report` asks for an outcome of a project, `update` for "
        "a change of the record itself.",
        max=40,
        required=True,
        example="confirm",
    )
    title = Object(LocalizedTitleSchema, "What the record is called, or what it belongs to.", required=True)
    detail = Object(
        LocalizedTextSchema,
        "What to do, for people.",
        required=True,
        example={
            "da": "Bekræft jeres tilslutning.",
            "en": "Confirm your support.",
        },
    )
    due = PartialDate("By when, where there is a date.", example="2027-01")
    since = Moment("Since when it waits.", required=True, example="2026-11-23T09:00:00.000000Z")
    href = Text(
        "Where the record is.",
        max=200,
        format="uri-reference",
        required=True,
        example=f"/v1/supports/{EXAMPLE_IDS['support']}",
    )


class TasksSchema(Shape):
    """What waits for the caller, what is due first at the top."""

    items = Many(Object(TaskSchema, "A task."), "The tasks of this page.", max=250, required=True)
    total = Integer("How many there are.", min=0, max=1_000_000, required=True, example=2)


class TaskQuery(PageQuery):
    """Paging through tasks."""
