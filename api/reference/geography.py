"""Regions and municipalities: who belonged where and until when, and how many live there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from api.reference.tables import Row, label, rows

COUNTED_ON = date(2026, 1, 1)
"""The day the inhabitants were counted: one day for every municipality, so that figures can be added up."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region, from its first day until the day it is over."""

    code: str | None
    da: str
    en: str
    iso3166_2: str | None
    valid_from: date
    valid_to: date | None
    successor: str | None

    def covers(self, day: date) -> bool:
        """Whether the region exists on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality, with the regions it belongs to one after the other."""

    code: str
    da: str
    en: str
    nuts3: str
    population: int
    regions: tuple[Region, ...]

    def region_on(self, day: date) -> Region | None:
        """The region it belongs to on that day; none before the reform of 2007."""
        return next((region for region in self.regions if region.covers(day)), None)


def municipality(code: str) -> Municipality | None:
    """The municipality with this code of four digits."""
    return _municipalities().get(code)


def region_codes_of(municipality_code: str) -> tuple[str, ...]:
    """The codes of every region the municipality belongs to, now and later, as far as they are published."""
    found = municipality(municipality_code)
    return tuple(region.code for region in found.regions if region.code) if found else ()


def population(codes: Iterable[str]) -> int:
    """How many live in these municipalities and regions together, each municipality counted once."""
    places = {place for code in codes for place in _governed(code)}
    return sum(_municipalities()[place].population for place in places)


def _governed(code: str) -> Iterable[str]:
    """The municipalities behind a code: itself, or those of the region."""
    if code in _municipalities():
        return (code,)
    return [one.code for one in _municipalities().values() if any(region.code == code for region in one.regions)]


def municipality_facts(row: Row) -> dict[str, Any]:
    """What the code list tells of a municipality beyond its name."""
    found = _municipalities()[row["code"]]
    return {
        "regions": [_membership(region) for region in found.regions],
        "nuts3": found.nuts3,
        "population": found.population,
        "population_on": COUNTED_ON.isoformat(),
    }


def region_facts(row: Row) -> dict[str, Any]:
    """What the code list tells of a region beyond its name."""
    successor = _regions().get(row["successor"])
    return {
        "iso3166_2": row["iso3166_2"] or None,
        "nuts2": row["nuts2"] or None,
        "cvr": row["cvr"] or None,
        "valid_from": row["valid_from"],
        "valid_to": row["valid_to"] or None,
        "successor": successor and {"code": successor.code, "label": {"da": successor.da, "en": successor.en}},
    }


def _membership(region: Region) -> dict[str, Any]:
    return {
        "code": region.code,
        "label": {"da": region.da, "en": region.en},
        "iso3166_2": region.iso3166_2,
        "valid_from": region.valid_from.isoformat(),
        "valid_to": region.valid_to and region.valid_to.isoformat(),
    }


@cache
def _regions() -> dict[str, Region]:
    """Regions by code and by name: the region to come has no code yet, so its name stands for it."""
    regions = [_region(row) for row in rows("region")]
    return {key: region for region in regions for key in (region.code, region.da) if key}


def _region(row: Row) -> Region:
    return Region(
        code=row["code"] or None,
        **label(row),
        iso3166_2=row["iso3166_2"] or None,
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        successor=row["successor"] or None,
    )


@cache
def _municipalities() -> dict[str, Municipality]:
    return {
        row["code"]: Municipality(
            code=row["code"],
            **label(row),
            nuts3=row["nuts3"],
            population=int(row["population"]),
            regions=_succession(row["region_code"]),
        )
        for row in rows("municipality")
    }


def _succession(region_code: str) -> tuple[Region, ...]:
    """A region and those that come after it."""
    regions, chain = _regions(), [_regions()[region_code]]
    while chain[-1].successor:
        chain.append(regions[chain[-1].successor])
    return tuple(chain)
