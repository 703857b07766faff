"""A webhook that goes by a saved search is told of what that finds."""

from __future__ import annotations

SEARCH = {"name": "Grønne", "resource": "challenge", "query": "theme=green_transition"}


def test_only_what_the_search_finds_is_sent(as_, make, receiver, subscribe, dispatcher):
    me = as_.copi_editor
    search = me.post("/searches", SEARCH).json["id"]
    subscribe(me, search_id=search)
    green = make.challenge(theme="green_transition")
    make.challenge(theme="welfare_technology")
    make.project(theme="green_transition")
    dispatcher.drain()
    assert [got.event["resource_id"] for got in receiver.got] == [green]


def test_the_search_must_be_one_s_own_and_stays_while_it_is_used(as_, receiver, subscribe):
    me = as_.copi_editor
    search = me.post("/searches", SEARCH).json["id"]
    body = {"url": f"{receiver.address}/copi", "search_id": search}
    assert as_.copi_admin.post("/webhooks", body).json["errors"][0]["pointer"] == "/search_id"
    webhook = me.post("/webhooks", body)
    assert webhook.status_code == 201, webhook.json
    assert me.call("DELETE", f"/searches/{search}").status_code == 409
    assert me.patch(f"/webhooks/{webhook.json['id']}", {"search_id": None}).status_code == 200
    assert me.call("DELETE", f"/searches/{search}").status_code == 204
