"""`copi users`, `copi clients`, `copi keys`: the same rules as over HTTP, JSON for programs, one clear line when refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from api.cli import copi
from api.models import SecurityEvent
from tests.clients import Client
from tests.identity.services import FOREIGN, Service, granted, noted

PASSWORD = "fire graner ved en gul låge"
ANNA = ("--email", "Anna@co-pi.example", "--name", "Anna Holm")


@pytest.fixture
def run(app, monkeypatch):
    """Run a command on the tests' database."""
    settings = app.extensions["copi"].settings
    for name in ("database_url", "secret", "documents"):
        monkeypatch.setenv(f"COPI_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("COPI_LOG", "none")
    return lambda *words, **options: CliRunner().invoke(copi, [str(word) for word in words], **options)


@pytest.fixture
def told(run):
    """What a command says in JSON, and nothing else."""

    def telling(*words: Any, **options: Any) -> Any:
        done: Result = run(*words, "--json", **options)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        return json.loads(done.stdout)

    return telling


def log_in(app, email, password):
    return Client(app).post("/tokens", {"email": email, "password": password})


# --- Users ---------------------------------------------------------------------------------------------------


def test_the_first_administrator_comes_in_by_a_letter(app, told):
    letter = told("users", "create", *ANNA, "--duty", "copi_admin")
    accepted = Client(app).post("/invitations/accept", {"token": letter["token"], "password": PASSWORD})
    assert accepted.status_code == 200, accepted.json
    token = log_in(app, "anna@co-pi.example", PASSWORD).json["access_token"]
    me = Client(app).get("/me", headers={"Authorization": f"Bearer {token}"}).json
    assert me["duties"] == ["copi_admin"]


def test_or_by_a_password_from_standard_input(app, told):
    user = told("users", "create", *ANNA, "--duty", "copi_admin", "--password", input=PASSWORD + "\n")
    assert user["duties"] == ["copi_admin"]
    assert PASSWORD not in str(user)
    assert log_in(app, "anna@co-pi.example", PASSWORD).status_code == 200


def test_a_letter_is_printed_once_for_people_too(run):
    printed = run("users", "create", *ANNA).stdout
    assert printed.count("copi_invitation_") == 1
    assert "anna@co-pi.example" in printed
    assert "copi_invitation_" not in run("users", "show", "anna@co-pi.example").stdout


def test_users_are_listed_and_shown_by_id_or_address(told, run):
    told("users", "create", *ANNA)
    listed = told("users", "list")
    [anna] = listed["items"]
    assert listed["total"] == 1
    assert told("users", "show", anna["id"]) == told("users", "show", "ANNA@co-pi.example") == anna
    assert anna["id"] in run("users", "list").stdout


def test_who_is_blocked_is_out_and_comes_in_again(app, told, make):
    user = make.user(email="user@tests.example")
    caller = Client(app, user)
    assert caller.get("/me").status_code == 200
    assert told("users", "block", "user@tests.example", "--reason", "Mistet telefon")["blocked"] is True
    assert caller.get("/me").status_code == 401
    assert told("users", "unblock", user)["blocked"] is False
    assert caller.get("/me").status_code == 200
    assert [one for one in noted(app, user) if one != "refused"] == ["blocked", "unblocked"]


def test_duties_are_set_and_the_last_administrator_stays(told, run, make):
    admin, other = make.user(duties=["copi_admin"]), make.user()
    for words in (("users", "set-duties", admin), ("users", "block", admin)):
        refused = run(*words)
        assert refused.exit_code == 1
        assert "at least one administrator" in refused.stderr
    assert told("users", "set-duties", other, "--duty", "copi_admin", "--duty", "copi_editor")["duties"]
    assert told("users", "set-duties", admin)["duties"] == []


def test_a_password_is_reset(app, told, make):
    make.user(email="user@tests.example")
    letter = told("users", "reset-password", "user@tests.example")
    assert letter["token"].startswith("copi_invitation_")
    told("users", "reset-password", "user@tests.example", "--password", input=PASSWORD)
    assert log_in(app, "user@tests.example", PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("words", "said"),
    [(("users", "show", "nobody@tests.example"), "no user"), (("users", "show", "x'y"), "no user"),
     (("users", "create", "--email", "anna", "--name", "A"), "email"), (("users", "create", *ANNA[:2], "--name", ""), "name"),
     (("users", "create", *ANNA, "--duty", "king"), "king"), (("users", "block", FOREIGN), "no user"),
     (("clients", "revoke-secret", "{client}", FOREIGN), "no secret"), (("clients", "show", FOREIGN), "no client"), (("clients", "show", "x"), "x"),
     (("clients", "create", "--name", "X", "--scope", "challenge:fly"), "no such scope"),
     (("clients", "create", "--name", "X", "--member", "x"), "memberships"),
     (("clients", "create", "--name", "X", "--member", f"{FOREIGN}=editor"), "no such record"),
     (("clients", "create", "--name", "X", "--origin", "https://a.example"), "origins"),
     (("clients", "create", "--name", "X", "--kind", "frontend", "--origin", "https://a.example/x"), "origins"),
     (("keys", "retire", "x"), "no key")],
)  # fmt: skip
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_what_cannot_be_is_said_in_a_line(run, make, words, said, json):
    client = make.client() if "{client}" in words else ""
    refused = run(*(word.format(client=client) for word in words), *json)
    assert refused.exit_code != 0
    assert refused.stdout == ""
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_address_that_is_taken_and_a_password_that_is_guessed_are_refused(app, run):
    assert run("users", "create", *ANNA).exit_code == 0
    assert "already" in run("users", "create", *ANNA).stderr
    weak = run("users", "create", "--email", "bo@co-pi.example", "--name", "Bo", "--password", input="velkommen")
    assert (weak.exit_code, weak.stdout) == (1, "")
    assert "bo@co-pi.example" not in run("users", "list").stdout


def test_a_database_without_tables_is_told_what_to_do(run, server, monkeypatch):
    monkeypatch.setenv("COPI_DATABASE_URL", server.database("bare"))
    for words in (("users", "list"), ("clients", "list"), ("keys", "rotate")):
        refused = run(*words)
        assert refused.exit_code == 1
        assert "copi db upgrade" in refused.stderr


def test_what_commands_do_says_so_in_the_security_log(app, told):
    told("keys", "retire", told("keys", "rotate")["kid"])
    made = told("clients", "create", "--name", "ESDH", "--test")
    query = select(SecurityEvent.kind, SecurityEvent.user_id, SecurityEvent.details).order_by(SecurityEvent.id)
    with app.extensions["copi"].database.reading() as connection:
        rows = connection.execute(query).all()
    assert [(str(row.kind), row.user_id) for row in rows[:3]] == [
        ("key_rotated", None), ("key_retired", None), ("client_created", made["id"]),
    ]  # fmt: skip
    assert {row.details["origin"] for row in rows} == {"cli"}


# --- Clients and keys ----------------------------------------------------------------------------------------


def test_a_client_is_made_and_looked_after(app, told, run, make):
    made = told("clients", "create", "--name", "ESDH", "--scope", "challenge:read", "--member", f"{make.home}=editor")
    service = Service(app, made["id"], made["secret"])
    assert service.get("/me").status_code == 200
    assert made["secret"] not in run("clients", "show", made["id"]).stdout + run("clients", "list").stdout

    more = told("clients", "add-secret", made["id"], "--expires", "2099-01-01T00:00:00Z")
    assert granted(app, made["id"], more["secret"]).status_code == 200
    left = told("clients", "revoke-secret", made["id"], made["secrets"][0]["id"])
    assert [one["id"] for one in left["secrets"]] == [more["id"]]
    assert service.get("/me").status_code == 401

    other = Service(app, made["id"], more["secret"])
    assert told("clients", "block", made["id"])["blocked"] is True
    assert other.get("/me").status_code == 401
    assert told("clients", "unblock", made["id"])["blocked"] is False
    assert other.get("/me").status_code == 200
    assert told("clients", "list")["items"] == [told("clients", "show", made["id"])]
    assert "secret_revoked" in noted(app, made["id"])


def test_keys_are_listed_rotated_and_retired(app, told, client, make):
    make.user(email="user@tests.example")
    old = client.post("/tokens", {"email": "user@tests.example", "password": "correct horse battery staple"}).json
    bearer = {"Authorization": f"Bearer {old['access_token']}"}
    [first] = told("keys", "list")["items"]
    assert first["state"] == "good"
    following = told("keys", "rotate")
    assert following["state"] == "next"
    made = told("keys", "rotate", "--now")
    assert made["state"] == "good"
    published = {key["kid"] for key in client.outside("/.well-known/jwks.json").json["keys"]}
    assert {first["kid"], made["kid"]} == published, "what was to sign next is overtaken, and has signed nothing"
    assert [one["state"] for one in told("keys", "list")["items"] if one["kid"] == following["kid"]] == ["retired"]
    assert client.get("/me", headers=bearer).status_code == 200
    assert told("keys", "retire", first["kid"])["state"] == "retired"
    assert client.get("/me", headers=bearer).status_code == 401
    assert told("keys", "retire", first["kid"])["state"] == "retired"
