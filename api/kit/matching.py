"""A list's question without the list: which records the parameters of its address find, for who asks elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from api import search
from api.domain.actor import Actor
from api.domain.errors import INVALID, Refusal
from api.kit import parameters, statements
from api.models import RESOURCES
from api.models.visible import parameters as seen_by
from api.models.visible import reach_of
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
    wanted = parameters.parsed(query_of(resource), query.encode())
    if odd := sorted(_OF_ANSWERS & {part.partition("=")[0] for part in query.split("&")}):
        raise Refusal(INVALID, _NOT_KEPT.format(names=", ".join(odd)))
    return wanted


def question(resource: str, query: str, caller: Actor, dialect: str) -> tuple[statements.Shape, dict[str, Any]]:
    """The shape of the SQL that finds the same records as the list, and its parameters."""
    wanted = asked(resource, query)
    values: dict[str, Any] = dict(seen_by(caller))
    filters = []
    for name, field in query_of(resource).fields.items():
        if isinstance(field, AnyOf) and wanted.get(name) is not None:
            values[f"f_{name}"] = list(wanted[name])
            filters.append(statements.Filter(name, field.via))
    words = wanted.get("q")
    if words:
        values["q"] = search.expression(cast(str, words), dialect)
    reach = reach_of(caller, resource)
    return statements.Shape(resource, reach, dialect, tuple(filters), q=False if words else None), values
