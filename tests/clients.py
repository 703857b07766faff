"""Clients as tests speak: one line a call, the caller's role in its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from api.identity import keys, oauth, tokens
from tests.make import Make


class Client:
    """Calls the API as one caller. Paths are those of the contract, without /v1."""

    of_service = False
    """Whether its token is a service's own."""

    def __init__(self, app: Flask, user_id: str | None = None, **claims: Any) -> None:
        self.app, self.user_id = app, user_id
        self._client = app.test_client()
        self.headers: dict[str, str] = {}
        if user_id is not None:
            self.headers["Authorization"] = f"Bearer {token_for(app, user_id, **claims)}"

    @classmethod
    def bearing(cls, app: Flask, token: str) -> Client:
        """Whoever this token stands for."""
        client = cls(app)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any call; `headers` come on top of the caller's own."""
        headers = {**self.headers, **options.pop("headers", {})}
        return self._client.open(
            path if path.startswith(("//", "/.well-known/")) else f"/v1{path}",
            method=method,
            headers=headers,
            **options,
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, *, version: int | None = None, **options: Any) -> TestResponse:
        """A POST; `version` goes out as If-Match."""
        return self.call("POST", path, headers=_if_match(version, options), **_body(json), **options)

    def patch(self, path: str, json: Any, *, version: int | None = None, **options: Any) -> TestResponse:
        return self.call("PATCH", path, json=json, headers=_if_match(version, options), **options)

    def put(self, path: str, json: Any, *, version: int | None = None, **options: Any) -> TestResponse:
        return self.call("PUT", path, json=json, headers=_if_match(version, options), **options)

    def outside(self, path: str, **options: Any) -> TestResponse:
        """A GET of what lies outside the API: pages, problems."""
        return self._client.get(path, headers={**self.headers, **options.pop("headers", {})}, **options)


def service(app: Flask, id: str, scopes: Iterable[str] | None = None) -> Client:
    """A service that calls in its own name, with these scopes or every one there is."""
    return Client(app, id, client=id, scope=" ".join(oauth.scopes() if scopes is None else scopes))


def token_for(app: Flask, user_id: str, **claims: Any) -> str:
    """An access token of ours, without logging in."""
    service = app.extensions["copi"]
    with app.test_request_context(), service.database.writing() as session:
        return tokens.issue(user_id, keys.current(session, service.settings), **claims)


def _if_match(version: int | None, options: dict[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = dict(options.pop("headers", {}))
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return headers


def _body(json: Any) -> dict[str, Any]:
    return {} if json is None else {"json": json}


class Everybody:
    """Clients by role, made when they are first asked for."""

    def __init__(self, app: Flask, make: Make) -> None:
        self._app, self._make = app, make
        self._known: dict[Any, Client] = {}

    def __call__(self, partner: str, role: str) -> Client:
        """Somebody who holds a role in a partner."""
        return self._client((partner, role), roles={partner: role})

    @property
    def copi_editor(self) -> Client:
        return self._client("copi_editor", duties=["copi_editor"])

    @property
    def copi_admin(self) -> Client:
        return self._client("copi_admin", duties=["copi_admin"])

    @property
    def everywhere(self) -> Client:
        """Somebody at CO-PI who also leads `make.home`: between them they may do everything."""
        duties = ["copi_admin", "copi_editor"]
        return self._client("everywhere", duties=duties, roles={self._make.home: "manager"})

    @property
    def adviser(self) -> Client:
        return self._client("adviser", duties=["adviser"])

    @property
    def anonymous(self) -> Client:
        return self._client(None)

    def _client(self, key: Any, **user: Any) -> Client:
        if key not in self._known:
            self._known[key] = Client(self._app, None if key is None else self._make.user(**user))
        return self._known[key]
