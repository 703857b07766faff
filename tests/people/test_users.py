"""Everybody's accounts, for CO-PI's administrators and nobody else."""

from __future__ import annotations

import pytest

from tests.clients import Client
from tests.conftest import build
from tests.make import PASSWORD
from tests.people.conftest import at_once
from tests.v1.expect import problem

NOBODY = "01941f29-7c00-7000-8000-000000000000"
OPERATIONS = [
    ("GET", "", None), ("POST", "/block", {"reason": "Derfor."}), ("POST", "/unblock", {"reason": "Derfor."}),
    ("PUT", "/duties", {"duties": ["adviser"]}), ("POST", "/password-reset", None), ("GET", "/security-events", None),
    ("POST", "/erase", {"reason": "Derfor."}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "rest", "body"), OPERATIONS)
def test_others_see_no_account_but_their_own_and_do_nothing_with_it(as_, make, home, client, method, rest, body):
    id = make.user()
    sent = {} if body is None else {"json": body}
    problem(client.call(method, f"/users/{id}{rest}", **sent), 401)
    for other in (as_.copi_editor, as_.adviser, as_(home, "manager"), as_(home, "member")):
        problem(other.call(method, f"/users/{id}{rest}", **sent), 404)
        refusal = problem(other.call(method, f"/users/{other.user_id}{rest}", **sent), 403)
        assert "administrator i CO-PI" in refusal["detail"]
    problem(as_.copi_admin.call(method, f"/users/{NOBODY}{rest}", **sent), 404)
    problem(as_.copi_admin.call(method, f"/users/x{rest}", **sent), 404)
    assert as_.copi_admin.call(method, f"/users/{id}{rest}", **sent).status_code in (200, 201, 204)


def test_users_are_listed_for_the_administrator_alone(as_, make, client):
    for other in (as_.copi_editor, as_.adviser):
        problem(other.get("/users"), 403)
    problem(client.get("/users"), 401)
    id = make.user(name="Øjvind Holm", email="oejvind@tests.example", roles={make.home: "editor"}, duties=["adviser"])
    for q in ("holm", "Øjvind", "øjvind", "ØJVIND", "oejvind@", "nd h"):
        found = as_.copi_admin.get("/users", query_string={"q": q}).json
        assert [one["id"] for one in found["items"]] == [id], q
    [user] = found["items"]
    assert user["memberships"] == [{"partner_id": make.home, "role": "editor"}]
    assert (user["kind"], user["duties"], user["blocked"]) == ("person", ["adviser"], False)
    assert "password" not in str(user)
    for q in ("%", "_", "100%", "\\"):
        assert as_.copi_admin.get("/users", query_string={"q": q}).json["total"] == 0


def test_pages_of_users_lead_on(as_, make):
    ids = {make.user() for _ in range(4)} | {as_.copi_admin.user_id}
    seen, address = [], "/users?limit=2"
    while address:
        page = as_.copi_admin.get(address.removeprefix("/v1")).json
        seen += [one["id"] for one in page["items"]]
        address = page["next"]
    assert (len(seen), set(seen), page["total"]) == (5, ids, 5)


def test_a_blocked_user_is_out_at_once_everywhere(app, as_, make, log_in, client):
    id = make.user(email="karen@tests.example")
    karen = log_in("karen@tests.example")
    elsewhere = Client(build(app.extensions["copi"].database.url.render_as_string(hide_password=False)))
    elsewhere.headers = karen.headers
    assert elsewhere.get("/me").status_code == 200
    assert as_.copi_admin.post(f"/users/{id}/block", {"reason": "Telefonen er stjålet."}).json["blocked"] is True
    problem(elsewhere.get("/me"), 401)
    problem(client.post("/tokens", {"email": "karen@tests.example", "password": PASSWORD}), 401)
    assert as_.copi_admin.post(f"/users/{id}/unblock", {"reason": "Fundet."}).json["blocked"] is False
    problem(elsewhere.get("/me"), 401)
    log_in("karen@tests.example")
    elsewhere.app.extensions["copi"].database.dispose()


def test_duties_count_at_the_next_request(app, as_, make):
    id = make.user()
    karen = Client(app, id)
    problem(karen.get("/users"), 403)
    assert as_.copi_admin.put(f"/users/{id}/duties", {"duties": ["copi_admin", "adviser"]}).json["duties"] == [
        "copi_admin",
        "adviser",
    ]
    assert karen.get("/users").status_code == 200
    assert as_.copi_admin.put(f"/users/{id}/duties", {"duties": []}).status_code == 200
    problem(karen.get("/users"), 403)


def test_the_last_administrator_stays(app, as_, make):
    admin = as_.copi_admin
    mine = f"/users/{admin.user_id}"
    make.user(duties=["copi_admin"], blocked=True)
    for answer in (admin.post(f"{mine}/block", {"reason": "Nok."}), admin.put(f"{mine}/duties", {"duties": ["copi_editor"]}),
                   admin.post(f"{mine}/erase", {"reason": "Nok."})):  # fmt: skip
        refusal = problem(answer, 409)
        assert "mindst én administrator" in refusal["detail"]
    assert admin.put(f"{mine}/duties", {"duties": ["copi_admin", "copi_editor"]}).status_code == 200
    make.user(duties=["copi_admin"])
    assert admin.put(f"{mine}/duties", {"duties": []}).status_code == 200


def test_of_administrators_who_resign_all_at_once_one_stays(app, make):
    clients = [Client(app, make.user(duties=["copi_admin"])) for _ in range(10)]
    waiting = iter(clients)

    def resign():
        one = next(waiting)
        return one.put(f"/users/{one.user_id}/duties", {"duties": []})

    answers = at_once(resign, 10)
    assert sorted(one.status_code for one in answers) == [200] * 9 + [409]


@pytest.mark.parametrize(
    ("rest", "bodies"),
    [("block", [{}, {"reason": ""}, {"reason": None}, {"reason": "x" * 1001}, {"reason": "x", "days": 1}, {"reason": "a\x00"}]),
     ("erase", [{}, {"reason": " "}]),
     ("duties", [{}, {"duties": None}, {"duties": "copi_admin"}, {"duties": ["boss"]}, {"duties": ["adviser", "adviser"]}])],
)  # fmt: skip
def test_a_body_that_is_not_right_is_refused(as_, make, rest, bodies):
    id = make.user()
    for body in bodies:
        problem(as_.copi_admin.call("PUT" if rest == "duties" else "POST", f"/users/{id}/{rest}", json=body), 422)


def test_an_erased_user_is_nobody(app, as_, make, home):
    id = make.user(email="karen@tests.example", name="Karen Holm", roles={home: "manager"})
    assert as_.copi_admin.post(f"/users/{id}/erase", {"reason": "Har bedt om det."}).status_code == 204
    user = as_.copi_admin.get(f"/users/{id}").json
    assert (user["name"], user["email"], user["memberships"], user["blocked"]) == ("Slettet bruger", None, [], True)
    problem(Client(app, id).get("/me"), 401)
    make.user(email="karen@tests.example")  # the address is free again
