"""A question of the statistics: the records of a list that match its filters, and an answer that is kept."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from flask import Response
from sqlalchemy import ColumnElement, Connection, Executable, and_, true

from api.kit import conditional, statements
from api.kit.actor import actor
from api.kit.answers import answer, caching, not_modified
from api.kit.freshness import head, remembered
from api.kit.lists import ListReader
from api.kit.service import service
from api.models import Resource
from api.models.visible import Reach, reach_of
from api.models.visible import parameters as seen_by
from schemas.base import Shape
from schemas.query import ListQuery

MOST_ANSWERS = 500
"""Answers kept per process; every change of a record throws them all away."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which records are asked about, and over which connection."""

    connection: Connection
    model: type[Resource]
    reach: Reach
    where: ColumnElement[bool]
    values: Mapping[str, Any]

    @property
    def published(self) -> ColumnElement[bool]:
        """Those that are published: what is still a draft, or was taken back, is nobody's result."""
        return and_(self.where, self.model.state.in_([str(state) for state in self.model.lifecycle.published]))

    def rows(self, statement: Executable) -> Any:
        """What a statement finds, given the filters' values."""
        return self.connection.execute(statement, dict(self.values))


def respond(
    model: type[Resource],
    query: type[ListQuery],
    wanted: Mapping[str, Any],
    work_out: Callable[[Question], Any],
    gives: type[Shape],
) -> Response:
    """The answer, worked out unless it is remembered; 304 when nothing has changed since the client's."""
    caller = actor()
    headers, reach = caching(caller), reach_of(caller, model.__tablename__)
    with service().database.reading() as connection:
        now = head(connection, caller.sandbox)
        tag = f'W/"{now}-{zlib.crc32(repr((reach, caller.standing)).encode()):08x}"'
        if conditional.held(tag):
            return not_modified(tag, headers)
        shape, values = _reader(model, query).question(connection, caller, {**wanted, "sort": ()}, now)
        answers = remembered(("statistics", caller.sandbox), now, dict)
        key = (gives, shape, repr(sorted((name, repr(value)) for name, value in values.items())))
        body = answers.get(key)
        if body is None:
            where = statements.count(shape).whereclause
            question = Question(connection, model, reach, true() if where is None else where, values | seen_by(caller))
            body = orjson.dumps(gives().dump(work_out(question)))
            if len(answers) >= MOST_ANSWERS:
                answers.clear()
            answers[key] = body
    return answer(body, tag, headers)


@cache
def _reader(model: type[Resource], query: type[ListQuery]) -> ListReader:
    return ListReader(model, query())
