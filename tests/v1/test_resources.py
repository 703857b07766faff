"""What partners, challenges, projects and outcomes have in common: every field in, out, changed, cleared."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from api.domain.lifecycle import LIFECYCLES
from api.models import Event
from schemas import fields as f
from schemas.base import creating
from tests.v1.bodies import FULL, NAMES, create_only, every, leaves, minimal, read_only, writable
from tests.v1.expect import problem
from tests.v1.operations import LISTS, READS

MISSING = "019b76da-a800-7000-8000-00000000000a"
CHANGEABLE = [
    (resource, name) for resource in NAMES for name in writable(resource) if name not in create_only(resource)
]


def events(app, id: str) -> list[Any]:
    with app.extensions["copi"].database.reading() as connection:
        return list(connection.execute(select(Event).where(Event.resource_id == id).order_by(Event.seq)))


@pytest.mark.parametrize("resource", NAMES)
def test_the_full_body_of_these_tests_leaves_no_field_out(make, resource):
    shape = creating(_schema(resource))()
    there = {"/".join(part for part in pointer.split("/") if not part.isdigit())
             for pointer, _ in leaves(shape, FULL[resource](make))}  # fmt: skip
    assert there == set(every(shape))


def _schema(resource):
    from tests.v1.bodies import SCHEMAS

    return SCHEMAS[resource]


@pytest.mark.parametrize("resource", NAMES)
def test_every_field_is_kept_and_answered_as_it_was_sent(as_, make, resource):
    body = FULL[resource](make)
    made = as_.copi_editor.post(f"/{resource}s", body)
    assert made.status_code == 201, made.json
    assert {name: made.json[name] for name in body} == body

    id = made.json["id"]
    assert uuid.UUID(id).version == 7
    assert made.headers["Location"] == f"/v1/{resource}s/{id}"
    assert made.headers["ETag"] == '"1"'
    assert made.json["version"] == 1
    assert made.json["state"] == LIFECYCLES[resource].initial
    assert made.json["test"] is False
    assert made.json["created_at"] == made.json["updated_at"]
    assert made.json["links"]["self"] == f"/v1/{resource}s/{id}"

    assert as_.copi_editor.get(f"/{resource}s/{id}").json == made.json
    [listed] = [one for one in as_.copi_editor.get(f"/{resource}s").json["items"] if one["id"] == id]
    assert listed == made.json


@pytest.mark.parametrize("resource", NAMES)
def test_what_is_left_out_is_null_or_empty_and_never_missing(as_, make, resource):
    body = minimal(resource, make)
    made = as_.copi_editor.post(f"/{resource}s", body).json
    assert made.keys() == _schema(resource)._declared_fields.keys()
    taken_over = {"municipality_codes", "region_codes", "theme"}
    for name, field in writable(resource).items():
        if name not in body and name not in taken_over | {"visibility"}:
            assert made[name] == ([] if isinstance(field, f.Many) else None), name
    assert made["visibility"] == "public"


@pytest.mark.parametrize("resource", NAMES)
def test_null_and_left_out_are_the_same_when_a_record_is_made(as_, make, resource):
    body = minimal(resource, make)
    empty = {name: None for name, field in writable(resource).items() if field.allow_none and name not in body}
    sparse, explicit = (as_.copi_editor.post(f"/{resource}s", one).json for one in (body, {**body, **empty}))
    own = {"id", "links", "created_at", "updated_at"}
    assert {n: v for n, v in sparse.items() if n not in own} == {n: v for n, v in explicit.items() if n not in own}


@pytest.mark.parametrize("resource", NAMES)
def test_required_fields_are_asked_for_all_at_once(as_, make, resource):
    required = {f"/{name}" for name, field in writable(resource).items() if field.required}
    refusal = problem(as_.copi_editor.post(f"/{resource}s", {}), 422, *required)
    assert {error["pointer"] for error in refusal["errors"]} == required


@pytest.mark.parametrize(("resource", "name"), CHANGEABLE)
def test_each_field_can_be_changed_alone_and_cleared_again(as_, make, resource, name):
    editor, full = as_.copi_editor, FULL[resource](make)
    if resource == "project" and name == "end":
        full["end"] = "2024-05"
    before = editor.post(f"/{resource}s", minimal(resource, make)).json
    address, field = f"/{resource}s/{before['id']}", writable(resource)[name]

    changed = editor.patch(address, {name: full[name]}, version=1)
    assert changed.status_code == 200, changed.json
    assert changed.headers["ETag"] == '"2"'
    assert changed.json == {**before, name: full[name], "version": 2, "updated_at": changed.json["updated_at"]}
    assert changed.json["updated_at"] > before["updated_at"]
    assert editor.get(address).json == changed.json

    cleared = editor.patch(address, {name: None}, version=2)
    if field.required:
        problem(cleared, 422, f"/{name}")
        assert editor.get(address).json == changed.json
    else:
        assert cleared.status_code == 200, cleared.json
        nothing = [] if isinstance(field, f.Many) else "public" if name == "visibility" else None
        assert cleared.json == {**changed.json, name: nothing, "version": 3, "updated_at": cleared.json["updated_at"]}


@pytest.mark.parametrize("resource", NAMES)
def test_an_event_names_the_fields_that_changed(app, as_, make, resource):
    editor = as_.copi_editor
    made = editor.post(f"/{resource}s", minimal(resource, make)).json
    editor.patch(f"/{resource}s/{made['id']}", {"sources": ["https://example.org"], "keywords": ["et-ord"]}, version=1)
    created, updated = events(app, made["id"])
    assert (created.type, created.version, created.actor_id) == (f"{resource}.created", 1, editor.user_id)
    assert (updated.type, updated.version, updated.actor_id) == (f"{resource}.updated", 2, editor.user_id)
    assert updated.changes == ["keywords", "sources"]
    assert updated.seq == created.seq + 1


@pytest.mark.parametrize("resource", NAMES)
def test_a_merge_patch_goes_into_objects_and_replaces_lists(as_, make, resource):
    editor, title = as_.copi_editor, "name" if resource == "partner" else "title"
    made = editor.post(f"/{resource}s", FULL[resource](make)).json
    address = f"/{resource}s/{made['id']}"

    english = editor.patch(address, {title: {"en": "Only the English"}}, version=1)
    assert english.json[title] == {"da": made[title]["da"], "en": "Only the English"}
    without = editor.patch(address, {title: {"en": None}}, version=2)
    assert without.json[title] == {"da": made[title]["da"], "en": None}
    problem(editor.patch(address, {title: {"da": None}}, version=3), 422, f"/{title}/da")

    replaced = editor.patch(address, {"keywords": ["helt-nyt"]}, version=3)
    assert replaced.json["keywords"] == ["helt-nyt"]
    assert editor.patch(address, {"keywords": []}, version=4).json["keywords"] == []


@pytest.mark.parametrize("resource", NAMES)
def test_all_fields_can_be_changed_at_once(as_, make, resource):
    body = FULL[resource](make)
    made = as_.copi_editor.post(f"/{resource}s", minimal(resource, make)).json
    for name in create_only(resource):
        body.pop(name, None)
    changed = as_.copi_editor.patch(f"/{resource}s/{made['id']}", body, version=1)
    assert changed.status_code == 200, changed.json
    assert {name: changed.json[name] for name in body} == body


@pytest.mark.parametrize("resource", NAMES)
def test_what_the_service_sets_itself_is_taken_from_nobody(as_, make, resource):
    made = as_.copi_editor.post(f"/{resource}s", minimal(resource, make)).json
    for name in read_only(resource):
        value = made[name] if made[name] is not None else "procured"
        problem(as_.copi_editor.post(f"/{resource}s", {**minimal(resource, make), name: value}), 422, f"/{name}")
        problem(as_.copi_editor.patch(f"/{resource}s/{made['id']}", {name: value}, version=1), 422, f"/{name}")
    for name in ("document", "audience", "source_system", "contact_points", "title_key", "embedded"):
        problem(as_.copi_editor.post(f"/{resource}s", {**minimal(resource, make), name: "x"}), 422, f"/{name}")


@pytest.mark.parametrize("resource", NAMES)
def test_what_can_only_be_set_at_the_start_stays(as_, make, resource):
    made = as_.copi_editor.post(f"/{resource}s", FULL[resource](make)).json
    for name in create_only(resource):
        problem(as_.copi_editor.patch(f"/{resource}s/{made['id']}", {name: made[name]}, version=1), 422, f"/{name}")


@pytest.mark.parametrize("resource", NAMES)
def test_a_source_names_one_record_only(app, as_, make, resource):
    body = minimal(resource, make, source={"system": "esdh", "external_id": "2026-1"})
    assert as_.copi_editor.post(f"/{resource}s", body).status_code == 201
    with app.extensions["copi"].database.reading() as connection:
        before = connection.execute(select(Event.seq)).all()
    problem(as_.copi_editor.post(f"/{resource}s", body), 409)
    with app.extensions["copi"].database.reading() as connection:
        assert connection.execute(select(Event.seq)).all() == before
    other = {**body, "source": {"system": "another", "external_id": "2026-1"}}
    assert as_.copi_editor.post(f"/{resource}s", other).status_code == 201


# --- References and codes -----------------------------------------------------------------------------------


def pointed_at(resource: str, make: Any) -> list[tuple[str, f.Ref]]:
    return [
        (p, field)
        for p, field in leaves(creating(_schema(resource))(), FULL[resource](make))
        if isinstance(field, f.Ref)
    ]


@pytest.mark.parametrize("resource", NAMES)
def test_a_reference_must_point_at_a_record_that_is_there(as_, make, resource):
    from tests.v1.test_refusals import put

    body = FULL[resource](make)
    places = [(p, field) for p, field in leaves(creating(_schema(resource))(), body) if isinstance(field, f.Ref)]
    assert places
    for number, (pointer, _) in enumerate(places):
        put(body, pointer, f"{MISSING[:-2]}{number:02}")
    problem(as_.copi_editor.post(f"/{resource}s", body), 422, *(pointer for pointer, _ in places))


@pytest.mark.parametrize("resource", NAMES)
def test_a_reference_to_another_kind_of_record_points_at_nothing(as_, make, resource):
    from tests.v1.test_refusals import put

    body = FULL[resource](make)
    wrong = {"partner": make.project(), "project": make.partner(), "challenge": make.partner()}
    places = [(p, field) for p, field in leaves(creating(_schema(resource))(), body) if isinstance(field, f.Ref)]
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
    problem(as_.copi_editor.post(f"/{resource}s", body), 422, spoilt)


def test_a_reference_to_a_hidden_record_points_at_nothing(as_, make):
    """What somebody cannot see does not exist for them: no answer may tell otherwise."""
    mine = make.partner(kind="municipality")
    editor = as_(mine, "editor")
    hidden = [make.partner(state="draft"), make.partner(visibility="private"), make.partner(test=True), MISSING]
    said = set()
    for id in hidden:
        body = minimal("challenge", make, owners=[mine, id])
        refusal = problem(editor.post("/challenges", body), 422, "/owners/1")
        said.add(refusal["errors"][0]["detail"])
    assert len(said) == 1
    seen = minimal("challenge", make, owners=[mine, make.partner(visibility="network")])
    assert editor.post("/challenges", seen).status_code == 201


def test_a_neighbour_that_has_since_been_hidden_does_not_stop_other_changes(as_, make):
    mine, other = make.partner(kind="municipality"), make.partner(kind="municipality")
    challenge = make.challenge(owners=[mine, other])
    hidden = as_.copi_editor.patch(f"/partners/{other}", {"visibility": "private"}, version=1)
    assert hidden.status_code == 200
    changed = as_(mine, "editor").patch(f"/challenges/{challenge}", {"keywords": ["nyt"]}, version=1)
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
    problem(as_.copi_editor.post(f"/{resource}s", minimal(resource, make, **wrong)), 422, *pointers)
    made = as_.copi_editor.post(f"/{resource}s", minimal(resource, make)).json
    problem(as_.copi_editor.patch(f"/{resource}s/{made['id']}", wrong, version=1), 422, *pointers)


# --- Thinned out, and with neighbours -----------------------------------------------------------------------


@pytest.mark.parametrize("resource", NAMES)
def test_fields_thin_a_record_out(as_, make, resource):
    client = as_.copi_editor
    id = client.post(f"/{resource}s", FULL[resource](make)).json["id"]
    whole = client.get(f"/{resource}s/{id}").json
    always = _schema(resource).always
    for name in _schema(resource)._declared_fields:
        wanted = {one: value for one, value in whole.items() if one in {name, *always}}
        assert client.get(f"/{resource}s/{id}?fields={name}").json == wanted
    several = client.get(f"/{resource}s?fields=sources,keywords,sources").json["items"]
    assert all(one.keys() == {*always, "sources", "keywords"} for one in several)


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
    make.challenge(owner=town, visibility="private")
    make.challenge(owner=town, state="draft")
    make.project(challenge_ids=[challenge], parent_id=programme, owner=town, visibility="private")
    make.outcome(project=project, state="draft")
    return {"group": group, "town": town, "firm": firm, "challenge": challenge, "programme": programme,
            "project": project, "outcome": outcome}  # fmt: skip


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
]


@pytest.mark.parametrize(("resource", "record", "name", "expected"), EMBEDDED)
def test_neighbours_come_along_as_far_as_the_reader_sees_them(client, neighbourhood, resource, record, name, expected):
    id = neighbourhood[record]
    plain = client.get(f"/{resource}s/{id}").json
    answer = client.get(f"/{resource}s/{id}?embed={name}")
    found = answer.json["embedded"][name]
    assert [one["id"] for one in found] == [neighbourhood[one] for one in expected]
    assert answer.json == {**plain, "embedded": {name: found}}
    for one in found:
        assert client.get(one["links"]["self"].removeprefix("/v1")).json == one
    [listed] = [one for one in client.get(f"/{resource}s?embed={name}").json["items"] if one["id"] == id]
    assert listed == answer.json


def test_every_name_that_can_be_embedded_is_tried():
    from api.kit.embed import EMBEDS

    assert {(resource, name) for resource, _, name, _ in EMBEDDED} == set(EMBEDS)


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


@pytest.mark.parametrize("operation", [*LISTS, *READS], ids=str)
def test_actions_can_be_asked_for_everywhere_records_are(operation):
    if operation.id == "read_contact_points":
        pytest.skip("not a record")
    embed = next(one for one in operation.document["parameters"] if one.get("name") == "embed")
    assert "actions" in embed["schema"]["items"]["enum"]
