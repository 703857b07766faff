"""What `embed=actions` names is what the server then does: every resource, state and role."""

from __future__ import annotations

import io
import json

import pytest

from api.domain.lifecycle import LIFECYCLES
from api.domain.steps import Lifecycle
from api.kit.adding import kinds_below
from schemas.names import PLURALS
from schemas.query import Embed
from tests import make as builders
from tests.clients import service
from tests.files import PDF
from tests.make import Make, adoption_body, outcome_body, question_body, response_body, support_body
from tests.v1.bodies import at
from tests.v1.expect import problem
from tests.v1.operations import asked


def built(make: Make, resource: str, state: str, other: str) -> str:
    """A record of `make.home`'s in a state, with `other` on its other side: the challenge's owner, the project's lead."""
    lead = [{"partner_id": other, "role": "lead"}, {"partner_id": make.home, "role": "supplier"}]
    tried = [lead[0], {"partner_id": make.home, "role": "test_site"}]
    given = {
        "partner": lambda: {},
        "challenge": lambda: {"owner": make.home, "problem": {"da": "Sådan er det."}},
        "support": lambda: {"challenge": make.challenge(owner=other)},
        "response": lambda: {"challenge": make.challenge("open" if state == "draft" else "closed", owner=other)},
        "question": lambda: {"challenge": make.challenge(owner=other)},
        "project": lambda: {"participants": [*lead, {"partner_id": make.home, "role": "owner"}]},
        "outcome": lambda: {"project": make.project(owner=make.home)},
        "adoption": lambda: {"outcome": make.outcome(project=make.project(participants=tried))},
        "enquiry": lambda: {},
        "guidance": lambda: {},
        "document": lambda: {"project": make.project(participants=[*lead, {"partner_id": make.home, "role": "owner"}])},
    }
    return str(getattr(make, resource)(state=state, **given[resource]()))


CALLERS = {
    "a member": lambda as_, make, other: as_(make.home, "member"),
    "an editor": lambda as_, make, other: as_(make.home, "editor"),
    "a manager": lambda as_, make, other: as_(make.home, "manager"),
    "an editor of the other side": lambda as_, make, other: as_(other, "editor"),
    "a manager of a third": lambda as_, make, other: as_(make.partner(), "manager"),
    "an adviser": lambda as_, make, other: as_.adviser,
    "a CO-PI editor": lambda as_, make, other: as_.copi_editor,
    "a CO-PI administrator": lambda as_, make, other: as_.copi_admin,
    "everything at once": lambda as_, make, other: as_.everywhere,
}
CASES = [(life, str(state)) for life in LIFECYCLES.values() for state in builders.States[life.resource]]


def body_of(life: Lifecycle, name: str, make: Make, state: str):
    if name == "update":
        names = life.editable.get(builders.States[life.resource](state))
        return {"note": {"da": "Ny"}} if names and "sources" not in names else {"sources": ["https://example.org"]}
    return {} if name == "form-project" else asked(life.step(name), make)


@pytest.mark.parametrize(("life", "state"), CASES, ids=[f"{life.resource}-{state}" for life, state in CASES])
def test_what_is_named_can_be_done_and_what_is_not_named_is_refused(as_, make, life, state):
    other = make.partner(kind="municipality", municipality_code="0751")
    names = ["update", *(step.name for step in life.steps)]
    for who, caller in CALLERS.items():
        client = caller(as_, make, other)
        id = built(make, life.resource, state, other)
        read = client.get(f"{at(life.resource, id)}?embed=actions")
        if state == "merged":  # read where it went
            assert read.status_code == 301
            continue
        if read.status_code == 404:
            statuses = {client.call("PATCH", at(life.resource, id), json={}, headers={"If-Match": '"1"'}).status_code}
            statuses |= {
                client.post(f"{at(life.resource, id)}/{step.name}", asked(step, make), version=1).status_code
                for step in life.steps if not step.apart
            }  # fmt: skip
            assert statuses == {404}, who
            continue
        named = read.json["embedded"]["actions"]
        assert set(named) <= {*names, *additions(life)}
        for name in names:
            body = body_of(life, name, make, state)
            address = at(life.resource, id) + ("" if name == "update" else f"/{name}")
            version = client.get(at(life.resource, id)).json["version"]
            method = "PATCH" if name == "update" else "POST"
            sent = {} if body is None else {"json": body}
            answer = client.call(method, address, headers={"If-Match": f'"{version}"'}, **sent)
            if name in named:
                assert answer.status_code in (200, 201), (who, name, answer.json)
                id = built(make, life.resource, state, other)  # this one has moved on
            else:
                assert answer.status_code in (403, 409), (who, name, answer.status_code)


# --- What may be added --------------------------------------------------------------------------------------


def additions(life: Lifecycle) -> dict[str, str]:
    """What can be added to a record, by what that is called."""
    return {model.lifecycle.adding: model.__tablename__ for model in kinds_below(life.resource)}


ADDED = {"support": support_body, "response": response_body, "question": question_body, "adoption": adoption_body}


def adds(client, life: Lifecycle, id: str, kind: str, partner: str):
    """Add one of a kind to a record, for that partner where it is for one."""
    if kind == "document":
        form = {"title": json.dumps({"da": "Bilag"}), "file": (io.BytesIO(PDF), "bilag.pdf", "application/pdf")}
        address = f"{at(life.resource, id)}/documents"
        return client.call("POST", address, data=form, content_type="multipart/form-data")
    if kind == "outcome":
        return client.post("/outcomes", outcome_body(id))
    return client.post(f"{at(life.resource, id)}/{PLURALS[kind]}", ADDED[kind](partner))


PARENTS = [(life, state) for life, state in CASES if additions(life)]


@pytest.mark.parametrize(("life", "state"), PARENTS, ids=[f"{life.resource}-{state}" for life, state in PARENTS])
def test_what_may_be_added_is_named_and_nothing_else_is_taken(as_, make, life, state):
    other = make.partner(kind="municipality", municipality_code="0751")
    for who, caller in CALLERS.items():
        client = caller(as_, make, other)
        id = built(make, life.resource, state, other)
        read = client.get(f"{at(life.resource, id)}?embed=actions")
        if read.status_code == 404:
            continue
        own = [one["partner"]["id"] for one in client.get("/me").json["memberships"]]
        for name, kind in additions(life).items():
            answers = [adds(client, life, id, kind, partner) for partner in (*own, make.partner(kind="municipality"))]
            statuses = {one.status_code for one in answers}
            if name in read.json["embedded"]["actions"]:
                assert 201 in statuses, (who, name, [one.json for one in answers])
            else:
                assert statuses <= {403, 409}, (who, name, [one.json for one in answers])


def test_to_each_their_own_on_an_open_challenge(as_, make):
    owner, firm = make.partner(kind="municipality"), make.partner()
    path = f"/challenges/{make.challenge(owner=owner)}"

    def named(who):
        actions = who.get(f"{path}?embed=actions").json["embedded"]["actions"]
        [listed] = who.get("/challenges?embed=actions").json["items"]
        assert listed["embedded"]["actions"] == actions
        return [one for one in actions if one in ("support", "respond", "ask", "attach")]

    assert named(as_(firm, "editor")) == ["respond", "ask"], "a company cannot join a need"
    assert named(as_(firm, "member")) == ["ask"]
    assert named(as_(make.home, "editor")) == ["support", "respond", "ask"]
    assert named(as_(owner, "editor")) == ["support", "respond", "ask", "attach"]
    assert named(as_.adviser) == ["support"]
    assert named(as_.copi_editor) == ["support", "attach"]


def test_what_there_is_one_of_is_named_again_when_it_is_withdrawn(as_, make):
    firm, town = make.partner(), make.partner(kind="municipality")
    challenge = make.challenge()
    path = f"/challenges/{challenge}"
    for name, partner, sent, below in (
        ("respond", firm, response_body(firm), "responses"), ("support", town, support_body(town), "supports"),
    ):  # fmt: skip
        manager = as_(partner, "manager")

        def named(manager=manager):
            return manager.get(f"{path}?embed=actions").json["embedded"]["actions"]

        assert name in named()
        made = manager.post(f"{path}/{below}", sent).json["id"]
        assert name not in named()
        problem(manager.post(f"{path}/{below}", sent), 409)
        assert manager.post(f"/{below}/{made}/withdraw", version=1).status_code == 200
        assert name in named()


def test_a_service_is_told_of_what_its_scopes_let_it_add(app, make):
    id = make.client(roles={make.home: "editor"})
    path = f"/challenges/{make.challenge()}?embed=actions"
    read = ["challenge:read"]
    for scopes in ([], ["support:create"], ["response:create", "question:create"]):
        told = service(app, id, [*read, *scopes]).get(path).json["embedded"]["actions"]
        names = {"support:create": "support", "response:create": "respond", "question:create": "ask"}
        assert told == [names[scope] for scope in scopes]


@pytest.mark.parametrize(
    "life", [life for life in LIFECYCLES.values() if additions(life)], ids=lambda life: life.resource
)
def test_what_is_added_is_called_like_no_step(life):
    assert not additions(life).keys() & {"update", *(step.name for step in life.steps)}
    assert len(additions(life)) == len(kinds_below(life.resource))


def test_the_contract_says_what_adding_is_called():
    names = {name for life in LIFECYCLES.values() for name in additions(life)}
    assert {name for name in names if f"`{name}`" in Embed("actions").description} == names


@pytest.mark.parametrize("life", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_without_a_log_in_there_is_nothing_to_do(client, make, life):
    for state in map(str, life.published):
        read = client.get(f"{at(life.resource, getattr(make, life.resource)(state=state))}?embed=actions")
        assert read.status_code in (301, 404) or read.json["embedded"]["actions"] == []
