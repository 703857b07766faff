"""Which records the parameters of a list find: for the list, and for who asks the same elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api import search
from api.domain.actor import Actor
from api.domain.errors import INVALID, Refusal
from api.kit import parameters, statements
from api.models import RESOURCES
from api.models.visible import Reach, reach_of
from api.models.visible import parameters as seen_by
from schemas.query import AnyOf, ListQuery
from schemas.wording import Say

_OF_ANSWERS = frozenset({"limit", "page", "cursor", "total", "fields", "embed", "format", "dialect", "since"})
_NOT_KEPT = Say(
    "{names} siger noget om ét svar, ikke om hvad der søges efter; udelad det.",
    "{names} is about one answer, not about what is searched for; leave it out.",
)


@cache
def query_of(resource: str) -> ListQuery:
    """What the list of a resource can be asked."""
    queries = {query.__name__: query for query in ListQuery.__subclasses__()}
    return queries[f"{RESOURCES[resource].__name__}Query"]()


def asked(resource: str, query: str) -> Mapping[str, Any]:
    """A question as it stands in an address, taken apart; refused as the list would refuse it."""
    wanted = parameters.parsed(query_of(resource), query.encode(), _OF_ANSWERS)
    if odd := sorted(_OF_ANSWERS & {part.partition("=")[0] for part in query.split("&")}):
        raise Refusal(INVALID, _NOT_KEPT.format(names=", ".join(odd)))
    return wanted


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which records a question is about, as parts of SQL."""

    reach: Reach
    filters: tuple[statements.Filter, ...]
    values: dict[str, Any]
    """The parameters of whom the caller is, of every filter, and of the words."""


def narrowed(query: ListQuery, wanted: Mapping[str, Any], resource: str, caller: Actor, dialect: str) -> Narrow:
    """The filters of a list that are asked for."""
    fields = [(name, field) for name, field in query.fields.items() if isinstance(field, AnyOf)]
    given = [(name, field) for name, field in fields if wanted.get(name) is not None]
    values: dict[str, Any] = {**seen_by(caller), **{f"f_{name}": list(wanted[name]) for name, _ in given}}
    if wanted.get("q"):
        values["q"] = search.expression(wanted["q"], dialect)
    filters = tuple(statements.Filter(name, field.via) for name, field in given)
    return Narrow(reach_of(caller, resource), filters, values)


def question(resource: str, query: str, caller: Actor, dialect: str) -> tuple[statements.Shape, dict[str, Any]]:
    """The shape of the SQL that finds the same records as the list, and its parameters."""
    narrow = narrowed(query_of(resource), asked(resource, query), resource, caller, dialect)
    words = False if "q" in narrow.values else None
    return statements.Shape(resource, narrow.reach, dialect, narrow.filters, q=words), narrow.values
