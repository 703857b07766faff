"""The facts of a data set: made of a seed, so that every run measures the same records."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import uuid
from collections.abc import Iterator
from typing import Any

from schemas import vocabulary as v

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SEED = 20260101
Fields = dict[str, Any]

_DANISH = ["kommunen", "afprøver", "en", "løsning", "sammen", "med", "virksomheden", "i", "borgernes", "hjem", "skoler",
           "havne", "genbrug", "data", "sensorer", "robotter", "indkøb", "udbud", "klima", "energi", "vand", "affald",
           "materialer", "pleje", "træning", "transport", "drift", "måling"]  # fmt: skip
_ENGLISH = ["the", "municipality", "tries", "a", "solution", "together", "with", "company", "in", "homes", "buildings",
            "schools", "ports", "reuse", "data", "sensors", "robots", "procurement", "tender", "climate", "energy",
            "water", "waste", "materials", "care", "training", "transport", "operation"]  # fmt: skip
_KEYWORDS = [f"{_ENGLISH[place % len(_ENGLISH)]}-{place}" for place in range(200)]
_COMMON = list(itertools.accumulate(1 / (place + 8) for place in range(len(_KEYWORDS))))
_STATES = {"completed": 38, "in_operation": 27, "unknown": 20, "active": 14, "planned": 6, "discontinued": 2}
_THEMES = {"welfare_technology": 43, "green_transition": 34, "sustainable_construction": 24}
_ROLES = ("need_owner", "lead", "supplier", "solution_provider", "knowledge_partner", "client")
_KINDS = ("municipality", "company", "company", "company", "knowledge_institution", "cluster")
_PLACES = ("0101", "0751", "0461", "0851", "0265", "0615")


def moment(number: int) -> dt.datetime:
    """When the record of that number was written: each a second after the one before."""
    return EPOCH + dt.timedelta(seconds=number)


def id_of(resource: str, number: int) -> str:
    """A UUIDv7 of the record's own moment, as the service would have given it; its chance bits repeat."""
    chance = random.Random(f"{SEED}/{resource}/{number}").getrandbits(74)
    milliseconds = int(moment(number).timestamp() * 1000)
    bits = (milliseconds << 80) | (0x7 << 76) | (chance >> 62 << 64) | (0b10 << 62) | (chance & (1 << 62) - 1)
    return str(uuid.UUID(int=bits))


def keyword(chance: random.Random) -> str:
    """A keyword: the commonest stands on a tenth of all projects, most on less than a hundredth."""
    return chance.choices(_KEYWORDS, cum_weights=_COMMON)[0]


def partners_for(projects: int) -> int:
    """How many organisations take part in so many projects."""
    return max(projects // 20, 20)


def partners(projects: int) -> Iterator[Fields]:
    """The organisations."""
    for number in range(partners_for(projects)):
        chance = random.Random(f"{SEED}/partner/{number}")
        kind = chance.choice(_KINDS)
        yield {
            "id": id_of("partner", number),
            "state": v.PartnerState.ACTIVE,
            "name": {"da": f"Organisation {number}", "en": f"Organisation no. {number}"},
            "kind": kind,
            "country": "DK",
            "municipality_code": chance.choice(_PLACES) if kind == "municipality" else None,
            "website": f"https://partner{number}.example.org",
        }


def projects(count: int) -> Iterator[Fields]:
    """The projects: four participants, three keywords and three phases each."""
    for number in range(count):
        yield _project(number, partners_for(count))


def _project(number: int, partner_count: int) -> Fields:
    chance = random.Random(f"{SEED}/project/{number}")
    year = chance.randint(2012, 2025)
    state = _one_of(chance, _STATES)
    return {
        "id": id_of("project", number),
        "state": v.ProjectState(state),
        "state_as_of": str(year + 1),
        "title": {"da": f"Projekt {number} {_words(chance, _DANISH, 4)}", "en": _words(chance, _ENGLISH, 5)},
        "summary": {"da": _words(chance, _DANISH, 18), "en": _words(chance, _ENGLISH, 20)},
        "theme": _one_of(chance, _THEMES),
        "keywords": list(dict.fromkeys(keyword(chance) for _ in range(3))),
        "programme": chance.choice((None, "MUDP", "Horizon 2020")),
        "participants": _participants(chance, partner_count),
        "municipality_codes": [chance.choice(_PLACES)],
        "collaboration_form": chance.choice(("opi", "pcp", "innovation_partnership")),
        "procurement_route": chance.choice((None, "open", "negotiated")),
        "funding": [{"money": {"amount": str(chance.randint(1, 90) * 100_000), "currency": "DKK"}, "kind": "grant"}],
        "total_budget": {"amount": str(chance.randint(1, 90) * 1_000_000), "currency": "DKK", "qualifier": "about"},
        "phases": [_phase(place, year) for place in range(3)],
        "start": f"{year}-{chance.randint(1, 12):02}",
        "end": f"{year + 2}-{chance.randint(1, 12):02}",
        "stage": chance.choice(("pilot", "implementation", "scaling")),
        "trl": chance.randint(4, 9),
        "sources": [f"https://www.example.org/projects/{number}"],
    }


def _participants(chance: random.Random, partner_count: int) -> list[Fields]:
    chosen = chance.sample(range(partner_count), chance.randint(3, 5))
    return [
        {"partner_id": id_of("partner", number), "role": role} for number, role in zip(chosen, _ROLES, strict=False)
    ]


def _phase(place: int, year: int) -> Fields:
    names = (("Forundersøgelse", "Study"), ("Afprøvning", "Pilot"), ("Udbredelse", "Scaling"))
    return {
        "name": {"da": names[place][0], "en": names[place][1]},
        "start": f"{year + place}-01",
        "end": f"{year + place}-12",
    }


def outcomes(count: int) -> Iterator[Fields]:
    """The outcomes of every second project, two measures each."""
    for number in range(0, count, 2):
        chance = random.Random(f"{SEED}/outcome/{number}")
        yield {
            "id": id_of("outcome", number),
            "state": v.OutcomeState.VERIFIED,
            "project_id": id_of("project", number),
            "kind": chance.choice(("measured_effect", "lesson", "evaluation")),
            "title": {"da": f"Resultat {number}", "en": f"Outcome no. {number}"},
            "summary": {"da": _words(chance, _DANISH, 16), "en": _words(chance, _ENGLISH, 16)},
            "theme": chance.choice(list(_THEMES)),
            "keywords": [keyword(chance)],
            "date": f"{chance.randint(2014, 2026)}-06",
            "measures": [_measure(chance, place) for place in range(2)],
        }


def _measure(chance: random.Random, place: int) -> Fields:
    indicator, da, en, unit = (("co2-saved", "CO₂ sparet", "CO₂ saved", "t CO2"), ("time", "Tid", "Time", "h"))[place]
    return {
        "indicator": indicator,
        "label": {"da": da, "en": en},
        "value": float(chance.randint(1, 5000)),
        "unit": unit,
        "value_kind": "measured",
        "per": "year",
    }


def _words(chance: random.Random, words: list[str], count: int) -> str:
    return " ".join(chance.choices(words, k=count)).capitalize()


def _one_of(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
