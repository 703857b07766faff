"""The catalogue of the open data, as far as JSON can say what it is."""

from __future__ import annotations

from typing import Any, ClassVar

from schemas.base import Shape
from schemas.fields import Doc, Field, Many
from schemas.query import Query


class _Node(Field):
    """A node of a graph, or what its names stand for: an object with any members."""

    json_schema: ClassVar[dict[str, Any]] = {"type": "object"}

    def shape(self, doc: Doc) -> dict[str, Any]:
        return {**self.json_schema, "additionalProperties": True}


class _CatalogueShape(Shape):
    """A catalogue after DCAT-AP-DK 2.0, as JSON-LD 1.1: read it with an RDF library, or by `@id` and `@type`."""


CatalogueSchema = type(
    "CatalogueSchema",
    (_CatalogueShape,),
    {
        "__doc__": _CatalogueShape.__doc__,
        "@context": _Node(
            "What the prefixes stand for.", example={"dcat": "http://www.w3.org/ns/dcat#"}, allow_none=False
        ),
        "@graph": Many(
            _Node(
                "The catalogue, a dataset, a distribution, the data service, or something these point at.",
                example={"@id": "https://api.example.org/v1/catalog", "@type": "dcat:Catalog"},
            ),
            "The nodes of the graph.",
            max=10_000,
        ),
    },
)


class CatalogueQuery(Query):
    """What reading the catalogue takes."""
