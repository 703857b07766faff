"""The real cases, fact by fact: what the four files say is what the API answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from api.cli import copi
from api.cli.demo import DEMO_PASSWORD, DEMO_USERS, seed_demo_users
from api.cli.seed import CASES, LEFT_OUT, SYSTEM, seed_cases, seeded_id
from api.models import RESOURCES, Event, User
from tests.clients import Client
from tests.conftest import Server, build

Case = dict[str, Any]
FILES = {"partner": "organisations", "challenge": "challenges", "project": "projects", "outcome": "outcomes"}
COUNTS = {"challenges": 81, "partners": 285, "projects": 101, "outcomes": 133, "supports": 16}


def read(resource: str) -> list[Case]:
    return list(json.loads((CASES / f"{FILES[resource]}.json").read_text(encoding="utf-8")))


def whole(client: Client, path: str) -> list[Case]:
    """Every record of a list."""
    items: list[Case] = []
    address: str | None = f"{path}?limit=250"
    while address:
        page = client.get(address).json
        items += page["items"]
        address = page["next"] and page["next"].removeprefix("/v1")
    return items


# --- What the API answers, told in the words of the files ---------------------------------------------------

SLUGS = {seeded_id(resource, case["slug"]): case["slug"] for resource in FILES for case in read(resource)}
REGIONS = {"1081": "region-nordjylland", "1082": "region-midtjylland", "1083": "region-syddanmark",
           "1084": "region-hovedstaden", "1085": "region-sjaelland"}  # fmt: skip
STATUS = {"active": "running"}
KIND = {"business_promotion": "business_hub"}


def slug(id: str | None) -> str | None:
    return SLUGS[id] if id else None


def amount(money: Case | None) -> float | None:
    return float(money["amount"]) if money else None


def localized(name: str, value: Case | None) -> Case:
    return {f"{name}_da": value and value["da"], f"{name}_en": value and value["en"]}


def measure(one: Case) -> Case:
    return {
        "metric": one["indicator"], "value": one["value"], "value_low": one["low"], "value_high": one["high"],
        "unit": one["unit"], "per": one["per"], "qualifier": one["qualifier"] and one["qualifier"].replace("_", " "),
        "value_kind": one["value_kind"], "baseline": one["baseline"], "period": one["period"],
        **localized("label", one["label"]), **localized("comparator", one["comparator"]),
    }  # fmt: skip


def page(record: Case) -> Case:
    """Where a record comes from."""
    assert record["source"]["system"] == SYSTEM
    assert record["sources"][0] == record["source"]["url"]
    return {"slug": record["source"]["external_id"], "source_url": record["source"]["url"],
            "further_source_urls": record["sources"][1:]}  # fmt: skip


def organisation(record: Case) -> Case:
    told = page(record)
    code, [*further] = record["municipality_code"], told.pop("further_source_urls")
    region = REGIONS.get(record["region_code"] or "")
    return {
        **told, "name": record["name"]["da"], "name_en": record["name"]["en"],
        "kind": KIND.get(record["kind"], record["kind"]), "parent_slug": slug(record["parent_id"]),
        "country": record["country"], "municipality_code": code and code.removeprefix("0"),
        "municipality_code_source_url": further.pop() if code else None,
        # A region says which it is; a municipality, to which it belongs.
        "region_slug": None if region == told["slug"] else region, **localized("note", record["note"]),
    }  # fmt: skip


def told(record: Case) -> Case:
    return {**page(record), "themes": record["keywords"], "focus_area": record["theme"],
            **localized("title", record["title"]), **localized("summary", record["summary"])}  # fmt: skip


def challenge(record: Case) -> Case:
    return {
        **told(record), "need_owner_slugs": [slug(id) for id in record["owners"]],
        "posed": (record["timeline"] or {}).get("posed"), "figures": [measure(one) for one in record["figures"]],
    }  # fmt: skip


def project(record: Case) -> Case:
    return {
        **told(record), "parent_project_slug": slug(record["parent_id"]),
        "challenge_slugs": [slug(id) for id in record["challenge_ids"]],
        "collaboration_form": record["collaboration_form"], "procurement_procedure": record["procurement_route"],
        **localized("procurement_note", record["procurement_note"]), "method": record["method"],
        "programme": record["programme"], "start": record["start"], "end": record["end"],
        "status": STATUS.get(record["state"], record["state"]), "status_as_of": record["state_as_of"],
        "phases": [{"sequence": place, "start": phase["start"], "end": phase["end"], **localized("name", phase["name"])}
                   for place, phase in enumerate(record["phases"], start=1)],
        "partners": [{"organisation_slug": slug(one["partner_id"]), "role": one["role"]} for one in record["participants"]],
        "total_budget": amount(record["total_budget"]),
        "total_budget_currency": record["total_budget"] and record["total_budget"]["currency"],
        "funding": [funding(row) for row in record["funding"]], "location": record["location"],
    }  # fmt: skip


def funding(row: Case) -> Case:
    return {
        "funder_slug": slug(row["funder_id"]), "programme": row["programme"], "amount": amount(row["money"]),
        "currency": row["money"] and row["money"]["currency"], "is_upper_bound": row["is_upper_bound"],
        "is_approximate": row["is_approximate"], "kind": row["kind"], **localized("note", row["note"]),
    }  # fmt: skip


def outcome(record: Case) -> Case:
    without_themes = {name: value for name, value in told(record).items() if name not in ("themes", "focus_area")}
    reuse = record["reuse_count"] or {"count": None, "unit": None}
    return {
        **without_themes, "project_slug": slug(record["project_id"]), "kind": record["kind"], "date": record["date"],
        "measures": [measure(one) for one in record["measures"]], "reuse_count": reuse["count"],
        "reuse_count_unit": reuse["unit"], "reused_by_slugs": [slug(id) for id in record["reused_by"]],
        "export_markets": record["export_markets"],
    }  # fmt: skip


TELL: dict[str, Callable[[Case], Case]] = {
    "partner": organisation, "challenge": challenge, "project": project, "outcome": outcome,
}  # fmt: skip


def facts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every fact of a record: the path of its keys, and the value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from facts(inner, f"{path}.{name}")
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for place, item in enumerate(value):
            yield from facts(item, f"{path}[{place}]")
    else:
        yield path, value


def general(path: str) -> str:
    return "[]".join(part.partition("]")[2] if place else part for place, part in enumerate(path.split("[")))


@pytest.mark.parametrize("resource", FILES)
def test_every_fact_of_the_files_is_in_the_api(cases, resource):
    file = FILES[resource]
    answered = {record["source"]["external_id"]: TELL[resource](record) for record in whole(cases, f"/{resource}s")}
    assert answered.keys() == {case["slug"] for case in read(resource)}
    lost = []
    tried: set[str] = set()
    for case in read(resource):
        again = dict(facts(answered[case["slug"]], file))
        for path, value in facts(case, file):
            tried.add(general(path))
            if general(path) == f"{file}.cvr":
                assert value is None  # as the loader says
            elif general(path) == f"{file}.funding[].currency" and again[path] is None:
                index = int(path.partition("[")[2].partition("]")[0])
                assert case["funding"][index]["amount"] is None
            elif again.get(path, "missing") != value:
                lost.append((case["slug"], path, value, again.get(path, "missing")))
    assert lost == []
    assert len(tried) > 10


def test_what_is_left_out_says_nothing():
    """Each line of LEFT_OUT is true, so nothing can hide behind it."""
    assert set(LEFT_OUT) == {
        "organisations.cvr", "projects.phases[].sequence", "projects.funding[].currency without an amount"}  # fmt: skip
    assert {case["cvr"] for case in read("partner")} == {None}
    for case in read("project"):
        assert [phase["sequence"] for phase in case["phases"]] == list(range(1, len(case["phases"]) + 1))
        assert all(row["currency"] is None for row in case["funding"] if row["amount"] is None)


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_everybody_sees_all_of_them(cases, name, count):
    answer = cases.get(f"/{name}")
    assert answer.json["total"] == int(answer.headers["X-Total-Count"]) == count
    assert len(whole(cases, f"/{name}")) == count


# --- Twice --------------------------------------------------------------------------------------------------


def state(database: Any) -> Any:
    with database.reading() as connection:
        records = {
            name: [tuple(row) for row in connection.execute(
                select(model.id, model.version, model.updated_at, model.document).order_by(model.id))]
            for name, model in RESOURCES.items()
        }  # fmt: skip
        events = [tuple(row) for row in connection.execute(select(Event).order_by(Event.seq))]
        users = connection.execute(select(func.count()).select_from(User)).scalar_one()
    return records, events, users


def test_loading_twice_changes_nothing(app):
    database = app.extensions["copi"].database
    assert {name: new for name, (new, _) in seed_cases(database).items()} == COUNTS
    seed_demo_users(database)
    before = state(database)
    records, events, users = before
    assert sum(len(rows) for rows in records.values()) == sum(COUNTS.values())
    assert len(events) == sum(version for rows in records.values() for _, version, *_ in rows)
    assert [event[0] for event in events] == list(range(1, len(events) + 1))
    assert users == len(DEMO_USERS) + 1  # the account of the demo client

    assert seed_cases(database) == {name: (0, count) for name, count in COUNTS.items()}
    seed_demo_users(database)
    assert state(database) == before


def test_a_change_by_hand_outlives_loading_again(app, as_):
    database = app.extensions["copi"].database
    seed_cases(database)
    id = seeded_id("partner", "aarhus-kommune")
    as_.copi_editor.patch(f"/partners/{id}", {"website": "https://aarhus.dk"}, headers={"If-Match": "*"})
    seed_cases(database)
    assert as_.copi_editor.get(f"/partners/{id}").json["website"] == "https://aarhus.dk"


# --- The commands -------------------------------------------------------------------------------------------


def run(server: Server, name: str, monkeypatch: Any) -> tuple[Callable[..., Any], str]:
    url = server.database(name)
    monkeypatch.setenv("COPI_DATABASE_URL", url)
    return lambda *words: CliRunner().invoke(copi, words, catch_exceptions=False), url


def test_the_commands_say_what_they_have_done(server, monkeypatch, tmp_path):
    command, _ = run(server, "seeding", monkeypatch)
    monkeypatch.setenv("COPI_DOCUMENTS", str(tmp_path))
    assert "up to date" in command("db", "upgrade").output
    first, second = command("seed", "cases"), command("seed", "cases")
    for name, count in COUNTS.items():
        assert f"{name:12} {count:4} new     0 there already" in first.output
        assert f"{name:12}    0 new  {count:4} there already" in second.output
    for name, why in LEFT_OUT.items():
        assert f"{name}: {why}" in first.output
    assert command("seed", "demo").exit_code == 0
    users = command("seed", "demo").output
    assert DEMO_PASSWORD in users
    assert all(user.email in users for user in DEMO_USERS)


def test_production_has_no_demo_log_ins(server, monkeypatch):
    command, url = run(server, "seeding", monkeypatch)
    command("db", "upgrade")
    monkeypatch.setenv("COPI_ENVIRONMENT", "production")
    monkeypatch.setenv("COPI_SECRET", "s" * 32)
    monkeypatch.setenv("COPI_PUBLIC_URL", "https://api.tests.example")
    refused = command("seed", "demo")
    assert refused.exit_code == 1
    assert "development only" in refused.output
    app = build(url)
    with app.extensions["copi"].database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(User)).scalar_one() == 0
    app.extensions["copi"].database.dispose()


@pytest.mark.parametrize("user", DEMO_USERS, ids=lambda user: user.email)
def test_every_demo_log_in_works_and_holds_its_role(cases, user):
    token = cases.post("/tokens", {"email": user.email, "password": DEMO_PASSWORD})
    assert token.status_code == 200, token.json
    bearer = {"Authorization": f"Bearer {token.json['access_token']}"}
    id = seeded_id("partner", user.partner or "aarhus-kommune")
    actions = cases.get(f"/partners/{id}?embed=actions", headers=bearer).json["embedded"]["actions"]
    may = {"copi_admin", "copi_editor"} & set(user.duties) or user.role in ("editor", "manager")
    assert ("update" in actions) == bool(may)
