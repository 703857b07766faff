"""Which code lists there are: the published language and the classifications, each read on first use."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from api.reference.code_list import CodeList, Item
from api.reference.geography import municipality_facts, region_facts
from api.reference.tables import HERE, Row, cells, label, rows
from schemas.vocabulary import VOCABULARIES, Term

# The version of the published language: raise it when a term is added.
LANGUAGE_VERSION = "1.0.0"


class CodeLists(Mapping[str, CodeList]):
    """Every code list by its scheme; names cost nothing, a list is read when it is taken out."""

    def __getitem__(self, scheme: str) -> CodeList:
        return code_list(scheme)

    def __contains__(self, scheme: object) -> bool:
        return scheme in VOCABULARIES or scheme in _classifications()

    def __iter__(self) -> Iterator[str]:
        yield from VOCABULARIES
        yield from _classifications()

    def __len__(self) -> int:
        return len(VOCABULARIES) + len(_classifications())


def code_lists() -> Mapping[str, CodeList]:
    """Every code list by its scheme."""
    return CodeLists()


@cache
def code_list(scheme: str) -> CodeList:
    """The code list with this scheme; KeyError when there is none."""
    if scheme in VOCABULARIES:
        return _published_language(VOCABULARIES[scheme])
    return _classification(scheme, _classifications()[scheme])


def item(scheme: str, code: str) -> Item | None:
    """One item of a code list."""
    return _by_code(scheme).get(code)


def knows(scheme: str, code: str) -> bool:
    """Whether a code is in a code list."""
    return code in _by_code(scheme)


@cache
def _by_code(scheme: str) -> dict[str, Item]:
    return {entry["code"]: entry for entry in code_list(scheme).items if entry["code"]}


def _published_language(vocabulary: type[Term]) -> CodeList:
    """A vocabulary as a code list, with the facts about its terms that lie in a file of its name."""
    facts = {row["code"]: cells(row) for row in rows(vocabulary.scheme)}
    return CodeList(
        scheme=vocabulary.scheme,
        title=vocabulary.titles,
        description=vocabulary.descriptions,
        version=LANGUAGE_VERSION,
        licence="CC0-1.0",
        source="Center for Offentlig-Privat Innovation",
        valid_from=None,
        valid_to=None,
        items=tuple(
            {"code": term.value, "label": term.label, "facts": facts.get(term.value, {})} for term in vocabulary
        ),
    )


def _classification(scheme: str, about: Mapping[str, Any]) -> CodeList:
    facts = FACTS.get(scheme, cells)
    return CodeList(
        scheme=scheme,
        title=about["title"],
        description=about["description"],
        version=about["version"],
        licence=about["licence"],
        source=about["source"],
        valid_from=about.get("valid_from"),
        valid_to=about.get("valid_to"),
        items=tuple({"code": row["code"] or None, "label": label(row), "facts": facts(row)} for row in rows(scheme)),
    )


def _threshold_facts(row: Row) -> dict[str, Any]:
    """A threshold's amounts as money, and whom and when it binds."""
    return {
        "dkk": {"amount": row["dkk"], "currency": "DKK"},
        "eur": {"amount": row["eur"], "currency": "EUR"},
        "is_dkk_computed": row["is_dkk_computed"] == "yes",
        "who": {"da": row["who_da"], "en": row["who_en"]},
        "valid_from": row["valid_from"],
        "valid_to": row["valid_to"],
    }


# Lists whose rows say more than their cells; of all others the cells are the facts.
FACTS: Mapping[str, Callable[[Row], dict[str, Any]]] = {
    "municipality": municipality_facts,
    "region": region_facts,
    "procurement-threshold": _threshold_facts,
}


@cache
def _classifications() -> dict[str, dict[str, Any]]:
    with (HERE / "catalogue.toml").open("rb") as file:
        return tomllib.load(file)
