"""The SELECTs of lists: built once per shape of question, because building costs more than running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, tuple_

from api import search
from api.models import RESOURCES, Resource
from api.models.visible import SANDBOXES, Reach, visible_to
from schemas.query import Order

ENOUGH = 2_000
"""Up to so many matches a filter is cheaper to start a page from than to check row by row."""
MANY = 20_000


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a question. `via` names the neighbour that holds the value; `rare` filters lead to a page."""

    name: str
    via: str | None = None
    rare: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about a question that changes its SQL; the values asked for are parameters.

    `filters` come with the rarest first; `q` is None without words to find, else whether few records hold them.
    """

    resource: str
    reach: Reach
    dialect: str
    filters: tuple[Filter, ...] = ()
    since: bool = False
    q: bool | None = None
    order: tuple[Order, ...] = ()
    cursor: bool = False


@lru_cache(maxsize=2048)
def page(shape: Shape) -> Select[Any]:
    """The documents of one page, with the sort keys and id a cursor is made of."""
    model = RESOURCES[shape.resource]
    keys = sort_columns(shape)
    statement = select(model.document, *keys).where(*_conditions(shape, [one for one in shape.filters if one.rare]))
    if shape.cursor:
        statement = statement.where(_after(shape, keys))
    ordering = [key.desc() if down else key.asc() for key, down in zip(keys, _directions(shape), strict=True)]
    return statement.order_by(*ordering).limit(bindparam("limit")).offset(bindparam("offset"))


@lru_cache(maxsize=2048)
def count(shape: Shape) -> Select[Any]:
    """How many records match."""
    # Every match is visited, so the rarest filter is the shortest way through them even when it is not rare.
    leading = () if shape.reach in SANDBOXES else shape.filters[:1]
    return select(func.count()).select_from(RESOURCES[shape.resource]).where(*_conditions(shape, leading))


def ids(shape: Shape) -> Select[Any]:
    """The ids of the records that match."""
    return select(RESOURCES[shape.resource].id).where(*_conditions(shape, ()))


@lru_cache(maxsize=2048)
def few(resource: str, filter: Filter) -> Select[Any]:
    """How many facet rows a filter touches, counted no further than needed."""
    facets = _facets_of(RESOURCES[resource], filter).c
    return _few(select(facets.id).where(_is(facets, filter)))


@lru_cache(maxsize=64)
def few_words(resource: str, dialect: str) -> Select[Any]:
    """The same for the records that hold the words asked for."""
    return _few(search.matching(resource, dialect))


def _few(matches: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(matches.limit(MANY).subquery())


@lru_cache(maxsize=2048)
def one(resource: str, reach: Reach) -> Select[int, bytes]:
    """One record's version and document, by `id`."""
    model = RESOURCES[resource]
    return select(model.version, model.document).where(model.id == bindparam("id"), visible_to(model, reach))


def sort_columns(shape: Shape) -> list[Any]:
    """The columns a question is ordered by; the id last, so that no two records are equal."""
    model = RESOURCES[shape.resource]
    return [*(getattr(model, model.SORTS[one.key]) for one in shape.order), model.id]


def _directions(shape: Shape) -> list[bool]:
    down = [one.descending for one in shape.order]
    return [*down, down[0]]


def _conditions(shape: Shape, leading: Sequence[Filter]) -> list[ColumnElement[bool]]:
    model = RESOURCES[shape.resource]
    visible = visible_to(model, shape.reach)
    if shape.dialect == "sqlite" and (leading or shape.q) and shape.reach not in SANDBOXES:
        # Without statistics SQLite takes the audience for the narrower condition and walks through every record.
        visible = func.likely(visible)
    conditions = [visible, *(_matches(model, one, leads=one in leading) for one in shape.filters)]
    if shape.since:
        conditions.append(model.updated_at >= bindparam("since"))
    if shape.q is not None:
        conditions.append(model.id.in_(search.matching(shape.resource, shape.dialect)))
    return conditions


def _facets_of(model: type[Resource], filter: Filter) -> Any:
    return (RESOURCES[filter.via] if filter.via else model).facets


def _is(facets: Any, filter: Filter) -> ColumnElement[bool]:
    return and_(facets.name == filter.name, facets.value.in_(bindparam(f"f_{filter.name}", expanding=True)))


def _matches(model: type[Resource], filter: Filter, *, leads: bool) -> ColumnElement[bool]:
    facets = _facets_of(model, filter).c
    key: Any = getattr(model, f"{filter.via}_id") if filter.via else model.id
    if leads:
        return key.in_(select(facets.id).where(_is(facets, filter)))  # type: ignore[no-any-return]
    return exists().where(_is(facets, filter), facets.id == key)


def _after(shape: Shape, keys: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after the cursor's, whatever mixture of directions the order is."""
    directions = _directions(shape)
    bounds = [bindparam(f"c{place}", type_=key.type) for place, key in enumerate(keys)]
    if len(set(directions)) == 1:
        row, bound = tuple_(*keys), tuple_(*bounds)
        return row < bound if directions[0] else row > bound
    return or_(
        *(
            and_(
                *(keys[i] == bounds[i] for i in range(place)),
                keys[place] < bounds[place] if directions[place] else keys[place] > bounds[place],
            )
            for place in range(len(keys))
        )
    )
