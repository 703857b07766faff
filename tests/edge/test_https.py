"""HTTPS only in production, and who is believed about it: the proxies in front, and nobody before them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from api.kit.proxies import trusting
from tests.conftest import Server, build
from tests.v1.expect import problem

FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example"}


@pytest.fixture(scope="module", params=[0, 1, 2])
def production(request: pytest.FixtureRequest, server: Server) -> Iterator[tuple[int, Flask]]:
    proxies = request.param
    app = build(server.database(f"production_{proxies}"), environment="production", trusted_proxies=proxies)
    yield proxies, app
    app.extensions["copi"].database.dispose()


def ask(app: Flask, path: str = "/v1/partners", scheme: str = "http", **headers: str) -> Any:
    return app.test_client().get(path, base_url=f"{scheme}://localhost", headers=headers)


def test_plain_http_is_refused_and_not_redirected(production):
    _, app = production
    for path in ("/v1/partners", "/v1/nothing", "/", "/docs", "/v1/openapi.json"):
        answer = ask(app, path)
        refusal = problem(answer, 403)
        assert refusal["type"].endswith("/problems/https-required")
        assert "Location" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers
    page = ask(app, "/problems/https-required", "https", Accept="text/html")
    assert "Kun HTTPS" in page.text


def test_a_log_in_over_plain_http_is_refused_before_it_is_looked_at(production):
    _, app = production
    answer = app.test_client().post("/v1/tokens", json={"email": "a@b.example", "password": "x"})
    assert problem(answer, 403)["type"].endswith("/problems/https-required")


def test_https_is_served_and_says_to_stay(production):
    _, app = production
    answer = ask(app, scheme="https")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_load_balancer_may_ask_for_the_status_from_within(production):
    _, app = production
    assert ask(app, "/v1/status").status_code == 200


def test_only_proxies_that_are_there_are_believed(production):
    proxies, app = production
    answer = ask(app, "/", **FORWARDED)
    if proxies == 0:
        problem(answer, 403)
        return
    assert answer.json["documentation"] == "https://api.example/docs"
    assert answer.headers["Strict-Transport-Security"]


def test_what_a_caller_writes_before_the_proxies_is_not_believed(production):
    proxies, app = production
    told = ", ".join(["https", *["http"] * proxies])
    problem(ask(app, **{"X-Forwarded-Proto": told}), 403)


def test_development_serves_plain_http(client):
    assert client.get("/partners").status_code == 200


# --- Addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.66, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.66, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9:51234", "203.0.113.9"),
        (1, "[2001:db8::7]:51234", "2001:db8::7"),
        (1, "[2001:db8::7]", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "", "127.0.0.1"),
        (1, "198.51.100.66, ", "127.0.0.1"),
    ],
)
def test_the_caller_s_address_is_what_the_first_trusted_proxy_saw(proxies, header, address):
    seen: dict[str, Any] = {}

    def inner(environ: Any, _: Any) -> list[bytes]:
        seen.update(environ)
        return []

    outer: Any = trusting(inner, proxies) if proxies else inner
    outer({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": header}, None)
    assert seen["REMOTE_ADDR"] == address
