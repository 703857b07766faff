"""History: who changed a record, when, what and why, as far as the reader saw the record at the time."""

from __future__ import annotations

from contextvars import Context

import pytest

from tests.clients import Client
from tests.make import SANDBOX, challenge_body, question_body, response_body, support_body
from tests.v1.bodies import NAMES, at, collection, minimal, write_only
from tests.v1.expect import problem

SECRET = "Udkastets fortrolige tekst"


def walk(client, path):
    """Every entry, page after page."""
    entries = []
    while path:
        page = client.get(path.removeprefix("/v1")).json
        entries += page["items"]
        path = page["next"]
    return entries


@pytest.fixture
def town(make):
    return make.partner(kind="municipality")


@pytest.fixture
def published(as_, make, town):
    """A challenge that was drafted, sent back with a reason, published and shortened."""
    owner, copi = as_(town, "editor"), as_.copi_editor
    body = minimal("challenge", make, owners=[town], problem={"da": SECRET})
    path = f"/challenges/{owner.post('/challenges', body).json['id']}"
    for client, step, sent in (
        (owner, "submit", None),
        (copi, "request-changes", {"reason": "Problemet er fortroligt."}),
        (owner, None, {"problem": {"da": "Kort fortalt."}}),
        (owner, "submit", None),
        (copi, "publish", None),
        (copi, None, {"sources": ["https://example.org"]}),
    ):
        version = copi.get(path).json["version"]
        done = (
            client.post(f"{path}/{step}", sent, version=version) if step else client.patch(path, sent, version=version)
        )
        assert done.status_code == 200, done.json
    return path


@pytest.mark.parametrize("resource", NAMES)
def test_each_change_is_told_with_who_when_what_and_why(as_, make, resource):
    editor = as_.everywhere
    sent = minimal(resource, make)
    made = editor.post(collection(resource, make), sent).json
    path = at(resource, made["id"])
    changed = editor.patch(path, {"sources": ["https://example.org"]}, version=1).json

    answer = editor.get(f"{path}/history")
    person = {"id": editor.user_id, "name": answer.json["items"][0]["actor"]["name"]}
    assert person["name"].startswith("User ")
    assert answer.json["total"] == int(answer.headers["X-Total-Count"]) == 2
    assert answer.json["next"] is None
    newest, oldest = answer.json["items"]
    assert newest == {"version": 2, "type": f"{resource}.updated", "at": changed["updated_at"], "actor": person,
                      "reason": None, "changes": ["sources"]}  # fmt: skip
    assert (oldest["version"], oldest["type"], oldest["at"]) == (1, f"{resource}.created", made["created_at"])
    assert set(sent) - set(write_only(resource)) <= set(oldest["changes"])

    assert editor.get(f"{path}/history/1").json == made
    assert editor.get(f"{path}/history/2").json == changed == editor.get(path).json
    problem(editor.get(f"{path}/history/3"), 404)


def test_a_reason_is_told(as_, published):
    told = {one["type"]: one["reason"] for one in as_.copi_editor.get(f"{published}/history").json["items"]}
    assert told["challenge.changes_requested"] == "Problemet er fortroligt."
    assert {reason for type, reason in told.items() if type != "challenge.changes_requested"} == {None}


def test_a_draft_does_not_leak_once_it_is_published(client, as_, make, town, published):
    outsiders = [client, as_.adviser, as_(make.partner(), "manager")]
    insiders = [as_(town, "member"), as_.copi_editor, as_.copi_admin]
    for outsider in outsiders:
        history = outsider.get(f"{published}/history")
        assert [(one["version"], one["type"]) for one in history.json["items"]] == [
            (7, "challenge.updated"),
            (6, "challenge.published"),
        ]
        assert history.json["total"] == 2
        assert {one["actor"] for one in history.json["items"]} == {None}
        assert "fortrolig" not in history.get_data(as_text=True)
        for version in range(1, 6):
            hidden = outsider.get(f"{published}/history/{version}")
            problem(hidden, 404)
            assert SECRET not in hidden.get_data(as_text=True)
        assert outsider.get(f"{published}/history/6").json["problem"] == {"da": "Kort fortalt.", "en": None}
    for insider in insiders:
        assert [one["version"] for one in insider.get(f"{published}/history").json["items"]] == [7, 6, 5, 4, 3, 2, 1]
        assert insider.get(f"{published}/history/1").json["problem"] == {"da": SECRET, "en": None}


def test_what_only_the_network_saw_stays_in_the_network(client, as_, make, town):
    owner = as_(town, "editor")
    path = f"/projects/{make.project(owner=town, visibility='network', programme=SECRET)}"
    problem(client.get(f"{path}/history"), 404)
    assert owner.patch(path, {"visibility": "private"}, version=1).status_code == 200
    problem(as_.adviser.get(f"{path}/history"), 404)
    problem(as_.adviser.get(f"{path}/history/1"), 404)
    assert owner.patch(path, {"visibility": "public", "programme": None}, version=2).status_code == 200

    seen = {
        name: [one["version"] for one in reader.get(f"{path}/history").json["items"]]
        for name, reader in (("public", client), ("network", as_.adviser), ("owner", owner), ("copi", as_.copi_admin))
    }
    assert seen == {"public": [3], "network": [3, 1], "owner": [3, 2, 1], "copi": [3, 2, 1]}
    problem(client.get(f"{path}/history/1"), 404)
    problem(as_.adviser.get(f"{path}/history/2"), 404)
    assert as_.adviser.get(f"{path}/history/1").json["programme"] == SECRET


def test_names_are_for_owners_and_copi(client, as_, make, town):
    """Whoever answers for the project answers for its outcome, and so knows who wrote it."""
    project = make.project(owner=town)
    owner, other = as_(town, "editor"), as_(make.partner(), "manager")
    id = owner.post("/outcomes", minimal("outcome", make, project_id=project)).json["id"]
    owner.post(f"/outcomes/{id}/submit", version=1)
    as_.copi_editor.post(f"/outcomes/{id}/verify", version=2)

    def writers(reader):
        entries = reader.get(f"/outcomes/{id}/history").json["items"]
        return [one["actor"] and one["actor"]["id"] for one in entries]

    known = [as_.copi_editor.user_id, owner.user_id, owner.user_id]
    assert writers(owner) == writers(as_(town, "member")) == writers(as_.copi_admin) == known
    assert writers(client) == writers(as_.adviser) == writers(other) == [None]


# --- Those with a stake -------------------------------------------------------------------------------------


def told(reader, path):
    """What somebody is told of a record: versions, types, and who is named, the newest first."""
    return [
        (one["version"], one["type"].partition(".")[2], one["actor"] and one["actor"]["id"])
        for one in walk(reader, f"{path}/history?limit=1")
    ]


def test_the_owners_of_a_challenge_see_an_answer_s_changes_since_they_have_it(as_, make, town):
    firm = make.partner()
    challenge, responder, owner = make.challenge(owner=town), as_(firm, "editor"), as_(town, "editor")
    made = responder.post(f"/challenges/{challenge}/responses", response_body(firm, ip_note={"da": SECRET}))
    path = f"/responses/{made.json['id']}"
    responder.patch(path, {"ip_note": None}, version=1)
    for version in (1, 2):
        problem(owner.get(f"{path}/history/{version}"), 404)
    assert responder.post(f"{path}/submit", version=2).status_code == 200
    owner.post(f"/challenges/{challenge}/close", version=1)
    assert owner.post(f"{path}/shortlist", version=3).status_code == 200
    assert as_.copi_editor.post(f"{path}/select", version=4).status_code == 200

    assert told(owner, path) == [(5, "selected", None), (4, "shortlisted", owner.user_id), (3, "submitted", None)]
    assert told(as_(town, "member"), path) == told(owner, path)
    assert owner.get(f"{path}/history?limit=1").json["total"] == 3
    assert owner.get(f"{path}/history/5").json == owner.get(path).json
    assert owner.get(f"{path}/history/3").json["state"] == "submitted"
    for version in (1, 2):
        hidden = owner.get(f"{path}/history/{version}")
        problem(hidden, 404)
    assert SECRET not in owner.get(f"{path}/history").text
    assert [version for version, *_ in told(responder, path)] == [5, 4, 3, 2, 1]
    for stranger in (as_(make.partner(), "manager"), as_.adviser):
        problem(stranger.get(f"{path}/history"), 404)
        problem(stranger.get(f"{path}/history/5"), 404)


def test_who_joins_later_is_told_of_nothing_from_before(as_, make, town):
    owner, firm, late = as_(town, "editor"), make.partner(kind="municipality"), make.partner(kind="municipality")
    id = owner.post("/challenges", challenge_body(town, problem={"da": SECRET})).json["id"]
    owner.patch(f"/challenges/{id}", {"problem": {"da": "Kort."}}, version=1)
    owner.post(f"/challenges/{id}/supports", support_body(firm))
    assert told(as_(firm, "member"), f"/challenges/{id}") == [(3, "visibility_changed", None)]
    owner.patch(f"/challenges/{id}", {"problem": {"da": "Kortere."}}, version=3)
    assert [version for version, *_ in told(as_(firm, "member"), f"/challenges/{id}")] == [4, 3]
    owner.post(f"/challenges/{id}/supports", support_body(late))
    assert [version for version, *_ in told(as_(late, "member"), f"/challenges/{id}")] == [5]
    for version in (1, 2):
        problem(as_(firm, "member").get(f"/challenges/{id}/history/{version}"), 404)


def test_what_is_private_is_told_to_those_with_a_part_in_it(as_, make, town):
    supporter, adopter = make.partner(kind="municipality"), make.partner()
    owner = as_(town, "editor")
    support = make.support("proposed", challenge=make.challenge(owner=town), partner_id=supporter, visibility="private")
    adoption = make.adoption("reported", outcome=make.outcome(project=make.project(owner=town)), partner_id=adopter)
    for path, partner, role in (
        (f"/supports/{support}", supporter, "manager"),
        (f"/adoptions/{adoption}", adopter, "editor"),
    ):
        mover = as_(partner, role)
        assert mover.post(f"{path}/confirm", version=1).status_code == 200
        assert [entry[:2] for entry in told(owner, path)] == [(2, "confirmed"), (1, "created")]
        assert {name for *_, name in told(owner, path)} == {None}, "the supporter's people are not named"
        assert owner.get(f"{path}/history/1").status_code == owner.get(f"{path}/history/2").status_code == 200


def test_a_response_s_documents_are_told_of_since_they_are_seen(as_, make, town):
    firm = make.partner()
    challenge, responder, owner = make.challenge(owner=town), as_(firm, "editor"), as_(town, "editor")
    response = make.response("draft", challenge=challenge, partner_id=firm)
    document = make.document(response_id=response, project_id=None)
    problem(owner.get(f"/documents/{document}/history"), 404)
    responder.post(f"/responses/{response}/submit", version=1)
    assert told(owner, f"/documents/{document}") == [(2, "visibility_changed", None)]
    problem(owner.get(f"/documents/{document}/history/1"), 404)
    assert owner.get(f"/documents/{document}/history/2").status_code == 200


def test_the_history_of_a_question_does_not_tell_who_asked(app, as_, make, town):
    """Not even where somebody works for those who ask and those who are asked."""
    firm = make.partner()
    both = Client(app, make.user(roles={town: "editor", firm: "editor"}))
    asked = both.post(f"/challenges/{make.challenge(owner=town)}/questions", question_body(firm))
    path, owner = f"/questions/{asked.json['id']}", as_(town, "member")
    assert owner.get(path).status_code == 200
    answered = as_(town, "manager").post(f"{path}/answer", {"answer": {"da": "Ja."}}, version=1)
    assert answered.status_code == 200
    assert told(owner, path) == [(2, "answered", None), (1, "created", None)]
    for address in ("/history", "/history/1", "/history/2"):
        said = owner.get(f"{path}{address}").text
        assert firm not in said
        assert both.user_id not in said


def test_what_the_service_did_itself_has_no_actor(as_, make, town):
    made = Context().run(make.challenge, owner=town)  # outside every request, as the seed and periodic tasks are
    [entry] = as_(town, "editor").get(f"/challenges/{made}/history").json["items"]
    assert entry["actor"] is None


def test_no_one_reads_the_history_of_what_they_do_not_see(client, as_, make, town):
    sandboxed = make.challenge(owner=town, sandbox=SANDBOX)
    for reader in (client, as_.adviser, as_(town, "manager"), as_.copi_admin):
        problem(reader.get(f"/challenges/{sandboxed}/history"), 404)
        problem(reader.get(f"/challenges/{sandboxed}/history/1"), 404)
    draft = make.challenge(owner=town, state="draft")
    problem(client.get(f"/challenges/{draft}/history"), 404)
    problem(client.get(f"/projects/{make.challenge(owner=town)}/history"), 404)


def test_contact_points_live_on_in_no_version(client, as_, make):
    partner = make.partner()
    points = {"items": [{"role": {"da": "Indkøb"}, "email": "indkoeb@example.org"}]}
    assert as_.copi_editor.put(f"/partners/{partner}/contact-points", points, version=1).status_code == 200
    newest, _ = as_.copi_editor.get(f"/partners/{partner}/history").json["items"]
    assert (newest["version"], newest["changes"]) == (2, [])
    assert "indkoeb" not in client.get(f"/partners/{partner}/history/2").get_data(as_text=True)


def test_a_long_history_comes_in_pages(client, as_, make, town):
    path = f"/projects/{make.project(owner=town)}"
    for version in range(1, 8):
        assert as_.copi_editor.patch(path, {"keywords": [f"nr-{version}"]}, version=version).status_code == 200
    versions = [8, 7, 6, 5, 4, 3, 2, 1]
    assert [one["version"] for one in walk(client, f"{path}/history?limit=3")] == versions
    assert [one["version"] for one in walk(client, f"{path}/history?limit=3&page=1")] == versions
    second = client.get(f"{path}/history?limit=3&page=2")
    assert [one["version"] for one in second.json["items"]] == [5, 4, 3]
    assert {part.split("; ")[1] for part in second.headers["Link"].split(", ")} == {
        'rel="first"', 'rel="prev"', 'rel="next"', 'rel="last"'}  # fmt: skip

    begun = client.get(f"{path}/history?limit=3").json
    as_.copi_editor.patch(path, {"keywords": []}, version=8)
    assert [one["version"] for one in client.get(begun["next"].removeprefix("/v1")).json["items"]] == [5, 4, 3]


@pytest.mark.parametrize("cursor", ["x", "WyItdmVyc2lvbiIsIjAiXQ", "WyItdmVyc2lvbiIsIjk5OTk5OTk5OTk5OTk5OTk5OTkiXQ",
                                    "WyItdXBkYXRlZF9hdCIsIjIiXQ", "WyItdmVyc2lvbiIsMl0"])  # fmt: skip
def test_a_cursor_of_another_list_or_none_is_refused(client, make, cursor):
    path = f"/challenges/{make.challenge()}/history"
    problem(client.get(f"{path}?cursor={cursor}"), 422, parameter="cursor")
    problem(client.get(f"{path}?cursor={cursor}&page=1"), 422, parameter="cursor")


@pytest.mark.parametrize("version", ["0", "-1", "x", "1.0", "2147483648", "9" * 400])
def test_what_is_no_version_is_not_there(client, make, version):
    problem(client.get(f"/challenges/{make.challenge()}/history/{version}"), 404)


def test_a_history_that_has_not_changed_is_not_sent_again(client, as_, make):
    path = f"/projects/{make.project()}"
    for address in (f"{path}/history", f"{path}/history/1"):
        first = client.get(address)
        assert first.headers["Cache-Control"] == "public, no-cache"
        assert "Authorization" in first.headers["Vary"]
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert as_.copi_editor.get(address).headers["Cache-Control"] == "private, no-cache"
    assert client.get(f"{path}/history/1").headers["ETag"] == '"1"'
    tag = client.get(f"{path}/history").headers["ETag"]
    as_.copi_editor.patch(path, {"keywords": ["nyt"]}, version=1)
    assert client.get(f"{path}/history", headers={"If-None-Match": tag}).status_code == 200
