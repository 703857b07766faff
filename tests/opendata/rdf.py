"""Answers as graphs, read by an RDF library and without the network."""

from __future__ import annotations

import warnings
from typing import Any

from rdflib import Graph


def graph(answer: Any) -> Graph:
    """The triples of an answer, whichever way it writes them."""
    assert answer.status_code == 200, answer.json
    kind = "turtle" if answer.mimetype == "text/turtle" else "json-ld"
    with warnings.catch_warnings():
        # rdflib's reader of JSON-LD uses what rdflib itself warns against.
        warnings.simplefilter("ignore", DeprecationWarning)
        return Graph().parse(data=answer.data, format=kind)
