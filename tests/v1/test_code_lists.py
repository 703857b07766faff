"""Code lists over HTTP: every list, its labels in both languages, whose it is, found by words, kept by caches."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from api.reference import code_list, code_lists
from schemas.vocabulary import VOCABULARIES
from tests.clients import Client
from tests.conftest import Server, build
from tests.v1.expect import problem

SCHEMES = sorted(code_lists())
LARGE = [scheme for scheme in SCHEMES if len(code_list(scheme).items) > 50]


@pytest.fixture(scope="module")
def reader(server: Server):
    """One client for all of these tests: code lists are not in the database."""
    app = build(server.database("code_lists"))
    yield Client(app)
    app.extensions["copi"].database.dispose()


def whole(reader, scheme):
    """Every item of a list, by its next links."""
    items, address = [], f"/code-lists/{scheme}?limit=250"
    while address:
        page = reader.get(address)
        assert page.status_code == 200, page.json
        assert len(page.json["items"]) <= 250
        items += page.json["items"]
        address = page.json["next"] and page.json["next"].removeprefix("/v1")
    return items


def test_the_overview_names_every_list(reader):
    answer = reader.get("/code-lists")
    assert answer.status_code == 200
    listed = {one["scheme"]: one for one in answer.json["items"]}
    assert sorted(listed) == SCHEMES
    assert answer.json["total"] == len(SCHEMES)
    assert set(VOCABULARIES) < set(listed)
    for scheme, one in listed.items():
        alone = reader.get(one["links"]["self"].removeprefix("/v1")).json
        assert {name: alone[name] for name in one} == one
        assert one["count"] == len(code_list(scheme).items)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_list_says_what_it_is_in_both_languages_and_whose_it_is(reader, scheme):
    answer = reader.get(f"/code-lists/{scheme}").json
    assert answer["scheme"] == scheme
    for text in (answer["title"], answer["description"]):
        assert text["da"].strip()
        assert text["en"].strip()
    for name in ("version", "licence", "source"):
        assert answer[name].strip()
    assert answer["links"]["self"] == f"/v1/code-lists/{scheme}"
    assert answer["total"] == answer["count"] == len(code_list(scheme).items)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_item_of_a_list_is_answered_once_with_both_labels(reader, scheme):
    items = whole(reader, scheme)
    assert [item["code"] for item in items] == [item["code"] for item in code_list(scheme).items]
    for item, kept in zip(items, code_list(scheme).items, strict=True):
        assert item.keys() == {"code", "label", "facts"}
        assert item["label"] == {"da": kept["label"]["da"], "en": kept["label"]["en"]}
        assert item["label"]["da"].strip()
        assert item["label"]["en"].strip()
    coded = [item["code"] for item in items if item["code"] is not None]
    assert len(coded) == len(set(coded))


@pytest.mark.parametrize(("scheme", "terms"), VOCABULARIES.items())
def test_a_vocabulary_is_published_term_by_term(reader, scheme, terms):
    assert [(one["code"], one["label"]) for one in whole(reader, scheme)] == [(str(t), t.label) for t in terms]


@pytest.mark.parametrize(
    ("scheme", "q", "code"),
    [("cpv", "industrirobot", "42997300"), ("cpv", "robots", "42997300"), ("cpv", "42997300", "42997300"),
     ("cpv", "42997300-4", "42997300"), ("cpv", "4299", "42997300"), ("municipality", "køben", "0101"),
     ("municipality", "KØBENHAVN", "0101"), ("municipality", "0751", "0751"), ("municipality", "ærø", "0492"),
     ("theme", "grøn", "green_transition"), ("theme", "green transition", "green_transition"), ("region", "midt", "1082")],
)  # fmt: skip
def test_codes_are_found_by_the_beginnings_of_their_words(reader, scheme, q, code):
    answer = reader.get(f"/code-lists/{scheme}?q={quote(q)}&limit=250")
    found = [one["code"] for one in answer.json["items"]]
    assert code in found
    assert answer.json["total"] == len(found) < answer.json["count"]


@pytest.mark.parametrize("q", ["ngen", "findes ikke", "grøn rød", "!"])
def test_what_begins_no_word_finds_nothing(reader, q):
    answer = reader.get(f"/code-lists/theme?q={quote(q)}")
    if q == "!":  # no words at all: nothing to narrow the list by
        assert answer.json["total"] == answer.json["count"]
        return
    assert (answer.json["items"], answer.json["total"], answer.json["next"]) == ([], 0, None)


@pytest.mark.parametrize("scheme", LARGE)
def test_a_long_list_comes_in_pages(reader, scheme):
    everything = [one["code"] for one in code_list(scheme).items]
    first = reader.get(f"/code-lists/{scheme}").json
    assert [one["code"] for one in first["items"]] == everything[:50]
    assert first["next"] == f"/v1/code-lists/{scheme}?page=2&limit=50"
    last = -(-len(everything) // 50)
    end = reader.get(f"/code-lists/{scheme}?page={last}").json
    assert [one["code"] for one in end["items"]] == everything[(last - 1) * 50 :]
    assert end["next"] is None
    beyond = reader.get(f"/code-lists/{scheme}?page={last + 1}").json
    assert (beyond["items"], beyond["next"], beyond["total"]) == ([], None, len(everything))


def test_the_next_page_of_a_search_searches_too(reader):
    first = reader.get(f"/code-lists/cpv?q={quote('træ')}&limit=3").json
    assert first["total"] > 6
    address = first["next"].removeprefix("/v1")
    second = reader.get(address).json
    assert (second["total"], len(second["items"])) == (first["total"], 3)
    assert not {one["code"] for one in first["items"]} & {one["code"] for one in second["items"]}


@pytest.mark.parametrize("path", ["/code-lists", *(f"/code-lists/{scheme}" for scheme in SCHEMES)])
def test_caches_may_keep_a_list_and_ask_whether_it_still_holds(reader, path):
    first = reader.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert "Authorization" not in first.headers["Vary"]
    tag = first.headers["ETag"]
    again = reader.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert reader.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_page_has_a_tag_of_its_own(reader):
    paths = ["/code-lists/cpv", "/code-lists/cpv?page=2", "/code-lists/cpv?limit=10", "/code-lists/cpv?q=robot"]
    assert len({reader.get(path).headers["ETag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("scheme", ["nothing", "Theme", "theme%20", "../theme", "%2e%2e", "theme/green_transition", ""])
def test_a_list_that_is_not_there_is_404(reader, scheme):
    problem(reader.get(f"/code-lists/{scheme}"), 404)


def test_municipalities_move_to_their_new_region_by_date(reader):
    [copenhagen] = reader.get("/code-lists/municipality?q=0101").json["items"]
    now, later = copenhagen["facts"]["regions"]
    assert (now["code"], now["valid_to"]) == ("1084", "2027-01-01")
    assert (later["label"]["da"], later["valid_from"]) == ("Region Østdanmark", "2027-01-01")
