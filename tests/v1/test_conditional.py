"""Conditional requests: nothing is sent that the client holds, nothing is overwritten that the client has not seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import Client
from tests.v1.bodies import NAMES, at, collection, minimal
from tests.v1.expect import problem
from tests.v1.operations import (
    COMPUTED,
    OPEN_TO_CHANGE,
    OPERATIONS,
    READS,
    change,
    good_body,
    reader,
    record_for,
)

CONDITIONAL = [one for one in OPERATIONS if one.conditional]
MAKING = {"form_project"}
"""Operations that change a record and answer another one, which they make."""
LEADING_ON = {"merge_partner"}
"""Operations after which another record stands in the place of the one in the address."""


@pytest.fixture
def changed(as_, make):
    """A partner at version 2."""
    id = make.partner(name={"da": "Før"})
    assert as_.copi_admin.patch(f"/partners/{id}", {"name": {"da": "Efter"}}, version=1).headers["ETag"] == '"2"'
    return f"/partners/{id}"


def send(client: Any, operation: Any, make: Any, id: str, **headers: str) -> Any:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.call(operation.method, operation.address(id), json=good_body(operation, make), headers=headers)


# --- Reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", READS, ids=str)
def test_every_read_of_a_record_has_a_tag_and_answers_304_to_it(as_, make, operation):
    given = {"state": OPEN_TO_CHANGE[operation.resource]} if operation.resource in OPEN_TO_CHANGE else {}
    client = as_.everywhere if given else reader(operation, as_)
    id = record_for(operation, make, **given)
    first = client.get(operation.address(id))
    tag = first.headers["ETag"]
    assert tag.startswith('"1+') if operation.id in COMPUTED else tag == '"1"'
    again = client.get(operation.address(id), headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert "Content-Type" not in again.headers

    change(as_.everywhere, operation.resource, id)
    changed = client.get(operation.address(id), headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"].startswith('"2+' if operation.id in COMPUTED else '"2"')


@pytest.mark.parametrize("resource", NAMES)
def test_what_is_made_has_the_tag_that_reading_it_has(as_, make, resource):
    editor = as_.everywhere
    made = editor.post(collection(resource, make), minimal(resource, make))
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    read = editor.get(made.headers["Location"].removeprefix("/v1"), headers={"If-None-Match": made.headers["ETag"]})
    assert read.status_code == 304


@pytest.mark.parametrize(
    "held", ['"2"', 'W/"2"', "*", '"1", "2"', '"1","2"', 'W/"1" , W/"2"', '"x",W/"2","y"', ' "2" ', '"a,b", "2"']
)
def test_none_match_compares_weakly(client, changed, held):
    answer = client.get(changed, headers={"If-None-Match": held})
    assert (answer.status_code, answer.headers["ETag"]) == (304, '"2"')


@pytest.mark.parametrize(
    "held", ['"1"', '"3"', '"22"', 'W/"1"', '"1", "3"', '"2', "", '"2+1"', '"a" "b"', "w", '"*"', '"\xe6"', '"2,"']
)
def test_none_match_of_anything_else_is_answered_in_full(client, changed, held):
    answer = client.get(changed, headers={"If-None-Match": held})
    assert (answer.status_code, answer.json["version"]) == (200, 2)


def test_a_record_that_is_hidden_is_404_whatever_the_client_holds(client, make):
    for held in ('"1"', "*"):
        problem(client.get(f"/partners/{make.partner(visibility='private')}", headers={"If-None-Match": held}), 404)


def test_a_refusal_has_no_tag_of_a_representation(client):
    assert "ETag" not in client.get("/partners?limit=0").headers


def test_head_answers_304_too(client, changed):
    assert client.call("HEAD", changed, headers={"If-None-Match": '"2"'}).status_code == 304
    head = client.call("HEAD", changed)
    assert (head.status_code, head.headers["ETag"], head.data) == (200, '"2"', b"")


# --- Reading with neighbours --------------------------------------------------------------------------------


@pytest.fixture
def challenge(make):
    owner = make.partner(kind="municipality", name={"da": "Før"})
    return owner, f"/challenges/{make.challenge(owner=owner)}"


def test_the_tag_with_neighbours_changes_with_them(client, as_, challenge):
    owner, path = challenge
    path += "?embed=owners"
    tag = client.get(path).headers["ETag"]
    assert tag.startswith('"1+')
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"1"'}).status_code == 200

    as_.copi_editor.patch(f"/partners/{owner}", {"name": {"da": "Efter"}}, version=1)
    answer = client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json["embedded"]["owners"][0]["name"]["da"]) == (200, "Efter")
    as_.copi_editor.patch(f"/partners/{owner}", {"visibility": "private"}, version=2)
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).json["embedded"]["owners"] == []


def test_the_tag_with_actions_depends_on_the_caller(client, as_, challenge):
    owner, path = challenge
    path += "?embed=actions"
    callers = (client, as_(owner, "editor"), as_(owner, "manager"))
    tags = {caller.get(path).headers["ETag"] for caller in callers}
    assert len(tags) == len(callers)


def test_what_was_read_with_neighbours_can_be_changed_with_its_tag(as_, challenge):
    _, path = challenge
    tag = as_.copi_editor.get(f"{path}?embed=owners,actions").headers["ETag"]
    answer = as_.copi_editor.patch(path, {"phase": "procurement"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    problem(as_.copi_editor.patch(path, {"phase": "joint_intent"}, headers={"If-Match": tag}), 412)


# --- Writing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", CONDITIONAL, ids=str)
def test_nobody_changes_a_record_without_saying_which_version(as_, make, operation):
    id = record_for(operation, make)
    problem(send(as_.everywhere, operation, make, id), 428)
    assert as_.everywhere.get(at(operation.resource, id)).json["version"] == 1


OTHERS = ['"2"', '"0"', 'W/"1"', '"11"', "1", '"', '"1', '"2", "3"', 'W/"1", "2"', "W/*", '"*"', "x" * 5000]
THIS_ONE = ['"1"', "*", '"7", "1"', '"1","7"', ' "1" ', 'W/"1", "1"', " * "]


@pytest.mark.parametrize("operation", CONDITIONAL, ids=str)
def test_nobody_changes_a_version_they_have_not_seen(as_, make, operation):
    id = record_for(operation, make)
    for held in OTHERS:
        answer = send(as_.everywhere, operation, make, id, If_Match=held)
        problem(answer, 412)
        assert answer.headers["ETag"] == '"1"'
    assert as_.everywhere.get(at(operation.resource, id)).json["version"] == 1


@pytest.mark.parametrize("operation", CONDITIONAL, ids=str)
def test_the_version_at_hand_is_changed(as_, make, operation):
    for held in THIS_ONE:
        id = record_for(operation, make)
        answer = send(as_.everywhere, operation, make, id, If_Match=held)
        assert answer.status_code == (201 if operation.id in MAKING else 200), (held, answer.json)
        assert answer.headers["ETag"] == ('"1"' if operation.id in MAKING else '"2"')
        if operation.id in LEADING_ON:
            continue
        read = as_.everywhere.get(at(operation.resource, id), headers={"If-None-Match": '"2"'})
        assert read.status_code == 304


def test_a_change_that_changes_nothing_keeps_the_version(as_, changed):
    answer = as_.copi_editor.patch(changed, {"name": {"da": "Efter"}}, version=2)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


@pytest.mark.parametrize("operation", CONDITIONAL, ids=str)
def test_of_two_who_start_from_one_version_the_second_is_told(app, as_, make, operation):
    id = record_for(operation, make)
    first = as_.everywhere
    second = Client(app, make.user(duties=["copi_admin", "copi_editor"], roles={make.home: "manager"}))
    assert send(first, operation, make, id, If_Match='"1"').status_code in (200, 201)
    if operation.id in LEADING_ON:
        return
    refused = send(second, operation, make, id, If_Match='"1"')
    problem(refused, 412)
    assert refused.headers["ETag"] == '"2"'
    assert first.get(at(operation.resource, id)).json["version"] == 2


def test_whoever_may_not_is_told_so_before_anything_about_versions(as_, make):
    member = as_(make.partner(), "member")
    id = make.partner()
    for headers in ({}, {"If-Match": '"1"'}, {"If-Match": '"9"'}):
        problem(member.patch(f"/partners/{id}", {"size": "small"}, headers=headers), 403)
