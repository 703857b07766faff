"""What every request and answer has in common: ids, versions, security, CORS, media types, the log, the last resort."""

from __future__ import annotations

import io
import json
import logging
import re
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from api.kit import logs
from api.kit.logs import JsonFormatter, TextFormatter
from openapi.spec import VERSION
from tests.clients import Client
from tests.conftest import Server, build
from tests.make import PASSWORD
from tests.v1.expect import ENGLISH, problem
from tests.v1.operations import OPERATIONS, filled

ORIGIN = "https://www.co-pi.dk"
OTHERS = ["https://evil.example", "http://www.co-pi.dk", "https://www.co-pi.dk:8443", "https://www.co-pi.dk.evil.example",
          "https://co-pi.dk", "null", "*", "", "https://www.co-pi.dk/"]  # fmt: skip
ID = "01941f29-7c00-7c5e-8a9b-3f6f0a1d2e4c"
PATHS = ["//", "//docs", "//problems/invalid", "//v1/openapi.json", "/status", "/partners", "/partners?limit=0", "/nothing",
         "/code-lists", f"/partners/{ID}"]  # fmt: skip


def get(client: Client, path: str, **options: Any) -> Any:
    if path.startswith("//"):
        return client.outside(path[1:], **options)
    return client.get(path, **options)


# --- Ids and versions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_which_request_and_which_version_it_is_of(client, path):
    answer = get(client, path)
    assert answer.headers["API-Version"] == VERSION
    assert uuid.UUID(answer.headers["X-Request-ID"]).version == 7
    assert get(client, path).headers["X-Request-ID"] != answer.headers["X-Request-ID"]
    assert get(client, path, headers={"X-Request-ID": ID}).headers["X-Request-ID"] == ID


@pytest.mark.parametrize(
    "given", ["", "x", ID[:-1], ID + "0", f"{{{ID}}}", ID.replace("-", ""), f"{ID}\t", "0" * 5000, f"urn:uuid:{ID}"]
)
def test_an_id_that_is_no_uuid_is_replaced(client, given):
    answer = client.get("/status", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert uuid.UUID(answer.headers["X-Request-ID"]).version == 7


def test_an_id_in_capitals_is_answered_in_small_letters(client):
    assert client.get("/status", headers={"X-Request-ID": ID.upper()}).headers["X-Request-ID"] == ID


def test_a_refusal_names_the_request_it_refused(client):
    refusal = problem(client.get("/nothing", headers={"X-Request-ID": ID}), 404)
    assert refusal["instance"] == f"urn:uuid:{ID}"


def test_a_transaction_s_id_comes_back_as_it_was_sent(client):
    for given in (ID, ID.upper()):
        assert client.get("/status", headers={"x-TransaktionsId": given}).headers["x-TransaktionsId"] == given
    for given in ("", "x", "<script>", "1" * 5000):
        assert "x-TransaktionsId" not in client.get("/status", headers={"x-TransaktionsId": given}).headers
    assert "x-TransaktionsId" not in client.get("/status").headers


# --- Security -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_browsers_are_told_to_trust_little(client, path):
    headers = get(client, path, headers={"Accept": "text/html, application/json;q=0.9, */*;q=0.1"}).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers, "RFC 6797 7.2: not over HTTP"
    secure = get(client, path, base_url="https://localhost").headers
    assert re.match(r"max-age=\d{8,}; includeSubDomains", secure["Strict-Transport-Security"])
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    for loose in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*"):
        assert loose not in policy
    assert "Set-Cookie" not in headers
    assert "Access-Control-Allow-Origin" not in headers


def test_pages_hold_no_script_or_style_of_their_own(client):
    for path in ("/", "/docs", "/problems/invalid"):
        page = client.outside(path, headers={"Accept": "text/html"})
        assert page.content_type.startswith("text/html")
        assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "geolocation=()" in page.headers["Permissions-Policy"]
        for script in re.findall(r"<script\b([^>]*)>(.*?)</script>", page.text, re.DOTALL):
            assert "src=" in script[0]
            assert script[1].strip() == ""
        assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", page.text)
        for address in re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text):
            if address.startswith("/"):
                assert client.outside(address.partition("#")[0], buffered=True).status_code == 200, address
            else:
                assert not re.search(rf"(?:src|<link[^>]*href)=\"{re.escape(address)}\"", page.text)


def test_the_files_of_the_docs_are_there(client):
    for name, kind in (("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "javascript")):
        answer = client.outside(f"/docs/{name}", buffered=True)
        assert answer.status_code == 200
        assert kind in answer.content_type
    problem(client.outside("/docs/swagger-initializer.js"), 404)


def test_the_front_page_tells_a_program_where_everything_is(client):
    facts = client.outside("/", headers={"Accept": "application/json"}).json
    for address in (facts["documentation"], facts["contract"], facts["status"], *facts["resources"].values()):
        assert client.outside(address.removeprefix("http://localhost")).status_code == 200, address


# --- CORS ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_to(server: Server) -> Iterator[Client]:
    """An application that one frontend, and another, may call from a browser."""
    app = build(server.database("cors"), cors_origins=f"{ORIGIN}, https://demo.example ,")
    yield Client(app)
    app.extensions["copi"].database.dispose()


@pytest.mark.parametrize(
    "path", ["/partners", "/nothing", "/partners?limit=0", "/status", "/code-lists", "//v1/openapi.json"]
)
def test_a_frontend_of_the_settings_may_read_every_answer(open_to, path):
    for origin in (ORIGIN, "https://demo.example"):
        answer = get(open_to, path, headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in answer.headers
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {
            "ETag", "Location", "Link", "X-Total-Count", "Retry-After", "API-Version", "X-Request-ID",
            "x-TransaktionsId", "RateLimit", "RateLimit-Policy", "Deprecation", "Sunset",
        } <= set(exposed)  # fmt: skip
        assert "Origin" in answer.headers["Vary"]
    unchanged = open_to.get("/partners", headers={"Origin": ORIGIN, "If-None-Match": "*"})
    assert (unchanged.status_code, unchanged.headers["Access-Control-Allow-Origin"]) == (304, ORIGIN)


@pytest.mark.parametrize("origin", OTHERS)
def test_no_other_origin_may(open_to, client, origin):
    for path in ("/partners", "/nothing"):
        answer = open_to.get(path, headers={"Origin": origin})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
    assert "Access-Control-Allow-Origin" not in client.get("/partners", headers={"Origin": origin}).headers


@pytest.mark.parametrize("path", sorted({one.path for one in OPERATIONS}))
def test_a_preflight_names_the_methods_and_headers_there_are(open_to, path):
    address = filled(path, ID)
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = open_to.call("OPTIONS", address, headers=asked)
    assert answer.status_code in (200, 204)
    there = {one.method for one in OPERATIONS if one.path == path}
    assert there <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    allowed = {name.lower() for name in answer.headers["Access-Control-Allow-Headers"].split(", ")}
    assert {"authorization", "content-type", "if-match", "if-none-match", "x-transaktionsid"} <= allowed
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    refused = open_to.call("OPTIONS", address, headers={**asked, "Origin": OTHERS[0]})
    assert "Access-Control-Allow-Methods" not in refused.headers


# --- Methods and media types --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted({one.path for one in OPERATIONS}))
def test_options_says_what_can_be_done(client, path):
    answer = client.call("OPTIONS", filled(path, ID))
    there = {one.method for one in OPERATIONS if one.path == path}
    assert set(re.split(r", ?", answer.headers["Allow"])) == there | {"OPTIONS"} | (
        {"HEAD"} if "GET" in there else set()
    )


@pytest.mark.parametrize(
    "path", ["/partners", "/status", "/code-lists", "/code-lists/theme", "/nothing", "/partners?limit=0"]
)
def test_head_is_get_without_the_body(client, path):
    head, get = client.call("HEAD", path), client.get(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert {name for name, _ in head.headers} == {name for name, _ in get.headers}
    assert head.headers["Content-Length"] == str(len(get.data))


@pytest.mark.parametrize(
    ("accept", "status"),
    [(None, 200), ("*/*", 200), ("application/json", 200), ("application/*", 200), ("application/problem+json", 200),
     ("text/html, application/json;q=0.1", 200), ("text/html, */*;q=0.01", 200), ("APPLICATION/JSON", 200),
     ("text/html", 406), ("application/xml", 406), ("text/plain, image/*", 406), ("application/vnd.api+json", 406)],
)  # fmt: skip
def test_an_answer_comes_as_json_or_not_at_all(client, accept, status):
    answer = client.get("/partners", headers={} if accept is None else {"Accept": accept})
    if status == 406:
        problem(answer, 406)
    else:
        assert (answer.status_code, answer.content_type) == (200, "application/json")


# --- The log ------------------------------------------------------------------------------------------------


@pytest.fixture
def log(app, monkeypatch) -> tuple[io.StringIO, logging.Handler]:
    """What the application writes in its log, in JSON unless a test chooses otherwise."""
    logger, lines = logging.getLogger("copi"), io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonFormatter())
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=lines))  # sys.stderr itself is pytest's during a test
    monkeypatch.setattr(logger, "handlers", [handler])
    return lines, handler


def test_a_request_is_one_line_of_json_for_machines(client, as_, log):
    lines, _ = log
    editor = as_.copi_editor
    answer = editor.get("/partners?q=hemmelig", headers={"X-Request-ID": ID, "x-TransaktionsId": ID.upper()})
    [line] = lines.getvalue().splitlines()
    entry = json.loads(line)
    milliseconds = entry.pop("milliseconds")
    assert milliseconds > 0
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT.*\+00:00", entry.pop("at"))
    assert entry == {
        "level": "info", "logger": "copi.access", "message": "GET /v1/partners 200", "request_id": ID, "method": "GET",
        "address": "127.0.0.1", "path": "/v1/partners", "status": answer.status_code, "actor": editor.user_id, "transaction_id": ID.upper(),
    }  # fmt: skip


def test_of_an_address_that_holds_a_token_the_pattern_is_logged(client, log):
    lines, _ = log
    client.post("/searches/019b76da-a800-7000-8000-00000000000a/unsubscribe/hemmeligt")
    assert "hemmeligt" not in lines.getvalue()
    assert json.loads(lines.getvalue())["path"] == "/v1/searches/<uuid:id>/unsubscribe/<string:token>"


def test_no_token_password_or_body_is_ever_logged(client, make, log):
    lines, _ = log
    make.user(email="hemmelig@tests.example", duties=["copi_admin"])
    token = client.post("/tokens", {"email": "hemmelig@tests.example", "password": PASSWORD}).json["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    client.post("/partners", {"name": {"da": "Fortroligt"}, "kind": "company"}, headers=bearer)
    client.post("/partners", {"name": {"da": "Fortroligt"}, "kind": 5, "password": PASSWORD}, headers=bearer)
    client.post("/tokens", {"email": "hemmelig@tests.example", "password": "forkert-kode"})
    client.get("/partners", headers={"Authorization": "Bearer " + token[:-2]})
    client.get(f"/partners?access_token={token}")
    written = lines.getvalue()
    assert len(written.splitlines()) == 6
    for secret in (token, token[:-2], token.split(".")[2], PASSWORD, "forkert-kode", "hemmelig@", "Fortroligt"):
        assert secret not in written


def test_a_line_break_in_an_address_begins_no_line_of_its_own(client, log):
    lines, handler = log
    for formatter in (JsonFormatter(), TextFormatter()):
        handler.setFormatter(formatter)
        lines.truncate(0)
        lines.seek(0)
        client.outside("/v1/code-lists/x%0A12:00:00%20%20GET%20/v1/forged%20200")
        assert len(lines.getvalue().splitlines()) == 1


def test_people_read_a_line_with_time_request_and_duration(client, log):
    lines, handler = log
    handler.setFormatter(TextFormatter())
    client.get("/status")
    assert re.fullmatch(r"\d\d:\d\d:\d\d  GET /v1/status 200  [\d.]+ ms\n", lines.getvalue())


@pytest.mark.parametrize(
    ("style", "formatter"), [("json", JsonFormatter), ("text", TextFormatter), ("auto", JsonFormatter)]
)
def test_the_settings_choose_the_style_of_the_log(style, formatter, monkeypatch):
    from api.kit import logs

    logger = logging.getLogger("copi")
    before = logger.handlers, logger.propagate, logger.level
    try:
        logs.configure(style)
        [handler] = logger.handlers
        assert isinstance(handler.formatter, formatter)
        assert logger.isEnabledFor(logging.INFO)
        logs.configure("none")
        assert not logger.isEnabledFor(logging.ERROR)
    finally:
        logger.handlers, logger.propagate, logger.level = before
        logger.setLevel(before[2])


# --- The last resort ----------------------------------------------------------------------------------------


def test_an_error_of_ours_is_500_without_a_word_of_it_and_logged_in_full(app, client, log, monkeypatch):
    lines, _ = log

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("the inside of the machine")

    monkeypatch.setattr("api.services.status.head", broken)
    for language in ("da", ENGLISH):
        answer = client.get("/status", headers={"Accept-Language": language, "X-Request-ID": ID})
        refusal = problem(answer, 500, language=language)
        assert refusal["errors"] == []
        assert "machine" not in answer.text
        assert "ZeroDivision" not in answer.text
        assert "File" not in answer.text
    error = next(json.loads(line) for line in lines.getvalue().splitlines() if '"error"' in line)
    assert "ZeroDivisionError: the inside of the machine" in error["exception"]
    assert "Traceback" in error["exception"]


def test_a_database_that_goes_away_in_the_middle_of_a_write_is_503(app, as_, log, monkeypatch):
    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("INSERT INTO partner ...", {}, Exception("server closed the connection"))

    monkeypatch.setattr("api.v1.partners.Partner.add", gone)
    answer = as_.copi_editor.post("/partners", {"name": {"da": "X"}, "kind": "company"})
    refusal = problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert "INSERT" not in json.dumps(refusal)


def test_what_fails_leaves_nothing_behind(app, as_, make, monkeypatch):
    from api.models import Partner

    def breaks(self: Partner, _: object) -> None:
        self.name = {"da": "Halvt"}
        raise RuntimeError

    id = make.partner(name={"da": "Før"})
    with monkeypatch.context() as patched:
        patched.setattr(Partner, "change", breaks)
        problem(as_.copi_editor.patch(f"/partners/{id}", {"name": {"da": "Efter"}}, version=1), 500)
    after = as_.copi_editor.get(f"/partners/{id}").json
    assert (after["name"]["da"], after["version"]) == ("Før", 1)
    assert as_.copi_editor.patch(f"/partners/{id}", {"name": {"da": "Efter"}}, version=1).status_code == 200
