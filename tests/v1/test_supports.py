"""Supports: bodies that join a need, and the joint demand they make."""

from __future__ import annotations

import pytest

from api import reference
from tests.make import support_body
from tests.v1.expect import problem
from tests.v1.lists import assert_filters, assert_sorts, ids

AARHUS = {"kind": "municipality", "municipality_code": "0751"}
COPENHAGEN = {"kind": "municipality", "municipality_code": "0101"}
CENTRAL = {"kind": "region", "region_code": "1082", "municipality_code": "0791"}


def demand(client, challenge):
    return client.get(f"/challenges/{challenge}").json["demand"]


def inhabitants(*codes):
    return reference.population(set(codes))


# --- Joining ------------------------------------------------------------------------------------------------


def test_a_body_joins_by_its_own_manager_alone(client, as_, make):
    owner, town = make.partner(**AARHUS), make.partner(**COPENHAGEN)
    challenge = make.challenge(owner=owner)
    proposed = as_(owner, "editor").post(f"/challenges/{challenge}/supports", support_body(town))
    assert (proposed.status_code, proposed.json["state"]) == (201, "proposed"), proposed.json
    path = f"/supports/{proposed.json['id']}"
    problem(client.get(path), 404)
    assert demand(client, challenge)["supports"] == 0

    for somebody in (as_(owner, "manager"), as_(town, "editor"), as_.copi_editor, as_.copi_admin):
        problem(somebody.post(f"{path}/confirm", version=1), 403)
    confirmed = as_(town, "manager").post(f"{path}/confirm", version=1)
    assert confirmed.json["state"] == "confirmed"
    assert client.get(path).json == confirmed.json
    assert demand(client, challenge)["partner_ids"] == [town]


@pytest.mark.parametrize("who", ["copi_editor", "copi_admin", "adviser"])
def test_others_near_propose_too(as_, make, who):
    challenge = make.challenge()
    made = getattr(as_, who).post(f"/challenges/{challenge}/supports", support_body(make.partner(**AARHUS)))
    assert made.status_code == 201, made.json


def test_strangers_propose_for_nobody(as_, make):
    challenge, town = make.challenge(), make.partner(**AARHUS)
    problem(
        as_(make.partner(**COPENHAGEN), "manager").post(f"/challenges/{challenge}/supports", support_body(town)), 403
    )
    problem(as_(town, "member").post(f"/challenges/{challenge}/supports", support_body(town)), 403)


@pytest.mark.parametrize("kind", ["company", "cluster", "knowledge_institution", "foundation", "business_promotion"])
def test_only_public_bodies_join(as_, make, kind):
    body = support_body(make.partner(kind=kind))
    problem(as_.copi_editor.post(f"/challenges/{make.challenge()}/supports", body), 409)


@pytest.mark.parametrize(("state", "status"), [("draft", 201), ("in_review", 201), ("open", 201), ("closed", 201),
                                               ("resolved", 409), ("withdrawn", 409), ("archived", 409)])  # fmt: skip
def test_a_need_that_has_ended_is_joined_by_nobody(as_, make, state, status):
    challenge = make.challenge(state=state)
    made = as_.copi_editor.post(f"/challenges/{challenge}/supports", support_body(make.partner(**AARHUS)))
    assert made.status_code == status, made.json


def test_a_body_joins_once_and_again_when_it_has_withdrawn(as_, make):
    challenge, town = make.challenge(), make.partner(**AARHUS)
    manager, path = as_(town, "manager"), f"/challenges/{challenge}/supports"
    first = manager.post(path, support_body(town)).json["id"]
    problem(manager.post(path, support_body(town)), 409)
    manager.post(f"/supports/{first}/confirm", version=1)
    problem(manager.post(path, support_body(town)), 409)
    problem(manager.post(f"/supports/{first}/withdraw", {}, version=2), 422, "/reason")
    assert manager.post(f"/supports/{first}/withdraw", {"reason": "Sparerunde."}, version=2).status_code == 200
    again = manager.post(path, support_body(town))
    assert again.status_code == 201
    assert manager.post(f"/supports/{again.json['id']}/confirm", version=1).status_code == 200


def test_a_letter_of_intent_says_when_it_was_signed(as_, make):
    id = make.support("proposed", level="letter_of_intent")
    manager = as_(make.home, "manager")
    problem(manager.post(f"/supports/{id}/confirm", version=1), 409)
    joined = make.support(level="interested")
    problem(manager.post(f"/supports/{joined}/commit", {"level": "letter_of_intent"}, version=1), 409)
    body = {"level": "letter_of_intent", "signed_at": "2026-11-23"}
    assert manager.post(f"/supports/{joined}/commit", body, version=1).json["signed_at"] == "2026-11-23"


def test_a_letter_of_intent_is_not_signed_in_the_future(as_, make):
    joined, manager = make.support(level="interested"), as_(make.home, "manager")
    body = {"level": "letter_of_intent", "signed_at": "2099-01"}
    problem(manager.post(f"/supports/{joined}/commit", body, version=1), 409)


def test_what_a_body_has_committed_itself_to_its_own_manager_alone_changes(as_, make):
    id = make.support(annual_value={"amount": "5", "currency": "DKK", "qualifier": "about"})
    change = {"annual_value": {"amount": "999999999", "currency": "DKK", "qualifier": "about"}}
    for somebody in (as_.copi_editor, as_.copi_admin, as_(make.home, "editor")):
        refusal = problem(somebody.patch(f"/supports/{id}", change, version=1), 403)
        assert "leder hos den organisation, der tilslutter sig" in refusal["detail"]
    assert as_.copi_editor.patch(f"/supports/{id}", {"note": {"da": "Rettet."}}, version=1).status_code == 200
    assert as_(make.home, "manager").patch(f"/supports/{id}", change, version=2).status_code == 200
    proposed = make.support("proposed")
    assert as_(make.home, "editor").patch(f"/supports/{proposed}", change, version=1).status_code == 200


def test_a_step_to_the_same_level_is_a_version_too(as_, make):
    joined, manager = make.support(level="interested"), as_(make.home, "manager")
    again = manager.post(f"/supports/{joined}/commit", {"level": "interested"}, version=1)
    assert (again.status_code, again.json["version"]) == (200, 2)
    problem(manager.post(f"/supports/{joined}/commit", {"level": "interested"}, version=1), 412)


def test_whether_another_has_joined_is_told_to_nobody_who_tries(as_, make):
    challenge, town, stranger = make.challenge(), make.partner(**AARHUS), as_(make.partner(**COPENHAGEN), "manager")
    path, body = f"/challenges/{challenge}/supports", support_body(town)
    before = problem(stranger.post(path, body), 403)
    support = make.support(challenge=challenge, partner_id=town, visibility="private")
    assert problem(stranger.post(path, body), 403)["detail"] == before["detail"]
    assert f"/supports/{support}" in problem(as_(town, "manager").post(path, body), 409)["detail"]


def test_once_confirmed_only_amounts_and_notes_change(as_, make):
    id, manager = make.support(), as_(make.home, "manager")
    refusal = problem(manager.patch(f"/supports/{id}", {"level": "will_procure"}, version=1), 409, "/level")
    assert "commit" in refusal["detail"]
    volume = {"amount": "3", "unit": "færger"}
    assert manager.patch(f"/supports/{id}", {"annual_volume": volume}, version=1).json["annual_volume"] == volume


def test_who_is_asked_to_join_sees_the_draft_and_who_has_withdrawn_does_not(client, as_, make):
    challenge, town = make.challenge(state="draft"), make.partner(**AARHUS)
    path, member = f"/challenges/{challenge}", as_(town, "member")
    problem(member.get(path), 404)
    support = make.support("proposed", challenge=challenge, partner_id=town)
    assert member.get(path).status_code == 200
    problem(client.get(path), 404)
    problem(as_(make.partner(), "manager").get(path), 404)
    problem(as_(town, "manager").patch(path, {"phase": "procurement"}, version=1), 403)
    as_(town, "manager").post(f"/supports/{support}/withdraw", version=1)
    problem(member.get(path), 404)


def test_a_support_is_shown_only_with_its_challenge(client, as_, make):
    for given in ({"state": "draft"}, {"visibility": "private"}, {"visibility": "network"}, {"state": "withdrawn"}):
        challenge = make.challenge(**given)
        support = make.support(challenge=challenge)
        problem(client.get(f"/supports/{support}"), 404)
        problem(client.get(f"/challenges/{challenge}/supports"), 404)
        assert support not in ids(client, "/supports")
        assert as_(make.home, "member").get(f"/supports/{support}").status_code == 200
    seen = make.support(challenge=make.challenge(visibility="network"))
    assert as_.adviser.get(f"/supports/{seen}").status_code == 200


def test_the_list_below_a_challenge_holds_its_own(client, make):
    challenge = make.challenge()
    ours = [make.support(challenge=challenge, partner_id=make.partner(**AARHUS)) for _ in range(2)]
    make.support()
    make.support("proposed", challenge=challenge)
    assert ids(client, f"/challenges/{challenge}/supports?sort=created_at") == ours
    assert client.get(f"/challenges/{challenge}/supports").json["total"] == 2
    problem(client.get(f"/challenges/{challenge}/supports?challenge={challenge}"), 400, parameter="challenge")


# --- The joint demand ---------------------------------------------------------------------------------------


def test_amounts_are_added_up_unit_by_unit_and_currency_by_currency(client, make):
    challenge = make.challenge()
    given = [
        ("12.50", "maskiner", "4000000.10", "DKK"),
        ("2.5", "maskiner", "0.90", "DKK"),
        ("100", "timer", "7", "EUR"),
    ]
    for amount, unit, value, currency in given:
        make.support(challenge=challenge, partner_id=make.partner(kind="utility"),
                     annual_volume={"amount": amount, "unit": unit},
                     annual_value={"amount": value, "currency": currency, "qualifier": "about"})  # fmt: skip
    make.support(challenge=challenge, partner_id=make.partner(kind="state"))
    told = demand(client, challenge)
    assert told["annual_volume"] == [{"amount": "15.00", "unit": "maskiner"}, {"amount": "100", "unit": "timer"}]
    assert told["annual_value"] == [{"amount": "4000001.00", "currency": "DKK"}, {"amount": "7", "currency": "EUR"}]
    assert told["supports"] == 4


def test_what_is_withdrawn_or_only_proposed_counts_for_nothing(client, as_, make):
    challenge = make.challenge(owner=make.partner(**AARHUS))
    none = demand(client, challenge)
    support = make.support("proposed", challenge=challenge, annual_volume={"amount": "5", "unit": "stk"})
    assert demand(client, challenge) == none
    manager = as_(make.home, "manager")
    manager.post(f"/supports/{support}/confirm", version=1)
    assert demand(client, challenge)["annual_volume"] == [{"amount": "5", "unit": "stk"}]
    manager.patch(f"/supports/{support}", {"annual_volume": {"amount": "8"}}, version=2)
    assert demand(client, challenge)["annual_volume"] == [{"amount": "8", "unit": "stk"}]
    manager.post(f"/supports/{support}/withdraw", {"reason": "Sparerunde."}, version=3)
    assert demand(client, challenge) == none


def test_levels_are_counted_and_filtered_by(client, make):
    challenge, town = make.challenge(), make.partner(**AARHUS)
    other = make.challenge()
    make.support(challenge=challenge, partner_id=town, level="letter_of_intent", signed_at="2026")
    make.support(challenge=challenge, partner_id=make.partner(kind="region"), level="interested")
    make.support(challenge=other, level="interested")
    told = demand(client, challenge)
    assert told["letters_of_intent"] == 1
    assert told["by_level"] == {"interested": 1, "joins_market_dialogue": 0, "letter_of_intent": 1, "will_procure": 0}
    assert ids(client, "/challenges?demand=letter_of_intent") == [challenge]
    assert set(ids(client, "/challenges?demand=interested")) == {challenge, other}
    assert ids(client, f"/challenges?supporter={town}") == [challenge]


def test_who_joins_in_private_is_counted_but_not_to_be_told_from_anything(client, as_, make):
    challenge = make.challenge("closed", owner=make.partner(**AARHUS))
    before = demand(client, challenge)["population_covered"]
    town = make.partner(**COPENHAGEN)
    make.support(challenge=challenge, partner_id=town, visibility="private")
    told = demand(client, challenge)
    assert (told["supports"], told["partner_ids"], told["population_covered"]) == (1, [], before)
    form = as_.copi_editor.post(
        f"/challenges/{challenge}/form-project", {"collaboration_form": "innovation_partnership"}, version=2
    )
    assert form.status_code == 201, form.json
    assert town not in [one["partner_id"] for one in form.json["participants"]]


def test_inhabitants_are_those_of_owners_and_joiners_each_place_once(client, make):
    challenge = make.challenge(owner=make.partner(**AARHUS))
    make.support(challenge=challenge, partner_id=make.partner(**COPENHAGEN))
    assert demand(client, challenge)["population_covered"] == inhabitants("0751", "0101")
    assert inhabitants("0751", "0101") == inhabitants("0751") + inhabitants("0101") > 900_000
    make.support(challenge=challenge, partner_id=make.partner(**CENTRAL))
    both = demand(client, challenge)["population_covered"]
    assert both == inhabitants("0101", "1082") == inhabitants("0101") + inhabitants("1082"), "Aarhus is in the region"
    make.support(challenge=challenge, partner_id=make.partner(kind="utility", municipality_code="0851"))
    assert demand(client, challenge)["population_covered"] == both, "a utility governs no place"


def test_a_need_covers_its_owners_before_anyone_joins(client, make):
    town = make.partner(**AARHUS)
    assert demand(client, make.challenge(owner=town))["population_covered"] == inhabitants("0751")
    assert demand(client, make.challenge(owner=make.partner(kind="state")))["population_covered"] is None


def test_the_demand_follows_the_owners(as_, make):
    town = make.partner(**AARHUS)
    challenge = make.challenge(state="draft", owner=town)
    owners = [town, make.partner(**COPENHAGEN)]
    changed = as_.copi_editor.patch(f"/challenges/{challenge}", {"owners": owners}, version=1)
    assert changed.json["demand"]["population_covered"] == inhabitants("0751", "0101")


# --- The list -----------------------------------------------------------------------------------------------

FILTERS = {
    "state": ({"state": "confirmed"}, {"state": "proposed"}, "confirmed"),
    "challenge": (lambda make: {"challenge": make.challenge()},) * 2 + ("challenge",),
    "partner": (lambda make: {"partner_id": make.partner(**AARHUS)},) * 2 + ("partner_id",),
    "level": ({"level": "will_procure"}, {"level": "interested"}, "will_procure"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_supports_are_filtered_by(as_, make, name):
    assert_filters(as_.copi_editor, make, "support", name, *FILTERS[name])


def test_every_filter_of_supports_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) == set(DECLARED["support"])


def test_supports_are_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "support")


def test_who_joins_in_private_is_counted_and_not_named(client, make):
    challenge = make.challenge()
    hidden = make.support(challenge=challenge, visibility="private", level="letter_of_intent")
    shown = make.support(challenge=challenge, partner_id=make.partner(kind="region"))
    demand = client.get(f"/challenges/{challenge}").json["demand"]
    assert (demand["supports"], demand["letters_of_intent"]) == (2, 1)
    named = [client.get(f"/supports/{id}").status_code for id in (hidden, shown)]
    assert named == [404, 200]
    assert demand["partner_ids"] == [client.get(f"/supports/{shown}").json["partner_id"]]
    assert make.home not in client.get(f"/challenges/{challenge}").get_data(as_text=True)
    assert client.get(f"/challenges?supporter={make.home}").json["total"] == 0
