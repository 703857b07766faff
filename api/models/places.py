"""Where a record belongs: from its own codes, or from the partners that answer for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, select

from api import reference
from api.db import session
from api.models.partner import Partner


def regions(record: Any) -> Iterable[str]:
    """The regions a record concerns: its own and those of its municipalities, former ones included."""
    own = record.region_codes
    return [*own, *(code for place in record.municipality_codes for code in reference.region_codes_of(place))]


def take_over(record: Any, partner_ids: Collection[str]) -> None:
    """Give a record without places those of the partners that answer for it."""
    if record.municipality_codes or record.region_codes or not partner_ids:
        return
    rows = sorted(session().execute(_CODES, {"ids": list(partner_ids)}), key=str)
    record.municipality_codes = sorted(
        {municipality for municipality, _, kind in rows if municipality and kind == "municipality"}
    )
    record.region_codes = sorted({region for _, region, kind in rows if region and kind == "region"})


_CODES = select(Partner.municipality_code, Partner.region_code, Partner.kind).where(
    Partner.id.in_(bindparam("ids", expanding=True))
)
