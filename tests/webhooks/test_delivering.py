"""What a receiver is sent: every event once its turn comes, in order, signed; and what follows when it fails."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import format_datetime

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from api import create_app
from api.feeds import leases, retrying, sender
from api.feeds.deliverer import Deliverer
from api.feeds.dispatcher import Dispatcher
from api.models import Event, Membership, Webhook
from tests.clients import Client
from tests.identity.services import Service
from tests.make import Make
from tests.v1.expect import problem


def events(app):
    with app.extensions["copi"].database.reading() as connection:
        return list(connection.scalars(select(Event.seq).order_by(Event.seq)))


def log(client, webhook, **query):
    return client.get(f"/webhooks/{webhook['id']}/deliveries", query_string=query).json["items"]


def now(client, webhook):
    return client.get(f"/webhooks/{webhook['id']}").json


# --- In order, at least once ---------------------------------------------------------------------------------


def test_events_come_in_order_as_the_feed_has_them_and_signed(app, as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    before = make.partner()
    webhook = subscribe(editor)
    for _ in range(5):
        make.partner()
    assert dispatcher.drain() == 5
    assert receiver.seqs == events(app)[1:]
    feed = {one["seq"]: one for one in editor.get("/events").json["items"]}
    for got in receiver.got:
        assert Verifier(webhook["secret"]).verify(got.body, got.headers) == feed[got.event["seq"]]
        assert got.id == f"{webhook['id']}_{got.event['seq']}"
        assert (got.path, got.headers["content-type"]) == ("/copi", "application/json")
        assert got.event["resource_id"] != before
    assert dispatcher.drain() == 0
    assert len({got.connection for got in receiver.got}) == 1, "the connection is kept"
    assert now(editor, webhook)["after"] == events(app)[-1]


def test_it_begins_where_it_is_told_to_and_can_be_set_back(app, as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    for _ in range(3):
        make.partner()
    webhook = subscribe(editor, after=1)
    dispatcher.drain()
    assert receiver.seqs == [2, 3]
    assert editor.patch(f"/webhooks/{webhook['id']}", {"after": 0}).json["after"] == 0
    dispatcher.drain()
    assert receiver.seqs == [2, 3, 1, 2, 3]
    assert [one.id for one in receiver.got[:2]] == [one.id for one in receiver.got[3:]]
    assert editor.patch(f"/webhooks/{webhook['id']}", {"after": None}).json["after"] == 3


def test_only_what_it_asks_for_and_its_account_sees(as_, make, receiver, subscribe, dispatcher):
    somebody = Client(as_.anonymous.app, make.user())
    webhook = subscribe(somebody, resources=["challenge"], types=["challenge.created"])
    make.partner()
    make.challenge("draft")
    open_ = make.challenge("open")
    make.project()
    dispatcher.drain()
    assert [got.event["resource_id"] for got in receiver.got] == [open_]
    assert now(somebody, webhook)["after"] == receiver.seqs[0]
    assert dispatcher.drain() == 0


def test_what_is_seen_no_more_comes_as_a_tombstone(as_, make, receiver, subscribe, dispatcher):
    somebody, editor = Client(as_.anonymous.app, make.user()), as_.copi_editor
    subscribe(somebody)
    id = make.partner()
    dispatcher.drain()
    assert editor.patch(f"/partners/{id}", {"visibility": "private"}, version=1).status_code == 200
    dispatcher.drain()
    [shown, gone] = [got.event for got in receiver.got]
    assert (shown["type"], shown["document"]["id"]) == ("partner.created", id)
    assert (gone["type"], gone["resource_id"], gone["document"]) == ("partner.hidden", id, None)


def test_two_webhooks_do_not_wait_for_each_other(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    failing, fine = subscribe(editor), subscribe(editor)
    receiver.status = lambda got: 500 if got.id.startswith(failing["id"]) else 204
    for _ in range(3):
        make.partner()
    dispatcher.drain()
    assert [got.id.partition("_")[0] for got in receiver.got].count(fine["id"]) == 3
    assert [one["state"] for one in log(editor, failing)] == ["failed"]


def killed(*_):
    raise RuntimeError("killed")


def test_what_was_sent_but_not_written_down_is_sent_again(
    as_, make, receiver, subscribe, dispatcher, app, hours, monkeypatch
):
    webhook = subscribe(as_.copi_editor)
    make.partner()
    with monkeypatch.context() as patched:
        patched.setattr(Deliverer, "_progress", killed)
        with pytest.raises(RuntimeError, match="killed"):
            dispatcher.drain()
    other = Dispatcher(app.extensions["copi"].database, app.extensions["copi"].settings)
    assert other.drain() == 0, "the lease is still held"
    hours.on(seconds=leases.LEASE.total_seconds())
    assert other.drain() == 1
    assert [got.id for got in receiver.got] == [f"{webhook['id']}_1"] * 2


def test_many_dispatchers_send_each_event_once_and_in_order(app, as_, make, receiver, subscribe):
    webhooks = [subscribe(as_.copi_editor) for _ in range(3)]
    sending = threading.Semaphore(len(webhooks))
    under_way: dict[str, int] = {}
    together = []

    def status(got):
        id = got.id.partition("_")[0]
        together.append(under_way.get(id, 0))
        under_way[id] = under_way.get(id, 0) + 1
        with sending:
            time.sleep(0.002)
        under_way[id] -= 1
        return 204

    receiver.status = status
    for _ in range(20):
        make.partner()
    service = app.extensions["copi"]
    many = [Dispatcher(service.database, service.settings) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda one: one.drain(), many)) == 60
    assert not any(together), "never two at once"
    for webhook in webhooks:
        own = [got.event["seq"] for got in receiver.got if got.id.startswith(webhook["id"])]
        assert own == events(app)


def test_a_lease_that_was_lost_is_noticed(app, as_, make, receiver, subscribe, dispatcher):
    """Its maker pauses it, or another dispatcher has taken over: what is then being sent is the last thing sent."""
    editor = as_.copi_editor
    webhook = subscribe(editor)
    for _ in range(3):
        make.partner()

    def status(got):
        if len(receiver.got) == 1:
            assert (
                Client(app, editor.user_id).patch(f"/webhooks/{webhook['id']}", {"state": "paused"}).status_code == 200
            )
        return 204

    receiver.status = status
    dispatcher.drain()
    assert receiver.seqs == [1, 2]
    assert (now(editor, webhook)["state"], now(editor, webhook)["after"]) == ("paused", 1)
    assert [one["seq"] for one in log(editor, webhook)] == [2, 1]
    assert editor.post(f"/webhooks/{webhook['id']}/resume").json["state"] == "active"
    dispatcher.drain()
    assert receiver.seqs == [1, 2, 2, 3]


class Slow:
    """A receiver that takes seconds for each request, on a clock of the tests' own; in the n-th something happens."""

    def __init__(self, seconds):
        self.seconds, self.passed, self.requests, self.meanwhile = seconds, 0.0, 0, {}

    def elapsed(self):
        return self.passed

    def status(self, got):
        self.passed += self.seconds
        self.requests += 1
        self.meanwhile.get(self.requests, lambda: None)()
        return 204


@pytest.fixture
def slow(app, receiver):
    """A dispatcher that sends to a slow receiver."""

    def made(seconds=2.0):
        slow = Slow(seconds)
        receiver.status = slow.status
        service = app.extensions["copi"]
        return slow, Dispatcher(service.database, service.settings, elapsed=slow.elapsed)

    return made


def test_what_is_hidden_while_a_slow_receiver_is_sent_to_is_told_to_it_no_more(
    app, as_, make, receiver, subscribe, slow
):
    somebody, editor = Client(app, make.user()), as_.copi_editor
    subscribe(somebody)
    ids = [make.partner() for _ in range(4)]
    sending, dispatcher = slow()
    sending.meanwhile[1] = lambda: editor.patch(f"/partners/{ids[2]}", {"visibility": "private"}, version=1)
    dispatcher.drain()
    told = [(got.event["resource_id"], bool(got.event["document"])) for got in receiver.got]
    assert told == [(ids[0], True), (ids[1], True), (ids[3], True), (ids[2], False)]


def test_rights_that_are_lost_while_a_slow_receiver_is_sent_to_are_lost_at_once(
    app, as_, make, receiver, subscribe, slow
):
    owner = as_(make.home, "editor")
    subscribe(owner)
    drafts = [make.challenge("draft", owner=make.home) for _ in range(5)]

    def leave():
        with app.extensions["copi"].database.writing() as session:
            session.query(Membership).where(Membership.user_id == owner.user_id).delete()

    sending, dispatcher = slow(0.6)
    sending.meanwhile[2] = leave
    dispatcher.drain()
    told = [got.event["resource_id"] for got in receiver.got]
    assert told == drafts[:2], "a second had passed, and everything was read anew"


def test_what_was_asked_for_out_of_turn_is_no_longer_good_after_a_second_either(
    app, as_, make, receiver, subscribe, dispatcher, slow
):
    owner, admin = as_(make.home, "editor"), as_.copi_admin
    webhook = subscribe(owner)
    for _ in range(3):
        make.challenge("draft", owner=make.home)
    dispatcher.drain()
    for one in log(owner, webhook):
        owner.post(f"/webhooks/{webhook['id']}/deliveries/{one['id']}/redeliver")
    receiver.got.clear()
    sending, sender = slow()
    sending.meanwhile[1] = lambda: admin.post(f"/users/{owner.user_id}/block", {"reason": "En prøve."})
    sender.drain()
    assert len(receiver.got) == 1
    asked = [one["error"] for one in log(admin, webhook) if one["kind"] == "redelivery"]
    assert sorted(asked, key=str) == [None, "account_blocked", "account_blocked"]


def test_to_a_fast_receiver_a_hundred_are_sent_for_one_reading(app, as_, make, receiver, subscribe, slow, monkeypatch):
    subscribe(as_.copi_editor)
    for _ in range(120):
        make.partner()
    _, dispatcher = slow(0.005)
    readings = []
    read = dispatcher._read

    def noted(due):
        readings.append(len(receiver.got))
        return read(due)

    monkeypatch.setattr(dispatcher, "_read", noted)
    dispatcher.drain()
    assert readings == [0, 100]
    assert receiver.seqs == list(range(1, 121))


# --- When it fails -------------------------------------------------------------------------------------------


def test_a_failure_is_tried_again_later_and_later_and_nothing_overtakes_it(
    as_, make, receiver, subscribe, dispatcher, hours, monkeypatch
):
    monkeypatch.setattr(retrying, "_chance", type("Most", (), {"uniform": staticmethod(lambda least, most: most)}))
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    make.partner()
    receiver.status = lambda got: 503
    waits = []
    for _ in range(12):
        assert dispatcher.drain() == 1
        assert dispatcher.drain() == 0
        [newest, *_] = log(editor, webhook)
        assert (newest["state"], newest["error"], newest["status_code"], newest["seq"]) == ("failed", "status", 503, 1)
        assert newest["message"]["en"] == "The answer was not 2xx"
        seconds = (
            dt.datetime.fromisoformat(newest["next_attempt_at"]) - dt.datetime.fromisoformat(newest["at"])
        ).total_seconds()
        waits.append(seconds)
        hours.on(seconds=seconds)
    assert waits == [*retrying.STEPS, retrying.STEPS[-1], retrying.STEPS[-1]]
    assert [one["attempt"] for one in log(editor, webhook)] == [*range(12, 0, -1)]
    receiver.status = lambda got: 200
    assert dispatcher.drain() == 2
    assert receiver.seqs == [1] * 13 + [2]
    read = now(editor, webhook)
    assert (read["failing_since"], read["next_attempt_at"], read["state"]) == (None, None, "active")


def test_waits_are_drawn_over_the_whole_step():
    drawn = [retrying.wait(10).total_seconds() for _ in range(200)]
    assert min(drawn) < 10_000 < 33_000 < max(drawn) <= retrying.STEPS[-1]
    assert retrying.wait(500).total_seconds() <= retrying.STEPS[-1]


@pytest.mark.parametrize(
    ("status", "asked", "least", "most"),
    [(503, "600", 600, 600), (429, "7200", 7200, 7200), (503, "999999", 86_400, 86_400), (500, "600", 0, 5),
     (503, "soon", 0, 5), (503, "-5", 0, 5), (429, "DATE", 1799, 1800)],
)  # fmt: skip
def test_a_receiver_says_how_long_it_wants_to_be_left_alone(
    as_, make, receiver, subscribe, dispatcher, hours, status, asked, least, most
):
    hours.now = hours.now.replace(microsecond=0)
    if asked == "DATE":
        asked = format_datetime(hours.now + dt.timedelta(minutes=30), usegmt=True)
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    receiver.status, receiver.headers = (lambda got: status), {"Retry-After": asked}
    dispatcher.drain()
    [failed] = log(editor, webhook)
    waits = (
        dt.datetime.fromisoformat(failed["next_attempt_at"]) - dt.datetime.fromisoformat(failed["at"])
    ).total_seconds()
    assert least <= waits <= most


def test_after_five_days_it_is_disabled_and_its_account_told(app, as_, make, receiver, subscribe, dispatcher, hours):
    editor, other = as_.copi_editor, as_.copi_admin
    webhook = subscribe(editor)
    make.partner()
    receiver.status = lambda got: 500
    dispatcher.drain()
    hours.on(days=4.9)
    dispatcher.drain()
    assert now(editor, webhook)["state"] == "active"
    hours.on(days=0.6)
    dispatcher.drain()
    read = now(editor, webhook)
    assert (read["state"], read["disabled_reason"], read["next_attempt_at"]) == ("disabled", "failing", None)
    [told] = [one for one in editor.get("/events").json["items"] if one["resource"] == "webhook"]
    assert (told["type"], told["resource_id"], told["document"]) == ("webhook.disabled", webhook["id"], read)
    assert not [one for one in other.get("/events").json["items"] if one["resource"] == "webhook"]
    assert dispatcher.drain() == 0
    receiver.status = lambda got: 204
    resumed = editor.post(f"/webhooks/{webhook['id']}/resume").json
    assert (resumed["state"], resumed["disabled_reason"], resumed["failing_since"]) == ("active", None, None)
    dispatcher.drain()
    assert receiver.seqs[-2:] == [1, 2], "its own end among them"


def test_a_receiver_that_is_gone_is_let_be_at_once(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    receiver.status = lambda got: 410
    assert dispatcher.drain() == 1
    assert (now(editor, webhook)["state"], now(editor, webhook)["disabled_reason"]) == ("disabled", "gone")
    assert [(one["error"], one["next_attempt_at"]) for one in log(editor, webhook)] == [("gone", None)]
    receiver.status = lambda got: 204
    assert editor.patch(f"/webhooks/{webhook['id']}", {"state": "active"}).json["disabled_reason"] is None
    dispatcher.drain()
    assert receiver.seqs == [1, 1, 2]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(as_, make, receiver, subscribe, dispatcher, status):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    receiver.status, receiver.headers = (lambda got: status), {"Location": f"{receiver.address}/elsewhere"}
    dispatcher.drain()
    assert [got.path for got in receiver.got] == ["/copi"]
    assert [(one["error"], one["status_code"]) for one in log(editor, webhook)] == [("redirected", status)]


def _drip(request):
    """A byte now and then, for ever: each in time, all together never."""
    for _ in range(200):
        request.wfile.write(b"H")
        request.wfile.flush()
        time.sleep(0.05)


def _drip_headers(request):
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(request)


@pytest.mark.parametrize(
    "rude", [_drip, _drip_headers, lambda request: time.sleep(2)], ids=["status", "headers", "silence"]
)
def test_a_slow_receiver_is_given_up_in_time(as_, make, receiver, subscribe, dispatcher, monkeypatch, rude):
    monkeypatch.setattr(sender, "SECONDS", 0.4)
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    receiver.rude = rude
    begun = time.monotonic()
    dispatcher.drain()
    assert time.monotonic() - begun < 1.9
    assert [one["error"] for one in log(editor, webhook)] == ["timed_out"]


def test_of_a_long_answer_only_the_beginning_is_read_and_nothing_kept(app, as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    for _ in range(2):
        make.partner()
    receiver.body = b"hemmeligt" * 100_000
    dispatcher.drain()
    assert [one["state"] for one in log(editor, webhook)] == ["delivered"] * 2
    assert "hemmeligt" not in editor.get(f"/webhooks/{webhook['id']}/deliveries").text
    assert len({got.connection for got in receiver.got}) == 2, "the rest is not waited for"


def test_a_receiver_that_hangs_up_between_two_requests_is_dialled_again(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    for _ in range(3):
        make.partner()

    def hang_up(request):
        request.send_response(204)
        request.end_headers()
        request.connection.shutdown(socket.SHUT_RDWR)
        request.close_connection = True

    receiver.rude = hang_up
    dispatcher.drain()
    assert receiver.seqs == [1, 2, 3]
    assert [one["state"] for one in log(editor, webhook)] == ["delivered"] * 3


def test_nobody_there_is_a_failure(app, as_, make, receiver, subscribe, dispatcher, monkeypatch):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = f"127.0.0.1:{probe.getsockname()[1]}"
    with app.extensions["copi"].database.writing() as session:
        session.get(Webhook, webhook["id"]).url = f"http://{free}/"
    dispatcher.drain()
    assert log(editor, webhook)[0]["error"] == "refused_address"
    allowed = type(dispatcher._guard)(frozenset({free}), production=False)
    editor.patch(f"/webhooks/{webhook['id']}", {"description": "again"})
    Dispatcher(app.extensions["copi"].database, app.extensions["copi"].settings, allowed).drain()
    assert log(editor, webhook)[0]["error"] == "no_connection"


# --- Out of turn ---------------------------------------------------------------------------------------------


def test_a_ping_is_queued_sent_and_logged_whatever_the_state(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor, state="paused")
    make.partner()
    asked = editor.post(f"/webhooks/{webhook['id']}/ping")
    assert (asked.status_code, asked.json["state"], asked.json["kind"], asked.json["seq"]) == (
        202,
        "queued",
        "ping",
        None,
    )
    assert [one["id"] for one in log(editor, webhook, state="queued")] == [asked.json["id"]]
    assert dispatcher.drain() == 1
    [got] = receiver.got
    event = Verifier(webhook["secret"]).verify(got.body, got.headers)
    assert (event["type"], event["resource_id"], event["seq"]) == ("webhook.ping", webhook["id"], None)
    [sent] = log(editor, webhook)
    assert (sent["id"], sent["state"], sent["status_code"], sent["message_id"]) == (
        asked.json["id"],
        "delivered",
        204,
        got.id,
    )
    assert log(editor, webhook, state="queued,failed") == []
    problem(editor.post(f"/webhooks/{webhook['id']}/deliveries/{sent['id']}/redeliver"), 409)


def test_an_event_is_sent_again_with_the_id_it_had(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    for _ in range(3):
        make.partner()
    dispatcher.drain()
    second = log(editor, webhook)[1]
    asked = editor.post(f"/webhooks/{webhook['id']}/deliveries/{second['id']}/redeliver")
    assert (asked.status_code, asked.json["kind"], asked.json["seq"]) == (202, "redelivery", 2)
    dispatcher.drain()
    assert receiver.seqs == [1, 2, 3, 2]
    assert (receiver.got[3].id, receiver.got[3].body) == (receiver.got[1].id, receiver.got[1].body)
    assert now(editor, webhook)["after"] == 3
    other = subscribe(editor)
    problem(editor.post(f"/webhooks/{other['id']}/deliveries/{second['id']}/redeliver"), 404)


def test_out_of_turn_does_not_wait_for_what_fails(as_, make, receiver, subscribe, dispatcher, hours):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    receiver.status = lambda got: 500
    dispatcher.drain()
    editor.post(f"/webhooks/{webhook['id']}/ping")
    receiver.status = lambda got: 204
    assert dispatcher.drain() >= 1
    assert receiver.got[1].event["type"] == "webhook.ping"


def test_what_is_no_longer_seen_is_not_sent_again(app, as_, make, receiver, subscribe, dispatcher):
    somebody, editor = Client(app, make.user()), as_.copi_editor
    webhook = subscribe(somebody)
    id = make.partner()
    dispatcher.drain()
    [sent] = log(somebody, webhook)
    editor.patch(f"/partners/{id}", {"visibility": "private"}, version=1)
    somebody.post(f"/webhooks/{webhook['id']}/deliveries/{sent['id']}/redeliver")
    dispatcher.drain()
    assert [one["error"] for one in log(somebody, webhook) if one["kind"] == "redelivery"] == ["not_seen"]
    assert [got.event["type"] for got in receiver.got] == ["partner.created", "partner.hidden"]


# --- Secrets -------------------------------------------------------------------------------------------------


def test_secrets_are_changed_without_a_pause(as_, make, receiver, subscribe, dispatcher):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    old, address = webhook["secret"], f"/webhooks/{webhook['id']}/secrets"
    new = editor.post(address).json
    make.partner()
    dispatcher.drain()
    [got] = receiver.got
    assert [one.partition(",")[0] for one in got.headers["webhook-signature"].split(" ")] == ["v1", "v1"]
    for secret in (old, new["secret"]):
        Verifier(secret).verify(got.body, got.headers)
    [first, _] = now(editor, webhook)["secrets"]
    assert editor.call("DELETE", f"{address}/{first['id']}").status_code == 204
    make.partner()
    dispatcher.drain()
    got = receiver.got[-1]
    Verifier(new["secret"]).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(got.body, got.headers)


@pytest.mark.parametrize("asked", [False, True], ids=["events", "asked for"])
def test_what_follows_a_revocation_is_not_signed_with_it(app, as_, make, receiver, subscribe, dispatcher, asked):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    address = f"/webhooks/{webhook['id']}/secrets"
    editor.post(address)
    for _ in range(3):
        make.partner()
    if asked:
        dispatcher.drain()
        for one in log(editor, webhook):
            editor.post(f"/webhooks/{webhook['id']}/deliveries/{one['id']}/redeliver")
        receiver.got.clear()

    def status(got):
        if len(receiver.got) == 0:
            first = now(editor, webhook)["secrets"][0]["id"]
            assert Client(app, editor.user_id).call("DELETE", f"{address}/{first}").status_code == 204
        return 204

    receiver.status = status
    dispatcher.drain()
    under_way, *later = receiver.got
    Verifier(webhook["secret"]).verify(under_way.body, under_way.headers)
    assert len(later) >= 2
    for got in later:
        with pytest.raises(WebhookVerificationError):
            Verifier(webhook["secret"]).verify(got.body, got.headers)


def test_a_secret_that_is_added_signs_what_follows(app, as_, make, receiver, subscribe, dispatcher):
    editor, added = as_.copi_editor, []
    webhook = subscribe(editor)
    for _ in range(3):
        make.partner()

    def status(got):
        if not added:
            added.append(Client(app, editor.user_id).post(f"/webhooks/{webhook['id']}/secrets").json["secret"])
        return 204

    receiver.status = status
    dispatcher.drain()
    for got in receiver.got[1:]:
        Verifier(added[0]).verify(got.body, got.headers)


def test_a_service_whose_secret_has_changed_stops_until_there_is_a_new_one(app, as_, make, receiver, subscribe):
    editor = as_.copi_editor
    webhook = subscribe(editor)
    make.partner()
    changed = create_app(replace(app.extensions["copi"].settings, secret="another-secret-" * 4))
    service = changed.extensions["copi"]
    dispatcher = Dispatcher(service.database, service.settings)
    dispatcher.drain()
    assert receiver.got == []
    read = now(editor, webhook)
    assert (read["state"], read["disabled_reason"]) == ("disabled", "secret_lost")
    assert [one["error"] for one in log(editor, webhook)] == ["unsigned"]
    there = Client(changed, editor.user_id)
    fresh = there.post(f"/webhooks/{webhook['id']}/secrets").json["secret"]
    there.post(f"/webhooks/{webhook['id']}/resume")
    dispatcher.drain()
    assert Verifier(fresh).verify(receiver.got[0].body, receiver.got[0].headers)["seq"] == 1
    service.database.dispose()


# --- Who is told ---------------------------------------------------------------------------------------------


def test_a_webhook_sees_what_its_account_sees_on_the_day(app, as_, make, receiver, subscribe, dispatcher):
    owner = as_(make.home, "editor")
    webhook = subscribe(owner)
    first = make.challenge("draft", owner=make.home)
    dispatcher.drain()
    assert [got.event["resource_id"] for got in receiver.got] == [first]
    with app.extensions["copi"].database.writing() as session:
        session.query(Membership).where(Membership.user_id == owner.user_id).delete()
    make.challenge("draft", owner=make.home)
    dispatcher.drain()
    assert len(receiver.got) == 1
    assert now(owner, webhook)["state"] == "active"


def test_while_its_account_is_blocked_it_is_paused_and_nothing_lost(app, as_, make, receiver, subscribe, dispatcher):
    somebody, admin = Client(app, make.user()), as_.copi_admin
    webhook = subscribe(somebody)
    make.partner()
    assert admin.post(f"/users/{somebody.user_id}/block", {"reason": "En prøve."}).status_code == 200
    admin.post(f"/webhooks/{webhook['id']}/ping")
    dispatcher.drain()
    assert receiver.got == []
    read = now(admin, webhook)
    assert (read["state"], read["disabled_reason"]) == ("paused", "account_blocked")
    assert [one["error"] for one in log(admin, webhook)] == ["account_blocked"]
    admin.post(f"/users/{somebody.user_id}/unblock", {"reason": "En prøve."})
    assert somebody.post(f"/webhooks/{webhook['id']}/resume").json["disabled_reason"] is None
    dispatcher.drain()
    assert receiver.seqs == [1]


def test_an_erased_account_leaves_no_webhook_behind(app, as_, make, receiver, subscribe, dispatcher):
    somebody, admin = Client(app, make.user()), as_.copi_admin
    webhook = subscribe(somebody)
    make.partner()
    dispatcher.drain()
    assert admin.post(f"/users/{somebody.user_id}/erase", {"reason": "En prøve."}).status_code == 204
    problem(admin.get(f"/webhooks/{webhook['id']}"), 404)


def test_a_service_is_told_what_its_scopes_let_it_see(app, make, receiver, subscribe, dispatcher):
    id = make.client(roles={make.home: "editor"})
    narrow = Service(app, id, scope="webhook:create webhook:update")
    webhook = subscribe(narrow)
    make.challenge("draft", owner=make.home)
    dispatcher.drain()
    assert receiver.got == []
    wide = Service(app, id, scope="webhook:update challenge:read")
    assert wide.patch(f"/webhooks/{webhook['id']}", {"after": 0, "resources": ["challenge"]}).status_code == 200
    dispatcher.drain()
    assert [got.event["type"] for got in receiver.got] == ["challenge.created"]


def test_a_test_client_is_told_of_its_sandbox_and_nothing_else(app, make, receiver, subscribe, dispatcher):
    id = make.test_client()
    tester = Service(app, id)
    webhook = subscribe(tester, resources=["partner"])
    assert webhook["test"] is True
    make.partner()
    inside = Make(app.extensions["copi"].database, sandbox=id).partner()
    dispatcher.drain()
    assert [got.event["resource_id"] for got in receiver.got] == [inside]


def test_who_comes_through_a_test_frontend_is_told_of_its_sandbox(app, as_, make, receiver, subscribe, dispatcher):
    frontend = make.client(kind="frontend", test=True)
    webhook = subscribe(Client(app, make.user(roles={make.home: "manager"}), client=frontend))
    make.challenge("draft", owner=make.home)
    inside = Make(app.extensions["copi"].database, sandbox=frontend)
    first = inside.partner()
    dispatcher.drain()
    assert first in [got.event["resource_id"] for got in receiver.got]
    assert not [got for got in receiver.got if got.event["resource"] == "challenge"]
    admin, told = as_.copi_admin, len(receiver.got)
    assert admin.post(f"/clients/{frontend}/block").status_code == 200
    inside.partner()
    dispatcher.drain()
    assert len(receiver.got) == told
    assert admin.get(f"/webhooks/{webhook['id']}").status_code == 404, "a sandbox is its client's alone"
    with app.extensions["copi"].database.reading() as connection:
        stopped = connection.scalar(select(Webhook.disabled_reason).where(Webhook.id == webhook["id"]))
    assert stopped == "account_blocked"


@pytest.mark.parametrize("step", ["block", "scope"])
def test_a_service_that_is_shut_out_is_told_nothing(app, as_, make, receiver, subscribe, dispatcher, step):
    id = make.client(roles={make.home: "editor"})
    webhook = subscribe(Service(app, id), resources=["challenge"])
    admin = as_.copi_admin
    if step == "block":
        admin.post(f"/clients/{id}/block")
    else:
        admin.patch(f"/clients/{id}", {"scopes": ["webhook:create"]})
    make.challenge("draft", owner=make.home)
    dispatcher.drain()
    assert receiver.got == []
    assert now(admin, webhook)["state"] == ("paused" if step == "block" else "active")


def test_an_emptied_sandbox_is_told_and_goes_on(app, make, receiver, subscribe, dispatcher):
    tester = Service(app, make.test_client())
    subscribe(tester)
    dispatcher.drain()
    receiver.got.clear()
    assert tester.post("/sandbox/reset").status_code == 200
    dispatcher.drain()
    assert receiver.got[0].event["type"] == "sandbox.emptied"
    assert {got.event["type"] for got in receiver.got[1:]} == {"partner.created"}
    assert receiver.seqs == sorted(set(receiver.seqs))
