"""Who was refused goes into the security log: a caller without the permission, a token that counts no longer."""

from __future__ import annotations

import logging

from flask import Flask, Response, g
from sqlalchemy.exc import SQLAlchemyError

from api.identity import security
from api.kit import asked
from api.kit.service import service
from schemas.vocabulary import SecurityEventKind

_log = logging.getLogger("copi")


def register(app: Flask) -> None:
    """Look at every answer as it leaves, when its own transaction has been taken back."""
    app.after_request(_note)


def _note(response: Response) -> Response:
    if response.status_code in (401, 403) and (user := _refused(response.status_code)):
        described = asked.operation()
        details = {"operation": described.id, "permission": described.permission} if described else {}
        try:
            with service().database.writing() as session:
                security.note(session, SecurityEventKind.REFUSED, user, status=response.status_code, **details)
        except SQLAlchemyError:
            # The refusal stands, whether or not it can be written down.
            _log.exception("a refusal was not written down")
    return response


def _refused(status: int) -> str | None:
    """Whom: a caller who may not, or whose token has a good signature and counts no longer."""
    if status == 403:
        caller = g.get("actor")
        return caller.id if caller else None
    token = g.get("token") or g.get("vouched")
    return token.user if token is not None and "actor" not in g else None
