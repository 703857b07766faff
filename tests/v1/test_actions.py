"""What `embed=actions` names is what the server then does: every resource, state and role."""

from __future__ import annotations

import pytest

from api.domain.lifecycle import LIFECYCLES
from api.domain.steps import Lifecycle
from tests import make as builders
from tests.make import Make
from tests.v1.bodies import at
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
        assert set(named) <= set(names)
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


@pytest.mark.parametrize("life", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_without_a_log_in_there_is_nothing_to_do(client, make, life):
    for state in map(str, life.published):
        read = client.get(f"{at(life.resource, getattr(make, life.resource)(state=state))}?embed=actions")
        assert read.status_code in (301, 404) or read.json["embedded"]["actions"] == []
