"""Every operation of the contract × every caller × every kind of record: what was promised is what is answered."""

from __future__ import annotations

import pytest

from tests.matrix import checks
from tests.matrix.expected import CALLERS, MAY
from tests.matrix.operations import OPERATIONS, Operation, attempts
from tests.matrix.world import World

WRITES = [one for one in OPERATIONS if one.guarded]
LISTS = [one for one in OPERATIONS if one.id.startswith("list_") and "sort" in one.parameters]


def test_the_tables_speak_of_every_permission_and_no_other():
    assert set(MAY) == {one.permission for one in OPERATIONS if one.guarded}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_status(world: World, operation: Operation):
    assert list(checks.statuses(world, operation)) == []


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_each_permission_is_granted_to_someone_and_refused_to_someone_who_sees(world: World, operation: Operation):
    """So that the matrix cannot be empty: what it promises of an operation holds successes and refusals."""
    tried = attempts(world, operation)
    promised = {attempt.expected(caller) for attempt in tried for caller in CALLERS}
    granted = {attempt.expected(caller) for attempt in tried for caller in CALLERS if attempt.works}
    assert 200 in granted
    # Those who see an enquiry are those who may close it, and who may attach to it.
    assert {401, 403} <= promised or operation.id in ("close_enquiry", "create_enquiry_document")


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_list(world: World, operation: Operation):
    assert list(checks.lists(world, operation)) == []


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_filters_and_words_find_only_what_is_seen(world: World, operation: Operation):
    assert list(checks.filters(world, operation)) == []


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_neighbours_are_embedded_only_as_far_as_they_are_seen(world: World, operation: Operation):
    assert list(checks.embeds(world, operation)) == []


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_services_find_what_their_scopes_leave_and_test_clients_their_sandbox(world: World, operation: Operation):
    assert list(checks.services(world, operation)) == []


def test_lineage_tells_only_what_is_seen(world: World):
    assert list(checks.lineage(world)) == []


def test_the_log_keeps_who_sees_what_by_a_stake(world: World):
    assert list(checks.sights(world)) == []


def test_the_feed_tells_of_exactly_what_is_seen(world: World):
    assert list(checks.events(world)) == []


def test_a_body_points_only_at_what_its_sender_sees(world: World):
    assert list(checks.references(world)) == []
