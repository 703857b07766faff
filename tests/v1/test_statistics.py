"""Statistics: counts that agree with the lists, effects that are never added wrongly, and days counted by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from api.cli.seed import CASES, seeded_id
from api.kit import statements
from schemas import challenges, outcomes, partners, projects
from schemas.statistics import groups_of
from tests.make import SANDBOX, project_body
from tests.v1.expect import problem
from tests.v1.test_challenges import figure

QUERIES = {
    "challenges": challenges.ChallengeQuery,
    "partners": partners.PartnerQuery,
    "projects": projects.ProjectQuery,
    "outcomes": outcomes.OutcomeQuery,
}
ALL = [*QUERIES, "effects", "journey"]


def case_file(name):
    return json.loads((Path(CASES) / f"{name}.json").read_text(encoding="utf-8"))


def counted(client, path, group):
    """The codes that occur, with their counts."""
    values = client.get(path).json["by"][group]["values"]
    return {one["code"]: one["count"] for one in values if one["count"]}


def effect(client, indicator, query="", known="measured"):
    """The one spread of an indicator."""
    [item] = [one for one in client.get(f"/statistics/effects{query}").json["items"] if one["indicator"] == indicator]
    [spread] = [one for one in (*item["realised"], *item["awaited"]) if one["known"] == known]
    return spread


# --- Counts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("enough", [statements.ENOUGH, 0], ids=["rare filters lead", "rows are checked one by one"])
@pytest.mark.parametrize(
    ("name", "query"),
    [("challenges", ""), ("challenges", "theme=green_transition"), ("challenges", "region=1084&q=affald"),
     ("partners", "kind=municipality,region"), ("projects", "year=2018/2021&form=opi"), ("projects", "municipality=0101"),
     ("outcomes", "theme=welfare_technology"), ("outcomes", "region=1084&value_kind=reported")],
)  # fmt: skip
def test_each_count_is_the_total_of_the_list_filtered_by_its_value(cases, monkeypatch, name, query, enough):
    monkeypatch.setattr(statements, "ENOUGH", enough)
    answer = cases.get(f"/statistics/{name}?{query}").json
    assert answer["total"] == cases.get(f"/{name}?{query}").json["total"] > 0
    asked = {part.partition("=")[0] for part in query.split("&")}
    tried = 0
    for group in groups_of(QUERIES[name]):
        if group in asked:
            continue
        values = answer["by"][group]["values"]
        for one in values[:4]:
            listed = cases.get(f"/{name}?{query}&{group}={one['code']}&limit=1").json
            assert one["count"] == listed["total"], (group, one)
            assert one["label"]["da"]
            assert one["label"]["en"]
            tried += 1
        whole = [one["code"] for one in values]
        if whole and len(whole) <= 20:  # a list takes so many years at a time
            some = cases.get(f"/{name}?{query}&{group}={','.join(whole)}&limit=1").json["total"]
            assert answer["by"][group]["missing"] == answer["total"] - some, group
    assert tried > 10


def test_the_real_cases_counted_by_hand(cases):
    files = case_file("projects")
    assert counted(cases, "/statistics/projects", "theme") == Counter(one["focus_area"] for one in files)
    kinds = {one["slug"]: one["kind"] for one in case_file("organisations")}
    companies = sum(any(kinds[p["organisation_slug"]] == "company" for p in one["partners"]) for one in files)
    by_kind = counted(cases, "/statistics/projects", "partner_kind")
    assert by_kind["company"] == companies
    owners = Counter(kind for one in case_file("challenges") for kind in {kinds[o] for o in one["need_owner_slugs"]})
    renamed = {"business_hub": "business_promotion"}
    assert counted(cases, "/statistics/challenges", "owner_kind") == {renamed.get(k, k): n for k, n in owners.items()}

    came = case_file("outcomes")
    answer = cases.get("/statistics/outcomes").json
    assert counted(cases, "/statistics/outcomes", "kind") == Counter(one["kind"] for one in came)
    markets = Counter(market for one in came for market in one["export_markets"])
    assert counted(cases, "/statistics/outcomes", "export_market") == markets
    assert answer["by"]["export_market"]["missing"] == sum(not one["export_markets"] for one in came)
    assert answer["reuse"]["reusers"] == len({slug for one in came for slug in one["reused_by_slugs"]})
    assert answer["reuse"]["outcomes"] == sum(bool(one["reused_by_slugs"] or one["reuse_count"]) for one in came)
    assert answer["reuse"]["reported"] == [
        {"unit": "hospitals", "outcomes": 1, "most": 4},
        {"unit": "municipalities", "outcomes": 2, "most": 90},
        {"unit": "organisations", "outcomes": 1, "most": 1},
    ]


def test_closed_lists_are_told_whole_and_in_their_order(client, make):
    make.project(theme="green_transition", start="2019", end="2021")
    make.project(theme="green_transition")
    by = client.get("/statistics/projects").json["by"]
    assert [(one["code"], one["count"]) for one in by["theme"]["values"]] == [
        ("welfare_technology", 0), ("green_transition", 2), ("sustainable_construction", 0)]  # fmt: skip
    assert [one["code"] for one in by["year"]["values"]] == ["2019", "2020", "2021"]
    assert by["year"]["missing"] == 1
    assert by["municipality"] == {"values": [], "missing": 2}


def test_a_project_counts_once_under_each_kind_of_partner(client, make):
    towns = [make.partner(kind="municipality") for _ in range(2)]
    roles = [{"partner_id": id, "role": role} for id in towns for role in ("lead", "buyer")]
    project = make.project(participants=[*roles, {"partner_id": make.partner(), "role": "supplier"}])
    make.outcome(project=project)
    make.outcome(project=project)
    make.project()
    expected = {"municipality": 1, "company": 1}
    assert counted(client, "/statistics/projects", "partner_kind") == expected
    assert client.get("/statistics/projects").json["by"]["partner_kind"]["missing"] == 1
    assert counted(client, "/statistics/outcomes", "partner_kind") == dict.fromkeys(expected, 2)


def test_everyone_gets_the_counts_of_what_they_see(client, as_, make):
    town = make.partner(kind="municipality")
    make.challenge(owner=town)
    make.challenge(owner=town, visibility="network")
    make.challenge(owner=town, state="draft", theme="welfare_technology")
    make.challenge(owner=town, sandbox=SANDBOX)
    readers = {"public": client, "network": as_.adviser, "owner": as_(town, "member"), "copi": as_.copi_admin,
               "other": as_(make.partner(), "manager")}  # fmt: skip
    totals = {name: reader.get("/statistics/challenges").json["total"] for name, reader in readers.items()}
    assert totals == {"public": 1, "network": 2, "owner": 3, "copi": 3, "other": 2}
    assert counted(client, "/statistics/challenges", "theme") == {"green_transition": 1}
    assert counted(as_(town, "member"), "/statistics/challenges", "state") == {"draft": 1, "open": 2}
    hidden = make.partner(kind="utility", visibility="private")
    make.project(participants=[{"partner_id": hidden, "role": "lead"}])
    assert counted(client, "/statistics/projects", "partner_kind") == {}
    assert counted(as_.copi_admin, "/statistics/projects", "partner_kind") == {"utility": 1}


# --- Effects -------------------------------------------------------------------------------------------------


def co2(value=None, **given):
    return figure(**{"indicator": "co2-saved", "unit": "t CO2", "value": value, "value_kind": "measured", **given})


def test_values_known_in_different_ways_are_never_mixed(client, make):
    for kind, value in (("measured", 1), ("reported", 10), ("estimated", 100), ("expected", 1000), ("target", 10_000)):
        make.outcome(measures=[co2(value, value_kind=kind), co2(value, value_kind=kind, unit="kg CO2"),
                               co2(value, value_kind=kind, per="year")])  # fmt: skip
    items = client.get("/statistics/effects").json["items"]
    assert {(one["unit"], one["per"]) for one in items} == {("t CO2", None), ("kg CO2", None), ("t CO2", "year")}
    for item in items:
        told = [(one["known"], one["sum"], one["count"]) for one in item["realised"]]
        assert told == [("measured", 1, 1), ("reported", 10, 1), ("estimated", 100, 1)]
        assert [(one["known"], one["sum"]) for one in item["awaited"]] == [("expected", 1000), ("target", 10_000)]


def test_only_what_may_be_added_is_added(client, make):
    for value in (0.1, 0.2, 30):
        make.outcome(measures=[
            co2(value), co2(value, per="machine"),
            figure(indicator="bacteria-removed", unit="percent", value=value, value_kind="measured"),
            figure(indicator="our-own", unit="t", value=value, value_kind="measured"),
        ])  # fmt: skip
    items = client.get("/statistics/effects").json["items"]
    spreads = {(one["indicator"], one["per"]): (one["additive"], one["realised"][0]) for one in items}
    assert {key: (additive, one["sum"], one["median"]) for key, (additive, one) in spreads.items()} == {
        ("co2-saved", None): (True, 30.3, 0.2),
        ("co2-saved", "machine"): (False, None, 0.2),
        ("bacteria-removed", None): (False, None, 0.2),
        ("our-own", None): (False, None, 0.2),
    }
    known = next(one for one in items if one["indicator"] == "bacteria-removed")
    assert (known["direction"], known["label"]["en"]) == ("increase", "Share of bacteria removed")
    own = next(one for one in items if one["indicator"] == "our-own")
    assert own["direction"] is None


def test_what_is_no_amount_is_not_added_whatever_the_indicator_allows(client, make):
    """A saving told in percent is a share, and "units" of what is counted in tonnes could be anything."""
    for value in (10, 20):
        make.outcome(measures=[co2(value, unit=unit) for unit in ("percent", "%", "units", "t CO2/m2", "kg", "t CO2e")])
    items = {one["unit"]: one for one in client.get("/statistics/effects?indicator=co2-saved").json["items"]}
    told = {unit: (one["additive"], one["realised"][0]["sum"]) for unit, one in items.items()}
    assert told == {**dict.fromkeys(("percent", "%", "units", "t CO2/m2"), (False, None)),
                    **dict.fromkeys(("kg", "t CO2e"), (True, 30))}  # fmt: skip


def test_units_that_differ_in_capitals_and_spaces_alone_are_one(client, make):
    for value, unit in ((1, "t co2"), (2, "T  CO2"), (4, " t CO₂")):
        make.outcome(measures=[co2(value, unit=unit)])
    [item] = client.get("/statistics/effects?indicator=co2-saved").json["items"]
    assert (item["unit"], item["realised"][0]["sum"]) == ("t CO2", 7)
    for unit in ("MW", "mW", "Plejehjem", "plejehjem"):
        make.outcome(measures=[figure(indicator="our-own", unit=unit, value=1, value_kind="measured")])
    ours = client.get("/statistics/effects?indicator=our-own").json["items"]
    assert {one["unit"]: one["realised"][0]["count"] for one in ours} == {"MW": 1, "mW": 1, "Plejehjem": 2}


def test_a_project_adds_its_latest_value_only(client, make):
    project = make.project()
    make.outcome(project=project, date="2022-05", measures=[co2(100)])
    make.outcome(project=project, date="2026", measures=[co2(70)])
    make.outcome(project=project, measures=[co2(1)])
    make.outcome(measures=[co2(5)])
    spread = effect(client, "co2-saved")
    assert spread == {"known": "measured", "count": 4, "ranges": 0, "qualified": 0, "lowest": 1, "highest": 100,
                      "median": 37.5, "sum": 75, "summed": 2, "projects": 2}  # fmt: skip


def test_ranges_bounds_twins_and_parts_of_a_programme_are_not_added(client, make):
    programme = make.project()
    part = make.project(parent_id=make.project(parent_id=programme))
    make.outcome(project=programme, measures=[co2(50)])
    make.outcome(project=part, measures=[co2(20)])
    make.outcome(measures=[co2(low=1, high=9)])
    make.outcome(measures=[co2(400, qualifier="up_to")])
    make.outcome(measures=[co2(7), co2(8)])
    make.outcome(measures=[co2(3, qualifier="about")])
    spread = effect(client, "co2-saved")
    assert spread == {"known": "measured", "count": 7, "ranges": 1, "qualified": 2, "lowest": 1, "highest": 50,
                      "median": 8, "sum": 53, "summed": 2, "projects": 6}  # fmt: skip


def test_of_bounds_alone_there_is_nothing_but_a_count(client, make):
    make.outcome(measures=[co2(400, qualifier="up_to")])
    assert effect(client, "co2-saved") == {
        "known": "measured", "count": 1, "ranges": 0, "qualified": 1, "lowest": None, "highest": None,
        "median": None, "sum": None, "summed": 0, "projects": 1}  # fmt: skip


def test_only_published_outcomes_have_effects_whoever_asks(client, as_, make):
    for state in ("draft", "submitted", "returned", "retracted"):
        make.outcome(state=state, measures=[co2(1000)], reused_by=[make.partner()])
    make.outcome(project=make.project(sandbox=SANDBOX), measures=[co2(1000)])
    make.outcome(state="corrected", measures=[co2(2)])
    make.outcome(visibility="network", measures=[co2(3)])
    assert effect(client, "co2-saved")["sum"] == 2
    assert effect(as_.copi_admin, "co2-saved")["sum"] == effect(as_.adviser, "co2-saved")["sum"] == 5
    assert as_.copi_admin.get("/statistics/effects").json["outcomes"] == 2
    assert as_.copi_admin.get("/statistics/outcomes").json["reuse"] == {"outcomes": 0, "reusers": 0, "reported": []}


def test_filters_choose_among_the_values_too(client, make):
    make.outcome(
        theme="green_transition", measures=[co2(1), co2(9, value_kind="target"), figure(indicator="jobs", unit="jobs")]
    )
    make.outcome(theme="welfare_technology", measures=[co2(2)])
    for query in ("?indicator=co2-saved&value_kind=measured&theme=green_transition", "?value_kind=measured&q=Resultat"):
        items = client.get(f"/statistics/effects{query}").json["items"]
        assert [one["awaited"] for one in items if one["indicator"] == "co2-saved"] == [[]]
    assert effect(client, "co2-saved", "?indicator=co2-saved&theme=green_transition")["sum"] == 1
    assert client.get("/statistics/effects?indicator=jobs").json["measured"] == 1


def test_the_real_effects_added_by_hand(cases):
    """Of three CO₂ savings one is a bound; homes are three projects' own; percentages have no sum."""
    savings = cases.get("/statistics/effects?indicator=co2-saved").json["items"]
    [tonnes] = [one for one in savings if (one["unit"], one["per"]) == ("t CO2", None)]
    [saved] = [one for one in tonnes["realised"] if one["known"] == "estimated"]
    values = [(m["value"], m["qualifier"]) for one in case_file("outcomes") for m in one["measures"]
              if (m["metric"], m["unit"], m["per"], m["value_kind"]) == ("co2-saved", "t CO2", None, "estimated")]  # fmt: skip
    plain = [value for value, qualifier in values if qualifier in (None, "about", "almost", "nearly")]
    assert (saved["count"], saved["sum"], saved["summed"]) == (len(values), sum(plain), len(plain)) == (3, 85, 2)
    assert effect(cases, "homes", known="reported")["sum"] == 60 + 64 + 363
    assert effect(cases, "recycled-share", known="reported")["sum"] is None
    items = cases.get("/statistics/effects").json["items"]
    measures = [m for one in case_file("outcomes") for m in one["measures"]]
    assert sum(s["count"] for i in items for s in (*i["realised"], *i["awaited"])) == len(measures) == 202
    assert {(i["indicator"], i["unit"], i["per"]) for i in items} == {
        (m["metric"], m["unit"], m["per"]) for m in measures
    }


# --- The journey ---------------------------------------------------------------------------------------------


def journey_of(client, make, posed, *starts, effects=(), **given):
    challenge = make.challenge(timeline={"posed": posed} if posed else None, **given)
    for start in starts:
        project = make.project(challenge_ids=[challenge], start=start)
        for date in effects:
            make.outcome(project=project, date=date)
    return challenge


def test_how_partial_dates_are_read(client, make):
    """To the year: 1 July; to the month: the 15th; where the two overlap: 0 days; surely before: left out."""
    for posed, start, days in (
        ("2020-01-01", "2020-01-31", 30),
        ("2020-01", "2020-03", 60),
        ("2020", "2021", 365),
        ("2020", "2020-03", 0),
        ("2020-05", "2020-05-02", 0),
        ("2019", "2020-02-10", 224),
    ):
        theme = "green_transition"
        challenge = journey_of(client, make, posed, start, theme=theme)
        owner = client.get(f"/challenges/{challenge}").json["owners"][0]
        told = client.get(f"/statistics/journey?owner={owner}").json["posed_to_start"]
        assert told == {"count": 1, "median": days, "lower": days, "upper": days, "earlier": 0}, (posed, start)
    late = journey_of(client, make, "2021-06", "2021-05-31", theme="welfare_technology")
    owner = client.get(f"/challenges/{late}").json["owners"][0]
    told = client.get(f"/statistics/journey?owner={owner}").json["posed_to_start"]
    assert told == {"count": 0, "median": None, "lower": None, "upper": None, "earlier": 1}
    every = client.get("/statistics/journey?theme=green_transition").json["posed_to_start"]
    assert every == {"count": 6, "median": 45, "lower": 7.5, "upper": 183, "earlier": 0}


def test_the_days_of_a_journey_are_told_by_its_steps(client, as_, make, travel):
    """Nobody has to say when a need was posed or work began: whoever takes the step tells it."""
    copi, town = as_.copi_editor, make.partner(kind="municipality")
    roles = [{"partner_id": town, "role": "lead"}, {"partner_id": make.partner(), "role": "supplier"}]
    needs = [make.challenge("in_review", owner=town), make.challenge("in_review", owner=town,
             timeline={"response_deadline": "2027-01-01T10:00:00.000000Z", "posed": None})]  # fmt: skip
    travel("2026-03-02")
    posed = [copi.post(f"/challenges/{need}/publish", version=1).json["timeline"] for need in needs]
    assert [(one["posed"], one["response_deadline"]) for one in posed] == [
        ("2026-03-02", None), ("2026-03-02", "2027-01-01T10:00:00.000000Z")]  # fmt: skip
    project = copi.post("/projects", project_body(challenge_ids=needs, participants=roles)).json["id"]
    assert client.get("/statistics/journey").json["posed_to_start"]["count"] == 0
    travel("2026-04-01")
    copi.post(f"/projects/{project}/start", version=1)
    assert client.get("/statistics/journey").json["posed_to_start"] == {
        "count": 2, "median": 30, "lower": 30, "upper": 30, "earlier": 0}  # fmt: skip
    known = make.challenge("in_review", owner=town, timeline={"posed": "2022-04"})
    assert copi.post(f"/challenges/{known}/publish", version=1).json["timeline"]["posed"] == "2022-04"


@pytest.mark.parametrize("enough", [statements.ENOUGH, 0])
def test_how_far_challenges_come(client, make, monkeypatch, enough):
    from api.services.statistics import journey

    monkeypatch.setattr(journey, "ENOUGH", enough)
    journey_of(client, make, "2020-01-01", "2020-02-01", "2020-01-11", effects=["2020-12-31", "2020-06-09", None])
    journey_of(client, make, "2020-01-01", None)
    journey_of(client, make, None, "2020")
    journey_of(client, make, "2020-01-01")
    reused = make.challenge()
    make.outcome(project=make.project(challenge_ids=[reused]), kind="product", reuse_count={"count": 2, "unit": "x"})
    make.outcome(project=make.project(challenge_ids=[reused]), kind="lesson", reuse_count={"count": 0, "unit": "x"})
    assert client.get("/statistics/journey").json == {
        "challenges": 5, "answered": 4, "with_outcome": 2, "with_measured_effect": 1, "reused": 1,
        "posed_to_start": {"count": 1, "median": 10, "lower": 10, "upper": 10, "earlier": 0},
        "posed_to_measured_effect": {"count": 1, "median": 160, "lower": 160, "upper": 160, "earlier": 0},
    }  # fmt: skip


def test_the_journey_passes_over_what_is_hidden(client, as_, make):
    challenge = make.challenge(timeline={"posed": "2020-01-01"})
    make.challenge(state="draft")
    make.challenge(state="withdrawn")
    make.challenge(sandbox=SANDBOX)
    hidden = make.project(challenge_ids=[challenge], start="2020-01-02", visibility="private")
    make.project(challenge_ids=[challenge], start="2020-01-03", sandbox=SANDBOX)
    make.outcome(project=hidden, date="2020-02-01", state="submitted")
    make.outcome(project=hidden, date="2020-03-01", visibility="private")
    assert [client.get("/statistics/journey").json[name] for name in ("challenges", "answered", "with_outcome")] == [
        1,
        0,
        0,
    ]
    told = as_.copi_admin.get("/statistics/journey").json
    assert [told[name] for name in ("challenges", "answered", "with_outcome")] == [1, 1, 1]
    assert (told["posed_to_start"]["median"], told["posed_to_measured_effect"]["median"]) == (1, 60)


def test_the_real_journey_by_hand(cases):
    told = cases.get("/statistics/journey").json
    answering = {slug for one in case_file("projects") for slug in one["challenge_slugs"]}
    assert (told["challenges"], told["answered"]) == (81, len(answering)) == (81, 80)
    assert told["posed_to_start"]["count"] + told["posed_to_start"]["earlier"] == 6
    id = seeded_id("challenge", "dieselmaskiner-paa-byggepladser")
    assert id in {one["id"] for one in cases.get("/challenges?limit=250").json["items"]}


# --- Fresh and cheap -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_an_answer_holds_until_a_record_changes(app, client, as_, make, name, monkeypatch):
    project = make.project(owner=make.partner())
    path = f"/statistics/{name}"
    first = client.get(path)
    assert first.status_code == 200, first.json
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert first.headers["ETag"].startswith('W/"')
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert as_.copi_editor.get(path).headers["Cache-Control"] == "private, no-cache"

    remembered = app.extensions["copi"].memory["statistics", None][1]
    for key in remembered:
        remembered[key] = b'{"remembered":true}'
    assert client.get(path).json == {"remembered": True}
    as_.copi_editor.patch(f"/projects/{project}", {"keywords": ["nyt"]}, version=1)
    fresh = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert fresh.status_code == 200
    assert fresh.json == first.json


def test_answers_do_not_pile_up(app, client, make, monkeypatch):
    from api.services.statistics import question

    monkeypatch.setattr(question, "MOST_ANSWERS", 3)
    make.project()
    for year in range(2000, 2010):
        assert client.get(f"/statistics/projects?year={year}").json["total"] == 0
    assert len(app.extensions["copi"].memory["statistics", None][1]) <= 3


@pytest.mark.parametrize("name", ALL)
def test_what_is_no_filter_of_the_list_is_refused(client, name):
    problem(client.get(f"/statistics/{name}?limit=5"), 400, parameter="limit")
    problem(client.get(f"/statistics/{name}?sort=title"), 400, parameter="sort")
    problem(client.get(f"/statistics/{name}?theme=nonsense"), 422, parameter="theme")
