"""The data files beside this module: rows of text read from CSV, and the conventions for their cells."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Row = dict[str, str]

HERE = Path(__file__).parent
NAMES = ("code", "name_da", "name_en")
CELLS: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}


def rows(scheme: str) -> list[Row]:
    """Every row of a list, or none when it keeps no file."""
    path = HERE / f"{scheme}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def label(row: Row) -> dict[str, str]:
    """The names of a row in both languages."""
    return {"da": row["name_da"], "en": row["name_en"]}


def cells(row: Row) -> dict[str, Any]:
    """What a row says beyond its code and names."""
    return {name: CELLS.get(cell, cell) for name, cell in row.items() if name not in NAMES}
