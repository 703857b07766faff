"""The small parts of a release: texts, amounts, dates, codes and documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api import reference

Part = dict[str, Any]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def texts(name: str, text: Mapping[str, str | None] | None) -> Part:
    """A text in Danish, the release's language, and beside it in English with the suffix the standard gives it."""
    return {name: text["da"], f"{name}_en": text.get("en")} if text else {}


def money(amount: Mapping[str, Any] | None) -> Part | None:
    """An amount, which the standard wants as a number."""
    return {"amount": float(amount["amount"]), "currency": amount["currency"]} if amount else None


def moment(date: str | None) -> str | None:
    """A moment, or the beginning of a day; nothing where only the month or year is known: no date-time can say that."""
    if date is None or "T" in date:
        return date
    return f"{date}T00:00:00Z" if _DAY.match(date) else None


def period(start: str | None, end: str | None) -> Part:
    """From the beginning of one day to the end of another, as far as the days are known."""
    last = moment(end)
    return {"startDate": moment(start), "endDate": last and last.replace("T00:00:00", "T23:59:59")}


def items(codes: Iterable[str]) -> list[Part]:
    """What is bought, by Common Procurement Vocabulary."""
    return [{"id": code, "classification": {"scheme": "CPV", "id": code, **_label("cpv", code)}} for code in codes]


def _label(scheme: str, code: str) -> Part:
    known = reference.item(scheme, code)
    return {"description": known["label"]["da"]} if known else {}


def pruned(value: Any) -> Any:
    """The same without anything empty: the standard has a field left out rather than null."""
    if isinstance(value, dict):
        kept = {name: pruned(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, "", [], {})}
    return [pruned(inner) for inner in value] if isinstance(value, list) else value
