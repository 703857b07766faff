"""The published language: every term is fit to be published, and the real cases can be told in it."""

import json
import pickle
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import (
    VOCABULARIES,
    ChallengeState,
    CollaborationForm,
    FundingKind,
    IdentifierScheme,
    OutcomeKind,
    ParticipantRole,
    PartnerKind,
    ProcurementRoute,
    ProjectState,
    Qualifier,
    Term,
    Theme,
    ValueKind,
)

CASES = Path(__file__).parents[2] / "api" / "cli" / "cases"

# How the cases' words become ours, where they differ; qualifiers are phrases that become codes.
IN_OUR_WORDS: dict[type[Term], dict[str, Term]] = {
    PartnerKind: {"business_hub": PartnerKind.BUSINESS_PROMOTION},
    ProjectState: {"running": ProjectState.ACTIVE},
}

TERMS = [
    pytest.param(vocabulary, term, id=f"{scheme}-{term}")
    for scheme, vocabulary in VOCABULARIES.items()
    for term in vocabulary
]


@pytest.mark.parametrize(("vocabulary", "term"), TERMS)
class TestTerm:
    def test_has_a_label_in_both_languages(self, vocabulary: type[Term], term: Term) -> None:
        for words in (term.da, term.en):
            assert words
            assert words == words.strip()
            assert words != term.value
            assert words[0].isupper() or words[0].isdigit()
        assert term.label == {"da": term.da, "en": term.en}

    def test_has_a_code_of_the_agreed_form(self, vocabulary: type[Term], term: Term) -> None:
        form = r"[A-Z]+(-[A-Z]+)*" if vocabulary is IdentifierScheme else r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
        assert re.fullmatch(form, term.value)

    def test_is_called_as_its_code(self, vocabulary: type[Term], term: Term) -> None:
        assert term.name == term.value.upper().replace("-", "_")

    def test_is_its_code_and_found_by_it(self, vocabulary: type[Term], term: Term) -> None:
        assert vocabulary(term.value) is term
        assert f"{term}" == json.loads(json.dumps(term)) == term.value
        assert pickle.loads(pickle.dumps(term)) is term


@pytest.mark.parametrize("vocabulary", VOCABULARIES.values(), ids=VOCABULARIES)
class TestVocabulary:
    def test_says_what_it_classifies_in_one_sentence(self, vocabulary: type[Term]) -> None:
        assert vocabulary.__doc__ == vocabulary.descriptions["en"]
        for language in ("da", "en"):
            assert vocabulary.titles[language]
            assert vocabulary.descriptions[language].endswith(".")
        assert vocabulary.descriptions["da"] != vocabulary.descriptions["en"]

    def test_uses_a_label_once(self, vocabulary: type[Term]) -> None:
        for language in ("da", "en"):
            labels = [term.label[language] for term in vocabulary]
            assert len(labels) == len(set(labels))


def test_schemes_are_named_after_their_classes() -> None:
    assert VOCABULARIES["theme"] is Theme
    assert VOCABULARIES["challenge-state"] is ChallengeState
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", scheme) for scheme in VOCABULARIES)


def test_a_code_outside_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="'teleportation' is not a valid Theme"):
        Theme("teleportation")


def test_titles_tell_vocabularies_apart() -> None:
    for language in ("da", "en"):
        titles = [vocabulary.titles[language] for vocabulary in VOCABULARIES.values()]
        assert len(titles) == len(set(titles))


@cache
def cases(name: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return records


def measures() -> Iterator[dict[str, Any]]:
    for challenge in cases("challenges"):
        yield from challenge["figures"]
    for outcome in cases("outcomes"):
        yield from outcome["measures"]


def values(*names: str, field: str) -> set[str]:
    return {record[field] for name in names for record in cases(name)} - {None}


def participants() -> set[str]:
    return {partner["role"] for project in cases("projects") for partner in project["partners"]}


def funding() -> set[str]:
    return {row["kind"] for project in cases("projects") for row in project["funding"]}


def qualifiers() -> set[str]:
    return {measure["qualifier"].replace(" ", "_") for measure in measures() if measure["qualifier"]}


@pytest.mark.parametrize(
    ("vocabulary", "used"),
    [
        (Theme, values("challenges", "projects", field="focus_area")),
        (PartnerKind, values("organisations", field="kind")),
        (ProjectState, values("projects", field="status")),
        (CollaborationForm, values("projects", field="collaboration_form")),
        (ProcurementRoute, values("projects", field="procurement_procedure")),
        (ParticipantRole, participants()),
        (FundingKind, funding()),
        (OutcomeKind, values("outcomes", field="kind")),
        (ValueKind, {measure["value_kind"] for measure in measures()}),
        (Qualifier, qualifiers()),
    ],
)
def test_holds_every_word_of_the_real_cases(vocabulary: type[Term], used: set[str]) -> None:
    assert used
    ours = IN_OUR_WORDS.get(vocabulary, {})
    assert {ours.get(word, word) for word in used} <= set(vocabulary)


def test_no_two_words_of_the_cases_become_one() -> None:
    for vocabulary, ours in IN_OUR_WORDS.items():
        assert not set(ours) & set(vocabulary)
        assert len(set(ours.values())) == len(ours)


@pytest.mark.parametrize(
    ("vocabulary", "told_in_the_schema"),
    [(CollaborationForm, 17), (ParticipantRole, 22), (FundingKind, 3), (ValueKind, 5), (Theme, 3)],
)
def test_is_exactly_what_the_schema_of_the_cases_lists(vocabulary: type[Term], told_in_the_schema: int) -> None:
    schema = (CASES / "SCHEMA.md").read_text(encoding="utf-8")
    assert len(vocabulary) == told_in_the_schema
    assert all(f"`{term}`" in schema for term in vocabulary)
