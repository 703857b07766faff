"""A service does what its scopes and its roles both allow, and nothing else."""

from __future__ import annotations

import pytest

from tests.identity.services import Service, granted
from tests.make import challenge_body
from tests.v1.expect import problem

SCOPES = ["challenge:create", "challenge:read", "challenge:submit", "challenge:update"]


@pytest.fixture
def there(make):
    return make.partner(kind="municipality")


@pytest.fixture
def service(app, make):
    """An editor at home, with scopes for challenges."""
    return Service(app, make.client({make.home: "editor"}, scopes=SCOPES))


def lacks(answer, scope):
    refusal = problem(answer, 403)
    assert scope in refusal["detail"]
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer ")
    assert 'error="insufficient_scope"' in challenge
    assert f'scope="{scope}"' in challenge


def test_what_scopes_and_role_allow_is_done(service, make):
    made = service.post("/challenges", challenge_body(make.home))
    assert made.status_code == 201
    assert service.patch(f"/challenges/{made.json['id']}", {"problem": {"da": "Sådan."}}, version=1).status_code == 200
    assert service.post(f"/challenges/{made.json['id']}/submit", version=2).status_code == 200


def test_a_role_without_the_scope_is_not_enough(app, make):
    service = Service(app, make.client({make.home: "manager"}, scopes=["challenge:read"]))
    draft = make.challenge(owner=make.home, state="draft")
    lacks(service.post("/challenges", challenge_body(make.home)), "challenge:create")
    lacks(service.patch(f"/challenges/{draft}", {"problem": {"da": "Nyt"}}, version=1), "challenge:update")
    lacks(service.post(f"/challenges/{draft}/submit", version=1), "challenge:submit")
    lacks(service.post("/projects", {"title": {"da": "P"}, "summary": {"da": "S"}, "theme": "green_transition"}),
          "project:create")  # fmt: skip


def test_a_scope_without_the_role_is_not_enough(app, make, service, there):
    refusal = service.post("/challenges", challenge_body(there))
    problem(refusal, 403)
    assert "insufficient_scope" not in refusal.headers.get("WWW-Authenticate", "")
    shown = make.challenge(owner=there)
    problem(service.patch(f"/challenges/{shown}", {"sources": ["https://a.example"]}, version=1), 403)
    low = Service(app, make.client({make.home: "member"}, scopes=SCOPES))
    problem(low.post("/challenges", challenge_body(make.home)), 403)
    every = Service(app, make.client({make.home: "manager"}, scopes=["partner:trust", "challenge:publish"]))
    problem(every.put(f"/partners/{make.home}/trust", {"trusted": True}, version=1), 403)


@pytest.mark.parametrize(
    ("scope", "seen"), [("challenge:read", True), ("challenge:update", False), ("project:read", False)]
)
def test_what_is_not_public_is_read_by_scope(app, make, there, scope, seen):
    service = Service(app, make.client({make.home: "editor"}, scopes=[scope]))
    mine, public, network, theirs = (
        make.challenge(owner=make.home, state="draft"), make.challenge(owner=there),
        make.challenge(owner=there, visibility="network"), make.challenge(owner=there, state="draft"),
    )  # fmt: skip
    listed = {one["id"] for one in service.get("/challenges").json["items"]}
    assert listed == ({mine, public, network} if seen else {public})
    for id in (mine, public, network, theirs):
        assert service.get(f"/challenges/{id}").status_code == (200 if id in listed else 404)


def test_a_token_may_ask_for_less(app, make):
    id = make.client({make.home: "editor"}, scopes=SCOPES)
    answer = granted(app, id, scope="challenge:read challenge:create")
    assert answer.json["scope"] == "challenge:create challenge:read"
    less = Service(app, id, scope="challenge:read")
    lacks(less.post("/challenges", challenge_body(make.home)), "challenge:create")
    assert Service(app, id).post("/challenges", challenge_body(make.home)).status_code == 201


@pytest.mark.parametrize("scope", ["project:create", "challenge:read project:create", "challenge:fly", "client:create"])
def test_a_token_never_asks_for_more(app, make, scope):
    answer = granted(app, make.client({make.home: "editor"}, scopes=SCOPES), scope=scope)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def test_actions_tell_a_service_what_it_may_do(app, make, there):
    mine, theirs = make.challenge(owner=make.home), make.challenge(owner=there)
    draft = make.challenge(owner=make.home, state="draft", problem={"da": "Sådan."})
    for scopes in (SCOPES, ["challenge:read", "challenge:submit"], ["challenge:read"]):
        service = Service(app, make.client({make.home: "editor"}, scopes=scopes))
        told = {one["id"]: set(one["embedded"]["actions"])
                for one in service.get("/challenges?embed=actions").json["items"]}  # fmt: skip
        steps = {scope.partition(":")[2] for scope in scopes} - {"read", "create"}
        assert told[draft] == steps
        assert told[theirs] == set()
        assert told[mine] == steps & {"update"}
        assert set(service.get(f"/challenges/{draft}?embed=actions").json["embedded"]["actions"]) == steps


def test_every_scope_there_is_can_be_given(as_, make, client):
    known = client.outside("/.well-known/oauth-authorization-server").json["scopes_supported"]
    body = {
        "name": "Alt",
        "kind": "service",
        "scopes": known,
        "memberships": [{"partner_id": make.home, "role": "editor"}],
    }
    assert as_.copi_admin.post("/clients", body).json["scopes"] == known
    assert not [scope for scope in known if scope.startswith("client:")]
