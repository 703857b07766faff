"""Webhooks when a secret or a password has leaked: nobody keeps a live channel, and who answers for it sees it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from api.models import SecurityEvent
from tests.clients import Client
from tests.identity.services import Service
from tests.make import PASSWORD
from tests.v1.expect import problem

NEXT = "Blåbær på åen i modvind"


@pytest.fixture
def program(make):
    """A service that is an editor at home, and may see and subscribe."""
    return make.client({make.home: "editor"})


@pytest.fixture
def manager(as_, make):
    return as_(make.home, "manager")


def events(app, kind, about):
    query = select(SecurityEvent.actor_id, SecurityEvent.details).where(
        SecurityEvent.kind == kind, SecurityEvent.user_id == about
    )
    with app.extensions["copi"].database.reading() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(SecurityEvent.id))]


def test_a_secret_revoked_pauses_what_whoever_had_it_may_have_made(
    app, as_, make, receiver, subscribe, dispatcher, program, manager
):
    thief = Service(app, program)
    channel, other = subscribe(thief), subscribe(manager)
    thief.post(f"/webhooks/{channel['id']}/ping")
    fresh = manager.post(f"/clients/{program}/secrets", {}).json["secret"]
    [old, _] = manager.get(f"/clients/{program}").json["secrets"]
    assert manager.call("DELETE", f"/clients/{program}/secrets/{old['id']}").status_code == 204
    make.challenge("draft", owner=make.home)
    assert dispatcher.drain() == 1, "only the manager's own, and not what was still asked for"

    own = Service(app, program, fresh)
    found = own.get(f"/webhooks/{channel['id']}").json
    assert (found["state"], found["disabled_reason"]) == ("paused", "credentials_changed")
    assert manager.get(f"/webhooks/{other['id']}").json["state"] == "active"
    [(actor, details)] = events(app, "webhook_paused", program)
    assert (actor, details) == (manager.user_id, {"webhook": channel["id"]})
    assert own.post(f"/webhooks/{channel['id']}/resume").json["disabled_reason"] is None
    assert dispatcher.drain() == 1


@pytest.mark.parametrize("way", ["changed", "reset"])
def test_another_password_pauses_what_whoever_had_the_old_one_may_have_made(app, as_, make, client, subscribe, way):
    id = make.user(email="karen@tests.example", roles={make.home: "editor"})
    karen = Client(app, id)
    webhook, other = subscribe(karen), subscribe(as_(make.home, "editor"))
    if way == "changed":
        assert karen.put("/me/password", {"current": PASSWORD, "new": NEXT}).status_code == 204
    else:
        token = as_.copi_admin.post(f"/users/{id}/password-reset").json["token"]
        assert client.post("/invitations/accept", {"token": token, "password": NEXT}).status_code in (200, 201)
    found = as_.copi_admin.get(f"/webhooks/{webhook['id']}").json
    assert (found["state"], found["disabled_reason"]) == ("paused", "credentials_changed")
    assert as_.copi_admin.get(f"/webhooks/{other['id']}").json["state"] == "active"
    assert len(events(app, "webhook_paused", id)) == 1


def test_what_is_made_and_turned_is_in_the_security_log_without_its_path(app, receiver, subscribe, program):
    own = Service(app, program)
    id = subscribe(own)["id"]
    own.patch(f"/webhooks/{id}", {"description": "Kun ord"})
    own.patch(f"/webhooks/{id}", {"url": f"{receiver.address}/services/T0/hemmeligt"})
    own.post(f"/webhooks/{id}/secrets")
    own.call("DELETE", f"/webhooks/{id}")
    told = {"webhook": id, "host": receiver.place}
    assert events(app, "webhook_created", program) == [(program, told)]
    assert events(app, "webhook_changed", program) == [(program, told)]
    assert events(app, "webhook_deleted", program) == [(program, told)]
    [(_, secret)] = events(app, "webhook_secret_created", program)
    assert (secret.keys(), secret["webhook"]) == ({"webhook", "secret"}, id)


def test_who_leads_a_partner_sees_the_webhooks_of_its_services(app, as_, make, subscribe, program, manager):
    webhook = subscribe(Service(app, program))
    mine = subscribe(manager)
    colleague = subscribe(as_(make.home, "editor"))
    listed = [one["id"] for one in manager.get("/webhooks").json["items"]]
    assert listed == [webhook["id"], mine["id"]]
    assert manager.get(f"/webhooks/{webhook['id']}").json["url"] == webhook["url"]
    assert manager.get(f"/webhooks/{webhook['id']}/deliveries").status_code == 200
    problem(manager.get(f"/webhooks/{colleague['id']}"), 404)
    for other in (as_(make.home, "editor"), as_(make.partner(), "manager")):
        problem(other.get(f"/webhooks/{webhook['id']}"), 404)
        assert webhook["id"] not in [one["id"] for one in other.get("/webhooks").json["items"]]
    for rest in ("/secrets", "/resume", "/ping"):
        problem(manager.post(f"/webhooks/{webhook['id']}{rest}"), 403)
    problem(manager.patch(f"/webhooks/{webhook['id']}", {"url": "https://8.8.8.8/"}), 403)


def test_who_leads_a_partner_deletes_the_webhooks_of_its_services(app, make, subscribe, program, manager):
    webhook = subscribe(Service(app, program))
    assert manager.call("DELETE", f"/webhooks/{webhook['id']}").status_code == 204
