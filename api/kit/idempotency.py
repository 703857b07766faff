"""Safe retries: a POST with a key the caller has used already is answered as it was, and does nothing again.

The key is the first thing a write's transaction stores and its answer the last, so that record, event and key are
committed together or not at all. Semantics after draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from flask import Response, request
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api.domain import clock
from api.domain.actor import Actor
from api.domain.errors import CONFLICT, IN_FLIGHT, KEY_REUSED, MALFORMED, Refusal
from api.kit import sealing, uploads
from api.kit.service import service
from api.models import IdempotencyKey
from api.models.idempotency import KEPT
from schemas.wording import Say

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
_KEY, _LONGEST = re.compile(r"[!-~]([ -~]*[!-~])?\Z"), 255
_LOCK_NOT_AVAILABLE = "55P03"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
_NO_KEY = Say("Skal være 1-255 skrivbare ASCII-tegn.", "Must be 1-255 printable ASCII characters.")
_NO_BODY = Say("Indholdet er for dybt indlejret.", "The content is nested too deeply.")
_OTHER_RIGHTS = Say(
    "Kaldet er udført, men dine rettigheder er andre nu, så svaret gives ikke igen. Læs i stedet, hvad der blev gemt.",
    "The call was carried out, but your rights are others now, so its answer is not given again. Read what was stored.",
)
_UNREADABLE = Say(
    "Kaldet er udført, men svaret kan ikke læses længere, fordi tjenestens hemmelighed er skiftet.",
    "The call was carried out, but its answer can be read no longer, because the service's secret has changed.",
)


def once(session: Session, caller: Actor, sent: Any, act: Callable[[], Response]) -> Response:
    """What `act` answers; what it answered before where the request repeats one with the same key.

    Only a POST of somebody who is logged in has a key. What is refused stores none: it can be tried again.
    """
    if request.method != "POST" or caller.anonymous or HEADER not in request.headers:
        return act()
    digest, fingerprint, standing = _digest(caller), _fingerprint(sent), _hashed(repr(caller.standing))
    row = {"digest": digest, "sandbox": caller.sandbox, "fingerprint": f"{fingerprint}.{standing}"}
    if not _claimed(session, row):
        return _answered(session, digest, fingerprint, standing)
    answer = act()
    values = {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "sealed": _seal().encrypt(answer.get_data()),
    }
    session.execute(update(IdempotencyKey).where(IdempotencyKey.digest == digest).values(values))
    return answer


def _digest(caller: Actor) -> str:
    key = request.headers[HEADER]
    if len(key) > _LONGEST or not _KEY.match(key):
        raise Refusal(MALFORMED, _NO_KEY, errors=[{"parameter": HEADER, "detail": _NO_KEY}])
    return _hashed([caller.id, caller.sandbox, key])


def _fingerprint(sent: Any) -> str:
    """What tells one request from another; the same JSON written in another way is the same request."""
    asked = [request.method, request.path, request.query_string.decode("latin-1"), request.headers.get("If-Match")]
    try:
        return _hashed([*asked, sent])
    except TypeError as wrong:
        raise Refusal(MALFORMED, _NO_BODY) from wrong


def _hashed(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, default=_file, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _file(part: Any) -> Any:
    if isinstance(part, FileStorage):
        return [part.filename, part.mimetype, uploads.incoming(part).sha256]
    raise TypeError


def _claimed(session: Session, row: dict[str, Any]) -> bool:
    """Whether the key is this request's; waits for a write that has it already to be committed or given up."""
    now = clock.now()
    upsert: Any = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    anew = {**row, "created_at": now, "status": None, "headers": None, "sealed": None}
    claim = upsert(IdempotencyKey).values(anew)
    free = IdempotencyKey.created_at <= now - KEPT
    claim = claim.on_conflict_do_update(index_elements=[IdempotencyKey.digest], set_=anew, where=free)
    claim = claim.returning(IdempotencyKey.digest)
    try:
        return session.execute(claim).first() is not None
    except OperationalError as stuck:
        if getattr(stuck.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Refusal(IN_FLIGHT, headers={"Retry-After": "5"}) from stuck
        raise


def _answered(session: Session, digest: str, fingerprint: str, standing: str) -> Response:
    """The answer the key was given; 422 when that was to another request, 409 when the caller has other rights now."""
    row = session.scalars(select(IdempotencyKey).where(IdempotencyKey.digest == digest)).one()
    request_then, _, standing_then = row.fingerprint.partition(".")
    if request_then != fingerprint:
        raise Refusal(KEY_REUSED)
    if standing_then != standing:
        raise Refusal(CONFLICT, _OTHER_RIGHTS)
    try:
        body = _seal().decrypt(row.sealed or b"")
    except InvalidToken as lost:
        raise Refusal(CONFLICT, _UNREADABLE) from lost
    return Response(body, row.status, {**(row.headers or {}), REPLAYED: "true"})


def _seal() -> Fernet:
    return sealing.seal(sealing.own(service().settings), "idempotency keys")
