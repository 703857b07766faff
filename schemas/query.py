"""The words of a list address: filters, order, paging and thinning, as fields that read one query string."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import marshmallow as ma

from schemas.base import ResourceSchema, Shape
from schemas.fields import Doc, Field, Integer, Moment, Text
from schemas.wording import Say

MOST_PER_PAGE = 250
DEEPEST_PAGE = 10_000


class AnyOf(Field):
    """Comma-separated values; a record matches when it has at least one of them."""

    default_error_messages = {
        "many": Say("Højst {max} værdier.", "At most {max} values."),
        "empty": Say("Mangler en værdi.", "A value is missing."),
    }

    def __init__(self, item: Field, *, via: str | None = None, max: int = 50, **options: Any) -> None:
        super().__init__(item.description, example=[item.example], **options)
        item.required, item.allow_none = True, False
        self.item, self.max, self.via = item, max, via

    def _deserialize(self, value: str, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> tuple[str, ...]:
        parts = value.split(",")
        if len(parts) > self.max:
            raise self.make_error("many", max=self.max)
        if not all(parts):
            raise self.make_error("empty")
        return tuple(dict.fromkeys(str(self.item.deserialize(part)) for part in parts))

    def shape(self, doc: Doc) -> dict[str, Any]:
        return {"type": "array", "items": self.item.shape(doc), "minItems": 1, "maxItems": self.max}


class Years(AnyOf):
    """Years and spans of years, both ends included: 2019 or 2016/2019,2022."""

    def __init__(self, description: str) -> None:
        year = Text(
            description,
            max=9,
            pattern=r"^(19|20|21)[0-9]{2}(/(19|20|21)[0-9]{2})?$",
            example="2016/2019",
            wrong=Say(
                "Skal være et år eller en periode: 2019 eller 2016/2019.",
                "Must be a year or a span: 2019 or 2016/2019.",
            ),
        )
        super().__init__(year, max=20)

    def _deserialize(
        self, value: str, attr: str | None, data: Mapping[str, Any] | None, **rest: Any
    ) -> tuple[str, ...]:
        years: set[int] = set()
        for part in super()._deserialize(value, attr, data, **rest):
            ends = sorted(int(year) for year in part.split("/"))
            years.update(range(ends[0], ends[-1] + 1))
        return tuple(str(year) for year in sorted(years))


class Since(Moment):
    """Records changed at or after a point in time."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        # A plus sign in a query string arrives as a space; nothing else about a time can hold one before its zone.
        return super()._deserialize(re.sub(r" (?=[0-9]{2}:[0-9]{2}\Z)", "+", value), attr, data, **rest)


class Words(Text):
    """Full text: records that hold every word, the last one also as a beginning."""

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(description, max=200, min=1, **options)


@dataclass(frozen=True, slots=True)
class Order:
    """One key of a sort order."""

    key: str
    descending: bool


class Sort(Field):
    """Comma-separated sort keys; a minus sign before a key turns its order round."""

    default_error_messages = {
        "key": Say("Kan kun sorteres efter: {keys}.", "Can only be sorted by: {keys}."),
    }

    def __init__(self, *keys: str, default: str = "-updated_at") -> None:
        super().__init__(
            f"Sort keys, a minus sign for descending order; `{default}` when left out. "
            "Records without the value come last in descending order, first in ascending order.",
            example=[default],
            load_default=lambda: self._deserialize(default, None, None),
        )
        self.keys = keys

    def _deserialize(self, value: str, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> tuple[Order, ...]:
        order = tuple(Order(part.removeprefix("-"), part.startswith("-")) for part in value.split(","))
        if not {one.key for one in order} <= set(self.keys):
            raise self.make_error("key", keys=", ".join(self.keys))
        # A key that comes again orders nothing more.
        return tuple({one.key: one for one in reversed(order)}[key] for key in dict.fromkeys(one.key for one in order))

    def shape(self, doc: Doc) -> dict[str, Any]:
        names = [sign + key for key in self.keys for sign in ("", "-")]
        return {
            "type": "array",
            "items": {"type": "string", "enum": names},
            "minItems": 1,
            "maxItems": len(self.keys),
        }


class Names(Field):
    """Comma-separated names out of a fixed set."""

    default_error_messages = {
        "name": Say("Kan kun være: {names}.", "Can only be: {names}."),
    }

    def __init__(self, description: str, names: tuple[str, ...], **options: Any) -> None:
        super().__init__(description, example=list(names[:2]), **options)
        self.names = names

    def _deserialize(self, value: str, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> tuple[str, ...]:
        chosen = tuple(dict.fromkeys(value.split(",")))
        if not set(chosen) <= set(self.names):
            raise self.make_error("name", names=", ".join(self.names))
        return chosen

    def shape(self, doc: Doc) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "string", "enum": list(self.names)},
            "minItems": 1,
            "maxItems": len(self.names),
        }


class Embed(Names):
    """Neighbouring records to answer along with the record, and what the caller may do with it."""

    def __init__(self, *names: str) -> None:
        super().__init__(
            "Neighbours to answer along under `embedded`, at most 50 of a kind and record; "
            "`actions` lists what the caller may do with the record now: `update`, its steps by name, and what may be "
            "added to it, for the caller's organisations or for another one it may name (`support`, `respond` and "
            "`ask` on a challenge, `report` on a project, `adopt` on an outcome, `attach` a document)"
            + (", `hints` what the record still lacks." if "hints" in names else "."),
            names,
        )


class Fields(Names):
    """The properties to answer; what identifies a record always comes along."""

    def __init__(self, schema: type[ResourceSchema]) -> None:
        always = ", ".join(f"`{name}`" for name in sorted(schema.always or ()))
        answered = tuple(name for name, field in schema._declared_fields.items() if not field.load_only)
        super().__init__(f"Answer these properties only; {always} always come.", answered)


class QueryInteger(Integer):
    """A whole number out of a query string: ASCII digits only."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise self.make_error("integer")
        return super()._deserialize(int(value), attr, data, **rest)


class QueryFlag(Field):
    """true or false out of a query string."""

    default_error_messages = {
        "flag": Say("Skal være true eller false.", "Must be true or false."),
    }
    json_schema: ClassVar[dict[str, Any]] = {"type": "boolean"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if value not in ("true", "false"):
            raise self.make_error("flag")
        return value == "true"


class Query(Shape):
    """Base of every query: a parameter that is not declared is refused."""

    request = True


class PageQuery(Query):
    """Paging, the same on every list."""

    limit = QueryInteger(
        f"Records a page, 1 to {MOST_PER_PAGE}; 50 when left out.",
        min=1,
        max=MOST_PER_PAGE,
        example=50,
        load_default=lambda: 50,
    )
    page = QueryInteger(
        f"Page number from 1, for page pickers, at most {DEEPEST_PAGE}; use `cursor` to walk a whole list.",
        min=1,
        max=DEEPEST_PAGE,
        example=1,
    )


class WalkQuery(PageQuery):
    """Paging by number, or walking by cursor."""

    cursor = Text(
        "Where the previous page ended, from its `next` link; stays right while records change.",
        max=1000,
        min=1,
        pattern=r"^[A-Za-z0-9_-]+$",
    )

    @ma.validates_schema
    def _one_way_to_page(self, fields: dict[str, Any], **_: Any) -> None:
        if fields.get("cursor") and fields.get("page"):
            raise ma.ValidationError(
                [Say("Brug enten page eller cursor, ikke begge.", "Use either page or cursor, not both.")], "cursor"
            )


class ListQuery(WalkQuery):
    """What every list of records takes besides its own filters."""

    total = QueryFlag(
        "false leaves out `total` and X-Total-Count, which saves counting.", example=False, load_default=lambda: True
    )
    q = Words(
        "Words to find in the record's texts, in Danish or English; the last word also matches as a beginning.",
        example="skole",
    )
    since = Since(
        "Records changed at or after this time; together with `sort=updated_at` it follows changes.",
        example="2026-01-01T00:00:00Z",
    )


class ItemQuery(Query):
    """What reading one record takes."""


class OneName(Field):
    """One name out of a fixed set."""

    default_error_messages = {
        "name": Say("Skal være en af: {names}.", "Must be one of: {names}."),
    }

    def __init__(self, description: str, names: tuple[str, ...]) -> None:
        super().__init__(description, example=names[-1])
        self.names = names

    def _deserialize(self, value: str, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        if value not in self.names:
            raise self.make_error("name", names=", ".join(self.names))
        return value

    def shape(self, doc: Doc) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names)}


Q = TypeVar("Q", bound=Query)


def offering(
    query: type[Q], formats: tuple[str, ...], dialects: tuple[str, ...] = (), languages: tuple[str, ...] = ()
) -> type[Q]:
    """The query of what is answered in several formats; `json` is one of them."""
    fields = {"format": OneName("The format of the answer; it goes before Accept.", formats)}
    if dialects:
        fields["dialect"] = OneName(f"How CSV is written; `{dialects[0]}` when left out.", dialects)
    if languages:
        fields["language"] = OneName("The language of feeds and calendars; it goes before Accept-Language.", languages)
    return type(query.__name__, (query,), {**fields, "__doc__": query.__doc__})


def item_query(list_query: type[ListQuery]) -> type[ItemQuery]:
    """The query of reading one record: `fields` and `embed` as the list of its kind has them."""
    names = ("fields", "embed")
    fields = {name: list_query._declared_fields[name] for name in names if name in list_query._declared_fields}
    return type(list_query.__name__.replace("Query", "ItemQuery"), (ItemQuery,), fields)


def nested_query(query: type[ListQuery], parent: str) -> type[ListQuery]:
    """The query of a list below one record, which its address names already."""
    fields = {name: field for name, field in query._declared_fields.items() if name != parent}
    return type(f"{parent.title()}{query.__name__}", (ListQuery,), fields)


FILTER_FREE = frozenset({*ListQuery._declared_fields, "sort", "fields", "embed", "format", "dialect", "language"})
"""Names of a list query that are not filters of one resource."""
