"""The code lists: complete, dated, attributed, and quick to ask."""

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from api.reference import (
    CodeList,
    code_list,
    code_lists,
    find,
    item,
    knows,
    municipality,
    region_codes_of,
)
from api.reference.geography import COUNTED_ON
from schemas.vocabulary import VOCABULARIES, Novelty, ProcurementRoute, ValueDimension

ROOT = Path(__file__).parents[2]
CASES = ROOT / "api" / "cli" / "cases"
REFERENCE = ROOT / "api" / "reference"

SIZES = {
    "municipality": 98,
    "region": 6,
    "nuts3": 12,
    "cpv": 9454,
    "procurement-threshold": 4,
    "procurement-route": 13,
    "sdg": 17,
    "trl": 9,
    "indicator": 221,
    "innovation-barometer": 15,
    "notice-type": 21,
    "procurement-procedure-type": 10,
    "buyer-legal-type": 19,
    "economic-operator-size": 5,
    "strategic-procurement": 4,
    "innovative-acquisition": 4,
    "environmental-impact": 7,
    "gpp-criteria": 4,
    "social-objective": 7,
}


def facts(scheme: str, code: str) -> dict[str, Any]:
    found = item(scheme, code)
    assert found is not None
    told: dict[str, Any] = found["facts"]
    return told


def codes(items: list[Any]) -> list[str]:
    return [found["code"] for found in items]


class TestEveryList:
    @pytest.fixture(params=list(code_lists()))
    def listed(self, request: pytest.FixtureRequest) -> CodeList:
        return code_list(request.param)

    def test_says_what_it_is_and_whose(self, listed: CodeList) -> None:
        for words in (listed.title, listed.description):
            assert set(words) == {"da", "en"}
            assert all(words.values())
        assert listed.version
        assert listed.licence
        assert listed.source

    def test_has_items_of_one_shape_labelled_in_both_languages(self, listed: CodeList) -> None:
        assert listed.items
        for found in listed.items:
            assert set(found) == {"code", "label", "facts"}
            assert set(found["label"]) == {"da", "en"}
            assert all(found["label"].values())

    def test_has_each_code_once(self, listed: CodeList) -> None:
        found = [entry["code"] for entry in listed.items if entry["code"]]
        assert len(found) == len(set(found))

    def test_is_json_as_it_stands(self, listed: CodeList) -> None:
        assert json.loads(json.dumps(listed.items)) == list(listed.items)


class TestCatalogue:
    def test_holds_the_published_language_and_the_classifications(self) -> None:
        assert set(code_lists()) == set(VOCABULARIES) | set(SIZES)
        assert len(code_lists()) == len(list(code_lists()))

    @pytest.mark.parametrize(("scheme", "size"), SIZES.items())
    def test_is_complete(self, scheme: str, size: int) -> None:
        assert len(code_list(scheme).items) == size

    def test_refuses_a_scheme_it_does_not_hold(self) -> None:
        assert "moon-phase" not in code_lists()
        with pytest.raises(KeyError):
            code_list("moon-phase")

    def test_reads_a_list_once(self) -> None:
        assert code_lists()["sdg"] is code_list("sdg")

    def test_publishes_a_vocabulary_as_it_is_written(self) -> None:
        for scheme, vocabulary in VOCABULARIES.items():
            listed = code_list(scheme)
            assert [found["code"] for found in listed.items] == list(vocabulary)
            assert [found["label"] for found in listed.items] == [term.label for term in vocabulary]
            assert listed.licence == "CC0-1.0"

    def test_every_file_is_read_and_accounted_for(self) -> None:
        sources = (REFERENCE / "SOURCES.md").read_text(encoding="utf-8")
        for file in REFERENCE.glob("*.csv"):
            listed = code_list(file.stem)
            row = next(line for line in sources.splitlines() if line.startswith(f"| `{file.name}`"))
            assert f"| {len(listed.items):,} |" in row
            assert f"| {listed.version} |" in row
            assert f"| {listed.licence.replace('Commission ', '')} |" in row

    def test_nothing_is_read_until_it_is_asked_for(self) -> None:
        """A fresh interpreter, since this one has read most lists already."""
        check = "from api.reference.catalogue import code_list as c; assert c.cache_info().currsize == 0"
        subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


class TestMunicipalities:
    def test_belong_to_a_region_before_and_after_the_succession(self) -> None:
        before, after = date(2026, 12, 31), date(2027, 1, 1)
        count: dict[date, Counter[str]] = {before: Counter(), after: Counter()}
        for found in code_list("municipality").items:
            named = municipality(found["code"])
            assert named is not None
            for day, regions in count.items():
                region = named.region_on(day)
                assert region is not None
                regions[region.da] += 1
        assert count[before] == {
            "Region Hovedstaden": 29,
            "Region Sjælland": 17,
            "Region Syddanmark": 22,
            "Region Midtjylland": 19,
            "Region Nordjylland": 11,
        }
        assert count[after] == {
            "Region Østdanmark": 46,
            "Region Syddanmark": 22,
            "Region Midtjylland": 19,
            "Region Nordjylland": 11,
        }

    def test_belonged_to_no_region_before_there_were_any(self) -> None:
        copenhagen = municipality("0101")
        assert copenhagen is not None
        assert copenhagen.region_on(date(2006, 12, 31)) is None

    def test_tell_their_regions_by_half_open_periods(self) -> None:
        capital, eastern = facts("municipality", "0101")["regions"]
        assert (capital["code"], capital["iso3166_2"]) == ("1084", "DK-84")
        assert (capital["valid_from"], capital["valid_to"]) == ("2007-01-01", "2027-01-01")
        assert (eastern["code"], eastern["label"]["da"]) == (None, "Region Østdanmark")
        assert (eastern["valid_from"], eastern["valid_to"]) == ("2027-01-01", None)

    def test_outside_the_succession_keep_their_region(self) -> None:
        assert [region["code"] for region in facts("municipality", "0751")["regions"]] == ["1082"]

    def test_lie_in_a_known_province(self) -> None:
        for found in code_list("municipality").items:
            assert re.fullmatch(r"0[1-8]\d\d", found["code"])
            assert knows("nuts3", found["facts"]["nuts3"])

    def test_are_inhabited_and_together_the_country_less_christiansoe(self) -> None:
        inhabitants = [found["facts"]["population"] for found in code_list("municipality").items]
        assert len(inhabitants) == 98
        assert all(isinstance(count, int) and count > 1_000 for count in inhabitants)
        assert 0 < 6_025_603 - sum(inhabitants) < 150

    @pytest.mark.parametrize(
        ("code", "population"),
        [("0101", 671_714), ("0147", 106_150), ("0461", 213_168), ("0751", 378_361), ("0787", 42_572), ("0825", 1_683)],
    )
    def test_tell_how_many_live_there_and_when_they_were_counted(self, code: str, population: int) -> None:
        named = municipality(code)
        assert named is not None
        assert named.population == population
        assert facts("municipality", code)["population"] == population
        assert facts("municipality", code)["population_on"] == COUNTED_ON.isoformat() == "2026-01-01"

    def test_name_the_source_of_their_population_and_its_day(self) -> None:
        listed = code_list("municipality")
        assert "Statistics Denmark" in listed.source
        assert f"{COUNTED_ON.day} {COUNTED_ON:%B %Y}" in listed.source
        assert listed.licence == "CC-BY-4.0"

    def test_are_found_by_code_only_when_they_exist(self) -> None:
        aarhus = municipality("0751")
        assert aarhus is not None
        assert aarhus.da == "Aarhus"
        assert municipality("751") is None
        assert municipality("0411") is None

    def test_know_the_codes_of_their_regions(self) -> None:
        assert region_codes_of("0101") == ("1084",)
        assert region_codes_of("0751") == ("1082",)
        assert region_codes_of("9999") == ()

    def test_include_those_of_the_cases(self) -> None:
        used = {row["municipality_code"] for row in json.loads((CASES / "organisations.json").read_text("utf-8"))}
        assert all(knows("municipality", code.zfill(4)) for code in used - {None})


class TestRegions:
    def test_end_on_the_day_their_successor_begins(self) -> None:
        eastern = code_list("region").items[-1]
        assert eastern["code"] is None
        assert eastern["label"] == {"da": "Region Østdanmark", "en": "Region of Eastern Denmark"}
        for code in ("1084", "1085"):
            told = facts("region", code)
            assert told["valid_to"] == eastern["facts"]["valid_from"] == "2027-01-01"
            assert told["successor"] == {"code": None, "label": eastern["label"]}

    @pytest.mark.parametrize("code", ["1081", "1082", "1083", "1084", "1085"])
    def test_have_valid_company_numbers(self, code: str) -> None:
        digits = [int(digit) for digit in facts("region", code)["cvr"]]
        assert sum(digit * weight for digit, weight in zip(digits, (2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0


class TestProcurement:
    def test_cpv_codes_have_their_check_digits(self) -> None:
        for found in code_list("cpv").items:
            assert re.fullmatch(r"\d{8}", found["code"])
            assert re.fullmatch(r"\d", found["facts"]["check_digit"])
        assert facts("cpv", "33000000") == {"check_digit": "0"}
        assert facts("cpv", "45000000") == {"check_digit": "7"}

    @pytest.mark.parametrize(
        ("code", "eur", "dkk", "is_computed"),
        [
            ("goods_services_central", "140000", "1044400", False),
            ("goods_services_subcentral", "216000", "1611360", False),
            ("works", "5404000", "40313840", False),
            ("light_regime", "750000", "5595000", True),
        ],
    )
    def test_thresholds(self, code: str, eur: str, dkk: str, is_computed: bool) -> None:
        told = facts("procurement-threshold", code)
        assert told["eur"] == {"amount": eur, "currency": "EUR"}
        assert told["dkk"] == {"amount": dkk, "currency": "DKK"}
        assert told["is_dkk_computed"] is is_computed
        assert (told["valid_from"], told["valid_to"]) == ("2026-01-01", "2028-01-01")
        assert int(eur) * 746 == int(dkk) * 100

    def test_routes_are_one_list_with_labels_and_facts(self) -> None:
        for route in ProcurementRoute:
            told = facts("procurement-route", route)
            assert set(told) == {"eforms_list", "eforms_code", "legal_basis", "is_tender"}
            assert isinstance(told["is_tender"], bool)
        assert facts("procurement-route", ProcurementRoute.OPEN) == {
            "eforms_list": "procurement-procedure-type",
            "eforms_code": "open",
            "legal_basis": "udbudsloven",
            "is_tender": True,
        }

    def test_routes_point_at_codes_that_eforms_has(self) -> None:
        for found in code_list("procurement-route").items:
            told = found["facts"]
            if told["eforms_list"] in code_lists():
                assert knows(told["eforms_list"], told["eforms_code"])

    def test_innovation_barometer_uses_the_words_of_the_vocabularies(self) -> None:
        told = {entry["code"]: entry for entry in code_list("innovation-barometer").items}
        for term in [*Novelty, *ValueDimension]:
            if term in told:
                assert told[term]["label"] == term.label


class TestIndicators:
    @pytest.fixture
    def measures(self) -> list[dict[str, Any]]:
        records = [
            (json.loads((CASES / f"{name}.json").read_text("utf-8")), field)
            for name, field in (("challenges", "figures"), ("outcomes", "measures"))
        ]
        return [measure for rows, field in records for row in rows for measure in row[field]]

    def test_are_those_the_cases_measure(self, measures: list[dict[str, Any]]) -> None:
        assert {measure["metric"] for measure in measures} == set(codes(list(code_list("indicator").items)))

    def test_have_a_unit_that_the_cases_use(self, measures: list[dict[str, Any]]) -> None:
        used = {(measure["metric"], measure["unit"]) for measure in measures}
        for found in code_list("indicator").items:
            assert (found["code"], found["facts"]["unit"]) in used

    def test_have_a_direction(self) -> None:
        ways = {found["facts"]["direction"] for found in code_list("indicator").items}
        assert ways == {"increase", "decrease", "neutral"}

    def test_shares_rates_and_factors_are_never_summed(self) -> None:
        for found in code_list("indicator").items:
            unit, additive = found["facts"]["unit"], found["facts"]["additive"]
            assert isinstance(additive, bool)
            if unit in {"percent", "times", "years", "km/h", "m/s", "DKK/l", "kg CO2e/m2/yr"}:
                assert not additive

    def test_nothing_per_head_or_nationwide_is_summed(self) -> None:
        words = re.compile(r"\bpr\. (?!år|dag)|\bi Danmark|på landsplan|på verdensplan|hele markedet")
        for found in code_list("indicator").items:
            if words.search(found["label"]["da"]):
                assert not found["facts"]["additive"], found["code"]

    @pytest.mark.parametrize("code", ["co2-saved", "bricks-reused", "jobs", "net-gain", "companies", "glulam"])
    def test_counts_tonnes_and_kroner_may_be_summed(self, code: str) -> None:
        assert facts("indicator", code)["additive"]


class TestKnows:
    @pytest.mark.parametrize(
        ("scheme", "code"),
        [
            ("cpv", "33000000"),
            ("municipality", "0101"),
            ("region", "1081"),
            ("sdg", "11"),
            ("theme", "green_transition"),
        ],
    )
    def test_a_code_of_the_list(self, scheme: str, code: str) -> None:
        assert knows(scheme, code)

    @pytest.mark.parametrize(
        ("scheme", "code"),
        [
            ("cpv", "33000001"),
            ("cpv", "33"),
            ("municipality", "101"),
            ("region", ""),
            ("sdg", "18"),
            ("theme", "Theme"),
        ],
    )
    def test_nothing_else(self, scheme: str, code: str) -> None:
        assert not knows(scheme, code)


class TestFind:
    def test_words_that_begin_with_what_was_asked(self) -> None:
        found = find(code_list("cpv"), "skole")
        assert "39160000" in codes(found)
        for entry in found:
            words = re.findall(r"\w+", f"{entry['label']['da']} {entry['label']['en']}".casefold())
            assert any(word.startswith("skole") for word in words)

    def test_codes_that_begin_with_what_was_asked(self) -> None:
        found = codes(find(code_list("cpv"), "33"))
        assert found == [code for code in codes(list(code_list("cpv").items)) if code.startswith("33")]
        assert len(found) == 641

    def test_either_language(self) -> None:
        assert codes(find(code_list("cpv"), "robot")) == ["42997300"]
        assert codes(find(code_list("cpv"), "ROBOTS")) == ["42997300"]

    def test_all_words_in_any_order(self) -> None:
        both = set(codes(find(code_list("cpv"), "medicinsk udstyr")))
        assert both == set(codes(find(code_list("cpv"), "udstyr medicinsk")))
        assert both < set(codes(find(code_list("cpv"), "udstyr")))

    def test_a_cpv_number_pasted_with_its_check_digit(self) -> None:
        assert codes(find(code_list("cpv"), "33000000-0")) == ["33000000"]

    @pytest.mark.parametrize(("q", "code"), [("ærø", "0492"), ("ÆRØ", "0492"), ("høje-taastrup", "0169")])
    def test_danish_letters_are_letters(self, q: str, code: str) -> None:
        assert codes(find(code_list("municipality"), q)) == [code]
        assert find(code_list("municipality"), "aero") == []

    def test_lowered_digits_are_digits(self) -> None:
        assert "co2-saved" in codes(find(code_list("indicator"), "co2"))

    def test_an_item_without_a_code(self) -> None:
        assert codes(find(code_list("region"), "østdanmark")) == [None]

    def test_nothing_asked_leaves_everything(self) -> None:
        assert find(code_list("sdg"), "  ") == list(code_list("sdg").items)

    def test_quickly(self) -> None:
        find(code_list("cpv"), "varm up")
        best = min(self._seconds("medicinsk udstyr") for _ in range(5))
        assert best < 0.010

    @staticmethod
    def _seconds(q: str) -> float:
        start = perf_counter()
        find(code_list("cpv"), q)
        return perf_counter() - start
