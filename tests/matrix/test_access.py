"""Accounts and programs: what was promised is what is answered, and no line of the policy can be broken unseen."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.conftest import Server
from tests.matrix import access, mutants
from tests.matrix import world as worlds
from tests.matrix.access import Programs
from tests.matrix.mutants import Mutant
from tests.matrix.world import World

EQUIVALENT: dict[str, str] = {
    f"{permission}: anyone logged in": "others do not see it"
    for permission in (
        *("webhook:create", "webhook:delete", "client:update", "client:revoke-secret", "client:block"),
        *(f"search:{verb}" for verb in ("create", "update", "delete")),
        *("import:create", "import:cancel"),
        *(f"import_profile:{verb}" for verb in ("create", "update", "delete")),
    )
} | {
    f"{permission}: a manager of one of the owners becomes {roles} of owner": "nobody else there sees it"
    for permission in ("webhook:delete", "client:update", "client:revoke-secret", "client:block")
    for roles in ("editor/manager/member", "editor/manager")
}
"""Mutants by which nobody comes to do more or less, and why."""


@pytest.fixture(scope="module")
def programs(world: World) -> Programs:
    return access.programs(world)


@pytest.fixture(scope="module")
def little_world(_servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.inhabited(Server("sqlite", _servers["sqlite"]).database("access"), tmp_path_factory) as world:
        logging.disable(logging.CRITICAL)
        yield world
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def little_programs(little_world: World) -> Programs:
    return access.programs(little_world)


def test_who_may(world: World, programs: Programs):
    assert list(access.differences(world, programs)) == []


def test_every_permission_is_tried(world: World, programs: Programs):
    assert access.tried(world, programs) == access.asked()


@pytest.mark.proof
@pytest.mark.parametrize("mutant", list(mutants.policies(of_access=True)), ids=str)
def test_the_policy(little_world: World, little_programs: Programs, mutant: Mutant):
    with mutant.at_large(little_world):
        found = next(access.differences(little_world, little_programs, mutant.about), None)
    assert bool(found) != (mutant.name in EQUIVALENT)
