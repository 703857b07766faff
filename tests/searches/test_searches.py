"""A question to a list, kept: its addresses find what the list finds, and its feed tells of no other records."""

from __future__ import annotations

import re

import pytest

from schemas.vocabulary import Searchable
from tests.clients import service

OPEN_GREEN = {"name": "Grønne", "resource": "challenge", "query": "theme=green_transition&state=open&q=behov"}


def test_a_search_is_kept_read_changed_and_deleted(as_):
    me = as_.copi_editor
    made = me.post("/searches", OPEN_GREEN)
    assert made.status_code == 201, made.json
    address = made.headers["Location"].removeprefix("/v1")
    assert me.get(address).json == made.json
    assert made.json["links"]["list"] == "/v1/challenges?theme=green_transition&state=open&q=behov"
    assert me.patch(address, {"name": "Alle", "query": ""}).json["links"]["list"] == "/v1/challenges"
    assert [one["name"] for one in me.get("/searches").json["items"]] == ["Alle"]
    assert me.call("DELETE", address).status_code == 204
    assert me.get(address).status_code == 404


def test_nobody_else_sees_it(app, as_, client, make):
    id = as_.copi_editor.post("/searches", OPEN_GREEN).json["id"]
    for other in (as_.adviser, service(app, make.client())):
        assert other.get(f"/searches/{id}").status_code == 404
        assert other.call("DELETE", f"/searches/{id}").status_code == 404
        assert other.get("/searches").json["total"] == 0
        assert other.get(f"/events?search={id}").status_code == 422
    assert client.get("/searches").status_code == client.get(f"/events?search={id}").status_code == 401


@pytest.mark.parametrize(
    "query",
    ["theme=grey", "colour=green", "limit=5", "state=open&cursor=abc", "format=csv", "theme=", "sort=price", "%ff", "q=a&q=b",
     "fields=id", "total=false"],
)  # fmt: skip
def test_what_the_list_would_refuse_or_is_about_one_answer_is_refused(as_, query):
    refused = as_.copi_editor.post("/searches", {**OPEN_GREEN, "query": query})
    assert refused.status_code == 422
    assert {one["pointer"] for one in refused.json["errors"]} == {"/query"}


def test_a_refusal_names_what_can_be_kept_and_nothing_else(as_):
    [error] = as_.copi_editor.post("/searches", {**OPEN_GREEN, "query": "colour=green"}).json["errors"]
    named = set(re.split(r"[^a-z_]+", error["detail"]))
    assert {"theme", "state", "q", "sort"} <= named
    assert not {"limit", "page", "cursor", "total", "fields", "embed", "format", "dialect", "since"} & named


def test_its_feed_tells_of_what_it_finds(as_, make):
    me, admin = as_.copi_editor, as_.copi_admin
    id = me.post("/searches", OPEN_GREEN).json["id"]
    green, closed = make.challenge(theme="green_transition"), make.challenge("closed", theme="green_transition")
    make.challenge(theme="welfare_technology")
    make.project(theme="green_transition")
    told = me.get(f"/events?search={id}").json["items"]
    assert {one["resource_id"] for one in told} == {green}
    assert {one["id"] for one in me.get(f"/challenges?{OPEN_GREEN['query']}").json["items"]} == {green}
    admin.post(f"/challenges/{closed}/reopen", {"reason": "Alligevel"}, version=1)
    told = me.get(f"/events?search={id}").json["items"]
    assert {one["resource_id"] for one in told} == {green, closed}


def test_those_who_see_less_find_less(app, as_, make):
    make.challenge(theme="green_transition", visibility="network")
    outsider = service(app, make.client())
    id = outsider.post("/searches", OPEN_GREEN).json["id"]
    assert outsider.get(f"/events?search={id}").json["items"] == []
    adviser = as_.adviser
    id = adviser.post("/searches", OPEN_GREEN).json["id"]
    assert len(adviser.get(f"/events?search={id}").json["items"]) == 1


def test_who_is_erased_searches_no_more(as_, make):
    me = as_(make.partner(), "member")
    id = me.post("/searches", OPEN_GREEN).json["id"]
    as_.copi_admin.post(f"/users/{me.user_id}/erase", {"reason": "Efter ønske"})
    assert as_.copi_admin.get(f"/searches/{id}").status_code == 404


@pytest.mark.parametrize("resource", list(Searchable))
def test_every_address_it_names_answers(as_, resource):
    me = as_.copi_editor
    search = me.post("/searches", {"name": "Alt", "resource": str(resource)}).json
    links = search["links"]
    for address in (one for one in links.values() if one):
        assert me.get(address.removeprefix("/v1")).status_code == 200, address
    feed = me.get(f"{links['list'].removeprefix('/v1')}?format=atom")
    assert (feed.status_code == 200) == (links["atom"] is not None)


def test_there_is_an_end_to_them(as_):
    me = as_.copi_editor
    for _ in range(100):
        assert me.post("/searches", OPEN_GREEN).status_code == 201
    assert me.post("/searches", OPEN_GREEN).status_code == 409
