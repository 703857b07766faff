"""The catalogue as an answer: what there is to read now, and when it last changed."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, current_app
from sqlalchemy import Connection, func, select

from api.exports.dcat.datasets import DATASETS, Dataset
from api.kit import conditional, formats
from api.kit.actor import actor
from api.kit.answers import answer, caching, not_modified
from api.kit.formats import Context, Format
from api.kit.freshness import head, remembered
from api.kit.problems import base_url
from api.kit.service import service
from api.models import Audience, Resource
from openapi.operations import Described
from openapi.spec import PREFIX
from schemas.base import JSON
from schemas.open_data import CatalogueSchema

if TYPE_CHECKING:
    from rdflib import Graph

_REAL = (Audience.PUBLIC, Audience.NETWORK, Audience.OWNERS)
"""The circles that records outside sandboxes are seen by."""


def respond(wanted: Mapping[str, Any]) -> Response:
    """The catalogue in the format asked for; 304 when nothing has changed since the client's."""
    caller, base, format = actor(), base_url(), formats.asked(FORMATS, wanted)
    name = format.name if format else "json"
    headers = {**caching(caller), "Content-Type": format.media if format else JSON}
    with service().database.reading() as connection:
        now = head(connection)
        tag = f'W/"{now}-{zlib.crc32(f"{base} {name}".encode()):08x}"'
        if conditional.held(tag):
            return not_modified(tag, headers)
        triples = remembered(("catalogue", base), now, lambda: _triples(connection, base), size=len)
    about = formats.context("catalogue", CatalogueSchema, wanted)
    write = (format or JSON_LD).write
    body = remembered(("catalogue", base, name), now, lambda: b"".join(write(iter([triples]), about)), size=len)
    return answer(body, tag, headers)


def _triples(connection: Connection, base: str) -> bytes:
    """The catalogue as N-Triples."""
    # Here, and below, because it takes longer to load than most of the service.
    from api.exports.dcat.graph import Distribution, Entry, graph

    dates = connection.execute(_dates()).mappings().one()
    entries = [
        Entry(one, _newest(one, dates), _since(one, dates), [Distribution(*form) for form in _forms(one)])
        for one in DATASETS
    ]
    return graph(base, entries).serialize(format="nt", encoding="utf-8")


def _in_json(documents: Iterator[bytes], _: Context) -> Iterator[bytes]:
    from api.exports.dcat.terms import PREFIXES

    context = {prefix: str(namespace) for prefix, namespace in PREFIXES.items()}
    for document in documents:
        said = orjson.loads(_read(document).serialize(format="json-ld", context=context))
        yield orjson.dumps(_ordered(said), option=orjson.OPT_SORT_KEYS)


def _ordered(value: Any) -> Any:
    """The same in an order that does not change from process to process, which to a graph means nothing."""
    if isinstance(value, dict):
        return {name: _ordered(inner) for name, inner in value.items()}
    return sorted(map(_ordered, value), key=str) if isinstance(value, list) else value


def _in_turtle(documents: Iterator[bytes], _: Context) -> Iterator[bytes]:
    return (_read(one).serialize(format="turtle", encoding="utf-8") for one in documents)


def _read(triples: bytes) -> Graph:
    from rdflib import Graph

    from api.exports.dcat.terms import PREFIXES

    graph = Graph().parse(data=triples, format="nt")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph


JSON_LD = Format("jsonld", "application/ld+json", _in_json)
FORMATS = (JSON_LD, Format("ttl", "text/turtle", _in_turtle))
"""What the catalogue is answered in besides JSON, which is JSON-LD too."""


def _forms(dataset: Dataset) -> Iterator[tuple[str, str, str, str, bool]]:
    """How it can be read: as JSON, and in every format and dialect its operation declares."""
    address = f"{PREFIX}/{dataset.path}"
    described = _described(address)
    yield "json", address, "json", JSON, False
    for name, media in zip(_names(described, "format"), described.formats, strict=True):
        yield name, f"{address}?format={name}", name, media, True
    for dialect in _names(described, "dialect"):
        yield dialect, f"{address}?format=csv&dialect={dialect}", "csv", "text/csv", True


def _names(described: Described, parameter: str) -> tuple[str, ...]:
    """What a parameter can be besides the usual."""
    field: Any = described.query._declared_fields.get(parameter)
    return field.names[1:] if field else ()


def _described(address: str) -> Described:
    endpoint, _ = current_app.url_map.bind("").match(address)
    view: Any = current_app.view_functions[endpoint]
    described: Described = view.view_class.get._apidoc["described"]
    return described


@cache
def _dates() -> Any:
    """When records of each kind last changed, published or not any more; and from when the oldest published one is."""
    columns = []
    for dataset in DATASETS:
        for noun in dataset.nouns:
            model = Resource.named(noun)
            for circle in _REAL:
                newest = select(func.max(model.updated_at)).where(model.audience == circle)
                columns.append(newest.scalar_subquery().label(f"{noun} {circle}"))
            if dataset.dated:
                key = getattr(model, model.SORTS[dataset.dated])
                oldest = select(func.min(key)).where(model.audience == Audience.PUBLIC, key > "")
                columns.append(oldest.scalar_subquery().label(f"{noun} since"))
    return select(*{column.name: column for column in columns}.values())


def _newest(dataset: Dataset, dates: Mapping[Any, Any]) -> dt.datetime | None:
    known = (dates[f"{noun} {circle}"] for noun in dataset.nouns for circle in _REAL)
    return max((one for one in known if one), default=None)


def _since(dataset: Dataset, dates: Mapping[Any, Any]) -> dt.date | None:
    """The first day of the oldest date, which may be known only to the month or year."""
    oldest = dates[f"{dataset.nouns[0]} since"] if dataset.dated else None
    return dt.date.fromisoformat(oldest[:10] + "0001-01-01"[len(oldest[:10]) :]) if oldest else None
