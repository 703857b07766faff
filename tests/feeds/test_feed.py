"""The feed as its followers see it: in order, complete, with a tombstone for what they can see no more."""

from __future__ import annotations

import json
from concurrent.futures import as_completed

import pytest

from api.models import Membership
from schemas.vocabulary import Role
from tests.clients import service
from tests.feeds.followers import Chance, Copy
from tests.make import challenge_body, outcome_body, support_body


def told(client, after=0, **parameters):
    """Everything the client is told, page by page."""
    items, head = [], None
    while head is None or after < head:
        page = client.get("/events", query_string={"after": after, "limit": 3, **parameters}).json
        items += page["items"]
        after, head = page["cursor"], page["head"]
    return items


def types_of(client, after=0, **parameters):
    return [item["type"] for item in told(client, after, **parameters)]


def head_of(client):
    return client.get("/events?limit=1").json["head"]


def test_a_reader_is_told_of_what_it_sees_when_it_comes_to_see_it(client, as_, make):
    admin = as_.copi_admin
    body = challenge_body(make.partner(kind="municipality"), problem={"da": "Det er tungt."})
    draft = admin.post("/challenges", body).json
    assert "challenge.created" in types_of(admin)
    assert "challenge.created" not in types_of(client)
    admin.post(f"/challenges/{draft['id']}/submit", version=1)
    published = admin.post(f"/challenges/{draft['id']}/publish", version=2)
    [event] = [one for one in told(client) if one["resource"] == "challenge"]
    assert event["type"] == "challenge.published"
    assert event["document"] == published.json == client.get(f"/challenges/{draft['id']}").json
    assert (event["resource_id"], event["version"], event["changes"]) == (draft["id"], 3, ["state", "timeline"])


def test_numbers_grow_and_each_event_comes_once(as_, make):
    for _ in range(7):
        make.challenge()
    numbers = [one["seq"] for one in told(as_.copi_admin)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 14


def test_what_is_withdrawn_is_a_tombstone_and_its_past_is_told_no_more(client, as_, make):
    challenge, admin = make.challenge(), as_.copi_admin
    assert "challenge.created" in types_of(client)
    begun = head_of(client)
    assert admin.post(f"/challenges/{challenge}/withdraw", {"reason": "Fortrudt"}, version=1).status_code == 200
    [tombstone] = told(client, begun)
    assert tombstone["type"] == "challenge.hidden"
    assert (tombstone["document"], tombstone["reason"], tombstone["changes"]) == (None, None, [])
    assert tombstone["resource_id"] == challenge
    assert "challenge.created" not in types_of(client)
    assert "Behov" not in json.dumps(told(client))
    [event] = told(admin, begun)
    assert (event["type"], event["reason"]) == ("challenge.withdrawn", "Fortrudt")


def test_what_belongs_to_a_record_goes_and_comes_with_it(client, as_, make):
    project = make.project()
    outcome = make.outcome(project=project)
    adoption = make.adoption(outcome=outcome)
    admin, begun = as_.copi_admin, head_of(client)
    hidden = admin.patch(f"/projects/{project}", {"visibility": "private"}, version=1)
    assert hidden.status_code == 200
    gone = {(one["type"], one["resource_id"]) for one in told(client, begun)}
    counted = ("partner.updated", make.home)  # its reuse is of what everybody sees
    assert gone == {("project.hidden", project), ("outcome.hidden", outcome), ("adoption.hidden", adoption), counted}
    begun = head_of(client)
    admin.patch(f"/projects/{project}", {"visibility": "public"}, version=2)
    back = {(one["type"], one["resource_id"]): one["document"] for one in told(client, begun)}
    assert set(back) == {
        ("project.updated", project), ("outcome.visibility_changed", outcome), ("adoption.visibility_changed", adoption),
        counted,
    }  # fmt: skip
    assert back["outcome.visibility_changed", outcome] == client.get(f"/outcomes/{outcome}").json


def test_a_partner_that_loses_its_stake_is_told_so(as_, make):
    mine, other = make.partner(), make.partner()
    project = make.project(visibility="private", participants=[{"partner_id": mine, "role": "lead"}])
    editor, begun = as_(mine, "editor"), head_of(as_.copi_admin)
    assert "project.created" in types_of(editor)
    as_.copi_admin.patch(f"/projects/{project}", {"participants": [{"partner_id": other, "role": "lead"}]}, version=1)
    assert types_of(editor, begun) == ["project.hidden"]
    assert types_of(as_(other, "editor"), begun) == ["project.updated"]


def test_joining_a_private_challenge_shows_it(as_, make):
    """The stake is the support's, and no change of the challenge itself."""
    joining = make.partner(kind="municipality")
    challenge = make.challenge(visibility="private", owner=make.partner(kind="municipality"))
    member, admin = as_(joining, "member"), as_.copi_admin
    begun = head_of(admin)
    support = admin.post(f"/challenges/{challenge}/supports", support_body(joining)).json
    assert {"support.created", "challenge.visibility_changed"} <= set(types_of(member, begun))
    begun = head_of(admin)
    admin.post(f"/supports/{support['id']}/withdraw", {"reason": "Nej"}, version=1)
    assert "challenge.hidden" in types_of(member, begun)


def test_types_and_resources_are_picked_out(client, as_, make):
    outcome = make.outcome()
    make.challenge()
    assert set(types_of(client, resource="outcome,challenge")) == {"outcome.created", "challenge.created"}
    assert types_of(client, type="outcome.created") == ["outcome.created"]
    begun = head_of(client)
    as_.copi_admin.post(f"/outcomes/{outcome}/retract", {"reason": "Forkert"}, version=1)
    assert types_of(client, begun, type="outcome.created") == []
    assert types_of(client, begun, type="outcome.hidden,outcome.created") == ["outcome.hidden"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("type=challenge.sung", "type"), ("type=x", "type"), ("resource=user", "resource"), ("after=-1", "after"),
     ("after=99", "after"), ("limit=0", "limit"), ("limit=1001", "limit"), ("wait=31", "wait"), ("after=1e3", "after")],
)  # fmt: skip
def test_what_is_asked_for_wrongly_is_refused(client, make, query, parameter):
    make.partner()
    refused = client.get(f"/events?{query}")
    assert refused.status_code == 422
    assert [one["parameter"] for one in refused.json["errors"]] == [parameter]


def test_the_next_address_goes_on_with_the_same_question(client, make):
    make.challenge()
    page = client.get("/events?resource=challenge,partner&limit=1").json
    assert page["cursor"] == page["items"][-1]["seq"] < page["head"]
    following = client.get(page["next"].removeprefix("/v1")).json
    assert [one["seq"] for one in following["items"]] == [page["cursor"] + 1]


def test_who_is_given_a_role_is_told_to_begin_anew(app, as_, make):
    """No record has changed, and yet others are seen."""
    newcomer, partner = as_(make.partner(), "member"), make.partner()
    before = newcomer.get("/events").json["view"]
    assert newcomer.get("/events").json["view"] == before
    with app.extensions["copi"].database.writing() as session:
        session.add(Membership(user_id=newcomer.user_id, partner_id=partner, role=Role.MEMBER))
    assert newcomer.get("/events").json["view"] != before


def test_nothing_new_is_not_sent_again(client, make):
    make.partner()
    first = client.get("/events")
    assert client.get("/events", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_waiting_ends_when_something_happens(app, client, as_, make, background):
    make.partner()
    begun = head_of(client)
    waiting = background(lambda: client.get("/events", query_string={"after": begun, "wait": 30}).json)
    partner = make.partner()
    assert [one["resource_id"] for one in waiting.result(timeout=25)["items"]] == [partner]


def test_waiting_for_nothing_ends(client, make):
    make.partner()
    begun = head_of(client)
    assert client.get("/events", query_string={"after": begun, "wait": 1}).json["items"] == []


def test_not_all_can_wait_and_nobody_is_kept_waiting_by_those_who_do(app, client, make, background):
    make.partner()
    begun = head_of(client)
    seats = app.extensions["copi"].settings.waiting
    waiting = [
        background(lambda: client.get("/events", query_string={"after": begun, "wait": 30}).json)
        for _ in range(seats + 2)
    ]
    assert next(as_completed(waiting, timeout=25)).result()["items"] == []
    assert client.get("/partners").status_code == 200
    make.partner()
    told_then = [one.result(timeout=25)["items"] for one in waiting]
    assert sum(1 for items in told_then if items) >= 1


def test_a_sandbox_has_a_feed_of_its_own(app, client, make):
    tester = service(app, make.test_client())
    begun = head_of(tester)
    real = make.challenge()
    assert tester.get(f"/events?after={begun}").json["items"] == []
    [municipality] = tester.get("/partners?kind=municipality").json["items"]
    tester.post("/challenges", challenge_body(municipality["id"]))
    assert types_of(tester, begun) == ["challenge.created"]
    assert {one["resource_id"] for one in told(client)} >= {real}
    tester.post("/sandbox/reset")
    assert types_of(tester, begun)[0] == "sandbox.emptied"


def test_an_unfinished_outcome_is_told_to_its_owners_alone(client, as_, make):
    mine = make.partner()
    project = make.project(participants=[{"partner_id": mine, "role": "lead"}])
    editor = as_(mine, "editor")
    made = editor.post("/outcomes", outcome_body(project))
    assert made.status_code == 201
    assert "outcome.created" in types_of(editor)
    assert "outcome.created" not in types_of(client)
    assert "outcome.created" not in types_of(as_.adviser)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_copy_kept_by_the_feed_is_the_original(app, client, as_, make, seed):
    """For every sort of reader, after chance has written, hidden, shown, merged and withdrawn."""
    partners = [make.partner(kind=kind) for kind in ("municipality", "region", "company", "municipality", "company")]
    writers = [as_.copi_admin, as_.copi_editor, *(as_(partner, "manager") for partner in partners)]
    readers = [client, as_.adviser, as_.copi_editor, *(as_(partner, "member") for partner in partners[:3])]
    copies, chance = [Copy(reader) for reader in readers], Chance(seed, writers, partners)
    for _ in range(6):
        for _ in range(20):
            chance.write()
        for copy in copies:
            copy.catch_up()
            assert copy.records == copy.all_there_is()
