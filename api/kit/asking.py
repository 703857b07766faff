"""Answers that are worked out when they are asked for: from parameters, or from the record in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import orjson
from flask import Response

from api.db import reading_session
from api.domain import policy
from api.domain.actor import Actor
from api.kit import parameters, writing
from api.kit.actor import actor, known_actor
from api.kit.answers import answer, caching, public
from api.kit.service import service
from api.models import Guarded, Resource
from schemas.base import Shape
from schemas.query import Query


@dataclass(frozen=True, slots=True)
class Read:
    """A view that reads; with `item` from that record, which gives the answer a tag unless it lies `within` it."""

    permission: str | None
    item: type[Resource | Guarded] | None
    within: bool
    query: Query
    gives: type[Shape] | None
    seconds: int = 0
    """How long anyone may keep the answer, which is the same for everybody."""

    def respond(self, view: Callable[..., Any], id: str | None) -> Any:
        """Run the view, for whoever may, and answer what it returns."""
        wanted = parameters.read(self.query)
        given = [wanted] if self.query.fields else []
        caller = known_actor() if self.permission else actor()
        if self.item is None:
            self._demand(caller, policy.PLATFORM)
            return self._answer(view(*given), None, caller)
        with service().database.reading() as connection, reading_session(connection) as session:
            record = writing.load(session, self.item, id or "", caller)
            self._demand(caller, record)
            return self._answer(view(*given, record), record, caller)

    def _demand(self, caller: Actor, subject: policy.Subject) -> None:
        if self.permission in policy.POLICY:
            policy.demand(caller, str(self.permission), subject)

    def _answer(self, result: Any, record: Any, caller: Actor) -> Any:
        if self.gives is None or isinstance(result, Response):
            return result
        if self.within or isinstance(record, Guarded) or (record is None and self.permission):
            return writing.unkept(result, self.gives, 200)
        body = orjson.dumps(self.gives().dump(result))
        if self.seconds:
            return answer(body, f'"{crc32(body):08x}"', public(self.seconds))
        if record is None:
            # Worked out for this moment, with no tag to ask again by.
            return Response(body, headers={"Cache-Control": "no-store"}, content_type="application/json")
        return answer(body, f'"{record.version}+{crc32(body):08x}"', caching(caller, self.gives()))
