"""What a refusal must look like, whatever it refuses."""

from __future__ import annotations

import uuid
from typing import Any

from werkzeug.test import TestResponse

from api.domain.errors import KINDS

DANISH, ENGLISH = "da", "en"


def problem(
    response: TestResponse, status: int, *pointers: str, parameter: str | None = None, language: str = DANISH
) -> dict[str, Any]:
    """Assert that this is a problem (RFC 9457) of that status, at least about these places; returns it."""
    assert response.status_code == status, (response.status_code, response.get_data(as_text=True)[:2000])
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = response.get_json(force=True)
    assert {"type", "title", "status", "detail", "instance", "errors"} == body.keys()

    kind = KINDS[body["type"].rpartition("/problems/")[2]]
    assert body["type"].startswith("http")
    assert kind.status == body["status"] == status
    assert body["title"] == kind.title.in_(language)
    assert body["detail"].strip()
    assert response.headers["Content-Language"] == language

    assert body["instance"] == f"urn:uuid:{response.headers['X-Request-ID']}"
    uuid.UUID(response.headers["X-Request-ID"])

    for error in body["errors"]:
        assert error["detail"].strip()
        assert ("pointer" in error) != ("parameter" in error), error
    named = {error.get("pointer") for error in body["errors"]}
    assert set(pointers) <= named, (pointers, body["errors"])
    if parameter is not None:
        assert parameter in {error.get("parameter") for error in body["errors"]}, body["errors"]

    match status:
        case 401:
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
        case 405:
            assert response.headers["Allow"]
        case 503:
            assert int(response.headers["Retry-After"]) > 0
    return body


def refused(response: TestResponse) -> str | None:
    """None for a proper 4xx problem, otherwise what is wrong with it: for tests that try a hundred inputs in a row."""
    if not 400 <= response.status_code < 500:
        return f"{response.status_code}: {response.get_data(as_text=True)[:200]}"
    try:
        problem(response, response.status_code)
    except (AssertionError, KeyError, ValueError) as wrong:
        return f"{response.status_code}: {wrong}"
    return None
