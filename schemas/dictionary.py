"""The data dictionary: what every column of every table means."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Choice, Flag, Integer, Links, Many, Object, Text
from schemas.query import Query
from schemas.values import LocalizedTitleSchema

_PATH = r"^[a-z][a-z0-9_.\[\]]*$"


class CodesOfColumnSchema(Shape):
    """The code list that the values of a column are of, with Danish and English words for each."""

    scheme = Text("The list's name.", max=100, required=True, example="theme")
    title = Object(
        LocalizedTitleSchema,
        "What the list is called.",
        required=True,
        example={"da": "Indsatsområder", "en": "Focus areas"},
    )
    links = Links("Where its codes are.", {"self": "/v1/code-lists/{id}"}, key="scheme")


class ColumnSchema(Shape):
    """One column of a table; or, `within` a column whose cells hold JSON, a member of the objects there."""

    path = Text("What the column is called: the member's path in the record.", max=200, pattern=_PATH,
                required=True, example="budget_indication.amount")  # fmt: skip
    kind = Choice(v.CellKind, "What its cells hold.", required=True, example="decimal")
    format = Text("The form of a text: `date-time` and the like, as JSON Schema names them; `partial-date` is a date "
                  "known to the year or month only.", max=30, example="date-time")  # fmt: skip
    description = Text("What it means.", max=1000, required=True, example="The amount as an exact decimal.")
    unit = Text("The column that says what the number is counted in.", max=200, pattern=_PATH,
                example="budget_indication.currency")  # fmt: skip
    codes = Object(CodesOfColumnSchema, "The code list its values are of.")
    refers_to = Text("The resource whose ids its values are.", max=50, pattern="^[a-z-]+$", example="partners")
    within = Text("The column in whose cells it stands.", max=200, pattern=_PATH, example="figures")
    required = Flag(
        "It must be given when a record is registered, or when the object it is a member of is given.", example=False
    )
    read_only = Flag("The service sets it; what a client sends there is refused.", example=False)
    fixed = Flag("It is given when the record is registered and never changes.", example=False)
    example = Text("A cell of it.", max=12_000, lines=True, example="6900000")


class DataDictionarySchema(Shape):
    """What the columns of one resource's tables mean."""

    resource = Text("The resource, as in addresses.", max=50, pattern="^[a-z-]+$", required=True, example="challenges")
    description = Text("What a record of it is.", max=1000, required=True,
                       example="A concrete public need, put so that companies can answer it.")  # fmt: skip
    columns = Many(Object(ColumnSchema, "A column."), "The columns, in the order of the tables.", max=500,
                   required=True)  # fmt: skip
    links = Links(
        "Where its tables are.",
        {
            "self": "/v1/data-dictionary/{id}",
            "json": "/v1/{id}",
            "csv": "/v1/{id}?format=csv",
            "xlsx": "/v1/{id}?format=xlsx",
            "ndjson": "/v1/{id}?format=ndjson",
        },
        key="resource",
    )


class DataDictionariesSchema(Shape):
    """The data dictionary of every resource."""

    items = Many(Object(DataDictionarySchema, "A resource."), "The resources.", max=100, required=True)
    total = Integer("How many resources there are.", min=0, max=1000, required=True, example=11)


class DictionaryQuery(Query):
    """What reading a data dictionary takes: its format."""
