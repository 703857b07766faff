"""How the end of an operation is announced: by its declaration alone, in the contract and in its answers."""

from __future__ import annotations

import datetime as dt
import time
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask
from flask.views import MethodView

from api import v1
from api.domain.errors import NOT_FOUND, Refusal
from api.kit.blueprint import PUBLIC, Blueprint
from openapi.deprecation import Deprecated
from schemas.system import StatusSchema
from tests.clients import Client
from tests.conftest import Server, build

ENDING = Deprecated(
    since=dt.datetime(2028, 1, 1, tzinfo=dt.UTC),
    sunset=dt.datetime(2029, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    instead="/v2/newer",
)


def throw_away() -> Blueprint:
    blp = Blueprint("system-old", "Only in this test.")

    @blp.route("/older")
    class Older(MethodView):
        @blp.operation(PUBLIC, name="read_older", gives=StatusSchema, deprecated=ENDING)
        def get(self):
            """Read it the old way"""
            return {"status": "ok"}

        @blp.operation(PUBLIC, name="refuse_older", gives=StatusSchema, deprecated=ENDING)
        def post(self):
            """Refuse the old way"""
            raise Refusal(NOT_FOUND)

    return blp


@pytest.fixture(scope="module")
def ending(server: Server):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(v1, "BLUEPRINTS", (*v1.BLUEPRINTS, throw_away()))
        app = build(server.database("ending"))
    yield app
    app.extensions["copi"].database.dispose()


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 404)])
def test_every_answer_of_it_says_since_when_until_when_and_what_instead(ending: Flask, method, status):
    answer = Client(ending).call(method, "/older")
    assert answer.status_code == status
    assert answer.headers["Deprecation"] == "@1830297600"
    assert answer.headers["Sunset"] == "Sun, 31 Dec 2028 23:00:00 GMT"
    assert parsedate_to_datetime(answer.headers["Sunset"]) == ENDING.sunset
    assert time.gmtime(int(answer.headers["Deprecation"][1:]))[:3] == (2028, 1, 1)
    assert '</v2/newer>; rel="successor-version"' in answer.headers["Link"]
    assert '</docs/versions>; rel="deprecation"' in answer.headers["Link"]
    assert Client(ending).outside("/docs/versions").status_code == 200


def test_the_contract_says_so_too(ending: Flask):
    document = ending.extensions["contract"].document()
    for operation in (document["paths"]["/older"]["get"], document["paths"]["/older"]["post"]):
        assert operation["deprecated"] is True
        assert "Use `/v2/newer` instead." in operation["description"]
        assert {"Deprecation", "Sunset", "Link"} <= operation["responses"]["200"]["headers"].keys()


def test_nothing_is_deprecated_today(ending: Flask, client):
    document = ending.extensions["contract"].document()
    old = [path for path, item in document["paths"].items() for one in item.values() if "deprecated" in one]
    assert set(old) == {"/older"}
    for path in ("/partners", "/status", "/nothing"):
        answer = client.get(path)
        assert "Deprecation" not in answer.headers
        assert "Sunset" not in answer.headers
