"""From a need to its reuse: trust, hints, projects formed, lineage, corrections, and partners that become one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import orjson
import pytest
from sqlalchemy import select

from api.models import Event, Membership
from tests.clients import Client
from tests.make import project_body, support_body
from tests.v1.expect import problem
from tests.v1.lists import ids


def events(app, id):
    with app.extensions["copi"].database.reading() as connection:
        return list(connection.execute(select(Event).where(Event.resource_id == id).order_by(Event.seq)))


# --- Trust --------------------------------------------------------------------------------------------------


def test_a_trusted_owner_s_manager_publishes_without_review(as_, make):
    town = make.partner(kind="municipality")
    manager, path = as_(town, "manager"), f"/challenges/{make.challenge('in_review', owner=town)}"
    problem(manager.post(f"{path}/publish", version=1), 403)
    assert "publish" not in manager.get(f"{path}?embed=actions").json["embedded"]["actions"]

    for somebody in (manager, as_.copi_editor):
        problem(somebody.put(f"/partners/{town}/trust", {"trusted": True}, version=1), 403)
    trusted = as_.copi_admin.put(f"/partners/{town}/trust", {"trusted": True}, version=1)
    assert (trusted.status_code, trusted.json["trusted"], trusted.headers["ETag"]) == (200, True, '"2"')
    assert "publish" in manager.get(f"{path}?embed=actions").json["embedded"]["actions"]
    problem(as_(town, "editor").post(f"{path}/publish", version=1), 403)
    assert manager.post(f"{path}/publish", version=1).json["state"] == "open"

    for body in ({}, {"trusted": None}, {"trusted": "true"}, {"trusted": 1}):
        problem(as_.copi_admin.put(f"/partners/{town}/trust", body, version=2), 422, "/trusted")
    as_.copi_admin.put(f"/partners/{town}/trust", {"trusted": False}, version=2)
    next_one = make.challenge("in_review", owner=town)
    problem(manager.post(f"/challenges/{next_one}/publish", version=1), 403)


# --- Hints --------------------------------------------------------------------------------------------------


def hints(client, path):
    return [one["pointer"] for one in client.get(f"{path}?embed=hints").json["embedded"]["hints"]]


def test_hints_tell_what_would_make_a_record_better_and_go_when_it_is_there(client, make):
    bare = f"/challenges/{make.challenge()}"
    assert hints(client, bare) == ["/figures", "/desired_effect", "/timeline/response_deadline", "/title/en"]
    [first, *_] = client.get(f"{bare}?embed=hints").json["embedded"]["hints"]
    assert first["detail"].keys() == {"da", "en"}
    figure = {"indicator": "jobs", "label": {"da": "Job"}, "value": 1, "unit": "job", "value_kind": "measured"}
    good = make.challenge(
        figures=[figure], desired_effect={"da": "Ren luft"}, title={"da": "Luft", "en": "Air"},
        timeline={"response_deadline": "2027-03-01T11:00:00Z"},
    )  # fmt: skip
    assert hints(client, f"/challenges/{good}") == []
    unproved = hints(client, f"/outcomes/{make.outcome(measures=[figure])}")
    assert {"/measures/*/baseline", "/measures/*/comparator", "/evidence", "/lesson"} <= set(unproved)
    expected = {**figure, "value_kind": "expected"}
    assert "/measures/*/baseline" not in hints(client, f"/outcomes/{make.outcome(measures=[expected])}")


# --- Forming a project --------------------------------------------------------------------------------------


@pytest.fixture
def need(make):
    """A closed challenge that two bodies support, one of them by letter, and three companies answered."""
    owner, signer, joiner = (make.partner(kind="municipality") for _ in range(3))
    winner, member, loser = (make.partner() for _ in range(3))
    challenge = make.challenge(
        "closed", owner=owner, keywords=["maskiner"], cpv=["43300000"], municipality_codes=["0101"],
        procurement_route_considered="pcp", visibility="network",
    )  # fmt: skip
    make.support(challenge=challenge, partner_id=signer, level="letter_of_intent", signed_at="2026")
    make.support(challenge=challenge, partner_id=joiner)
    make.support("proposed", challenge=challenge)
    make.response("selected", challenge=challenge, partner_id=winner, consortium=[member])
    make.response("declined", challenge=challenge, partner_id=loser)
    roles = [(owner, "lead"), (owner, "need_owner"), (signer, "signatory"), (joiner, "participant"),
             (winner, "solution_provider"), (member, "solution_provider")]  # fmt: skip
    return challenge, owner, roles


def test_a_project_takes_over_what_both_sides_have_said(app, as_, make, need):
    challenge, owner, roles = need
    before = as_.copi_editor.get(f"/challenges/{challenge}").json
    extra = make.partner()
    body = {"title": {"da": "Sammen om det"}, "start": "2027-01",
            "participants": [{"partner_id": extra, "role": "evaluator"}, {"partner_id": owner, "role": "lead"}]}  # fmt: skip
    made = as_(owner, "editor").post(f"/challenges/{challenge}/form-project", body, version=before["version"])
    assert made.status_code == 201, made.json
    project = made.json
    assert made.headers["Location"] == f"/v1/projects/{project['id']}"
    assert as_(owner, "member").get(f"/projects/{project['id']}").json == project
    assert [(one["partner_id"], one["role"]) for one in project["participants"]] == [*roles, (extra, "evaluator")]
    assert (project["title"]["da"], project["start"], project["state"]) == ("Sammen om det", "2027-01", "planned")
    for name in ("theme", "keywords", "cpv", "municipality_codes", "region_codes", "summary", "visibility"):
        assert project[name] == before[name], name
    assert project["procurement_route"] == "pcp"
    assert project["challenge_ids"] == [challenge]
    after = as_.copi_editor.get(f"/challenges/{challenge}").json
    assert (after["state"], after["close_reason"]) == ("resolved", "project_started")
    assert after["version"] == before["version"] + 1
    assert events(app, challenge)[-1].type == "challenge.resolved"
    assert [one.type for one in events(app, project["id"])] == ["project.created"]


def test_no_project_is_formed_while_answers_are_undecided_or_by_others(as_, make, need):
    challenge, owner, _ = need
    path, version = (
        f"/challenges/{challenge}/form-project",
        as_.copi_admin.get(f"/challenges/{challenge}").json["version"],
    )
    problem(as_(owner, "member").post(path, {}, version=version), 403)
    problem(as_(make.partner(), "manager").post(path, {}, version=version), 403)
    problem(as_(owner, "editor").post(path, {}), 428)
    problem(as_(owner, "editor").post(path, {}, version=version + 1), 412)
    make.response("submitted", challenge=challenge, partner_id=make.partner())
    counted = as_.copi_admin.get(f"/challenges/{challenge}").json["version"]
    problem(as_(owner, "editor").post(path, {}, version=counted), 409)
    assert ids(as_.copi_admin, f"/projects?challenge={challenge}") == []
    problem(as_(owner, "editor").post(f"/challenges/{make.challenge(owner=owner)}/form-project", {}, version=1), 409)


def test_a_need_is_resolved_by_a_project_only_when_there_is_one(as_, make):
    challenge, body = make.challenge("closed"), {"close_reason": "project_started"}
    problem(as_.copi_editor.post(f"/challenges/{challenge}/resolve", body, version=1), 422, "/close_reason")
    make.project(challenge_ids=[challenge])
    assert as_.copi_editor.post(f"/challenges/{challenge}/resolve", body, version=1).status_code == 200


# --- Lineage ------------------------------------------------------------------------------------------------


def test_a_lineage_reaches_as_far_as_its_reader_sees(client, as_, make):
    owner = make.partner(kind="municipality")
    challenge = make.challenge("closed", owner=owner)
    shown = make.support(challenge=challenge)
    proposed = make.support("proposed", challenge=challenge, partner_id=make.partner(kind="region"))
    public = make.project(owner=owner, challenge_ids=[challenge])
    network = make.project(challenge_ids=[challenge], visibility="network")
    outcome, draft = make.outcome(project=public), make.outcome("draft", project=public)
    confirmed = make.adoption(outcome=outcome)
    reported = make.adoption("reported", outcome=outcome, partner_id=make.partner())

    def seen(who):
        told = who.get(f"/challenges/{challenge}/lineage")
        assert told.status_code == 200
        assert told.json["challenge"] == who.get(f"/challenges/{challenge}").json
        outcomes = [one for project in told.json["projects"] for one in project["outcomes"]]
        return (
            [one["id"] for one in told.json["supports"]],
            [one["project"]["id"] for one in told.json["projects"]],
            [one["outcome"]["id"] for one in outcomes],
            [adoption["id"] for one in outcomes for adoption in one["adoptions"]],
        )

    everything = [shown, proposed], [public, network], [outcome, draft], [confirmed, reported]
    assert seen(client) == ([shown], [public], [outcome], [confirmed])
    assert seen(as_.adviser) == ([shown], [public, network], [outcome], [confirmed])
    assert seen(as_(owner, "member")) == everything
    assert seen(as_.copi_editor) == everything
    problem(client.get(f"/challenges/{make.challenge('draft')}/lineage"), 404)
    tags = {
        who.get(f"/challenges/{challenge}/lineage").headers["ETag"] for who in (client, as_.adviser, as_.copi_admin)
    }
    assert len(tags) == 3


def test_the_lineage_follows_a_programme_into_its_parts(client, as_, make):
    challenge, owner = make.challenge(), make.partner()
    programme = make.project(challenge_ids=[challenge], owner=owner, visibility="private")
    part = make.project(parent_id=programme, challenge_ids=[challenge])
    smallest = make.project(parent_id=part)
    make.project(parent_id=make.project())
    outcome = make.outcome(project=smallest)
    adoption = make.adoption(outcome=outcome)

    def seen(who):
        projects = who.get(f"/challenges/{challenge}/lineage").json["projects"]
        return {one["project"]["id"]: [(came["outcome"]["id"], [a["id"] for a in came["adoptions"]])
                                       for came in one["outcomes"]] for one in projects}  # fmt: skip

    assert seen(client) == {part: [], smallest: [(outcome, [adoption])]}
    assert seen(as_(owner, "member")) == {programme: [], part: [], smallest: [(outcome, [adoption])]}


# --- Corrections --------------------------------------------------------------------------------------------


def test_what_is_verified_is_corrected_in_the_open_and_stays_readable_in_the_history(app, client, as_, make):
    town = make.partner(kind="municipality")
    id = make.outcome(project=make.project(owner=town), date="2023-11")
    path = f"/outcomes/{id}"
    before = client.get(path).json
    for somebody in (as_(town, "manager"), as_.copi_editor):
        problem(somebody.patch(path, {"date": "2024"}, version=1), 409, "/date")
    body = {"reason": "Måneden var forkert.", "correction": {"date": "2023-12", "title": {"en": "Corrected"}}}
    problem(as_(town, "manager").post(f"{path}/correct", body, version=1), 403)
    corrected = as_.copi_editor.post(f"{path}/correct", body, version=1)
    assert corrected.json == {**before, "state": "corrected", "date": "2023-12", "version": 2,
                              "title": {**before["title"], "en": "Corrected"},
                              "updated_at": corrected.json["updated_at"]}  # fmt: skip
    assert client.get(path).json == corrected.json
    created, changed = events(app, id)
    assert orjson.loads(bytes(created.document)) == before
    assert (changed.type, changed.reason) == ("outcome.corrected", "Måneden var forkert.")
    assert changed.changes == ["date", "state", "title"]


@pytest.mark.parametrize(
    ("correction", "pointer"),
    [({"date": "i går"}, "/correction/date"), ({"title": {"da": None}}, "/correction/title/da"),
     ({"state": "draft"}, "/correction/state"), ({"surprise": 1}, "/correction/surprise"),
     ({"reused_by": ["019b76da-a800-7000-8000-00000000000a"]}, "/correction/reused_by/0"), ([], "/correction"), ({}, "/correction")],
)  # fmt: skip
def test_a_correction_is_checked_as_any_change(as_, make, correction, pointer):
    body = {"reason": "Fejl.", "correction": correction}
    problem(as_.copi_editor.post(f"/outcomes/{make.outcome()}/correct", body, version=1), 422, pointer)


# --- Merging partners ---------------------------------------------------------------------------------------


def test_whatever_pointed_at_a_merged_partner_points_at_the_other(app, as_, make):
    old, new = make.partner(kind="municipality"), make.partner(kind="municipality")
    other = make.partner(kind="municipality")
    child = make.partner(parent_id=old)
    challenge = make.challenge(owners=[old, other, new])
    project = make.project(participants=[{"partner_id": old, "role": "lead"}, {"partner_id": new, "role": "lead"},
                                         {"partner_id": old, "role": "buyer"}],
                           funding=[{"funder_id": old, "kind": "grant"}])  # fmt: skip
    outcome = make.outcome(reused_by=[old])
    support = make.support(partner_id=old)
    response = make.response(consortium=[old])
    question = make.question("asked", partner_id=old)
    adoption = make.adoption(partner_id=old)
    enquiry = make.enquiry(partner_id=old)
    untouched = make.project(owner=other)
    people = [make.user(roles={old: "editor"}), make.user(roles={old: "manager", new: "member"})]

    body = {"merged_into": new, "reason": "Samme kommune."}
    for somebody in (as_(old, "manager"), as_.adviser):
        problem(somebody.post(f"/partners/{old}/merge", body, version=1), 403)
    version = as_.copi_editor.get(f"/partners/{old}").json["version"]  # its reuse has been counted meanwhile
    merged = as_.copi_editor.post(f"/partners/{old}/merge", body, version=version)
    assert merged.status_code == 200, merged.json
    assert (merged.json["state"], merged.json["merged_into"]) == ("merged", new)

    admin = as_.copi_admin

    def read(path):
        answer = admin.get(path)
        assert old not in answer.text, path
        return answer.json

    assert read(f"/partners/{child}")["parent_id"] == new
    assert read(f"/challenges/{challenge}")["owners"] == [new, other]
    roles = [(one["partner_id"], one["role"]) for one in read(f"/projects/{project}")["participants"]]
    assert roles == [(new, "lead"), (new, "buyer")]
    assert read(f"/projects/{project}")["funding"][0]["funder_id"] == new
    assert read(f"/outcomes/{outcome}")["reused_by"] == [new]
    for path in (f"/supports/{support}", f"/adoptions/{adoption}", f"/enquiries/{enquiry}"):
        assert read(path)["partner_id"] == new
    assert read(f"/responses/{response}")["consortium"] == [new]
    assert as_(new, "member").get(f"/questions/{question}").status_code == 200
    assert ids(admin, f"/challenges?owner={new}") == [challenge]
    for path in ("challenges?owner", "projects?partner", "supports?partner", "adoptions?partner", "outcomes?reused_by"):
        assert ids(admin, f"/{path}={old}") == [], path

    for id in (child, challenge, project, outcome, support, response, question, adoption, enquiry):
        assert events(app, id)[-1].type.endswith(".repointed"), id
    assert len(events(app, untouched)) == 1
    with app.extensions["copi"].database.reading() as connection:
        held = connection.execute(select(Membership.user_id, Membership.partner_id, Membership.role)).all()
    roles_of = [{(partner, str(role)) for user, partner, role in held if user == one} for one in people]
    assert roles_of == [{(new, "editor")}, {(new, "member")}]


@pytest.mark.parametrize("into", ["itself", "nothing", "a merged one"])
def test_a_partner_merges_only_into_another_that_is_there(as_, make, into):
    id = make.partner()
    target = {"itself": id, "nothing": "019b76da-a800-7000-8000-00000000000a",
              "a merged one": make.partner("merged", merged_into=make.partner())}[into]  # fmt: skip
    body = {"merged_into": target, "reason": "Samme."}
    problem(as_.copi_editor.post(f"/partners/{id}/merge", body, version=1), 422, "/merged_into")


def test_two_that_joined_the_same_needs_become_one_when_one_of_each_pair_has_given_way(as_, make):
    """One body cannot support a need twice, nor answer it twice."""
    old, new = make.partner(kind="municipality"), make.partner(kind="municipality")
    joined = make.challenge(title={"da": "Behovet", "en": "The need"})
    answered, alone = make.challenge(title={"da": "Opgaven"}), make.challenge()
    supports = [make.support(challenge=joined, partner_id=partner) for partner in (old, new)]
    responses = [make.response(challenge=answered, partner_id=partner) for partner in (old, new)]
    make.support(challenge=alone, partner_id=old)
    make.support("withdrawn", challenge=alone, partner_id=new)
    body = {"merged_into": new, "reason": "Samme."}

    def merge(**headers):
        return as_.copi_editor.post(f"/partners/{old}/merge", body, version=1, headers=headers)

    danish, english = (problem(merge(**{"Accept-Language": one}), 409, language=one) for one in ("da", "en"))
    for refusal in (danish, english):
        assert refusal["type"].endswith("/not-ready")
        assert all(f"/supports/{id}" in refusal["detail"] for id in supports)
        assert all(f"/responses/{id}" in refusal["detail"] for id in responses)
        assert refusal["detail"].count("/supports/") == 2
    assert ("»Behovet«" in danish["detail"], "“The need”" in english["detail"]) == (True, True)

    as_.copi_editor.post(f"/supports/{supports[0]}/withdraw", {"reason": "Lagt sammen."}, version=1)
    left = problem(merge(), 409)["detail"]
    assert ("/supports/" in left, "/responses/" in left) == (False, True)
    assert as_(new, "editor").post(f"/responses/{responses[1]}/withdraw", version=1).status_code == 200
    assert merge().status_code == 200


def test_what_is_merged_is_not_pointed_at_any_more(as_, make):
    heir, kept = make.partner(kind="municipality"), make.partner(kind="municipality")
    old = make.partner("merged", kind="municipality", merged_into=heir)
    body = project_body(participants=[{"partner_id": kept, "role": "lead"}, {"partner_id": old, "role": "client"}])
    refusal = problem(as_.copi_editor.post("/projects", body), 422, "/participants/1/partner_id")
    [error] = refusal["errors"]
    assert heir in error["detail"]
    support = as_.copi_editor.post(f"/challenges/{make.challenge()}/supports", support_body(old))
    assert heir in problem(support, 422, "/partner_id")["errors"][0]["detail"]

    # What pointed at it before is let be.
    project = make.project(participants=body["participants"])
    assert as_.copi_editor.patch(f"/projects/{project}", {"keywords": ["nyt"]}, version=1).status_code == 200
    also = {"participants": [*body["participants"], {"partner_id": heir, "role": "buyer"}]}
    assert as_.copi_editor.patch(f"/projects/{project}", also, version=2).status_code == 200


@pytest.mark.parametrize(
    ("one", "into", "merges"),
    [
        ({}, {"state": "draft"}, False),
        ({}, {"visibility": "private"}, False),
        ({}, {"visibility": "network"}, False),
        ({}, {"state": "inactive"}, True),
        ({"visibility": "network"}, {"visibility": "network"}, True),
        ({"visibility": "network"}, {"visibility": "private"}, False),
        ({"state": "draft"}, {"visibility": "network"}, True),
        ({"state": "draft"}, {"state": "draft"}, True),
    ],
)
def test_whoever_was_shown_a_merged_partner_is_led_to_one_that_is_shown_to_them(client, as_, make, one, into, merges):
    old, new = make.partner(**one), make.partner(**into)
    shown = client.get(f"/partners/{old}").status_code == 200
    merged = as_.copi_editor.post(f"/partners/{old}/merge", {"merged_into": new, "reason": "Samme."}, version=1)
    if not merges:
        problem(merged, 422, "/merged_into")
        return
    assert merged.status_code == 200, merged.json
    if shown:
        led = client.get(f"/partners/{old}")
        assert (led.status_code, client.get(led.headers["Location"].removeprefix("/v1")).status_code) == (301, 200)


def test_a_draft_that_is_merged_is_not_published_by_it(client, as_, make):
    draft, new = make.partner("draft", name={"da": "Fortroligt Firma"}), make.partner()
    merged = as_.copi_editor.post(f"/partners/{draft}/merge", {"merged_into": new, "reason": "Samme."}, version=1)
    assert merged.json["visibility"] == "private"
    for somebody in (client, as_.adviser, as_(make.partner(), "manager")):
        assert ids(somebody, "/partners?state=merged") == []
        problem(somebody.get(f"/partners/{draft}"), 404)
        assert "Fortroligt" not in somebody.get("/events?limit=250").text
    assert as_.copi_editor.get(f"/partners/{draft}").status_code == 301


def test_the_way_to_who_took_over_is_the_way_that_was_asked_for(client, make):
    old = make.partner("merged", merged_into=(new := make.partner()), source={
        "system": "cvr", "external_id": "7", "url": None})  # fmt: skip
    for path in (f"/partners/{old}", "/partners/by-source/cvr/7"):
        assert client.get(path).headers["Location"] == f"/v1/partners/{new}"
        assert client.get(f"{path}?embed=projects").headers["Location"] == f"/v1/partners/{new}?embed=projects"
    led = client.get(f"/partners/{old}?format=jsonld")
    assert (led.status_code, led.headers["Location"]) == (301, f"/v1/partners/{new}?format=jsonld")


def test_two_that_are_merged_into_each_other_at_once_do_not_wait_for_each_other(app, as_, make):
    user = as_.copi_editor.user_id
    for _ in range(8):
        pair = [make.partner(kind="municipality") for _ in range(2)]
        make.project(participants=[{"partner_id": one, "role": "lead"} for one in pair])
        both = Barrier(2)

        def merge(one, other, both=both):
            client = Client(app, user)
            both.wait()
            body = {"merged_into": other, "reason": "Samme."}
            return client.post(f"/partners/{one}/merge", body, headers={"If-Match": "*"}).status_code

        with ThreadPoolExecutor(2) as threads:
            statuses = sorted(threads.map(merge, pair, reversed(pair)))
        assert statuses == [200, 422]


@pytest.mark.parametrize("wrong", [7, None, [], "x", {"id": "x"}])
def test_what_names_no_partner_is_refused_where_it_stands(as_, make, wrong):
    body = {"merged_into": wrong, "reason": "Samme."}
    problem(as_.copi_editor.post(f"/partners/{make.partner()}/merge", body, version=1), 422, "/merged_into")
