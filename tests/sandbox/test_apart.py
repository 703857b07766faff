"""The proof that sandboxes are apart: what is in one changes no answer outside it, to the byte, and no row."""

from __future__ import annotations

import pytest

from api.models import RESOURCES
from schemas.names import PLURALS
from tests.make import Make
from tests.sandbox import world
from tests.v1.operations import OPERATIONS, good_body

WRITES = [one for one in OPERATIONS if one.method != "GET" and one.addressed and one.resource]


def asked(all_of, *some_of):
    """The records that are asked about: every one of the first, of the others two of a kind, one of which has it all."""
    return {kind: [*(id for ids in some_of for id in ids[kind][-2:]), *all_of[kind]] for kind in all_of}


def callers_of(as_, make):
    return {
        "nobody": as_.anonymous, "manager": as_(make.home, "manager"), "adviser": as_.adviser,
        "admin": as_.copi_admin,
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("still", "quiet")
def test_no_answer_to_a_real_caller_hangs_on_what_is_in_a_sandbox(app, make, as_, a):
    real, test = world.fill(make), world.fill(Make(make.database, a.user_id))
    addresses = world.questions(app, asked(real, test))
    callers = callers_of(as_, make)
    full = {name: world.ask(app, client, addresses) for name, client in callers.items()}
    rows = world.rows(make.database)
    assert a.get("/sandbox").json["total"] > 100
    assert a.post("/sandbox/reset").json["total"] == 5
    assert world.rows(make.database) == rows
    for name, client in callers.items():
        assert world.different(full[name], world.ask(app, client, addresses)) == [], name
    # Not because there was nothing to tell apart.
    assert full["admin"][f"/partners/{real['partner'][0]}"][0] == 200
    for kind, ids in test.items():
        assert {full["admin"][f"/{PLURALS[kind]}/{id}"][0] for id in ids[-2:]} == {404}


@pytest.mark.slow
@pytest.mark.usefixtures("still", "quiet")
def test_no_answer_to_a_test_client_hangs_on_another_sandbox_or_on_what_is_real(app, make, a, b):
    mine, theirs = (world.fill(Make(make.database, one.user_id)) for one in (a, b))
    real = world.fill(make)
    addresses = world.questions(app, asked(mine, theirs, real))
    full = world.ask(app, a, addresses)
    for kind, ids in mine.items():
        there = [full[f"/{PLURALS[kind]}/{id}"][0] for id in ids]
        assert set(there) <= {200, 301}, kind
        assert {full[f"/{PLURALS[kind]}/{id}"][0] for id in (*theirs[kind][-2:], *real[kind][-2:])} == {404}
        assert a.get(f"/{PLURALS[kind]}").json["total"] >= len(ids)

    b.post("/sandbox/reset")
    assert world.different(full, world.ask(app, a, addresses)) == []
    world.fill(Make(make.database, b.user_id))
    with make.database.writing() as session:
        for kind, ids in real.items():
            if kind not in {"document", "partner"}:
                session.get(RESOURCES[kind], ids[-1]).change({"visibility": "private"})
    make.challenge()
    assert world.different(full, world.ask(app, a, addresses)) == []


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_no_write_reaches_out_of_a_sandbox_nor_into_one(make, as_, a, b, operation):
    kind = operation.within or operation.resource
    inside = Make(make.database, a.user_id)
    elsewhere = {"real": make, "another's": Make(make.database, b.user_id)}
    targets = {whose: getattr(builder, kind)() for whose, builder in elsewhere.items()}
    own = getattr(inside, kind)()
    options = {"json": good_body(operation, inside) if operation.takes_body else None}
    if operation.path.endswith("/documents"):
        options = {"data": {"title": '{"da": "Bilag"}'}, "content_type": "multipart/form-data"}
    before = world.rows(make.database), world.rows(make.database, b.user_id)
    for whose, id in targets.items():
        answer = a.call(operation.method, operation.address(id), headers={"If-Match": "*"}, **options)
        assert answer.status_code == 404, f"{operation} on {whose} record: {answer.text}"
    assert (world.rows(make.database), world.rows(make.database, b.user_id)) == before
    answer = as_.everywhere.call(operation.method, operation.address(own), headers={"If-Match": "*"}, **options)
    assert answer.status_code == 404, answer.text
