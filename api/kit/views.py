"""The views behind declared operations: what Flask calls, and what the contract says of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g
from flask.views import MethodView

from api.kit import parameters, writing
from api.kit.asking import Read
from api.kit.items import ItemReader
from openapi.deprecation import Deprecated
from openapi.operations import Described, operation
from schemas.query import Query

View = Callable[..., Any]


def declare(described: Described, make: Callable[[View], View]) -> Callable[[View], View]:
    """What makes a view of what a resource file has written, with its declaration for the contract."""

    def decorate(view: View) -> View:
        made = make(view)
        acting = wraps(view)(_announcing(described.deprecated, made) if described.deprecated else made)
        acting._apidoc = {"described": described}  # type: ignore[attr-defined]
        return acting

    return decorate


def _announcing(deprecated: Deprecated, view: View) -> View:
    def announcing(*given: Any, **path: Any) -> Any:
        g.announced = deprecated.headers
        return view(*given, **path)

    return announcing


def reads_document(reader: ItemReader) -> View:
    """A view that hands out one stored record."""
    return lambda _view, id: reader.respond(str(id))


def reads(view: View, read: Read) -> View:
    """A view that reads, and works out what it answers."""
    return lambda self, id=None, **path: read.respond(
        lambda *given: view(self, *given, **path), None if id is None else str(id)
    )


def writes(view: View, write: writing.Write, query: Query) -> View:
    """A view that writes, in one transaction."""

    def acting(self: MethodView, id: Any = None, **path: Any) -> Any:
        parameters.read(query)
        return write.respond(lambda *given: view(self, *given, **path), None if id is None else str(id))

    return acting


def commands(view: View, command: writing.Command, query: Query) -> View:
    """A view that works on no record."""

    def acting(self: MethodView, **path: Any) -> Any:
        parameters.read(query)
        return command.respond(lambda *given: view(self, *given, **path))

    return acting


def documented(doc: dict[str, Any], info: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The operation as it stands in the contract; flask-smorest asks for it."""
    described = info["described"]
    docstring = info["docstring"]
    for words in (described.needs, described.deprecated and described.deprecated.words):
        if words:
            docstring["description"] = f"{docstring.get('description', '')}\n\n{words}".strip()
    return {**doc, **operation(described)}
