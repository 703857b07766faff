"""A POST with an Idempotency-Key: sent again, it is answered as before and does nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from threading import Barrier, get_ident
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, select, text, update
from werkzeug.test import TestResponse

from api.db import Database
from api.domain import clock
from api.identity import purge
from api.models import Client as ApiClient
from api.models import Event, IdempotencyKey, Membership, Project, User
from tests.clients import Client, service
from tests.make import project_body

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
REPLAYED = "Idempotency-Replayed"
KEPT = ("Content-Type", "ETag", "Location", "Cache-Control")


def said(answer: TestResponse) -> tuple[Any, ...]:
    """Whatever of an answer must be the same."""
    return answer.status_code, answer.data, *(answer.headers.get(name) for name in KEPT)


def many(app: Flask, model: Any) -> int:
    with app.extensions["copi"].database.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(model)) or 0)


@pytest.fixture
def later():
    """Moves the service's clock on."""
    usual = clock.read

    def by(**span: int) -> None:
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(**span)
        clock.read = lambda: moment

    yield by
    clock.read = usual


def test_the_same_call_is_answered_as_before_and_does_nothing(app, as_):
    body = project_body()
    first = as_.copi_editor.post("/projects", body, headers=KEY)
    written = many(app, Project), many(app, Event)
    again = as_.copi_editor.post("/projects", body, headers=KEY)
    assert first.status_code == 201
    assert said(again) == said(first)
    assert (first.headers.get(REPLAYED), again.headers[REPLAYED]) == (None, "true")
    assert (many(app, Project), many(app, Event)) == written == (1, 1)


def test_it_is_answered_as_before_also_when_the_record_has_changed_since(as_):
    body = project_body()
    first = as_.copi_editor.post("/projects", body, headers=KEY)
    changed = as_.copi_editor.patch(f"/projects/{first.json['id']}", {"sources": ["https://example.org"]}, version=1)
    assert changed.status_code == 200
    assert said(as_.copi_editor.post("/projects", body, headers=KEY)) == said(first)


def test_the_same_json_written_in_another_way_is_the_same_call(as_):
    body = project_body()
    first = as_.copi_editor.post("/projects", body, headers=KEY)
    turned = dict(reversed(body.items()))
    assert said(as_.copi_editor.post("/projects", turned, headers=KEY)) == said(first)


def test_without_a_key_the_same_call_makes_another_record(as_):
    body = project_body()
    made = {as_.copi_editor.post("/projects", body).json["id"] for _ in range(2)}
    assert len(made) == 2


def test_twenty_at_once_make_one_record(app, as_, make):
    """Really at once: each from a thread of its own, none before all are ready."""
    body, ready = project_body(), Barrier(20)
    callers = [Client.bearing(app, as_.copi_editor.headers["Authorization"].split()[1]) for _ in range(20)]

    def send(caller: Client) -> TestResponse:
        ready.wait()
        return caller.post("/projects", body, headers=KEY)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(send, callers))
    assert {one.status_code for one in answers} <= {201, 409}
    made = [one for one in answers if one.status_code == 201]
    assert len({said(one) for one in made}) == 1
    assert Counter(one.headers.get(REPLAYED) for one in made)[None] == 1
    assert all("Retry-After" in one.headers for one in answers if one.status_code == 409)
    assert (many(app, Project), many(app, Event)) == (1, 1)


@contextmanager
def impatient(database: Database) -> Iterator[None]:
    """This thread waits for no lock; others do as they always do."""
    me = get_ident()

    def begin(connection: Connection) -> None:
        if get_ident() == me:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10ms'")

    event.listen(database.writes, "begin", begin)
    try:
        yield
    finally:
        event.remove(database.writes, "begin", begin)


def waits(database: Database) -> bool:
    with database.reading() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_a_call_that_is_still_under_way_is_refused(app, as_, make):
    database = app.extensions["copi"].database
    if database.is_sqlite:
        pytest.skip("one write at a time there: whoever waits too long gets 503, with a key or without")
    id = make.project("active")
    caller: Client = as_.copi_editor

    def pause() -> TestResponse:
        return caller.post(f"/projects/{id}/pause", {"reason": "Ferie."}, version=1, headers=KEY)

    with ThreadPoolExecutor(1) as other:
        with database.writing() as session:
            session.execute(select(Project.id).where(Project.id == id).with_for_update())
            first = other.submit(pause)
            while not waits(database):
                assert not first.done()
            with impatient(database):
                answer = pause()
        assert answer.status_code == 409
        assert answer.json["type"].endswith("/problems/idempotency-key-in-flight")
        assert int(answer.headers["Retry-After"]) > 0
        assert first.result().status_code == 200
    assert said(pause()) == said(first.result())


def test_another_body_with_the_same_key_is_refused(app, as_):
    assert as_.copi_editor.post("/projects", project_body(), headers=KEY).status_code == 201
    answer = as_.copi_editor.post("/projects", project_body(), headers=KEY)
    assert answer.status_code == 422
    assert answer.json["type"].endswith("/problems/idempotency-key-reused")
    assert many(app, Project) == 1


def test_another_address_with_the_same_key_is_refused(as_):
    assert as_.copi_editor.post("/projects", project_body(), headers=KEY).status_code == 201
    assert as_.copi_editor.post("/partners", project_body(), headers=KEY).status_code == 422


def test_another_version_with_the_same_key_is_refused(as_, make):
    project = f"/projects/{make.project('active')}/pause"
    assert as_.copi_editor.post(project, {"reason": "Ferie."}, version=1, headers=KEY).status_code == 200
    answer = as_.copi_editor.post(project, {"reason": "Ferie."}, version=2, headers=KEY)
    assert answer.json["type"].endswith("/problems/idempotency-key-reused")


def test_another_caller_has_keys_of_its_own(app, as_):
    body = project_body()
    made = {one.post("/projects", body, headers=KEY).json["id"] for one in (as_.copi_editor, as_.copi_admin)}
    assert len(made) == 2


def test_sandboxes_have_keys_of_their_own_and_lose_them_when_they_are_emptied(app, make):
    one, other = (service(app, make.test_client()) for _ in range(2))
    body = project_body()
    first = one.post("/projects", body, headers=KEY)
    assert other.post("/projects", body, headers=KEY).json["id"] != first.json["id"]
    assert said(one.post("/projects", body, headers=KEY)) == said(first)
    assert one.post("/sandbox/reset").status_code == 200
    assert one.post("/projects", body, headers=KEY).json["id"] != first.json["id"]


def test_a_step_is_answered_as_before_where_without_a_key_it_is_stale(app, as_, make):
    project = f"/projects/{make.project('active')}/pause"
    events = many(app, Event)
    first = as_.copi_editor.post(project, {"reason": "Ferie."}, version=1, headers=KEY)
    assert first.status_code == 200
    assert as_.copi_editor.post(project, {"reason": "Ferie."}, version=1).status_code == 412
    assert said(as_.copi_editor.post(project, {"reason": "Ferie."}, version=1, headers=KEY)) == said(first)
    assert many(app, Event) == events + 1


def test_a_file_is_the_same_when_its_bytes_are(as_, make):
    documents, caller = f"/projects/{make.project()}/documents", as_.copi_editor

    def upload(content: bytes) -> Any:
        form = {"title": '{"da": "Bilag"}', "file": (BytesIO(content), "bilag.txt", "text/plain")}
        return caller.call("POST", documents, data=form, headers=KEY)

    first = upload(b"hello")
    assert first.status_code == 201, first.json
    assert said(upload(b"hello")) == said(first)
    assert upload(b"hallo").status_code == 422


def test_the_secret_of_a_client_is_shown_again_and_stands_nowhere(app, as_):
    body = {"name": "Fagsystem", "kind": "service", "test": True}
    first = as_.copi_admin.post("/clients", body, headers=KEY)
    secret = first.json["secret"]
    assert secret.startswith("copi_secret_")
    again = as_.copi_admin.post("/clients", body, headers=KEY)
    assert said(again) == said(first)
    with app.extensions["copi"].database.reading() as connection:
        [kept] = connection.execute(select(IdempotencyKey)).all()
    assert secret not in repr(kept)
    assert KEY["Idempotency-Key"] not in repr(kept)


def test_what_was_refused_can_be_tried_again_with_the_same_key(app, as_, make):
    body = project_body(participants=[{"partner_id": make.home, "role": "lead"}])
    for broken, status in (({**body, "theme": "ukendt"}, 422), ({**body, "ukendt": 1}, 422)):
        assert as_.copi_editor.post("/projects", broken, headers=KEY).status_code == status
    assert as_(make.partner(), "editor").post("/projects", body, headers=KEY).status_code == 403
    assert as_.copi_editor.post("/projects", body, headers=KEY).status_code == 201
    assert many(app, IdempotencyKey) == 1


def test_a_refused_step_can_be_tried_again_with_the_same_key(as_, make):
    id = make.challenge("draft")
    submit = f"/challenges/{id}/submit"
    assert as_.copi_editor.post(submit, version=1, headers=KEY).status_code == 409
    problem = as_.copi_editor.patch(f"/challenges/{id}", {"problem": {"da": "Sådan er det."}}, version=1)
    assert problem.status_code == 200
    assert as_.copi_editor.post(submit, version=2, headers=KEY).status_code == 200


def test_after_a_day_the_key_is_free(app, as_, later):
    body = project_body()
    first = as_.copi_editor.post("/projects", body, headers=KEY)
    later(hours=23, minutes=59)
    fresh = Client(app, as_.copi_editor.user_id)
    assert said(fresh.post("/projects", body, headers=KEY)) == said(first)
    later(hours=24, minutes=1)
    fresh = Client(app, as_.copi_editor.user_id)
    again = fresh.post("/projects", body, headers=KEY)
    assert again.status_code == 201
    assert again.json["id"] != first.json["id"]
    assert said(fresh.post("/projects", body, headers=KEY)) == said(again)


def test_after_a_day_it_is_forgotten(app, as_, later):
    service = app.extensions["copi"]
    as_.copi_editor.post("/projects", project_body(), headers=KEY)
    purge.purge(service.database, service.settings)
    assert many(app, IdempotencyKey) == 1
    later(hours=24)
    purge.purge(service.database, service.settings)
    assert many(app, IdempotencyKey) == 0


def test_who_is_shut_out_gets_no_old_answers(app, as_):
    body = project_body()
    assert as_.copi_editor.post("/projects", body, headers=KEY).status_code == 201
    with app.extensions["copi"].database.writing() as session:
        session.get_one(User, as_.copi_editor.user_id).blocked = True
    assert as_.copi_editor.post("/projects", body, headers=KEY).status_code == 401


def test_who_has_other_rights_now_gets_no_old_answers(app, as_, make):
    manager = as_(make.home, "manager")
    body = {"name": "Fagsystem", "kind": "service", "scopes": ["challenge:read"],
            "memberships": [{"partner_id": make.home, "role": "editor"}]}  # fmt: skip
    assert manager.post("/clients", body, headers=KEY).status_code == 201
    with app.extensions["copi"].database.writing() as session:
        session.execute(update(Membership).where(Membership.user_id == manager.user_id).values(role="member"))
    answer = manager.post("/clients", body, headers=KEY)
    assert (answer.status_code, "secret" in answer.json) == (409, False)
    assert "rettigheder" in answer.json["detail"]
    assert many(app, ApiClient) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "nøgle", "tab\there"])
def test_a_key_is_printable_and_not_endless(app, as_, key):
    answer = as_.copi_editor.post("/projects", project_body(), headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert [one["parameter"] for one in answer.json["errors"]] == ["Idempotency-Key"]
    assert many(app, Project) == 0


def test_the_longest_key_is_taken(as_):
    assert as_.copi_editor.post("/projects", project_body(), headers={"Idempotency-Key": "~" * 255}).status_code == 201


def test_a_body_that_no_shape_has_is_refused_with_a_key_too(as_):
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    assert as_.copi_editor.post("/projects", {"title": deep}, headers=KEY).status_code == 400


def test_a_patch_has_no_key(as_, make):
    project = f"/projects/{make.project()}"
    change = {"sources": ["https://example.org"]}
    assert as_.copi_editor.call("PATCH", project, json=change, headers={**KEY, "If-Match": '"1"'}).status_code == 200
    assert as_.copi_editor.call("PATCH", project, json=change, headers={**KEY, "If-Match": '"1"'}).status_code == 412


def test_a_log_in_has_no_key(app, client):
    login = {"email": "nobody@tests.example", "password": "forkert"}
    assert client.post("/tokens", login, headers=KEY).status_code == 401
    assert many(app, IdempotencyKey) == 0


def test_browsers_may_send_it_and_read_that_an_answer_is_repeated(client, make):
    origin = "https://frontend.example"
    make.client(kind="frontend", origins=[origin])
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    allowed = client.call("OPTIONS", "/projects", headers=asked).headers
    assert "Idempotency-Key" in allowed["Access-Control-Allow-Headers"]
    assert REPLAYED in allowed["Access-Control-Expose-Headers"]
