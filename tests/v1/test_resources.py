"""What all resources have in common: every field in, out, changed, cleared."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from api.domain.lifecycle import LIFECYCLES
from api.models import RESOURCES, Event
from schemas import fields as f
from schemas.base import creating
from schemas.names import PLURALS
from tests.make import SANDBOX
from tests.v1.bodies import (
    FULL,
    NAMES,
    NOT_BESIDE_THE_REST,
    SCHEMAS,
    TEXT,
    at,
    collection,
    create_only,
    every,
    leaves,
    minimal,
    read_only,
    writable,
    write_only,
)
from tests.v1.expect import problem
from tests.v1.operations import COMPUTED, LISTS, READS
from tests.v1.test_refusals import put

MISSING = "019b76da-a800-7000-8000-00000000000a"
CHANGEABLE = [
    (resource, name)
    for resource in NAMES
    for name in writable(resource)
    if name not in create_only(resource) and name not in NOT_BESIDE_THE_REST.get(resource, ())
]
FOLLOWS = {("outcome", "reused_by"): ("reuse",), ("project", "end"): ("follow_up_due",)}
"""What the service works out from a field, and so changes along with it."""


def events(app, id: str) -> list[Any]:
    with app.extensions["copi"].database.reading() as connection:
        return list(connection.execute(select(Event).where(Event.resource_id == id).order_by(Event.seq)))


@pytest.mark.parametrize("resource", NAMES)
def test_the_full_body_of_these_tests_leaves_no_field_out(make, resource):
    shape = creating(SCHEMAS[resource])()
    there = {"/".join(part for part in pointer.split("/") if not part.isdigit())
             for pointer, _ in leaves(shape, FULL[resource](make))}  # fmt: skip
    left_out = tuple(f"/{name}/" for name in NOT_BESIDE_THE_REST.get(resource, ()))
    assert there == {path for path in every(shape) if not path.startswith(left_out)}


@pytest.mark.parametrize("resource", NAMES)
def test_every_field_is_kept_and_answered_as_it_was_sent(as_, make, resource):
    body = FULL[resource](make)
    made = as_.everywhere.post(collection(resource, make), body)
    assert made.status_code == 201, made.json
    for name in write_only(resource):
        assert name not in made.json
        del body[name]
    assert {name: made.json[name] for name in body} == body

    id = made.json["id"]
    assert uuid.UUID(id).version == 7
    assert made.headers["Location"] == f"/v1{at(resource, id)}"
    assert made.headers["ETag"] == '"1"'
    assert made.json["version"] == 1
    assert made.json["state"] == LIFECYCLES[resource].initial
    assert made.json["test"] is False
    assert made.json["created_at"] == made.json["updated_at"]
    assert made.json["links"]["self"] == f"/v1{at(resource, id)}"

    assert as_.everywhere.get(at(resource, id)).json == made.json
    [listed] = [one for one in as_.everywhere.get(f"/{PLURALS[resource]}").json["items"] if one["id"] == id]
    assert listed == made.json


@pytest.mark.parametrize("resource", NAMES)
def test_what_is_left_out_is_null_or_empty_and_never_missing(as_, make, resource):
    body = minimal(resource, make)
    made = as_.everywhere.post(collection(resource, make), body).json
    assert made.keys() == SCHEMAS[resource]._declared_fields.keys() - set(write_only(resource))
    taken_over = {"municipality_codes", "region_codes", "theme"}
    for name, field in writable(resource).items():
        if name not in body and name not in taken_over | {"visibility", *write_only(resource)}:
            assert made[name] == ([] if isinstance(field, f.Many) else None), name
    assert made["visibility"] == "public"


@pytest.mark.parametrize("resource", NAMES)
def test_null_and_left_out_are_the_same_when_a_record_is_made(as_, make, resource):
    body = minimal(resource, make)
    empty = {name: None for name, field in writable(resource).items() if field.allow_none and name not in body}
    sparse, explicit = (as_.everywhere.post(collection(resource, make), one).json for one in (body, {**body, **empty}))
    own = {"id", "links", "created_at", "updated_at", *(f"{name}_id" for name in RESOURCES[resource].PARENTS)}
    assert {n: v for n, v in sparse.items() if n not in own} == {n: v for n, v in explicit.items() if n not in own}


@pytest.mark.parametrize("resource", NAMES)
def test_required_fields_are_asked_for_all_at_once(as_, make, resource):
    required = {f"/{name}" for name, field in writable(resource).items() if field.required}
    refusal = problem(as_.everywhere.post(collection(resource, make), {}), 422, *required)
    assert {error["pointer"] for error in refusal["errors"]} == required


@pytest.mark.parametrize(("resource", "name"), CHANGEABLE)
def test_each_field_can_be_changed_alone_and_cleared_again(as_, make, resource, name):
    editor, full = as_.everywhere, FULL[resource](make)
    if resource == "project" and name == "end":
        full["end"] = "2024-05"
    before = editor.post(collection(resource, make), minimal(resource, make)).json
    address, field = at(resource, before["id"]), writable(resource)[name]

    changed = editor.patch(address, {name: full[name]}, version=1)
    assert changed.status_code == 200, changed.json
    assert changed.headers["ETag"] == '"2"'
    along = {one: changed.json[one] for one in ("version", "updated_at", *FOLLOWS.get((resource, name), ()))}
    assert changed.json == {**before, name: full[name], **along, "version": 2}
    assert changed.json["updated_at"] > before["updated_at"]
    assert editor.get(address).json == changed.json

    cleared = editor.patch(address, {name: None}, version=2)
    if field.required or (resource, name) == ("project", "participants"):  # somebody goes on answering for it
        problem(cleared, 422, f"/{name}")
        assert editor.get(address).json == changed.json
    else:
        assert cleared.status_code == 200, cleared.json
        nothing = [] if isinstance(field, f.Many) else "public" if name == "visibility" else None
        along = {one: cleared.json[one] for one in along}
        assert cleared.json == {**changed.json, name: nothing, **along, "version": 3}


@pytest.mark.parametrize("resource", NAMES)
def test_an_event_names_the_fields_that_changed(app, as_, make, resource):
    editor, text = as_.everywhere, TEXT.get(resource, "title")
    made = editor.post(collection(resource, make), minimal(resource, make)).json
    editor.patch(at(resource, made["id"]), {"sources": ["https://example.org"], text: {"da": "Nyt"}}, version=1)
    created, updated = events(app, made["id"])
    assert (created.type, created.version, created.actor_id) == (f"{resource}.created", 1, editor.user_id)
    assert (updated.type, updated.version, updated.actor_id) == (f"{resource}.updated", 2, editor.user_id)
    assert updated.changes == sorted(["sources", text])
    assert updated.seq == created.seq + 1


@pytest.mark.parametrize("resource", NAMES)
def test_a_merge_patch_goes_into_objects_and_replaces_lists(as_, make, resource):
    editor, title = as_.everywhere, TEXT.get(resource, "title")
    made = editor.post(collection(resource, make), FULL[resource](make)).json
    address = at(resource, made["id"])

    english = editor.patch(address, {title: {"en": "Only the English"}}, version=1)
    assert english.json[title] == {"da": made[title]["da"], "en": "Only the English"}
    without = editor.patch(address, {title: {"en": None}}, version=2)
    assert without.json[title] == {"da": made[title]["da"], "en": None}
    problem(editor.patch(address, {title: {"da": None}}, version=3), 422, f"/{title}/da")

    replaced = editor.patch(address, {"sources": ["https://example.org/nyt"]}, version=3)
    assert replaced.json["sources"] == ["https://example.org/nyt"]
    assert editor.patch(address, {"sources": []}, version=4).json["sources"] == []


@pytest.mark.parametrize("resource", NAMES)
def test_all_fields_can_be_changed_at_once(as_, make, resource):
    body = FULL[resource](make)
    made = as_.everywhere.post(collection(resource, make), minimal(resource, make)).json
    for name in create_only(resource):
        body.pop(name, None)
    changed = as_.everywhere.patch(at(resource, made["id"]), body, version=1)
    assert changed.status_code == 200, changed.json
    assert {name: changed.json[name] for name in body} == body


@pytest.mark.parametrize("resource", NAMES)
def test_what_the_service_sets_itself_is_taken_from_nobody(as_, make, resource):
    made = as_.everywhere.post(collection(resource, make), minimal(resource, make)).json
    for name in read_only(resource):
        value = made[name] if made[name] is not None else "procured"
        problem(
            as_.everywhere.post(collection(resource, make), {**minimal(resource, make), name: value}), 422, f"/{name}"
        )
        problem(as_.everywhere.patch(at(resource, made["id"]), {name: value}, version=1), 422, f"/{name}")
    for name in ("document", "audience", "source_system", "contact_points", "title_key", "embedded"):
        problem(
            as_.everywhere.post(collection(resource, make), {**minimal(resource, make), name: "x"}), 422, f"/{name}"
        )


@pytest.mark.parametrize("resource", NAMES)
def test_what_can_only_be_set_at_the_start_stays(as_, make, resource):
    body = FULL[resource](make)
    made = as_.everywhere.post(collection(resource, make), body).json
    for name in create_only(resource):
        problem(as_.everywhere.patch(at(resource, made["id"]), {name: body[name]}, version=1), 422, f"/{name}")


@pytest.mark.parametrize("resource", NAMES)
def test_a_source_names_one_record_only(app, as_, make, resource):
    first, second, third = (collection(resource, make) for _ in range(3))
    body = minimal(resource, make, source={"system": "esdh", "external_id": "2026-1"})
    assert as_.everywhere.post(first, body).status_code == 201
    with app.extensions["copi"].database.reading() as connection:
        before = connection.execute(select(Event.seq)).all()
    problem(as_.everywhere.post(second, body), 409)
    with app.extensions["copi"].database.reading() as connection:
        assert connection.execute(select(Event.seq)).all() == before
    other = {**body, "source": {"system": "another", "external_id": "2026-1"}}
    assert as_.everywhere.post(third, other).status_code == 201


# --- References and codes -----------------------------------------------------------------------------------


def pointed_at(resource: str, make: Any) -> list[tuple[str, f.Ref]]:
    return [
        (p, field)
        for p, field in leaves(creating(SCHEMAS[resource])(), FULL[resource](make))
        if isinstance(field, f.Ref)
    ]


@pytest.mark.parametrize("resource", NAMES)
def test_a_reference_must_point_at_a_record_that_is_there(as_, make, resource):
    body = FULL[resource](make)
    places = [(p, field) for p, field in leaves(creating(SCHEMAS[resource])(), body) if isinstance(field, f.Ref)]
    assert places
    for number, (pointer, _) in enumerate(places):
        put(body, pointer, f"{MISSING[:-2]}{number:02}")
    problem(as_.everywhere.post(collection(resource, make), body), 422, *(pointer for pointer, _ in places))


@pytest.mark.parametrize("resource", NAMES)
def test_a_reference_to_another_kind_of_record_points_at_nothing(as_, make, resource):
    body = FULL[resource](make)
    wrong = {"partner": make.project(), **dict.fromkeys(("project", "challenge", "enquiry"), make.partner())}
    places = [(p, field) for p, field in leaves(creating(SCHEMAS[resource])(), body) if isinstance(field, f.Ref)]
    body["funding"] = [] if resource == "project" else body.get("funding")
    places = [(p, field) for p, field in places if not p.startswith("/funding")]
    seen: set[str] = set()
    for pointer, field in places:
        if pointer.rpartition("/")[0] in seen and pointer.rpartition("/")[2].isdigit():
            continue  # a list names nothing twice
        seen.add(pointer.rpartition("/")[0])
        put(body, pointer, wrong[field.resource])
        spoilt = pointer
    body = {name: value for name, value in body.items() if value is not None}
    problem(as_.everywhere.post(collection(resource, make), body), 422, spoilt)


def test_a_reference_to_a_hidden_record_points_at_nothing(as_, make):
    """What somebody cannot see does not exist for them: no answer may tell otherwise."""
    mine = make.partner(kind="municipality")
    editor = as_(mine, "editor")
    hidden = [make.partner(state="draft"), make.partner(visibility="private"), make.partner(sandbox=SANDBOX), MISSING]
    said = set()
    for id in hidden:
        body = minimal("challenge", make, owners=[mine, id])
        refusal = problem(editor.post("/challenges", body), 422, "/owners/1")
        said.add(refusal["errors"][0]["detail"])
    assert len(said) == 1
    seen = minimal("challenge", make, owners=[mine, make.partner(kind="utility", visibility="network")])
    assert editor.post("/challenges", seen).status_code == 201


def test_a_neighbour_that_has_since_been_hidden_does_not_stop_other_changes(as_, make):
    mine, other = make.partner(kind="municipality"), make.partner(kind="municipality")
    challenge = make.challenge(owners=[mine, other])
    hidden = as_.copi_editor.patch(f"/partners/{other}", {"visibility": "private"}, version=1)
    assert hidden.status_code == 200
    changed = as_(mine, "editor").patch(f"/challenges/{challenge}", {"phase": "procurement"}, version=1)
    assert changed.status_code == 200, changed.json


UNKNOWN_CODES = {
    "partner": {"municipality_code": "9999", "region_code": "9999", "cpv": ["99999999"]},
    "challenge": {"municipality_codes": ["9999"], "region_codes": ["9999"], "cpv": ["99999999"]},
    "project": {"municipality_codes": ["0000"], "region_codes": ["0101"], "cpv": ["00000000"]},
}


@pytest.mark.parametrize("resource", UNKNOWN_CODES)
def test_codes_must_be_in_their_lists(as_, make, resource):
    wrong: dict[str, Any] = UNKNOWN_CODES[resource]
    pointers = [f"/{name}/0" if isinstance(value, list) else f"/{name}" for name, value in wrong.items()]
    problem(as_.everywhere.post(collection(resource, make), minimal(resource, make, **wrong)), 422, *pointers)
    made = as_.everywhere.post(collection(resource, make), minimal(resource, make)).json
    problem(as_.everywhere.patch(at(resource, made["id"]), wrong, version=1), 422, *pointers)


# --- Thinned out, and with neighbours -----------------------------------------------------------------------


@pytest.mark.parametrize("resource", NAMES)
def test_fields_thin_a_record_out(as_, make, resource):
    client = as_.everywhere
    id = client.post(collection(resource, make), FULL[resource](make)).json["id"]
    whole = client.get(at(resource, id)).json
    always = SCHEMAS[resource].always or frozenset()
    for name in SCHEMAS[resource]._declared_fields.keys() - set(write_only(resource)):
        wanted = {one: value for one, value in whole.items() if one in {name, *always}}
        assert client.get(f"{at(resource, id)}?fields={name}").json == wanted
    several = client.get(f"/{PLURALS[resource]}?fields=sources,created_at,sources").json["items"]
    assert several
    assert all(one.keys() == {*always, "sources", "created_at"} for one in several)


@pytest.fixture
def neighbourhood(make):
    """One of each kind, each pointing at the others wherever it can, and the same again in private."""
    group = make.partner(name={"da": "Koncernen"})
    town = make.partner(kind="municipality", parent_id=group)
    firm = make.partner()
    challenge = make.challenge(owner=town)
    programme = make.project()
    project = make.project(
        challenge_ids=[challenge], parent_id=programme,
        participants=[{"partner_id": town, "role": "lead"}, {"partner_id": town, "role": "buyer"},
                      {"partner_id": firm, "role": "supplier"}],
    )  # fmt: skip
    outcome = make.outcome(project=project)
    support, adoption = make.support(challenge=challenge), make.adoption(outcome=outcome)
    response, question = make.response(challenge=challenge), make.question(challenge=challenge)
    enquiry = make.enquiry(challenge_id=challenge, project_id=project)
    make.support("proposed", challenge=challenge, partner_id=town)
    make.adoption("reported", outcome=outcome, partner_id=make.partner())
    make.challenge(owner=town, visibility="private")
    make.challenge(owner=town, state="draft")
    make.project(challenge_ids=[challenge], parent_id=programme, owner=town, visibility="private")
    make.outcome(project=project, state="draft")
    return {"group": group, "town": town, "firm": firm, "challenge": challenge, "programme": programme,
            "project": project, "outcome": outcome, "support": support, "adoption": adoption, "response": response,
            "question": question, "enquiry": enquiry, "home": make.home}  # fmt: skip


EMBEDDED = [
    ("partner", "town", "parent", ["group"]),
    ("partner", "group", "parent", []),
    ("partner", "town", "challenges", ["challenge"]),
    ("partner", "firm", "challenges", []),
    ("partner", "town", "projects", ["project"]),
    ("partner", "firm", "projects", ["project"]),
    ("challenge", "challenge", "owners", ["town"]),
    ("challenge", "challenge", "projects", ["project"]),
    ("project", "project", "partners", ["town", "firm"]),
    ("project", "project", "challenges", ["challenge"]),
    ("project", "project", "outcomes", ["outcome"]),
    ("project", "project", "parent", ["programme"]),
    ("project", "programme", "children", ["project"]),
    ("project", "programme", "parent", []),
    ("outcome", "outcome", "project", ["project"]),
    ("outcome", "outcome", "partners", ["town", "firm"]),
    ("outcome", "outcome", "adoptions", ["adoption"]),
    ("challenge", "challenge", "supports", ["support"]),
    ("support", "support", "challenge", ["challenge"]),
    ("support", "support", "partner", ["home"]),
    ("response", "response", "challenge", ["challenge"]),
    ("response", "response", "partners", ["home"]),
    ("question", "question", "challenge", ["challenge"]),
    ("adoption", "adoption", "outcome", ["outcome"]),
    ("adoption", "adoption", "partner", ["home"]),
    ("enquiry", "enquiry", "partner", ["home"]),
    ("enquiry", "enquiry", "challenge", ["challenge"]),
    ("enquiry", "enquiry", "project", ["project"]),
]


@pytest.mark.parametrize(("resource", "record", "name", "expected"), EMBEDDED)
def test_neighbours_come_along_as_far_as_the_reader_sees_them(
    client, as_, make, neighbourhood, resource, record, name, expected
):
    id = neighbourhood[record]
    if resource in ("response", "enquiry"):  # which nobody sees without a log-in
        client = as_(make.home, "member")
    plain = client.get(at(resource, id)).json
    answer = client.get(f"{at(resource, id)}?embed={name}")
    found = answer.json["embedded"][name]
    assert [one["id"] for one in found] == [neighbourhood[one] for one in expected]
    assert answer.json == {**plain, "embedded": {name: found}}
    for one in found:
        assert client.get(one["links"]["self"].removeprefix("/v1")).json == one
    [listed] = [one for one in client.get(f"/{PLURALS[resource]}?embed={name}").json["items"] if one["id"] == id]
    assert listed == answer.json


def test_every_name_that_can_be_embedded_is_tried():
    from api.kit.embed import EMBEDS

    # Documents are embedded with what they belong to in test_documents.
    named = {(resource, name) for resource, name in EMBEDS if resource != "document"}
    assert {(resource, name) for resource, _, name, _ in EMBEDDED} == named


def test_copi_sees_the_hidden_neighbours_too(as_, neighbourhood):
    copi = as_.copi_editor
    town, challenge = neighbourhood["town"], neighbourhood["challenge"]
    assert len(copi.get(f"/partners/{town}?embed=challenges").json["embedded"]["challenges"]) == 3
    assert len(copi.get(f"/challenges/{challenge}?embed=projects").json["embedded"]["projects"]) == 2
    assert len(as_(town, "member").get(f"/partners/{town}?embed=challenges").json["embedded"]["challenges"]) == 3


def test_embedded_and_fields_go_together(client, neighbourhood):
    path = f"/projects/{neighbourhood['project']}?embed=partners,outcomes&fields=title"
    one = client.get(path).json
    assert one.keys() == {"id", "version", "state", "title", "embedded"}
    assert one["embedded"].keys() == {"partners", "outcomes"}
    [listed] = [
        p for p in client.get("/projects?embed=partners,outcomes&fields=title").json["items"] if p["id"] == one["id"]
    ]
    assert listed == one


def test_at_most_fifty_neighbours_come_along_the_newest_first(client, make):
    town = make.partner(kind="municipality")
    ids = [make.challenge(owner=town) for _ in range(52)]
    found = client.get(f"/partners/{town}?embed=challenges").json["embedded"]["challenges"]
    assert [one["id"] for one in found] == ids[:1:-1]


RECORDS = [one for one in (*LISTS, *READS) if one.id not in COMPUTED]


@pytest.mark.parametrize("operation", RECORDS, ids=str)
def test_actions_can_be_asked_for_everywhere_records_are(operation):
    embed = next(one for one in operation.document["parameters"] if one.get("name") == "embed")
    assert "actions" in embed["schema"]["items"]["enum"]
