"""`copi seed`: the real cases, and a demo to try every role with."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from api import config, reference
from api.cli import story
from api.cli.console import console, progress
from api.db import Database, opened
from api.models import Challenge, Outcome, Partner, Project, Resource
from api.storage import Storage
from schemas import vocabulary as v
from schemas.base import creating

CASES = Path(__file__).parent / "cases"
SYSTEM = "co-pi-cases"
EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

Case = Mapping[str, Any]

LEFT_OUT = {
    "organisations.cvr": "null in every row: no page stated one",
    "projects.phases[].sequence": "the order of the list says it",
    "projects.funding[].currency without an amount": "null in every such row",
}
"""Keys of the files that are not stored, and why."""

OURS = {
    "partners": "state is active",
    "challenges": "state is resolved (project_started) when a project answers it, otherwise open",
    "outcomes": "state is verified: each rests on a public page",
    "places": "challenges and projects take the municipalities and regions of their owners",
    "supports": "the builders named in the case of emission-free machinery, in the order they joined; its pages count "
    "14 letters of intent and at last 19 builders, and name 15 and 16",
}
"""What the loader adds that no file says."""


@click.group()
def seed() -> None:
    """Fill the database."""


@seed.command("cases")
def cases_command() -> None:
    """Load 81 challenges, 285 organisations, 101 projects and 133 outcomes from public pages; twice changes nothing."""
    with opened(config.read().database_url) as database:
        counts = seed_cases(database)
    for name, (new, there) in counts.items():
        console.print(f"  {name:12} {new:4} new  {there:4} there already")
    console.print("\nLeft out:")
    for name, why in LEFT_OUT.items():
        console.print(f"  {name}: {why}")
    console.print("\nAdded by us:")
    for name, what in OURS.items():
        console.print(f"  {name}: {what}")


@seed.command("demo")
def demo_command() -> None:
    """Create one log-in per role and one example of each kind of record, for development."""
    from api.cli import demo

    settings = config.read()
    if settings.production:
        raise click.ClickException("The demo is for development only.")
    with opened(settings.database_url) as database:
        demo.seed_demo_users(database)
        demo.seed_demo_records(database, Storage(settings))
    for user in demo.DEMO_USERS:
        console.print(f"  {user.email:32} {user.name}")
    console.print(f"  all with the password {demo.DEMO_PASSWORD}")


def seeded_id(resource: str, slug: str) -> str:
    """A record's id: a UUIDv7 of the set's own date whose random bits come from the slug, the same everywhere."""
    random = int.from_bytes(hashlib.sha256(f"{resource}/{slug}".encode()).digest()[:10], "big")
    milliseconds = int(EPOCH.timestamp() * 1000)
    number = (
        (milliseconds << 80) | (0x7 << 76) | ((random >> 66 & 0xFFF) << 64) | (0b10 << 62) | (random & (1 << 62) - 1)
    )
    return str(uuid.UUID(int=number))


def seed_cases(database: Database) -> dict[str, tuple[int, int]]:
    """Add the cases that are not there yet, in one transaction; returns how many were new and how many there."""
    plan = [(name, model, list(made)) for name, model, made in _plan()]
    counts = {}
    with database.writing() as session, progress("Loading cases", sum(len(made) for *_, made in plan)) as bar:
        done = 0
        for name, model, made in plan:
            there = set(session.scalars(select(model.source_id).where(model.source_system == SYSTEM)))
            new = [fields for fields in made if fields["source"]["external_id"] not in there]
            for fields in new:
                model.add(_checked(model, fields))
                # One at a time: a row may point at one before it.
                session.flush()
                bar(done := done + 1)
            counts[name] = (len(new), len(made) - len(new))
    counts["supports"] = _tell_the_story(database)
    return counts


def _tell_the_story(database: Database) -> tuple[int, int]:
    project = next(case for case in _read("projects") if case["slug"] == story.PROJECT)
    declaration = next(case for case in _read("outcomes") if case["slug"] == story.DECLARATION)
    told = list(story.chapters(project, declaration))
    new = story.tell(database, told, {"system": SYSTEM, "url": project["source_url"]}, seeded_id)
    joined = {slug for _, rows in told for slug, *_ in rows}
    return new, len(joined) - new


def _checked(model: type[Resource], fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as a client's would be checked, and what only an import may set."""
    own = {name: fields.pop(name) for name in ("id", "state", "close_reason") if name in fields}
    return {**creating(type(model.schema))().load(fields), **own}


def _plan() -> Iterator[tuple[str, type[Resource], Iterable[dict[str, Any]]]]:
    projects = _read("projects")
    answered = {slug for project in projects for slug in project["challenge_slugs"]}
    yield "partners", Partner, (_partner(case) for case in _parents_first(_read("organisations"), "parent_slug"))
    yield "challenges", Challenge, (_challenge(case, case["slug"] in answered) for case in _read("challenges"))
    yield "projects", Project, (_project(case) for case in _parents_first(projects, "parent_project_slug"))
    themes = {project["slug"]: project["focus_area"] for project in projects}
    yield "outcomes", Outcome, (_outcome(case, themes[case["project_slug"]]) for case in _read("outcomes"))


def _read(name: str) -> list[dict[str, Any]]:
    return list(json.loads((CASES / f"{name}.json").read_text(encoding="utf-8")))


def _parents_first(cases: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    by_slug = {case["slug"]: case for case in cases}

    def depth(case: Case) -> int:
        return 0 if case[key] is None else 1 + depth(by_slug[case[key]])

    return sorted(cases, key=depth)


# --- One kind of case after the other -----------------------------------------------------------------------


def _common(resource: str, case: Case) -> dict[str, Any]:
    pages = [case["source_url"], *case.get("further_source_urls", [])]
    if case.get("municipality_code_source_url"):
        pages.append(case["municipality_code_source_url"])
    return {
        "id": seeded_id(resource, case["slug"]),
        "source": {"system": SYSTEM, "external_id": case["slug"], "url": case["source_url"]},
        "sources": pages,
    }


def _told(resource: str, case: Case) -> dict[str, Any]:
    """What challenges, projects and outcomes have in common."""
    return {**_common(resource, case), "title": _text(case, "title"), "summary": _text(case, "summary")}


def _partner(case: Case) -> dict[str, Any]:
    code = case["municipality_code"]
    return {
        **_common("partner", case),
        "state": v.PartnerState.ACTIVE,
        "name": {"da": case["name"], "en": case["name_en"]},
        "kind": {"business_hub": "business_promotion"}.get(case["kind"], case["kind"]),
        "parent_id": case["parent_slug"] and seeded_id("partner", case["parent_slug"]),
        "country": case["country"],
        "municipality_code": code and code.zfill(4),
        "region_code": _REGION_CODES.get(case["region_slug"] or case["slug"]),
        "note": _text(case, "note"),
    }


def _challenge(case: Case, answered: bool) -> dict[str, Any]:
    state = v.ChallengeState.RESOLVED if answered else v.ChallengeState.OPEN
    return {
        **_told("challenge", case),
        "state": state,
        "close_reason": v.CloseReason.PROJECT_STARTED if answered else None,
        "theme": case["focus_area"],
        "keywords": case["themes"],
        "owners": [seeded_id("partner", slug) for slug in case["need_owner_slugs"]],
        "timeline": {"posed": case["posed"]} if case["posed"] else None,
        "figures": [_measure(figure) for figure in case["figures"]],
    }


def _project(case: Case) -> dict[str, Any]:
    return {
        **_told("project", case),
        "state": _STATES[case["status"]],
        "state_as_of": case["status_as_of"],
        "theme": case["focus_area"],
        "keywords": case["themes"],
        "parent_id": case["parent_project_slug"] and seeded_id("project", case["parent_project_slug"]),
        "challenge_ids": [seeded_id("challenge", slug) for slug in case["challenge_slugs"]],
        "participants": [
            {"partner_id": seeded_id("partner", one["organisation_slug"]), "role": one["role"]}
            for one in case["partners"]
        ],
        "collaboration_form": case["collaboration_form"],
        "procurement_route": case["procurement_procedure"],
        "procurement_note": _text(case, "procurement_note"),
        "method": case["method"],
        "programme": case["programme"],
        "start": case["start"],
        "end": case["end"],
        "location": case["location"],
        "phases": [
            {"name": _text(phase, "name"), "start": phase["start"], "end": phase["end"]}
            for phase in sorted(case["phases"], key=lambda phase: phase["sequence"])
        ],
        "total_budget": _money(case["total_budget"], case["total_budget_currency"]),
        "funding": [_funding(row) for row in case["funding"]],
    }


def _funding(row: Case) -> dict[str, Any]:
    return {
        "funder_id": row["funder_slug"] and seeded_id("partner", row["funder_slug"]),
        "programme": row["programme"],
        "money": _money(row["amount"], row["currency"]),
        "is_upper_bound": row["is_upper_bound"],
        "is_approximate": row["is_approximate"],
        "kind": row["kind"],
        "note": _text(row, "note"),
    }


def _outcome(case: Case, theme: str) -> dict[str, Any]:
    reused = case["reuse_count"] is not None
    return {
        **_told("outcome", case),
        "state": v.OutcomeState.VERIFIED,
        "theme": theme,
        "kind": case["kind"],
        "project_id": seeded_id("project", case["project_slug"]),
        "date": case["date"],
        "measures": [_measure(measure) for measure in case["measures"]],
        "reused_by": [seeded_id("partner", slug) for slug in case["reused_by_slugs"]],
        "reuse_count": {"count": case["reuse_count"], "unit": case["reuse_count_unit"]} if reused else None,
        "export_markets": case["export_markets"],
    }


def _measure(measure: Case) -> dict[str, Any]:
    return {
        "indicator": measure["metric"],
        "label": _text(measure, "label"),
        "value": measure["value"],
        "low": measure["value_low"],
        "high": measure["value_high"],
        "unit": measure["unit"],
        "per": measure["per"],
        "qualifier": measure["qualifier"] and measure["qualifier"].replace(" ", "_"),
        "value_kind": measure["value_kind"],
        "baseline": measure["baseline"],
        "period": measure["period"],
        "comparator": _text(measure, "comparator"),
    }


def _text(case: Case, name: str) -> dict[str, str | None] | None:
    return {"da": case[f"{name}_da"], "en": case[f"{name}_en"]} if case[f"{name}_da"] else None


def _money(amount: float | None, currency: str | None) -> dict[str, Any] | None:
    return None if amount is None else {"amount": f"{amount:.2f}".removesuffix(".00"), "currency": currency}


_STATES = {
    "running": v.ProjectState.ACTIVE,
    "completed": v.ProjectState.COMPLETED,
    "in_operation": v.ProjectState.IN_OPERATION,
    "discontinued": v.ProjectState.DISCONTINUED,
    "unknown": v.ProjectState.UNKNOWN,
}
_REGION_CODES = {
    item["label"]["da"].lower().replace(" ", "-").replace("æ", "ae"): item["code"]
    for item in reference.code_list("region").items
}
