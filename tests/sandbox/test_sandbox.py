"""A test client alone in its sandbox: it begins with a small world, walks the whole way, and starts anew."""

from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, select

from api.domain import policy
from api.kit import statements
from api.models import RESOURCES, Partner, SandboxEvent
from api.models.visible import Reach
from api.services import deadlines
from schemas.base import creating
from schemas.fields import Ref
from schemas.query import Order
from tests.clients import Client, service
from tests.files import GOOD
from tests.make import Make, challenge_body, partner_body, support_body
from tests.sandbox import world
from tests.v1.bodies import FULL, NAMES, collection
from tests.v1.expect import problem
from tests.v1.lists import ids

PASSED = "2020-01-01T12:00:00.000000Z"


def kinds(client):
    return {one["kind"]: one["id"] for one in client.get("/partners").json["items"]}


def events(app, sandbox):
    with app.extensions["copi"].database.reading() as connection:
        query = select(SandboxEvent.seq, SandboxEvent.type).where(SandboxEvent.sandbox == sandbox)
        return [tuple(row) for row in connection.execute(query.order_by(SandboxEvent.seq))]


# --- What it begins with ------------------------------------------------------------------------------------


def test_a_fresh_sandbox_holds_one_organisation_of_each_sort(make, client, as_, a, b):
    assert world.is_bare(make.database, a.user_id)
    others = client, as_.copi_admin, b
    before = world.rows(make.database)
    page = a.get("/partners").json
    assert page["total"] == 5
    assert all(one["test"] and one["state"] == "active" and one["name"]["da"].startswith("Test")
               for one in page["items"])  # fmt: skip
    assert set(kinds(a)) == {"municipality", "region", "company", "knowledge_institution", "business_promotion"}
    assert a.get("/partners").json == page, "made once"
    told = a.get("/sandbox").json
    assert told["total"] == 5
    assert {one["resource"] for one in told["items"]} == set(RESOURCES)
    assert set(ids(b, "/partners")).isdisjoint(ids(a, "/partners"))
    for other in others[:2]:
        assert other.get("/partners?q=testkommune").json["total"] == 0
    assert world.rows(make.database) == before


def test_many_first_calls_at_once_make_it_once(app, make):
    caller = make.test_client()
    clients = [service(app, caller) for _ in range(6)]
    barrier = threading.Barrier(6)

    def call(client):
        barrier.wait()
        client.get("/partners")

    threads = [threading.Thread(target=call, args=(one,)) for one in clients]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert clients[0].get("/sandbox").json["total"] == 5


def test_others_have_no_sandbox(client, as_, make, app):
    plain = service(app, make.client())
    for caller in (as_.copi_admin, as_(make.home, "manager"), plain):
        for method, path in (("GET", "/sandbox"), ("POST", "/sandbox/reset")):
            refusal = problem(caller.call(method, path), 403)
            assert refusal["detail"] == "Det kræver, at du er en testklient."
            problem(client.call(method, path), 401)


def test_people_who_log_in_through_a_test_frontend_share_its_sandbox(app, make, as_):
    frontend = make.test_client(kind="frontend")
    admin = make.user(duties=["copi_admin"])
    one, another = (Client(app, id, client=frontend) for id in (admin, make.user(roles={make.home: "manager"})))
    assert ids(one, "/partners") == ids(another, "/partners")
    problem(one.get(f"/partners/{make.home}"), 404)
    id = another.post("/partners", partner_body()).json["id"]
    [change] = one.get(f"/partners/{id}/history").json["items"]
    assert change["actor"]["id"] == another.user_id
    assert Client(app, admin).get(f"/partners/{make.home}").status_code == 200, "elsewhere it is who it was"


# --- The whole way ------------------------------------------------------------------------------------------


class Walk:
    """One caller who makes and moves records, with whatever version they have."""

    def __init__(self, client):
        self.client = client

    def make(self, path, body):
        answer = self.client.post(path, body)
        assert answer.status_code == 201, answer.json
        assert answer.json["test"] is True
        return answer.json["id"]

    def step(self, path, body=None):
        answer = self.client.post(path, body, headers={"If-Match": "*"})
        assert answer.status_code in (200, 201), (path, answer.json)
        return answer.json

    def tasks(self):
        return {(one["resource"], one["step"]) for one in self.client.get("/tasks").json["items"]}


def test_a_test_client_walks_the_whole_way_alone(app, make, client, as_, a):
    make.challenge(title={"da": "Et rigtigt behov"})
    real, walk = world.rows(make.database), Walk(a)
    who = kinds(a)
    town, region, company = who["municipality"], who["region"], who["company"]
    need = walk.make("/challenges", challenge_body(
        town, problem={"da": "Sådan er det."}, timeline={"posed": "2026-01", "response_deadline": "2099-01-01T00:00:00Z"},
    ))  # fmt: skip
    challenge = f"/challenges/{need}"
    walk.step(f"{challenge}/submit")
    assert ("challenge", "publish") in walk.tasks()
    assert "publish" in a.get(f"{challenge}?embed=actions").json["embedded"]["actions"]
    walk.step(f"{challenge}/publish")
    support = walk.make(f"{challenge}/supports", support_body(region, level="letter_of_intent", signed_at="2026-02"))
    problem(a.post(f"{challenge}/supports", support_body(region)), 409)
    walk.step(f"/supports/{support}/confirm")
    demand = a.get(challenge).json["demand"]
    assert (demand["supports"], demand["partner_ids"]) == (1, [region])
    assert demand["population_covered"] > 1_000_000
    question = walk.make(f"{challenge}/questions", {"partner_id": company, "question": {"da": "Hvor mange?"}})
    walk.step(f"/questions/{question}/answer", {"answer": {"da": "Ti."}})
    response = walk.make(f"{challenge}/responses", {"partner_id": company, "title": {"da": "Svar"},
                                                    "approach": {"da": "Sådan."}})  # fmt: skip
    walk.step(f"/responses/{response}/submit")
    enquiry = walk.make("/enquiries", {"partner_id": town, "title": {"da": "Må vi?"}, "question": {"da": "Må vi?"},
                                       "challenge_id": need})  # fmt: skip
    walk.step(f"/enquiries/{enquiry}/assign", {"adviser": "test"})
    walk.step(f"/enquiries/{enquiry}/answer", {"answer": {"da": "Ja."}})
    note = walk.make("/guidance", {"title": {"da": "Ja"}, "question": {"da": "Må man?"}, "answer": {"da": "Ja."},
                                   "enquiry_id": enquiry})  # fmt: skip
    walk.step(f"/guidance/{note}/publish")
    walk.step(f"{challenge}/close")
    walk.step(f"/responses/{response}/select")
    project = walk.step(f"{challenge}/form-project", {"end": "2026-06"})
    assert project["test"] is True
    project = project["id"]
    walk.step(f"/projects/{project}/start")
    walk.step(f"/projects/{project}/complete", {"end": "2026-06"})
    outcome = walk.make("/outcomes", {"title": {"da": "Virkning"}, "summary": {"da": "Det virker."},
                                      "project_id": project, "kind": "measured_effect"})  # fmt: skip
    walk.step(f"/outcomes/{outcome}/submit")
    walk.step(f"/outcomes/{outcome}/verify")
    adoption = walk.make(f"/outcomes/{outcome}/adoptions", {"partner_id": region, "kind": "adapted"})
    walk.step(f"/adoptions/{adoption}/confirm")

    lineage = a.get(f"{challenge}/lineage").json
    assert [one["project"]["id"] for one in lineage["projects"]] == [project]
    assert lineage["projects"][0]["outcomes"][0]["adoptions"][0]["id"] == adoption
    assert a.get(f"/outcomes/{outcome}").json["reuse"]["organisations"] == 1
    assert a.get(f"/partners/{region}").json["reuse"]["taken_over"] == 1
    for plural in ("challenges", "projects", "outcomes"):
        assert a.get(f"/statistics/{plural}").json["total"] == 1
    assert a.get("/statistics/journey").json["with_measured_effect"] == 1
    assert ids(a, "/outcomes?q=virker&theme=green_transition") == [outcome]
    assert a.get(f"/partners/{town}?embed=challenges").json["embedded"]["challenges"][0]["id"] == need
    types = [one["type"] for one in a.get(f"{challenge}/history?limit=250").json["items"]]
    assert {"challenge.created", "challenge.published", "challenge.demand_changed", "challenge.closed"} <= set(types)
    assert a.get(f"{challenge}/history/1").json["state"] == "draft"

    assert world.rows(make.database) == real
    for other in (client, as_.copi_admin):
        assert other.get("/statistics/journey").json["challenges"] == 1
        assert other.get("/challenges").json["total"] == 1
        problem(other.get(challenge), 404)
    assert ("guidance", "publish") not in Walk(as_.copi_admin).tasks()


def test_its_deadlines_pass_too(app, make, a):
    inside = Make(make.database, a.user_id)
    id = inside.challenge(timeline={"response_deadline": PASSED})
    assert list(deadlines.close_passed(make.database)) == [id]
    assert a.get(f"/challenges/{id}").json["state"] == "closed"
    assert a.get(f"/challenges/{id}/history").json["items"][0]["actor"] is None


def test_partners_merge_within_it(make, a):
    inside = Make(make.database, a.user_id)
    old, new = inside.partner(kind="municipality"), inside.partner(kind="municipality")
    challenge = inside.challenge(owner=old)
    body = {"merged_into": new, "reason": "Det samme."}
    assert a.post(f"/partners/{old}/merge", body, version=1).status_code == 200
    assert a.get(f"/challenges/{challenge}").json["owners"] == [new]
    assert a.get(f"/partners/{old}").status_code == 301
    problem(a.post(f"/partners/{new}/merge", {**body, "merged_into": make.partner()}, version=1), 422, "/merged_into")


# --- Scopes -------------------------------------------------------------------------------------------------


def test_scopes_count_in_a_sandbox_as_they_do_outside(app, make):
    id = make.test_client()
    inside, narrow = Make(make.database, id), service(app, id, ["partner:create"])
    draft, shown = inside.partner("draft"), inside.partner()
    private = inside.partner(visibility="private")
    response = inside.response()
    assert narrow.get(f"/partners/{shown}").status_code == 200
    for path in (f"/partners/{draft}", f"/partners/{private}", f"/responses/{response}", f"/partners/{draft}/history"):
        problem(narrow.get(path), 404)
    assert narrow.post("/partners", partner_body()).status_code == 201
    refused = problem(narrow.post("/challenges", challenge_body(inside.partner(kind="municipality"))), 403)
    assert "challenge:create" in refused["detail"]
    assert service(app, id).get(f"/responses/{response}").status_code == 200


def test_what_was_not_shown_stays_unshown_in_the_history_without_a_scope(app, make):
    id = make.test_client()
    every, narrow = service(app, id), service(app, id, [])
    made = every.post("/partners", partner_body()).json["id"]
    every.post(f"/partners/{made}/activate", version=1)
    assert every.get(f"/partners/{made}/history").json["total"] == 2
    assert [one["version"] for one in narrow.get(f"/partners/{made}/history").json["items"]] == [2]
    problem(narrow.get(f"/partners/{made}/history/1"), 404)


def test_what_is_not_about_records_is_not_for_a_sandbox(monkeypatch, make, a):
    """Whatever permission is added for people or clients: test clients have no part in it unless it is said."""
    from api.domain.actor import Actor
    from api.domain.errors import Refusal

    monkeypatch.setitem(policy.POLICY, "partner:invite", (policy.copi_admin, policy.owner_manager))
    caller = Actor(id=a.user_id, sandbox=a.user_id)
    assert policy.may(caller, "partner:update", None)
    assert not policy.may(caller, "partner:invite", None)
    with pytest.raises(Refusal) as refused:
        policy.demand(caller, "partner:invite", None)
    assert "sandkasse" in refused.value.detail.da


# --- Nothing points out of it -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NAMES)
def test_every_reference_in_a_body_is_held_to_the_sandbox(make, a, b, kind):
    """For each field of a body that names a record: one of the own sandbox is taken, any other is refused (422)."""
    inside, real = Make(make.database, a.user_id), make
    body = FULL[kind](inside)
    where = collection(kind, inside)
    pointers = list(_references(creating(type(RESOURCES[kind].schema))(), body))
    assert pointers or kind == "guidance", "nothing to try"
    for elsewhere in (real, Make(make.database, b.user_id)):
        for path, field in pointers:
            foreign = json.loads(json.dumps(body))
            _put(foreign, path, getattr(elsewhere, field.resource)())
            before = world.rows(make.database)
            problem(a.post(where, foreign), 422, "/" + "/".join(map(str, path)))
            assert world.rows(make.database) == before
    if kind == "challenge":
        body["owners"] = [inside.partner(kind="municipality")]
    assert a.post(where, body).status_code == 201


def _references(shape, value, path=()):
    for name, field in shape.fields.items():
        if value.get(name) is not None:
            yield from _within(field, value[name], (*path, name))


def _within(field, value, path):
    if isinstance(field, Ref):
        yield path, field
    elif hasattr(field, "schema"):
        yield from _references(field.schema, value, path)
    elif hasattr(field, "inner"):
        for place, item in enumerate(value):
            yield from _within(field.inner, item, (*path, place))


def _put(body, path, value):
    *above, last = path
    for name in above:
        body = body[name]
    body[last] = value


def test_the_same_source_is_one_record_in_each_sandbox_and_one_outside(make, as_, a, b):
    body = partner_body(source={"system": "sagssystem", "external_id": "1"})
    for caller in (as_.copi_admin, a, b):
        made = caller.post("/partners", body)
        assert (made.status_code, made.json["source"]["system"]) == (201, "sagssystem")
        problem(caller.post("/partners", body), 409)


def test_a_body_cannot_say_whose_it_is(make, a, b):
    for name, value in (("sandbox", b.user_id), ("test", False), ("audience", "public")):
        problem(a.post("/partners", partner_body(**{name: value})), 422, f"/{name}")


def test_a_write_across_the_border_fails_even_when_a_rule_lets_it(make, a):
    """The last line of defence, reached past every rule that comes before it."""
    from api.domain.acting import acting
    from api.domain.actor import Actor

    for writer, owner in (
        (Actor(id=a.user_id, sandbox=a.user_id), make),
        (Actor(id="x"), Make(make.database, a.user_id)),
    ):
        id = owner.partner()
        with pytest.raises(RuntimeError, match="sandbox"), acting(writer), make.database.writing() as session:
            session.get_one(Partner, id).change({"website": "https://example.org"})


# --- Emptying it --------------------------------------------------------------------------------------------


def attach(client, path):
    name, kind, content = GOOD["pdf"]
    data = {"file": (io.BytesIO(content), name, kind), "title": json.dumps({"da": "Bilag", "en": None})}
    made = client.call("POST", f"{path}/documents", data=data, content_type="multipart/form-data")
    assert made.status_code == 201, made.json
    return made.json


def test_reset_takes_everything_away_and_begins_anew(app, make, as_, a, b):
    world.fill(make)
    world.fill(Make(make.database, a.user_id))
    world.fill(Make(make.database, b.user_id))
    mine = attach(a, f"/projects/{Make(make.database, a.user_id).project()}")
    storage = app.extensions["copi"].storage
    assert storage.holds(mine["sha256"])
    real, others, last = world.rows(make.database), world.rows(make.database, b.user_id), events(app, a.user_id)[-1][0]

    told = a.post("/sandbox/reset")
    assert (told.status_code, told.json["total"]) == (200, 5)
    assert a.get("/sandbox").json == told.json
    assert [one["count"] for one in told.json["items"] if one["resource"] == "partner"] == [5]
    assert world.rows(make.database) == real
    assert world.rows(make.database, b.user_id) == others
    problem(a.get(f"/documents/{mine['id']}"), 404)
    assert not storage.holds(mine["sha256"])
    # Numbers go on, and the first of them says what happened: who has read up to the last one misses nothing.
    assert events(app, a.user_id) == [
        (last + 1, "sandbox.emptied"), *((last + place, "partner.created") for place in range(2, 7)),
    ]  # fmt: skip
    assert a.post("/partners", partner_body()).status_code == 201


def test_files_that_others_have_too_stay(app, make, as_, a):
    theirs = attach(as_.everywhere, f"/projects/{make.project(owner=make.home)}")
    mine = attach(a, f"/projects/{Make(make.database, a.user_id).project()}")
    assert mine["sha256"] == theirs["sha256"]
    a.post("/sandbox/reset")
    assert as_.everywhere.get(f"/documents/{theirs['id']}/content").data == GOOD["pdf"][2]


def test_reset_beside_writers_leaves_a_whole_sandbox(app, make):
    """Each write comes before it or after it: nothing is torn, nobody waits for ever, and numbers have no gap."""
    caller = make.test_client()
    town = kinds(service(app, caller))["municipality"]
    codes, stop = [], threading.Event()

    def write():
        client = service(app, caller)
        while not stop.is_set():
            codes.append(client.post("/challenges", challenge_body(town)).status_code)
            codes.append(client.post("/partners", partner_body()).status_code)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for one in writers:
        one.start()
    resets = [service(app, caller).post("/sandbox/reset").status_code for _ in range(5)]
    stop.set()
    for one in writers:
        one.join()
    assert resets == [200] * 5
    assert set(codes) <= {201, 422}, "422 once the owner that was named is gone"
    numbers = [seq for seq, _ in events(app, caller)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_large_sandbox_is_emptied_in_as_few_statements_as_a_small_one(make, a):
    """However much there is, it goes table by table: ten times the records are not ten times the round trips."""
    counts = []
    for many in (3, 30):
        inside = Make(make.database, a.user_id)
        for _ in range(many):
            inside.outcome(project=inside.project(challenge_ids=[inside.challenge()]))
        with statements_of(make.database) as seen:
            assert a.post("/sandbox/reset").json["total"] == 5
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- What it costs ------------------------------------------------------------------------------------------


@contextmanager
def statements_of(database):
    """What is asked of the database for writing, as it is sent."""
    seen = []

    def note(_connection, _cursor, sql, parameters, _context, _many):
        seen.append((sql, parameters))

    event.listen(database.writes, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.writes, "before_cursor_execute", note)


def test_a_sandbox_is_read_without_going_through_what_is_real(make, a):
    """By the plan of the database: the way in is the index on the sandbox, also where there is a filter."""
    dialect = make.database.name
    shape = statements.Shape("challenge", Reach.SANDBOX, dialect, order=(Order("title", descending=False),))
    shapes = [shape]
    if make.database.is_sqlite:  # PostgreSQL goes by how many rows there are, which here are none
        shapes.append(replace(shape, filters=(statements.Filter("theme"),)))
    for statement in (ask(one) for one in shapes for ask in (statements.page, statements.count)):
        assert "ix_challenge_sandbox" in plan_of(make.database, statement, a.user_id)


def plan_of(database, statement, sandbox):
    known = {"sandbox": sandbox, "f_theme": ["green_transition"], "limit": 51, "offset": 0}
    with database.writing() as session, statements_of(database) as seen:
        connection = session.connection()
        connection.execute(statement, known)
        sql, parameters = seen[-1]
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        return str(connection.exec_driver_sql(f"{explain} {sql}", parameters).all())


def test_what_happens_in_a_sandbox_makes_nobody_else_s_answers_stale(make, client, a):
    make.challenge()
    page = client.get("/challenges")
    Make(make.database, a.user_id).challenge()
    a.post("/sandbox/reset")
    assert client.get("/challenges", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    mine = a.get("/challenges")
    make.challenge()
    assert a.get("/challenges", headers={"If-None-Match": mine.headers["ETag"]}).status_code == 304
