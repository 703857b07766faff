"""Where a record belongs: from its own codes, or from the partners that answer for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from api import reference
from api.models.partner import Partner


def regions(record: Any) -> Iterable[str]:
    """The regions a record concerns: its own and those of its municipalities, former ones included."""
    own = record.region_codes
    return [*own, *(code for place in record.municipality_codes for code in reference.region_codes_of(place))]


def take_over(record: Any, partner_ids: Collection[str]) -> None:
    """Give a record without places those of the partners that answer for it."""
    if record.municipality_codes or record.region_codes or not partner_ids:
        return
    partners = Partner.these(partner_ids)
    record.municipality_codes = sorted(
        {one.municipality_code for one in partners if one.municipality_code and one.kind == "municipality"}
    )
    record.region_codes = sorted({one.region_code for one in partners if one.region_code and one.kind == "region"})
