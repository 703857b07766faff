"""Challenges: what holds for needs alone."""

from __future__ import annotations

import pytest

from tests.make import challenge_body
from tests.v1.expect import problem
from tests.v1.lists import alphabetical, assert_filters, assert_sorts


def test_a_need_becomes_public_when_copi_publishes_it(client, as_, make):
    owner = make.partner(kind="municipality")
    editor = as_(owner, "editor")

    made = editor.post("/challenges", challenge_body(owner, problem={"da": "Støj og os."}))
    assert made.status_code == 201, made.json
    address = made.headers["Location"].removeprefix("/v1")
    assert made.json["state"] == "draft"
    assert made.headers["ETag"] == '"1"'
    assert client.get(address).status_code == 404

    assert editor.post(f"{address}/submit", version=1).json["state"] == "in_review"
    published = as_.copi_editor.post(f"{address}/publish", version=2)
    assert published.json["state"] == "open"
    assert client.get(address).json == published.json


# --- Rules --------------------------------------------------------------------------------------------------


def figure(**given):
    return {
        "indicator": "co2-saved",
        "label": {"da": "CO₂"},
        "unit": "t",
        "value_kind": "measured",
        "value": 1,
        **given,
    }


NO_VALUE = {"value": None}
MEASURES = [
    (figure(), None),
    (figure(value=-15.25), None),
    (figure(value=0), None),
    (figure(low=1, high=2, **NO_VALUE), None),
    (figure(low=2, high=2, **NO_VALUE), None),
    (figure(low=-2, high=-1, **NO_VALUE), None),
    (figure(value=10**15), None),
    (figure(value=0.1 + 0.2), None),
    (figure(indicator="my-own-until-it-is-taken-up"), None),
    (figure(**NO_VALUE), "/value"),
    (figure(low=1), "/value"),
    (figure(high=1), "/value"),
    (figure(low=1, high=2), "/value"),
    (figure(low=1, **NO_VALUE), "/value"),
    (figure(high=1, **NO_VALUE), "/value"),
    (figure(low=2, high=1, **NO_VALUE), "/low"),
    (figure(indicator="CO2 saved"), "/indicator"),
    (figure(indicator="-x"), "/indicator"),
    (figure(value_kind=None), "/value_kind"),
    (figure(unit=None), "/unit"),
    (figure(unit=" "), "/unit"),
    (figure(label={"en": "CO₂"}), "/label/da"),
    (figure(qualifier="cirka"), "/qualifier"),
]


@pytest.mark.parametrize(("measure", "pointer"), MEASURES)
def test_a_figure_has_a_value_or_a_range_and_says_how_it_is_known(as_, make, measure, pointer):
    body = challenge_body(make.partner(kind="municipality"), figures=[figure(period="2019"), measure])
    made = as_.copi_editor.post("/challenges", body)
    if pointer:
        problem(made, 422, f"/figures/1{pointer}")
    else:
        assert made.status_code == 201, made.json
        kept = made.json["figures"][1]
        assert {name: kept[name] for name in measure} == {**measure, "label": {"da": "CO₂", "en": None}}


RULES = [
    ({"owners": []}, "/owners"),
    ({"title": {"da": "x" * 201}}, "/title/da"),
    ({"summary": {"da": "x" * 10_000}}, None),
    ({"summary": {"da": "En linje\nog\ten til\r\n"}}, None),
    ({"title": {"da": "To\nlinjer"}}, "/title/da"),
    ({"title": {"da": "Grøn 🌱 og 中文"}}, None),
    ({"theme": "space"}, "/theme"),
    ({"timeline": {"posed": "2022-02-30"}}, "/timeline/posed"),
    ({"timeline": {"response_deadline": "2027-03-01"}}, "/timeline/response_deadline"),
    ({"budget_indication": {"amount": "1e6", "currency": "DKK"}}, "/budget_indication/amount"),
    ({"budget_indication": {"amount": "1", "currency": "kr"}}, "/budget_indication/currency"),
    ({"budget_indication": {"amount": 1, "currency": "DKK"}}, "/budget_indication/amount"),
    ({"budget_indication": {"currency": "DKK"}}, "/budget_indication/amount"),
    ({"budget_indication": {"amount": "-0.01", "currency": "DKK"}}, None),
    ({"cpv": ["43300000", "43300000"]}, "/cpv/1"),
    ({"cpv": ["43300000-6"]}, "/cpv/0"),
    ({"municipality_codes": ["751"]}, "/municipality_codes/0"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "pointer"), RULES)
def test_the_rules_of_a_challenge(as_, make, given, pointer):
    made = as_.copi_editor.post("/challenges", {**challenge_body(make.partner(kind="municipality")), **given})
    changed = as_.copi_editor.patch(f"/challenges/{make.challenge(state='draft')}", given, version=1)
    if pointer is None:
        assert (made.status_code, changed.status_code) == (201, 200), (made.json, changed.json)
    elif pointer == "/budget_indication/amount" and "amount" not in given["budget_indication"]:
        problem(changed, 422, pointer)
    else:
        problem(made, 422, pointer)
        problem(changed, 422, pointer)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2027-03-01T12:00:00Z", "2027-03-01T12:00:00.000000Z"),
        ("2027-03-01t12:00:00z", "2027-03-01T12:00:00.000000Z"),
        ("2027-03-01T12:00:00+01:00", "2027-03-01T11:00:00.000000Z"),
        ("2027-03-01 12:00:00.5-02:30", "2027-03-01T14:30:00.500000Z"),
        ("2027-03-01T12:00:00.123456789Z", "2027-03-01T12:00:00.123456Z"),
        ("0999-03-01T12:00:00Z", "0999-03-01T12:00:00.000000Z"),
    ],
)
def test_moments_are_kept_in_utc_to_the_microsecond(as_, make, sent, kept):
    id = make.challenge()
    changed = as_.copi_editor.patch(f"/challenges/{id}", {"timeline": {"response_deadline": sent}}, version=1)
    assert changed.json["timeline"]["response_deadline"] == kept


# --- What a challenge takes over ----------------------------------------------------------------------------

TOWN = {"kind": "municipality", "municipality_code": "0751", "region_code": None}
REGION = {"kind": "region", "region_code": "1085"}
HOUSING = {"kind": "association", "municipality_code": "0101"}


@pytest.mark.parametrize(
    ("owners", "given", "municipalities", "regions"),
    [
        ([TOWN], {}, ["0751"], []),
        ([REGION], {}, [], ["1085"]),
        ([TOWN, REGION, {**TOWN, "municipality_code": "0101"}], {}, ["0101", "0751"], ["1085"]),
        ([TOWN, HOUSING], {}, ["0751"], []),
        ([HOUSING], {}, [], []),
        ([TOWN], {"municipality_codes": ["0851"]}, ["0851"], []),
        ([TOWN], {"region_codes": ["1081"]}, [], ["1081"]),
        ([REGION], {"municipality_codes": ["0851"]}, ["0851"], []),
    ],
)
def test_places_left_out_are_those_of_the_owners(as_, make, owners, given, municipalities, regions):
    ids = [make.partner(**owner) for owner in owners]
    made = as_.copi_editor.post("/challenges", {**challenge_body(ids[0]), "owners": ids, **given})
    assert made.json["municipality_codes"] == municipalities
    assert made.json["region_codes"] == regions


def test_places_once_cleared_are_not_filled_in_again(as_, make):
    id = make.challenge(state="draft", owner=make.partner(**TOWN))
    cleared = as_.copi_editor.patch(f"/challenges/{id}", {"municipality_codes": []}, version=1)
    assert cleared.json["municipality_codes"] == []
    again = as_.copi_editor.patch(f"/challenges/{id}", {"keywords": ["nyt"]}, version=2)
    assert again.json["municipality_codes"] == []


def test_the_close_reason_is_told_when_the_need_is_resolved(as_, make):
    id = make.challenge(state="closed")
    resolved = as_.copi_editor.post(f"/challenges/{id}/resolve", {"close_reason": "no_suitable_solution"}, version=1)
    assert resolved.json["state"] == "resolved"
    assert resolved.json["close_reason"] == "no_suitable_solution"


# --- What stands once it is published -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "timeline",
    [None, {"response_deadline": None}, {"response_deadline": "2027-02-28T11:00:00Z"}],
    ids=["all of it taken away", "the deadline taken away", "an earlier one"],
)
def test_while_it_is_open_a_deadline_is_only_put_off(as_, make, timeline):
    owner = make.partner(kind="municipality")
    id = make.challenge(owner=owner, timeline={"posed": "2026-01", "response_deadline": "2027-03-01T11:00:00Z"})
    for somebody in (as_(owner, "editor"), as_.copi_admin):
        problem(somebody.patch(f"/challenges/{id}", {"timeline": timeline}, version=1), 422, "/timeline")
    later = {"timeline": {"posed": None, "response_deadline": "2027-03-02T11:00:00Z"}}
    assert as_(owner, "editor").patch(f"/challenges/{id}", later, version=1).status_code == 200


def test_a_draft_s_deadline_is_its_owner_s_affair(as_, make):
    id = make.challenge("draft", timeline={"response_deadline": "2027-03-01T11:00:00Z"})
    assert as_.copi_editor.patch(f"/challenges/{id}", {"timeline": None}, version=1).status_code == 200
    id = make.challenge()
    first = {"timeline": {"response_deadline": "2027-03-01T11:00:00Z"}}
    assert as_.copi_editor.patch(f"/challenges/{id}", first, version=1).status_code == 200


@pytest.mark.parametrize("state", ["open", "closed"])
def test_what_is_published_is_shown_to_more_and_never_to_fewer(as_, make, state):
    owner = make.partner(kind="municipality")
    for somebody in (as_(owner, "manager"), as_.copi_admin):
        id = make.challenge(state, owner=owner, visibility="private")
        for version, wider in enumerate(("network", "public"), start=1):
            changed = somebody.patch(f"/challenges/{id}", {"visibility": wider}, version=version)
            assert changed.status_code == 200, changed.json
        for narrower in ("network", "private"):
            refusal = problem(
                somebody.patch(f"/challenges/{id}", {"visibility": narrower}, version=3), 422, "/visibility"
            )
            assert "træk det tilbage" in refusal["errors"][0]["detail"]
    draft = make.challenge("draft", owner=owner)
    assert as_.copi_admin.patch(f"/challenges/{draft}", {"visibility": "private"}, version=1).status_code == 200


def test_nobody_gives_a_need_away_by_accident(as_, make):
    mine, theirs = make.partner(kind="municipality"), make.partner(kind="municipality")
    editor, other = as_(mine, "editor"), as_(theirs, "editor")
    id = make.challenge("draft", owner=mine)
    refusal = problem(editor.patch(f"/challenges/{id}", {"owners": [theirs]}, version=1), 422, "/owners")
    assert "redaktør" in refusal["errors"][0]["detail"]
    assert editor.patch(f"/challenges/{id}", {"owners": [mine, theirs]}, version=1).status_code == 200
    assert other.patch(f"/challenges/{id}", {"owners": [theirs]}, version=2).status_code == 200
    assert as_.copi_editor.patch(f"/challenges/{id}", {"owners": [mine]}, version=3).status_code == 200


# --- The list -----------------------------------------------------------------------------------------------


def _owned(make):
    return {"owners": [make.partner(kind="municipality")]}


FILTERS = {
    "state": ({"state": "closed"}, {}, "closed"),
    "theme": ({"theme": "welfare_technology"}, {}, "welfare_technology"),
    "phase": ({"phase": "market_dialogue"}, {"phase": "procurement"}, "market_dialogue"),
    "keyword": ({"keywords": ["procurement", "ældre"]}, {"keywords": ["procurement-rules"]}, "ældre"),
    "owner": (_owned, _owned, "owners"),
    "municipality": ({"municipality_codes": ["0751", "0101"]}, {"municipality_codes": ["0851"]}, "0101"),
    "region": ({"municipality_codes": ["0751"]}, {"region_codes": ["1085"]}, "1082"),
    "cpv": ({"cpv": ["43300000"]}, {"cpv": ["45000000"]}, "43300000"),
    "route": ({"procurement_route_considered": "pcp"}, {"procurement_route_considered": "open"}, "pcp"),
    "novelty": ({"novelty_sought": "any"}, {"novelty_sought": "new_technology"}, "any"),
    "indicator": ({"figures": [figure()]}, {"figures": [figure(indicator="jobs")]}, "co2-saved"),
    "year": ({"timeline": {"posed": "2022-04"}}, {"timeline": {"posed": "2021-12-31"}}, "2022"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_challenges_are_filtered_by(client, make, name):
    assert_filters(client, make, "challenge", name, *FILTERS[name])


def test_every_filter_of_challenges_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) | {"demand", "supporter"} == set(DECLARED["challenge"])  # those two: test_supports


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("2022", 1),
        ("2021", 0),
        ("2020/2022", 1),
        ("2022/2030", 1),
        ("2019,2022", 1),
        ("2000/2021,2023/2030", 0),
        ("1950/2049", 1),
    ],
)
def test_years_are_single_or_a_span(client, make, asked, found):
    make.challenge(timeline={"posed": "2022-04-01"})
    make.challenge()
    assert client.get(f"/challenges?year={asked}").json["total"] == found


def test_values_of_one_filter_widen_and_several_filters_narrow(client, make):
    wanted = make.challenge(theme="welfare_technology", phase="procurement")
    other = make.challenge(theme="sustainable_construction", phase="procurement")
    make.challenge(theme="welfare_technology", phase="market_dialogue")
    both = client.get("/challenges?theme=welfare_technology,sustainable_construction&phase=procurement").json
    assert {one["id"] for one in both["items"]} == {wanted, other}
    assert client.get("/challenges?theme=welfare_technology&phase=procurement").json["total"] == 1


def test_titles_stand_in_the_order_of_the_danish_alphabet(client, make):
    alphabetical(client, make, "challenge", "title")


def test_challenges_are_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "challenge")


def test_challenges_are_sorted_by_their_last_change_unless_asked_otherwise(client, as_, make):
    first, second = make.challenge(), make.challenge()
    as_.copi_editor.patch(f"/challenges/{first}", {"phase": "procurement"}, version=1)
    assert [one["id"] for one in client.get("/challenges").json["items"]] == [first, second]
