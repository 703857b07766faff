"""People of an outside issuer call the API: who they are here, what they may, and how they are kept out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from api.models import Membership, User
from schemas.vocabulary import Role
from tests.clients import Client
from tests.conftest import build, empty
from tests.federation.provider import API, running
from tests.make import Make, challenge_body
from tests.v1.expect import problem

CVR = "10000009"


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
