"""Bulk data in: the file that is taken in, how far that has come, what was wrong in it, and how columns are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow as ma

from schemas import vocabulary as v
from schemas.base import MULTIPART, Shape
from schemas.fields import ONE_LINE, Choice, Doc, Field, File, Flag, Id, Integer, Many, Moment, Object, Personal, Text
from schemas.names import EXAMPLE_IDS
from schemas.query import PageQuery, QueryFlag
from schemas.values import LocalizedTextSchema
from schemas.wording import Say

MOST_BYTES = 104_857_600
"""Of a file, unless the installation says otherwise."""
MOST_WHOLE = 5_000
"""Lines of a file that is taken in whole or not at all: while it is written, nobody else can write."""
MEDIA_TYPES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/x-ndjson",
    "application/json",
)
_COUNT: dict[str, Any] = {"min": 0, "max": 10**9, "dump_only": True, "required": True}
_AT = "2026-11-27T09:00:00.000000Z"


class Terms(Field):
    """What to put in the place of which value."""

    default_error_messages = {
        "terms": Say(
            "Skal være et objekt med højst {most} tekster på højst {long} tegn.",
            "Must be an object of at most {most} strings of at most {long} characters.",
        ),
    }
    most, long = 1_000, 500
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "maxProperties": most,
        "additionalProperties": {"type": "string", "maxLength": long, "pattern": ONE_LINE},
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> dict[str, str]:
        plain = Text("", max=self.long, required=True)
        if not isinstance(value, dict) or len(value) > self.most:
            raise self.make_error("terms", most=self.most, long=self.long)
        try:
            return {str(plain.deserialize(key)): str(plain.deserialize(term)) for key, term in value.items()}
        except ma.ValidationError as wrong:
            raise self.make_error("terms", most=self.most, long=self.long) from wrong

    def shape(self, doc: Doc) -> dict[str, Any]:
        return dict(self.json_schema)


_COLUMN = {"target": "title.da", "source": "titel", "constant": None, "terms": None, "date": None, "decimal": None,
           "split": None, "prefix": None, "default": None}  # fmt: skip


class ImportColumnSchema(Shape):
    """How one column of ours is filled: from a column of the file, or with what is always the same."""

    target = Text(
        "Our column, named as in the export: `title.da`, `owners`, `total_budget.amount`.",
        max=100,
        pattern=r"^[a-z][a-z_]*(\.[a-z][a-z_]*)*$",
        required=True,
        example="state",
        wrong=Say("Skal være en af vores kolonner, fx title.da.", "Must be one of our columns, such as title.da."),
    )
    source = Text(
        "The column of the file; in JSON, where the value stands (a JSON pointer, RFC 6901).", max=300, example="status"
    )
    constant = Text("What to put there in every line.", max=500, lines=True, example="DKK")
    terms = Terms("What to put there instead of a value of the file.", example={"igang": "active"})
    date = Text(
        "How dates are written there, as in `strptime`: %d day, %m month, %Y year, %H:%M:%S time.",
        max=40,
        pattern=r"^[^\u0000-\u001f\u007f]*%Y[^\u0000-\u001f\u007f]*$",
        example="%d.%m.%Y",
        wrong=Say("Skal være en datoform som %d.%m.%Y.", "Must be a form of dates such as %d.%m.%Y."),
    )
    decimal = Text(
        "What stands before the decimals; the other of the two separates thousands.",
        max=1,
        pattern=r"^[.,]$",
        example=",",
    )
    split = Text("What separates the values of a list; `|` when left out.", max=5, min=1, example=";")
    prefix = Text("What to put before every value.", max=200, example="source:fagsystem/")
    default = Text("What to put there when the file has nothing.", max=500, lines=True, example="green_transition")

    @ma.validates_schema
    def _one_origin(self, fields: dict[str, Any], **_: Any) -> None:
        if (fields.get("source") is None) == (fields.get("constant") is None):
            raise ma.ValidationError(
                [Say("Angiv enten source eller constant.", "Give either source or constant.")], "source"
            )


class ImportProfileSchema(Shape):
    """A named way to read the files of one system: which of their columns are which of ours."""

    located = True

    id = Id("The profile's id; null for those that come along.", dump_only=True, example=EXAMPLE_IDS["import_profile"])
    name = Text("What it is called.", max=200, min=1, required=True, example="Projekter fra fagsystemet")
    note = Text("Where the files come from, and where their columns are explained.", max=2000, lines=True,
                example="Udtræk hver mandag.")  # fmt: skip
    resource = Choice(v.ImportResource, "What a line is.", required=True, example="projects")
    system = Text("The system the records come from: their `source.system`.", max=100, min=1, required=True,
                  example="fagsystem")  # fmt: skip
    external_id = Text(
        "The column of the file that holds the record's id in that system; in JSON, a JSON pointer.",
        max=300,
        min=1,
        required=True,
        example="sagsnr",
    )
    items = Text(
        "In a JSON document that is one whole, where the list of records stands (a JSON pointer).",
        max=300,
        pattern=r"^(/[^\u0000-\u001f\u007f]*)?$",
        example="/releases",
    )
    columns = Many(
        Object(ImportColumnSchema, "A column."), "Our columns; what is not named here stays empty.", max=200, min=1,
        required=True, example=[_COLUMN],
    )  # fmt: skip
    created_at = Moment("When it was made; null for those that come along.", dump_only=True, example=_AT)


class ImportErrorSchema(Shape):
    """What is wrong in one place of a file, and what to do about it."""

    line = Integer(
        "The line of the file; the row of a workbook; in a JSON document that is one whole, the number in the list.",
        min=1,
        max=10**9,
        required=True,
        example=17,
    )
    column = Text("The column, named as in the file; null for the whole line.", max=300, example="status")
    value = Personal("The value that stands there, shortened.", max=100, example="igang")
    detail = Object(
        LocalizedTextSchema,
        "What is wrong.",
        required=True,
        example={"da": "Skal være en af: active, completed.", "en": "Must be one of: active, completed."},
    )
    advice = Object(
        LocalizedTextSchema,
        "What to do.",
        required=True,
        example={"da": "Oversæt værdien med terms i en profil.", "en": "Translate the value by terms in a profile."},
    )


class ImportSchema(Shape):
    """The import of one file: what was asked for, and how far it has come."""

    located = True

    id = Id("The import's id.", dump_only=True, required=True, example=EXAMPLE_IDS["import"])
    state = Choice(v.ImportState, "How far it has come.", dump_only=True, required=True, example="checked")
    resource = Choice(v.ImportResource, "What a line is.", dump_only=True, required=True, example="projects")
    mode = Choice(v.ImportMode, "What becomes of the rest when lines are refused.", dump_only=True, required=True,
                  example="line_by_line")  # fmt: skip
    dry_run = Flag("Whether the file is only to be checked, and nothing written.", dump_only=True, example=True)
    profile = Text("The profile it is read by; null where the columns are ours.", max=200, dump_only=True,
                   example="cordis-projects")  # fmt: skip
    file_name = Text("What the file is called.", max=200, dump_only=True, required=True, example="projekter.csv")
    size = Integer("Bytes of the file.", min=0, dump_only=True, required=True, example=48213)
    lines = Integer("Lines with a record that have been read so far.", example=101, **_COUNT)
    created = Integer("Records that are new, or would be.", example=80, **_COUNT)
    changed = Integer("Records that have changed, or would.", example=12, **_COUNT)
    unchanged = Integer("Records that the file says nothing new about.", example=8, **_COUNT)
    refused = Integer("Lines that are refused.", example=1, **_COUNT)
    errors = Many(
        Object(ImportErrorSchema, "An error."), "The first hundred errors; all of them are at `/imports/{id}/errors`.",
        max=100, dump_only=True,
    )  # fmt: skip
    problem = Object(
        LocalizedTextSchema,
        "Why it failed, where that is no matter of single lines.",
        dump_only=True,
        example={"da": "Kontoen er spærret.", "en": "The account is blocked."},
    )
    created_at = Moment("When it was asked for.", dump_only=True, required=True, example=_AT)
    started_at = Moment("When it was begun.", dump_only=True, example=_AT)
    finished_at = Moment("When it ended.", dump_only=True, example=_AT)


class ImportUploadSchema(Shape):
    """A file of records, and how to take it in."""

    request = True
    media = MULTIPART
    size_setting = "max_import_bytes"

    file = File(
        "The records: CSV (RFC 4180, or as Excel writes it, also in Danish: semicolon, decimal comma, Windows-1252), "
        "XLSX, NDJSON, or JSON by a profile that says where the list is. Its content decides which of them it is.",
        media=MEDIA_TYPES,
        max=MOST_BYTES,
        required=True,
        example="source.system;source.external_id;title.da …",
    )
    resource = Choice(v.ImportResource, "What a line is.", required=True, example="projects")
    profile = Text(
        "How to read the columns: the id of a profile, or the name of one that comes along. When left out the columns "
        "are ours, as the export has them.",
        max=200,
        min=1,
        example="cordis-projects",
    )
    mode = Choice(
        v.ImportMode,
        "What becomes of the rest when lines are refused. `all_or_nothing` takes files of at most "
        f"{MOST_WHOLE:,} lines, because other writes wait for it: check a longer one by `dry_run`, then take it in "
        "`line_by_line`.",
        example="line_by_line",
        load_default=lambda: v.ImportMode.LINE_BY_LINE,
        allow_none=False,
    )
    dry_run = QueryFlag(
        "Only check the file and write nothing; `run` then takes it in.",
        example=True,
        load_default=lambda: False,
        allow_none=False,
    )


class ImportQuery(PageQuery):
    """Paging through imports."""


class ImportErrorQuery(PageQuery):
    """Paging through the errors of one import."""


class ImportProfileQuery(PageQuery):
    """Paging through profiles."""
