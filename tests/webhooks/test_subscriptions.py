"""Webhooks as their makers keep them: made, read, changed, given up; whose they are, and their secrets."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from sqlalchemy import func, select

from api.domain import clock
from api.feeds import webhooks
from api.identity import purge
from api.models import Webhook, WebhookDelivery, WebhookSecret
from schemas.vocabulary import DeliveryKind, DeliveryState
from tests.clients import Client
from tests.identity.services import Service
from tests.v1.expect import problem

NOBODY = "019b76da-a800-7000-8000-00000000000a"


def test_what_is_created_is_read_listed_and_deleted(as_, make, receiver, subscribe):
    make.partner()
    editor = as_.copi_editor
    given = {"description": "Fagsystem", "types": ["challenge.published"], "resources": ["challenge"]}
    made = editor.post("/webhooks", {"url": f"{receiver.address}/x", **given})
    assert made.status_code == 201
    assert made.headers["Location"] == f"/v1/webhooks/{made.json['id']}"
    assert made.headers["Cache-Control"] == "no-store"
    assert {name: made.json[name] for name in given} == given
    assert (made.json["state"], made.json["after"], made.json["created_by"]) == ("active", 1, editor.user_id)
    read = editor.get(f"/webhooks/{made.json['id']}").json
    assert made.json == {**read, "secret": made.json["secret"]}
    assert editor.get("/webhooks").json["items"] == [read]
    assert editor.call("DELETE", f"/webhooks/{read['id']}").status_code == 204
    problem(editor.get(f"/webhooks/{read['id']}"), 404)
    assert editor.get("/webhooks").json["total"] == 0


def test_with_a_webhook_goes_all_that_hangs_on_it(app, as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    dispatcher.drain()
    editor.post(f"/webhooks/{webhook['id']}/ping")
    assert editor.call("DELETE", f"/webhooks/{webhook['id']}").status_code == 204
    with app.extensions["copi"].database.reading() as connection:
        for table in (Webhook, WebhookSecret, WebhookDelivery):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    assert dispatcher.drain() == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/url"), ({"url": 5}, "/url"), ({"url": "https://exa mple.org/"}, "/url"), ({"types": ["challenge"]}, "/types/0"),
     ({"types": ["challenge.exploded"]}, "/types/0"), ({"resources": ["challenge", "rocket"]}, "/resources/1"), ({"after": 2}, "/after"),
     ({"after": -1}, "/after"), ({"state": "disabled"}, "/state"), ({"state": None}, "/state"), ({"secret": "x"}, "/secret"),
     ({"created_by": NOBODY}, "/created_by"), ({"disabled_reason": None}, "/disabled_reason"), ({"description": "x" * 201}, "/description")],
)  # fmt: skip
def test_what_cannot_be_is_refused_where_it_stands(as_, make, receiver, body, pointer):
    make.partner()
    whole = {"url": receiver.address, **body} if body else {}
    refusal = problem(as_.copi_editor.post("/webhooks", whole), 422)
    assert [one["pointer"] for one in refusal["errors"]] == [pointer]


def test_a_patch_changes_what_it_names_and_moves_nothing_else(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor, types=["partner.created"])
    make.partner()
    dispatcher.drain()
    changed = editor.patch(f"/webhooks/{webhook['id']}", {"description": "Nyt"}).json
    assert (changed["description"], changed["after"], changed["types"]) == ("Nyt", 1, ["partner.created"])
    assert editor.patch(f"/webhooks/{webhook['id']}", {"state": "paused", "types": []}).json["state"] == "paused"
    make.partner()
    assert dispatcher.drain() == 0
    editor.patch(f"/webhooks/{webhook['id']}", {"state": "active"})
    assert dispatcher.drain() == 1
    problem(editor.patch(f"/webhooks/{webhook['id']}", {"after": 99}), 422)
    problem(editor.patch(f"/webhooks/{webhook['id']}", {"state": "disabled"}), 422)


# --- Whose they are ------------------------------------------------------------------------------------------


def test_a_webhook_is_seen_by_its_maker_and_co_pi_s_administrators(app, as_, make, receiver, subscribe, dispatcher):
    maker, colleague = as_(make.home, "manager"), Client(app, make.user(roles={make.home: "manager"}))
    webhook = subscribe(maker)
    make.challenge("open")
    dispatcher.drain()
    address = f"/webhooks/{webhook['id']}"
    [sent, *_] = maker.get(f"{address}/deliveries").json["items"]
    calls = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/ping"), ("POST", "/resume"), ("POST", "/secrets"), ("GET", "/deliveries"),
             ("DELETE", f"/secrets/{webhook['secrets'][0]['id']}"), ("POST", f"/deliveries/{sent['id']}/redeliver")]  # fmt: skip
    for method, below in calls:
        body = {"json": {}} if method == "PATCH" else {}
        for other in (colleague, as_.copi_editor, as_.adviser):
            problem(other.call(method, address + below, **body), 404)
        problem(as_.anonymous.call(method, address + below, **body), 401)
    assert colleague.get("/webhooks").json["items"] == as_.copi_editor.get("/webhooks").json["items"] == []
    admin = as_.copi_admin
    assert [one["id"] for one in admin.get("/webhooks").json["items"]] == [webhook["id"]]
    assert admin.patch(address, {"state": "paused"}).json["state"] == "paused"
    problem(admin.post(f"{address}/secrets"), 403)
    assert admin.post(f"{address}/ping").status_code == 202
    assert admin.call("DELETE", address).status_code == 204


def test_an_administrator_s_change_gives_a_service_no_further_sight(app, as_, make, receiver, subscribe):
    service = Service(app, make.client(roles={make.home: "editor"}), scope="webhook:create challenge:read")
    webhook = subscribe(service)
    as_.copi_admin.patch(f"/webhooks/{webhook['id']}", {"description": "Nyt"})
    with app.extensions["copi"].database.reading() as connection:
        assert connection.scalar(select(Webhook.scopes)) == ["challenge:read", "webhook:create"]


def test_a_service_needs_the_scope(app, as_, make, receiver, subscribe):
    id = make.client(roles={make.home: "editor"})
    none, create = Service(app, id, scope="challenge:read"), Service(app, id, scope="webhook:create")
    refusal = none.post("/webhooks", {"url": receiver.address})
    problem(refusal, 403)
    assert 'scope="webhook:create"' in refusal.headers["WWW-Authenticate"]
    webhook = subscribe(create)
    assert (webhook["created_by"], none.get(f"/webhooks/{webhook['id']}").status_code) == (id, 200)
    for method, below in (("DELETE", ""), ("POST", "/ping"), ("POST", "/resume"), ("POST", "/secrets")):
        problem(create.call(method, f"/webhooks/{webhook['id']}{below}"), 403)
    assert Service(app, id).post(f"/webhooks/{webhook['id']}/secrets").status_code == 201


def test_twenty_are_enough_for_one_account(as_, make, receiver, subscribe, monkeypatch):
    monkeypatch.setattr(webhooks, "MOST", 3)
    editor = as_.copi_editor
    made = [subscribe(editor) for _ in range(3)]
    problem(editor.post("/webhooks", {"url": receiver.address}), 409)
    subscribe(as_.copi_admin)
    editor.call("DELETE", f"/webhooks/{made[0]['id']}")
    subscribe(editor)


def test_a_sandbox_s_webhooks_are_its_test_client_s(app, as_, make, receiver, subscribe):
    tester, other = Service(app, make.test_client()), Service(app, make.test_client())
    webhook = subscribe(tester)
    address = f"/webhooks/{webhook['id']}"
    problem(other.get(address), 404)
    assert tester.get("/webhooks").json["total"] == 1
    assert tester.post(f"{address}/ping").status_code == 202
    assert tester.post(f"{address}/secrets").status_code == 201
    assert tester.patch(address, {"after": 0}).json["after"] == 0
    assert tester.call("DELETE", address).status_code == 204


# --- Secrets -------------------------------------------------------------------------------------------------


def test_a_secret_is_shown_once_and_kept_sealed(app, as_, receiver, subscribe):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    further = editor.post(f"/webhooks/{webhook['id']}/secrets")
    assert (further.status_code, further.headers["Cache-Control"]) == (201, "no-store")
    secrets = [webhook["secret"], further.json["secret"]]
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    shown = editor.get(f"/webhooks/{webhook['id']}").text + editor.get("/webhooks").text
    with app.extensions["copi"].database.reading() as connection:
        kept = b"".join(connection.scalars(select(WebhookSecret.sealed)))
    for secret in secrets:
        assert secret not in shown
        assert secret.encode() not in kept
        assert secret.removeprefix("whsec_").encode() not in kept


def test_five_secrets_at_once_and_never_none(as_, receiver, subscribe):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    address = f"/webhooks/{webhook['id']}/secrets"
    ids = [webhook["secrets"][0]["id"], *(editor.post(address).json["id"] for _ in range(4))]
    problem(editor.post(address), 409)
    problem(editor.call("DELETE", f"{address}/{NOBODY}"), 404)
    for id in ids[:-1]:
        assert editor.call("DELETE", f"{address}/{id}").status_code == 204
    problem(editor.call("DELETE", f"{address}/{ids[-1]}"), 409)


# --- The log of deliveries -----------------------------------------------------------------------------------


def test_the_log_comes_in_pages_the_newest_first(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    for _ in range(5):
        make.partner()
    dispatcher.drain()
    address = f"/webhooks/{webhook['id']}/deliveries"
    page = editor.get(f"{address}?limit=2").json
    assert ([one["seq"] for one in page["items"]], page["total"]) == ([5, 4], 5)
    assert [one["seq"] for one in editor.get(page["next"].removeprefix("/v1")).json["items"]] == [3, 2]
    assert editor.get(f"{address}?state=failed,queued").json["total"] == 0
    problem(editor.get(f"{address}?state=lost"), 422)


def test_the_log_is_forgotten_in_time_and_what_waits_is_not(app, as_, make, receiver, subscribe, dispatcher, hours):
    editor, service = as_.copi_editor, app.extensions["copi"]
    webhook = subscribe(editor)
    make.partner()
    dispatcher.drain()
    waiting = editor.post(f"/webhooks/{webhook['id']}/ping").json
    hours.on(days=29)
    purge.purge(service.database, service.settings)
    assert editor_log(service, webhook) == 2
    hours.on(days=2)
    purge.purge(service.database, service.settings)
    with service.database.reading() as connection:
        assert list(connection.scalars(select(WebhookDelivery.id))) == [waiting["id"]]


def editor_log(service, webhook):
    with service.database.reading() as connection:
        return connection.scalar(select(func.count()).where(WebhookDelivery.webhook_id == webhook["id"]))


def test_only_so_many_wait_at_once(app, as_, receiver, subscribe):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    with app.extensions["copi"].database.writing() as session:
        session.add_all(
            WebhookDelivery(
                webhook_id=webhook["id"],
                kind=DeliveryKind.PING,
                message_id="x",
                state=DeliveryState.QUEUED,
                at=clock.now(),
            )
            for _ in range(webhooks.MOST_QUEUED)
        )
    problem(editor.post(f"/webhooks/{webhook['id']}/ping"), 409)


def test_times_are_those_of_the_clock(as_, receiver, subscribe, hours):
    webhook = subscribe(as_.copi_editor)
    assert dt.datetime.fromisoformat(webhook["created_at"]) == hours.now
