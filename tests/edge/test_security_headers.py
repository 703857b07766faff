"""What browsers are told with each kind of answer (OWASP Secure Headers, ASVS 5.0 V3.4 and V14.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.make import PASSWORD
from tests.v1.test_documents import attach

EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
              "Cross-Origin-Resource-Policy": "same-origin"}  # fmt: skip
DATA = "default-src 'none'; frame-ancestors 'none'"


def guarded(answer: Any, policy: str = DATA) -> None:
    assert EVERYWHERE.items() <= dict(answer.headers).items(), answer.request.path
    assert answer.headers.getlist("Content-Security-Policy") == [policy]
    for outdated in ("X-XSS-Protection", "Server", "X-Powered-By", "Expect-CT", "Feature-Policy"):
        assert outdated not in answer.headers


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [("/partners", "GET", {}, 200), ("/partners", "GET", {"If-None-Match": "*"}, 304), ("/nothing", "GET", {}, 404),
     ("/partners", "DELETE", {}, 405), ("/partners", "OPTIONS", {}, 200), ("/partners", "POST", {}, 401),
     ("/partners", "HEAD", {}, 200), ("/partners?limit=0", "GET", {}, 422), ("/status", "GET", {}, 200),
     ("/partners", "GET", {"Accept-Encoding": "gzip"}, 200), ("/openapi.json", "GET", {"Accept-Encoding": "gzip"}, 200)],
)  # fmt: skip
def test_answers_of_the_api(client, path, method, headers, status):
    answer = client.call(method, path, headers=headers)
    assert answer.status_code == status
    guarded(answer)


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/journey", "/problems/invalid"])
def test_pages(client, path):
    answer = client.outside(path, headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    guarded(answer, policy)
    assert "script-src 'self'" in policy
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_documents(make, as_):
    challenge = make.challenge()
    address = attach(as_.everywhere, f"/challenges/{challenge}").headers["Location"].removeprefix("/v1")
    for headers in ({}, {"Range": "bytes=0-9"}):
        answer = as_.everywhere.get(f"{address}/content", headers=headers, buffered=True)
        assert answer.status_code == (206 if headers else 200)
        guarded(answer, "default-src 'none'; sandbox")


def test_refusals_are_not_kept(client):
    assert client.get("/nothing").headers["Cache-Control"] == "no-store"


def test_personal_data_and_tokens_are_not_kept(client, as_, make):
    make.user(email="nogen@tests.example")
    token = client.post("/tokens", {"email": "nogen@tests.example", "password": PASSWORD})
    assert token.headers["Cache-Control"] == "no-store"
    partner = make.partner()
    for path in (f"/partners/{partner}/contact-points", "/tasks"):
        answer = as_.everywhere.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), path
    tag = as_.everywhere.get(f"/partners/{partner}/contact-points").headers["ETag"]
    again = as_.everywhere.get(f"/partners/{partner}/contact-points", headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-store")
    assert client.get("/partners").headers["Cache-Control"] == "public, no-cache"
