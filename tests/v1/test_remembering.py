"""What a process remembers between requests must never show: not to another caller, and not after a write."""

import time

import pytest
from sqlalchemy import delete

from api.kit.service import Memory
from api.models import Membership
from tests.clients import Client
from tests.v1.expect import problem

PATH = "/challenges?sort=-updated_at"


def total(client, path=PATH):
    return client.get(path).json["total"]


def test_a_page_remembered_for_one_caller_is_not_given_to_another(make, client, as_):
    owner, stranger = make.partner(kind="municipality"), make.partner(kind="municipality")
    make.challenge(owner=owner, state="draft")
    make.challenge(owner=owner)
    for _ in range(2):
        assert total(as_(owner, "editor")) == 2
        assert total(client) == 1
        assert total(as_(stranger, "editor")) == 1
        assert total(as_.copi_editor) == 2


def test_what_a_caller_may_do_is_not_remembered_for_another(make, client, as_):
    owner = make.partner(kind="municipality")
    make.challenge(owner=owner, state="draft")
    path = "/challenges?embed=actions"
    editor, member = as_(owner, "editor"), as_(owner, "member")
    for _ in range(2):
        assert editor.get(path).json["items"][0]["embedded"]["actions"]
        assert not member.get(path).json["items"][0]["embedded"]["actions"]


def test_a_write_by_anyone_shows_at_the_next_request(make, client):
    for count in range(1, 4):
        make.challenge()
        assert total(client) == count
        assert total(client) == count


def test_a_role_taken_away_counts_at_the_next_request(app, make):
    owner = make.partner(kind="municipality")
    make.challenge(owner=owner, state="draft")
    user = make.user(roles={owner: "editor"})
    caller = Client(app, user)
    assert total(caller) == 1
    with make.database.writing() as session:
        session.execute(delete(Membership).where(Membership.user_id == user))
    assert total(caller) == 0


def test_different_questions_are_different_pages(make, client):
    make.challenge(theme="green_transition")
    make.challenge(theme="welfare_technology")
    for _ in range(2):
        assert total(client, "/challenges") == 2
        assert total(client, "/challenges?theme=green_transition") == 1
        assert len(client.get("/challenges?limit=1").json["items"]) == 1


@pytest.mark.parametrize("words", ["skole", "ingenting"])
def test_a_remembered_page_keeps_its_headers(make, client, words):
    make.challenge(title={"da": "En skole"})
    first, again = (client.get(f"/challenges?q={words}&limit=1") for _ in range(2))
    for name in ("Link", "X-Total-Count", "ETag", "Cache-Control", "Vary", "Content-Length"):
        assert first.headers[name] == again.headers[name]
    assert first.headers["X-Request-ID"] != again.headers["X-Request-ID"]
    assert first.data == again.data


def test_a_token_that_was_good_ends_when_its_time_is_up(app, make, monkeypatch):
    caller = Client(app, make.user())
    assert caller.get("/challenges").status_code == 200
    later = time.time() + 2 * app.extensions["copi"].settings.token_seconds
    monkeypatch.setattr("api.identity.tokens.time.time", lambda: later)
    problem(caller.get("/challenges"), 401)


def test_a_head_request_gets_the_headers_alone(make, client):
    challenge = make.challenge()
    whole, head = client.get(f"/challenges/{challenge}"), client.call("HEAD", f"/challenges/{challenge}")
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(whole.data))
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_what_is_remembered_does_not_grow_without_end():
    memory = Memory()
    for number in range(3 * memory.most):
        memory.keep(number, 1, "answer", 10)
    assert len(memory) <= memory.most
    memory.keep("large", 1, b"", memory.most_bytes)
    memory.keep("larger", 1, b"", memory.most_bytes)
    assert len(memory) == 1
