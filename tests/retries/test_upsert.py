"""A record put at its source's address: made when it is not there, otherwise replaced; sent again, nothing happens."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from api import ledger
from api.domain.actor import SYSTEM
from api.domain.errors import Refusal
from api.kit.upsert import Outcome, upsert
from api.models import RESOURCES, Challenge, Event, Partner
from openapi.operations import example
from schemas.names import EXAMPLE_SOURCES, PLURALS
from tests.clients import Client, service
from tests.make import challenge_body, outcome_body, partner_body, project_body
from tests.v1.bodies import FULL, minimal

KINDS = ("partner", "challenge", "project", "outcome")
TED = "2024/S 123-456"


def at(resource: str, external_id: str = TED, system: str = "ted") -> str:
    """The address of a source."""
    return f"/{PLURALS[resource]}/by-source/{quote(system, safe='')}/{quote(external_id, safe='')}"


def many(app: Flask, model: Any) -> int:
    with app.extensions["copi"].database.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(model)) or 0)


def less(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


# --- Making and replacing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", KINDS)
def test_what_is_not_there_is_made(as_, make, resource):
    body = less(FULL[resource](make), "source")
    answer = as_.everywhere.put(at(resource), body)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == f"/v1/{PLURALS[resource]}/{answer.json['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.json["source"] == {"system": "ted", "external_id": TED, "url": None}
    assert answer.json["state"] == str(RESOURCES[resource].lifecycle.initial)
    assert {name: answer.json[name] for name in body} == body


@pytest.mark.parametrize("least", [True, False], ids=["least", "everything"])
@pytest.mark.parametrize("resource", KINDS)
def test_the_same_again_changes_nothing(app, as_, make, resource, least):
    body = less(minimal(resource, make) if least else FULL[resource](make), "source")
    first = as_.everywhere.put(at(resource), body)
    events = many(app, Event)
    again = as_.everywhere.put(at(resource), body)
    assert again.status_code == 200
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert "Location" not in again.headers
    assert many(app, Event) == events


@pytest.mark.parametrize("resource", KINDS)
def test_it_is_read_there_as_by_its_id(as_, make, resource):
    made = as_.everywhere.put(at(resource), less(FULL[resource](make), "source"))
    by_id, by_source = f"/{PLURALS[resource]}/{made.json['id']}", at(resource)
    for query in ("", "?fields=source", "?embed=actions"):
        one, other = as_.everywhere.get(by_id + query), as_.everywhere.get(by_source + query)
        assert (other.data, other.headers["ETag"]) == (one.data, one.headers["ETag"])
    tag = {"If-None-Match": made.headers["ETag"]}
    assert as_.everywhere.get(by_source, headers=tag).status_code == 304
    assert as_.everywhere.get(by_source + "?ukendt=1").status_code == 400


@pytest.mark.parametrize("resource", KINDS)
def test_what_is_left_out_goes_back_to_its_default(as_, make, resource):
    full = less(FULL[resource](make), "source")
    full["visibility"] = "network"
    # Where an outcome belongs never changes, and somebody goes on answering for a project.
    kept = {name: full[name] for name in ("project_id", "participants") if name in full}
    least = less(minimal(resource, make), "source") | kept
    made = as_.everywhere.put(at(resource), full)
    replaced = as_.everywhere.put(at(resource), least)
    assert replaced.status_code == 200, replaced.json
    assert (replaced.json["id"], replaced.json["version"]) == (made.json["id"], 2)
    fresh = as_.everywhere.put(at(resource, "another"), least)
    ours = {"id", "version", "created_at", "updated_at", "links", "source"}
    assert less(replaced.json, *ours) == less(fresh.json, *ours)


def test_what_only_steps_set_stays(as_, make):
    body = {**challenge_body(make.partner(kind="municipality")), "problem": {"da": "Sådan er det."}}
    made = as_.everywhere.put(at("challenge"), body).json
    assert as_.everywhere.post(f"/challenges/{made['id']}/submit", version=1).status_code == 200
    replaced = as_.everywhere.put(at("challenge"), {**body, "sources": ["https://example.org"]})
    assert (replaced.json["state"], replaced.json["version"]) == ("in_review", 3)


def test_a_new_project_takes_the_places_of_its_lead_and_keeps_them(as_, make):
    lead = make.partner(kind="municipality", municipality_code="0751")
    body = project_body(participants=[{"partner_id": lead, "role": "lead"}], end="2024")
    made = as_.everywhere.put(at("project"), body).json
    assert (made["municipality_codes"], made["follow_up_due"]) == (["0751"], ["2025", "2028"])
    assert as_.everywhere.put(at("project"), body).json["version"] == 1
    changed = as_.everywhere.put(at("project"), {**body, "location": "Gellerup"}).json
    assert (changed["version"], changed["municipality_codes"]) == (2, ["0751"])


def test_the_history_tells_what_changed(as_, make):
    body = partner_body()
    id = as_.everywhere.put(at("partner"), body).json["id"]
    as_.everywhere.put(at("partner"), {**body, "website": "https://example.org"})
    last, first = as_.everywhere.get(f"/partners/{id}/history").json["items"]
    assert (last["type"], last["changes"], first["type"]) == ("partner.updated", ["website"], "partner.created")


# --- The source ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("external_id", ["a/b/c", "å ø%", "a?b#c", "100%25", "a//b", "x/", "y+z", "id;v=1", "id " * 66])
def test_ids_of_other_systems_are_taken_as_they_are(as_, external_id):
    address = at("partner", external_id, "ESDH & co.")
    made = as_.everywhere.put(address, partner_body())
    assert made.status_code == 201, made.json
    assert made.json["source"]["external_id"] == external_id
    assert made.json["source"]["system"] == "ESDH & co."
    assert as_.everywhere.get(address).json == made.json


def test_a_record_made_by_post_is_there_too(as_):
    source = {"system": "ted", "external_id": TED, "url": "https://example.org/ted"}
    made = as_.everywhere.post("/partners", partner_body(source=source))
    assert as_.everywhere.get(at("partner")).json == made.json


def test_the_body_may_name_its_source_and_say_where_its_page_is(as_):
    source = {"system": "ted", "external_id": TED, "url": "https://example.org/1"}
    made = as_.everywhere.put(at("partner"), partner_body(source=source)).json
    assert made["source"] == source
    moved = {**source, "url": "https://example.org/2"}
    body = {"name": made["name"], "kind": made["kind"]}
    replaced = as_.everywhere.put(at("partner"), {**body, "source": moved}).json
    assert (replaced["source"], replaced["version"]) == (moved, 2)


@pytest.mark.parametrize(("wrong", "name"), [({"system": "esdh"}, "system"), ({"external_id": "1"}, "external_id")])
def test_another_source_in_the_body_is_refused(app, as_, make, wrong, name):
    source = {"system": "ted", "external_id": TED, **wrong}
    answer = as_.everywhere.put(at("partner"), partner_body(source=source))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [f"/source/{name}"]
    assert as_.everywhere.get(at("partner")).status_code == 404


@pytest.mark.parametrize(("system", "external_id", "names"), [
    ("x" * 101, "1", ["system"]), ("ted", "x" * 201, ["external_id"]), (" ", " ", ["external_id", "system"]),
    ("ted", "a\x00b", ["external_id"]), ("ted", "a\x7fb", ["external_id"]),
])  # fmt: skip
def test_what_can_be_no_source_is_named(as_, system, external_id, names):
    for answer in (
        as_.everywhere.put(at("partner", external_id, system), partner_body()),
        as_.everywhere.get(at("partner", external_id, system)),
    ):
        assert answer.status_code == 422
        assert sorted(one["parameter"] for one in answer.json["errors"]) == names


def test_the_same_id_in_two_systems_or_kinds_is_two_records(as_):
    made = {as_.everywhere.put(at("partner", "1", system), partner_body()).json["id"] for system in ("a", "b")}
    made.add(as_.everywhere.put(at("project", "1", "a"), project_body()).json["id"])
    assert len(made) == 3


# --- Who may ------------------------------------------------------------------------------------------------


def test_who_may_not_make_it_is_refused(as_, make):
    body = project_body(participants=[{"partner_id": make.home, "role": "lead"}])
    assert as_.anonymous.put(at("project"), body).status_code == 401
    assert as_(make.home, "member").put(at("project"), body).status_code == 403
    assert as_(make.partner(), "manager").put(at("project"), body).status_code == 403
    assert as_(make.home, "editor").put(at("project"), body).status_code == 201


def test_who_may_make_one_may_not_take_over_anothers(as_, make):
    lead, mine = make.partner(), make.partner()
    body = project_body(participants=[{"partner_id": lead, "role": "lead"}])
    made = as_(lead, "editor").put(at("project"), body).json
    ours = {**body, "participants": [{"partner_id": mine, "role": "lead"}]}
    assert as_(mine, "manager").put(at("project"), ours).status_code == 403
    assert as_.everywhere.get(f"/projects/{made['id']}").json == made


def test_a_service_needs_the_scope_of_what_it_does(app, as_, make):
    maker, changer = (
        service(app, make.client(roles={make.home: "editor"}), ["project:read", scope])
        for scope in ("project:create", "project:update")
    )
    body = project_body(participants=[{"partner_id": make.home, "role": "lead"}])
    assert changer.put(at("project"), body).status_code == 403
    assert maker.put(at("project"), body).status_code == 201
    changed = {**body, "location": "Gellerup"}
    assert maker.put(at("project"), changed).status_code == 403
    assert changer.put(at("project"), changed).status_code == 200


def test_a_record_that_the_caller_does_not_see_is_told_nothing_of(as_, make):
    owner = make.partner(kind="municipality")
    hidden = as_(owner, "editor").put(at("challenge"), challenge_body(owner, title={"da": "Hemmeligt"}))
    assert hidden.status_code == 201
    stranger = make.partner(kind="municipality")
    answer = as_(stranger, "editor").put(at("challenge"), challenge_body(stranger))
    assert answer.status_code == 409
    assert answer.json["type"].endswith("/problems/conflict")
    assert "ETag" not in answer.headers
    for told in (hidden.json["id"], "Hemmeligt", owner):
        assert told not in answer.text
    assert as_(stranger, "editor").get(at("challenge")).status_code == 404
    assert as_.everywhere.get(at("challenge")).json == hidden.json


def test_what_a_state_holds_fast_stays_as_it_is(as_, make):
    body = challenge_body(make.partner(kind="municipality"))
    made = as_.everywhere.put(at("challenge"), body).json
    assert (
        as_.everywhere.post(f"/challenges/{made['id']}/withdraw", {"reason": "Derfor."}, version=1).status_code == 200
    )
    answer = as_.everywhere.put(at("challenge"), {**body, "theme": "welfare_technology"})
    assert answer.status_code == 409
    assert [one["pointer"] for one in answer.json["errors"]] == ["/theme"]
    assert as_.everywhere.put(at("challenge"), body).json["version"] == 2


def test_guards_hold(as_, make):
    company = make.partner(kind="company")
    answer = as_.everywhere.put(at("challenge"), challenge_body(company))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/owners")
    town = make.partner(kind="municipality")
    body = challenge_body(town)
    assert as_.everywhere.put(at("challenge"), body).status_code == 201
    answer = as_.everywhere.put(at("challenge"), {**body, "owners": [company]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/owners")
    assert as_.everywhere.get(at("challenge")).json["owners"] == [town]


def test_a_guard_that_asks_a_neighbour_holds_for_what_is_made(as_, make):
    old = make.project(end="2001", owner=make.home)
    answer = as_.everywhere.put(at("outcome"), outcome_body(old))
    assert answer.status_code == 409
    assert as_.everywhere.put(at("outcome"), outcome_body(make.project(owner=make.home))).status_code == 201


def test_an_outcome_stays_with_its_project(as_, make):
    body = outcome_body(make.project(owner=make.home))
    assert as_.everywhere.put(at("outcome"), body).status_code == 201
    answer = as_.everywhere.put(at("outcome"), {**body, "project_id": make.project(owner=make.home)})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/project_id")


def test_identifiers_are_only_for_managers_here_too(as_, make):
    source = {"system": "ted", "external_id": TED, "url": None}
    partner = make.partner(source=source)
    body = {**partner_body(), "identifiers": [{"scheme": "DK-CVR", "value": "10150817"}]}
    assert as_(partner, "editor").put(at("partner"), body).status_code == 403
    assert as_(partner, "manager").put(at("partner"), body).status_code == 200


def test_what_points_at_nothing_is_named(as_, make):
    missing = "01941f29-7c00-7000-8000-000000000000"
    body = project_body(challenge_ids=[missing])
    answer = as_.everywhere.put(at("project"), body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/challenge_ids/0")
    answer = as_.everywhere.put(at("outcome"), outcome_body(missing))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/project_id")


def test_a_merged_partner_is_read_where_it_went(as_, make):
    heir = make.partner()
    make.partner("merged", merged_into=heir, source={"system": "ted", "external_id": TED, "url": None})
    answer = as_.everywhere.get(at("partner"))
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/v1/partners/{heir}")


# --- Conditions ---------------------------------------------------------------------------------------------


def test_if_none_match_makes_and_never_replaces(as_):
    only_make, body = {"If-None-Match": "*"}, partner_body()
    made = as_.everywhere.put(at("partner"), body, headers=only_make)
    assert made.status_code == 201
    for again in (body, partner_body()):
        answer = as_.everywhere.put(at("partner"), again, headers=only_make)
        assert answer.status_code == 412
        assert answer.json["type"].endswith("/problems/precondition-failed")
        assert answer.headers["ETag"] == '"1"'
    assert as_.everywhere.get(at("partner")).json == made.json


def test_if_match_replaces_that_version_and_never_makes(as_):
    body = partner_body()
    for tag in ('"1"', "*"):
        answer = as_.everywhere.put(at("partner"), body, headers={"If-Match": tag})
        assert answer.status_code == 412
        assert answer.json["type"].endswith("/problems/precondition-failed")
    assert as_.everywhere.put(at("partner"), body).status_code == 201
    changed = {**body, "country": "DK"}
    stale = as_.everywhere.put(at("partner"), changed, version=2)
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    assert stale.json["type"].endswith("/problems/stale")
    assert as_.everywhere.put(at("partner"), changed, version=1).status_code == 200
    assert as_.everywhere.put(at("partner"), changed, headers={"If-Match": "*"}).headers["ETag"] == '"2"'


# --- Sandboxes ----------------------------------------------------------------------------------------------


def test_each_sandbox_has_sources_of_its_own(app, as_, make):
    real = as_.everywhere.put(at("project"), project_body())
    one, other = (service(app, make.test_client()) for _ in range(2))
    assert one.get(at("project")).status_code == 404
    made = {caller: caller.put(at("project"), project_body()) for caller in (one, other)}
    assert [answer.status_code for answer in made.values()] == [201, 201]
    assert all(answer.json["test"] for answer in made.values())
    for caller, answer in ((as_.everywhere, real), *made.items()):
        assert caller.get(at("project")).json == answer.json
        assert answer.json["source"]["system"] == "ted"
    assert one.put(at("project"), project_body(title=made[one].json["title"])).json["version"] == 1


# --- At once ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same", [True, False], ids=["the same", "different"])
def test_at_once_one_makes_it_and_the_others_replace_it(app, as_, same):
    callers = [Client.bearing(app, as_.copi_editor.headers["Authorization"].split()[1]) for _ in range(12)]
    bodies = [partner_body(**({"name": {"da": "Den samme"}} if same else {})) for _ in callers]
    ready = Barrier(len(callers))

    def put(caller: Client, body: dict[str, Any]) -> TestResponse:
        ready.wait()
        return caller.put(at("partner"), body)

    with ThreadPoolExecutor(len(callers)) as threads:
        answers = list(threads.map(put, callers, bodies))
    assert Counter(one.status_code for one in answers) == {201: 1, 200: len(callers) - 1}
    assert many(app, Partner) == 1
    assert many(app, Event) == (1 if same else len(callers))
    versions = sorted(one.json["version"] for one in answers)
    assert versions == ([1] * len(callers) if same else list(range(1, len(callers) + 1)))


def test_at_once_only_one_makes_it_under_condition(app, as_):
    callers = [Client.bearing(app, as_.copi_editor.headers["Authorization"].split()[1]) for _ in range(12)]
    ready = Barrier(len(callers))

    def put(caller: Client) -> int:
        ready.wait()
        return caller.put(at("partner"), partner_body(), headers={"If-None-Match": "*"}).status_code

    with ThreadPoolExecutor(len(callers)) as threads:
        assert Counter(threads.map(put, callers)) == {201: 1, 412: len(callers) - 1}
    assert many(app, Partner) == 1


# --- Without a request, many in a transaction ---------------------------------------------------------------


def test_what_is_refused_leaves_the_rest_of_its_transaction_whole(app, make):
    town, company = make.partner(kind="municipality"), make.partner(kind="company")
    good = {"title": {"da": "Godt"}}
    with app.extensions["copi"].database.writing() as session:
        made, _ = upsert(session, SYSTEM, Challenge, "ted", "1", challenge_body(town, **good))
        for body in (challenge_body(company), challenge_body(town, theme="ukendt")):
            for external_id in ("1", "2"):
                with pytest.raises(Refusal):
                    upsert(session, SYSTEM, Challenge, "ted", external_id, body)
        changed, outcome = upsert(session, SYSTEM, Challenge, "ted", "1", challenge_body(town, **good, keywords=["a"]))
        assert (changed, outcome) == (made, Outcome.CHANGED)
    with app.extensions["copi"].database.reading() as connection:
        stored = connection.execute(select(Challenge.source_id, Challenge.version, Challenge.owners)).all()
        events = connection.scalars(select(Event.type).where(Event.resource == "challenge").order_by(Event.seq)).all()
    assert [tuple(one) for one in stored] == [("1", 2, [town])]
    assert events == ["challenge.created", "challenge.updated"]


def test_one_record_twice_in_a_transaction_is_one_record(app, make):
    with app.extensions["copi"].database.writing() as session:
        came_to = [
            upsert(session, SYSTEM, Partner, "ted", "1", partner_body(name={"da": name}))[1] for name in ("A", "A", "B")
        ]
    assert came_to == [Outcome.CREATED, Outcome.UNCHANGED, Outcome.CHANGED]
    assert many(app, Partner) == 1


def test_the_caller_is_who_the_log_names(app, as_, make):
    with app.test_request_context(headers=as_.copi_editor.headers):
        from api.kit.actor import known_actor

        caller = known_actor()
        with ledger.acting(caller), app.extensions["copi"].database.writing() as session:
            record, outcome = upsert(session, caller, Partner, "ted", "1", partner_body())
            assert outcome is Outcome.CREATED
    entries = as_.everywhere.get(f"/partners/{record.id}/history").json["items"]
    assert [one["actor"]["id"] for one in entries] == [caller.id]


def test_two_transactions_that_make_the_same_do_not_both(app):
    database = app.extensions["copi"].database
    if database.is_sqlite:
        pytest.skip("one write at a time there: the second finds the record")

    def make_one() -> None:
        with database.writing() as session:
            upsert(session, SYSTEM, Partner, "ted", "1", partner_body())
            looked.wait()

    looked = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        errors = [one.exception() for one in [threads.submit(make_one) for _ in range(2)]]
    assert {type(one) for one in errors} == {type(None), IntegrityError}
    assert many(app, Partner) == 1


# --- The examples -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", KINDS)
def test_the_example_in_the_contract_is_of_the_demo(cases, resource):
    found = cases.get(at(resource, EXAMPLE_SOURCES[resource], "co-pi-cases"))
    assert found.json["id"] == example(f"read_{resource}.response")["id"]
