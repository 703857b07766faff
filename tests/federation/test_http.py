"""People of an outside issuer call the API: who they are here, what they may, and how they are kept out."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from sqlalchemy import func, select

from api import create_app
from api.models import Membership, SecurityEvent, User
from schemas.vocabulary import Role
from tests.clients import Client, Everybody
from tests.conftest import build, empty
from tests.federation.provider import API, running
from tests.make import Make, challenge_body
from tests.v1.expect import problem

CVR = "10000009"
FRONTEND = "019b76da-a800-7000-8000-0000000f0000"


@pytest.fixture(scope="module")
def provider():
    with running("ES256") as provider:
        yield provider


@pytest.fixture(scope="module")
def _app(server, provider, tmp_path_factory):
    path = tmp_path_factory.mktemp("issuers") / "issuers.toml"
    path.write_text(
        f'[[issuer]]\nissuer = "{provider.issuer}"\naudience = "{API}"\ncvr = "cvr"\n'
        'role_map = { editor = "editor", manager = "manager" }\nduty_map = { adviser = "adviser" }\n'
        f'frontend = "{FRONTEND}"\n'
    )
    app = build(server.database("federation"), issuers=str(path))
    yield app
    app.extensions["copi"].database.dispose()


@pytest.fixture
def app(_app):
    yield _app
    empty(_app.extensions["copi"].database)
    _app.extensions["copi"].memory.clear()


@pytest.fixture
def make(app):
    return Make(app.extensions["copi"].database)


@pytest.fixture
def town(make):
    return make.partner(state="active", kind="municipality", identifiers=[{"scheme": "DK-CVR", "value": CVR}])


@pytest.fixture
def as_(app, make):
    return Everybody(app, make)


def somebody(app, provider, **claims):
    """A client whose caller has just logged in elsewhere."""
    client = Client(app)
    user = provider.user(**{"name": "Ida Holm", **claims})
    client.headers["Authorization"] = f"Bearer {provider.log_in(user)['access_token']}"
    return client


def known(app):
    with app.extensions["copi"].database.reading() as connection:
        return connection.execute(select(User.id, User.name, User.issuer)).all()


def test_the_token_says_what_its_bearer_does_for_which_organisation(app, provider, town, make):
    other = make.partner(state="active", kind="municipality")
    ida = somebody(app, provider, cvr=CVR, roles=["editor"])
    assert ida.post("/challenges", challenge_body(town)).status_code == 201
    problem(ida.post("/challenges", challenge_body(other)), 403)
    plain = somebody(app, provider, cvr=CVR, roles=["canteen"])
    problem(plain.post("/challenges", challenge_body(town)), 403)
    stranger = somebody(app, provider, cvr="55133018", roles=["editor"])
    problem(stranger.post("/challenges", challenge_body(town)), 403)


def test_a_duty_comes_with_the_token_and_goes_with_it(app, provider, make):
    company = {"name": {"da": "Nyt firma"}, "kind": "company"}
    assert somebody(app, provider, roles=["adviser"]).post("/partners", company).status_code == 201
    problem(somebody(app, provider, roles=["editor"]).post("/partners", company), 403)


def test_somebody_is_written_down_once_however_often_they_come(app, provider):
    ida = somebody(app, provider)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: ida.get("/tasks").status_code, range(20)))
    assert set(answers) == {200}
    assert [(one.name, one.issuer) for one in known(app)] == [("Ida Holm", provider.issuer)]


def test_whoever_is_blocked_here_is_refused_at_the_next_request(app, provider, town, make):
    ida = somebody(app, provider, cvr=CVR, roles=["manager"])
    assert ida.get("/tasks").status_code == 200
    with app.extensions["copi"].database.writing() as session:
        session.scalars(select(User)).one().blocked = True
    problem(ida.get("/tasks"), 401)


def test_a_role_given_here_comes_on_top(app, provider, town, make):
    ida = somebody(app, provider, cvr=CVR, roles=[])
    assert ida.get("/tasks").status_code == 200
    with app.extensions["copi"].database.writing() as session:
        session.add(Membership(user_id=known(app)[0].id, partner_id=town, role=Role.EDITOR))
    assert ida.post("/challenges", challenge_body(town)).status_code == 201


def test_a_number_that_no_active_partner_has_gives_nothing(app, provider, make):
    draft = make.partner(state="draft", kind="municipality", identifiers=[{"scheme": "DK-CVR", "value": CVR}])
    ida = somebody(app, provider, cvr=CVR, roles=["manager"])
    problem(ida.get(f"/partners/{draft}"), 404)


def test_log_out_is_said_to_be_elsewhere(app, provider):
    problem(somebody(app, provider).call("DELETE", "/tokens"), 422)


def test_an_id_token_and_our_own_token_with_their_issuer_open_nothing(app, provider):
    client = Client(app)
    user = provider.user(name="Ida")
    client.headers["Authorization"] = f"Bearer {provider.log_in(user)['id_token']}"
    problem(client.get("/tasks"), 401)
    with app.extensions["copi"].database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(User)) == 0


# --- What is told of them -----------------------------------------------------------------------------------


def noted(app):
    query = select(SecurityEvent.kind, SecurityEvent.user_id, SecurityEvent.details).order_by(SecurityEvent.id)
    with app.extensions["copi"].database.reading() as connection:
        return [(str(kind), user, details) for kind, user, details in connection.execute(query)]


def signed(provider, subject, **wrong):
    """A token of the provider's for somebody, with something wrong in it."""
    [key, *_] = provider.keys
    said = {"iss": provider.issuer, "aud": API, "sub": subject, "exp": int(time.time()) + 300, **wrong}
    return jwt.encode(said, key.as_pem(private=True), "ES256", headers={"kid": key.kid, "typ": "at+jwt"})


def with_token(app, token):
    return Client(app).get("/tasks", headers={"Authorization": f"Bearer {token}"})


def test_a_log_in_is_noted_once_a_token_however_often_and_wherever_it_is_shown(app, provider):
    ida = somebody(app, provider)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: ida.get("/tasks").status_code, range(20)))
    elsewhere = create_app(app.extensions["copi"].settings)
    again = Client(elsewhere)
    again.headers = ida.headers
    assert again.get("/tasks").status_code == 200
    [(kind, user, details)] = noted(app)
    assert (kind, user) == ("logged_in", known(app)[0].id)
    assert details.keys() == {"issuer", "subject", "token"}
    assert details["issuer"] == provider.issuer
    assert details["token"] not in ida.headers["Authorization"]
    [told] = ida.get("/me/security-events").json["items"]
    assert (told["kind"], told["details"]) == ("logged_in", details)
    assert with_token(app, signed(provider, details["subject"])).status_code == 200
    assert [kind for kind, _, _ in noted(app)] == ["logged_in"] * 2
    elsewhere.extensions["copi"].database.dispose()


def test_whoever_is_blocked_and_comes_all_the_same_is_noted(app, provider, as_):
    ida = somebody(app, provider)
    ida.get("/tasks")
    id = known(app)[0].id
    assert as_.copi_admin.post(f"/users/{id}/block", {"reason": "Telefonen er stjålet."}).status_code == 200
    problem(ida.get("/tasks"), 401)
    kind, user, details = noted(app)[-1]
    assert (kind, user, details["operation"], details["status"]) == ("refused", id, "list_tasks", 401)


WRONG = {
    "for another service": {"aud": "https://somewhere-else.example"},
    "with a number that is none": {"cvr": "12345678"},
    "not valid yet": {"nbf": int(time.time()) + 3600},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_token_signed_for_somebody_and_not_for_here_is_noted_once(app, provider, wrong):
    somebody(app, provider).get("/tasks")
    [(_, user, details)] = noted(app)
    token = signed(provider, details["subject"], **WRONG[wrong])
    for _ in range(3):
        problem(with_token(app, token), 401)
    [_, (kind, about, told)] = noted(app)
    assert (kind, about, told["subject"]) == ("login_failed", user, details["subject"])
    assert told["token"] not in token


def test_what_anybody_can_make_up_or_has_merely_run_out_leaves_no_trace(app, provider):
    somebody(app, provider).get("/tasks")
    subject = noted(app)[0][2]["subject"]
    stranger = signed(provider, "nobody-here-knows", aud="https://somewhere-else.example")
    forged = signed(provider, subject, aud="https://somewhere-else.example")[:-8] + "AAAAAAAA"
    for token in (stranger, forged, signed(provider, subject, exp=int(time.time()) - 3600)):
        problem(with_token(app, token), 401)
    assert len(noted(app)) == 1
    assert len(known(app)) == 1


def test_the_pages_of_the_issuers_frontend_may_read_and_no_others(app, provider, make):
    make.client(id=FRONTEND, kind="frontend", origins=["https://app.example.org"])
    make.client(kind="frontend", origins=["https://other.example.org"])
    ida = somebody(app, provider)
    for origin, may in (("https://app.example.org", True), ("https://other.example.org", False)):
        answer = ida.get("/tasks", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may else None)
