"""Codes of published classifications that several resources use."""

from __future__ import annotations

from typing import Any

from schemas.fields import Code, Field, Many, Text


def keywords() -> Many:
    """Free keywords: a growing vocabulary, not a closed list."""
    word = Text("A keyword.", max=60, pattern=r"^[a-z0-9æøå]+(-[a-z0-9æøå]+)*$", example="circular-economy")
    return Many(
        word, "Keywords in lower case, words joined by hyphens.", example=["construction-machinery", "procurement"]
    )


def cpv() -> Many:
    """Common Procurement Vocabulary 2008, without check digit."""
    return Many(cpv_code(), "CPV codes, eight digits, without the check digit.", example=["43300000"])


def cpv_code() -> Code:
    """One CPV code."""
    return Code("cpv", "A CPV code.", pattern=r"^[0-9]{8}$", max=8, example="43300000")


def municipality_code(description: str = "A municipality's code, four digits.", **options: Any) -> Code:
    """One municipality."""
    return Code("municipality", description, pattern=r"^[0-9]{4}$", max=4, example="0101", **options)


def region_code(description: str = "A region's code, four digits.", **options: Any) -> Code:
    """One region."""
    return Code("region", description, pattern=r"^[0-9]{4}$", max=4, example="1084", **options)


def municipality_codes() -> Many:
    """The municipalities a record concerns."""
    return Many(
        municipality_code(), "Municipalities it concerns; the owners' when left out.", max=98, example=["0101", "0851"]
    )


def region_codes() -> Many:
    """The regions a record concerns."""
    return Many(
        region_code(),
        "Regions it concerns besides those of the municipalities; the owners' when left out.",
        max=10,
        example=["1084"],
    )


def country(description: str = "ISO 3166-1 alpha-2, or EU.", **options: Any) -> Text:
    """One country."""
    return Text(description, max=2, pattern=r"^[A-Z]{2}$", example="DE", **options)


def export_markets() -> Many:
    """Markets abroad."""
    return Many(country(), "Markets by country.", max=100, example=["DE", "NO"])


__all__ = [
    "Field",
    "country",
    "cpv",
    "cpv_code",
    "export_markets",
    "keywords",
    "municipality_code",
    "municipality_codes",
    "region_code",
    "region_codes",
]
