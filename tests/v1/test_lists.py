"""Lists: walked by cursor while others write, paged by number, searched, thinned, answered with 304."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from api.kit.embed import EMBEDS
from api.models import RESOURCES
from schemas.names import PLURALS
from tests.clients import Client, Everybody
from tests.make import SANDBOX
from tests.v1.bodies import NAMES, at
from tests.v1.expect import problem
from tests.v1.lists import ids
from tests.v1.operations import LISTS, OPEN_TO_CHANGE, change, reader


def _reader(resource: str, as_: Everybody) -> Client:
    [listing] = [one for one in LISTS if one.resource == resource and not one.addressed]
    return reader(listing, as_)


ABSENT = "019b76da-a800-7000-8000-00000000000a"


def inside(address: str) -> str:
    """An address the API answered, as clients in these tests ask for it."""
    assert address.startswith("/v1/")
    return address.removeprefix("/v1")


def links(answer: Any) -> dict[str, str]:
    """The Link header (RFC 8288) by relation."""
    header = answer.headers["Link"]
    found = re.findall(r'<([^>]*)>; rel="([a-z]+)"', header)
    assert ", ".join(f'<{address}>; rel="{relation}"' for address, relation in found) == header
    return {relation: inside(address) for address, relation in found}


def walk(client: Client, path: str) -> Iterator[Any]:
    """Every page, each asked for by the address the one before it named."""
    address: str | None = path
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.json
        yield answer
        following = answer.json["next"]
        assert links(answer).get("next") == (following and inside(following))
        address = following and inside(following)


def walked(client: Client, path: str) -> list[str]:
    return [one["id"] for page in walk(client, path) for one in page.json["items"]]


# --- Cursors ------------------------------------------------------------------------------------------------

ORDERS = ["title", "-title", "created_at", "-updated_at", "updated_at", "start,-title", "-start,title,-created_at",
          "title,start", "-end"]  # fmt: skip
MANY = 12


@pytest.mark.parametrize("order", ORDERS)
def test_a_walk_sees_every_record_that_stays_once_whatever_happens_meanwhile(client, as_, make, order):
    editor = as_.copi_editor

    def project(number: int) -> str:
        # Two of a kind, so that a page also ends between equals.
        start = str(2000 + number // 3) if number % 4 else None
        return str(make.project(title={"da": f"Projekt {number // 2:02}"}, start=start))

    made = [project(number) for number in range(MANY)]
    touched: set[str] = set()
    seen: list[str] = []
    for page, answer in enumerate(walk(client, f"/projects?sort={order}&limit=2")):
        seen += [one["id"] for one in answer.json["items"]]
        left = [id for id in made if id not in touched]
        if page < 3:
            # One record appears at each end, one moves, one is hidden: among them the very one the cursor stands at.
            make.project(title={"da": "0 først"}, start="1980")
            make.project(title={"da": "ÅÅ sidst"}, start="2090")
            moved, hidden = left[-1], answer.json["items"][-1]["id"] if page else left[0]
            if hidden in (moved, *touched) or hidden not in made:
                hidden = left[0]
            assert (
                editor.patch(f"/projects/{moved}", {"title": {"da": "Midt i det hele"}}, version=1).status_code == 200
            )
            assert editor.patch(f"/projects/{hidden}", {"visibility": "private"}, version=1).status_code == 200
            touched |= {moved, hidden}
    stayed = [id for id in made if id not in touched]
    assert len(stayed) == MANY - 6
    assert [seen.count(id) for id in stayed] == [1] * len(stayed)
    expected = [id for id in ids(client, f"/projects?sort={order}") if id in stayed]
    assert [id for id in seen if id in stayed] == expected


@pytest.mark.parametrize("resource", NAMES)
def test_a_walk_of_pages_of_one_is_the_whole_list_by_every_order(as_, make, resource):
    client = _reader(resource, as_)
    for _ in range(4):
        getattr(make, resource)()
    keys = list(RESOURCES[resource].SORTS)
    mixed = [f"{one},-{other}" for one in keys for other in keys if one != other]
    for order in (*keys, *(f"-{key}" for key in keys), *mixed):
        whole = ids(client, f"/{PLURALS[resource]}?sort={order}")
        assert len(whole) >= 4
        assert walked(client, f"/{PLURALS[resource]}?sort={order}&limit=1") == whole, order


def test_a_cursor_keeps_filters_words_and_thinning(client, make):
    for number in range(5):
        make.challenge(title={"da": f"Skole {number}"}, theme="welfare_technology")
        make.challenge(title={"da": f"Skole {number}"}, theme="green_transition")
        make.challenge(title={"da": f"Havn {number}"}, theme="welfare_technology")
    path = "/challenges?theme=welfare_technology&q=skole&fields=theme&sort=title&limit=2&embed=owners&total=false"
    pages = list(walk(client, path))
    assert [len(page.json["items"]) for page in pages] == [2, 2, 1]
    for page in pages:
        assert page.json["total"] is None
        for one in page.json["items"]:
            assert one.keys() == {"id", "version", "state", "title", "theme", "embedded"}
            assert one["theme"] == "welfare_technology"
            assert one["title"]["da"].startswith("Skole")
            assert len(one["embedded"]["owners"]) == 1


def test_a_cursor_is_good_for_other_callers_and_page_sizes(client, as_, make):
    made = [make.partner(name={"da": f"P{number}"}) for number in range(5)]
    hidden = make.partner(name={"da": "P2b"}, visibility="private")
    following = inside(client.get("/partners?limit=3").json["next"]).replace("limit=3", "limit=10")
    assert ids(client, following) == made[3:]
    back = inside(client.get("/partners?limit=2").json["next"]).replace("limit=2", "limit=10")
    assert ids(as_.copi_editor, back) == [made[2], hidden, *made[3:]]


def _cursor(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    ["x", "AAAA", "e30", "bnVsbA", _cursor([]), _cursor({}), _cursor(["name"]), _cursor(["name", "a"]), _cursor(5),
     _cursor(["name", "a", ABSENT, "more"]), _cursor(["title", "a", ABSENT]), _cursor(["-name", "a", ABSENT]),
     _cursor(["name", 5, ABSENT]), _cursor(["name", None, ABSENT]), _cursor(["name", "a\x00", ABSENT]),
     _cursor(["name", "a", "no id"]), _cursor(["name", "a", ABSENT.upper()]), _cursor(["name", "a", "g" * 36]),
     _cursor(["name", ["a"], ABSENT])],
)  # fmt: skip
def test_a_cursor_of_ones_own_making_is_refused(client, make, cursor):
    make.partner()
    problem(client.get(f"/partners?sort=name&cursor={cursor}"), 422, parameter="cursor")


@pytest.mark.parametrize("moment", ["yesterday", "", "2026", "2026-13-01T00:00:00Z", "9" * 40])
def test_a_cursor_with_a_moment_that_is_none_is_refused(client, make, moment):
    answer = client.get(f"/partners?sort=created_at&cursor={_cursor(['created_at', moment, ABSENT])}")
    problem(answer, 422, parameter="cursor")


def test_a_cursor_of_another_order_or_list_is_refused(client, make):
    for _ in range(3):
        make.partner()
        make.challenge(owner=make.partner())
    cursor = parse_qs(urlsplit(client.get("/partners?sort=name&limit=1").json["next"]).query)["cursor"][0]
    assert client.get(f"/partners?cursor={cursor}").status_code == 200, "by name is the default order"
    for path in (
        "/partners?sort=-name",
        "/partners?sort=created_at",
        "/partners?sort=name,created_at",
        "/challenges?sort=title",
    ):
        problem(client.get(f"{path}&cursor={cursor}"), 422, parameter="cursor")


def test_a_page_and_a_cursor_at_once_are_refused(client, make):
    for _ in range(2):
        make.partner()
    following = inside(client.get("/partners?limit=1").json["next"])
    problem(client.get(f"{following}&page=2"), 422, parameter="cursor")


# --- Pages by number ----------------------------------------------------------------------------------------


def test_pages_by_number_name_each_other(client, make):
    made = [make.partner(name={"da": f"P{number}"}) for number in range(5)]
    pages = [client.get(f"/partners?page={number}&limit=2") for number in (1, 2, 3)]
    assert [[one["id"] for one in page.json["items"]] for page in pages] == [made[:2], made[2:4], made[4:]]
    for page in pages:
        assert page.json["total"] == int(page.headers["X-Total-Count"]) == 5

    def pages_of(answer: Any) -> dict[str, int]:
        return {name: int(parse_qs(urlsplit(address).query)["page"][0]) for name, address in links(answer).items()}

    assert pages_of(pages[0]) == {"first": 1, "next": 2, "last": 3}
    assert pages_of(pages[1]) == {"first": 1, "prev": 1, "next": 3, "last": 3}
    assert pages_of(pages[2]) == {"first": 1, "prev": 2, "last": 3}
    for relation, address in links(pages[1]).items():
        assert "limit=2" in address
        there = {"first": 0, "prev": 0, "next": 2, "last": 2}[relation]
        assert client.get(address).json["items"] == pages[there].json["items"]
    assert [page.json["next"] and inside(page.json["next"]) for page in pages] == [
        links(pages[0])["next"], links(pages[1])["next"], None]  # fmt: skip


def test_links_keep_what_was_asked_and_can_be_followed(client, make):
    for number in range(3):
        make.challenge(title={"da": f"Blåbær & jordbær {number}"}, keywords=["grød"])
    asked = f"/challenges?q={quote('blåbær & jordbær')}&keyword={quote('grød')}&sort=-title,created_at&limit=1"
    answer = client.get(f"{asked}&page=2")
    assert answer.json["total"] == 3
    found = links(answer)
    assert found.keys() == {"first", "prev", "next", "last"}
    for address in found.values():
        there = parse_qs(urlsplit(address).query)
        assert there["q"] == ["blåbær & jordbær"]
        assert there["keyword"] == ["grød"]
        assert client.get(address).json["total"] == 3
    assert links(client.get(asked)).keys() == {"first", "next"}
    assert [page.json["total"] for page in walk(client, asked)] == [3, 3, 3]


def test_the_first_page_of_a_walk_is_the_list_without_a_cursor(client, make):
    for _ in range(3):
        make.partner()
    first, second = list(walk(client, "/partners?limit=2"))
    assert client.get(links(second)["first"]).json["items"] == first.json["items"]
    assert "prev" not in links(second)
    assert "last" not in links(second)


def test_an_empty_list_is_one_empty_page(client):
    for path in ("/partners", "/partners?page=1", "/partners?limit=1"):
        answer = client.get(path)
        assert answer.json == {"items": [], "total": 0, "next": None}
        assert answer.headers["X-Total-Count"] == "0"
        assert links(answer).keys() == {"first"}


def test_a_page_behind_the_last_is_empty_and_the_deepest_has_a_number(client, make):
    make.partner()
    for page in (2, 10_000):
        answer = client.get(f"/partners?page={page}&limit=250")
        assert answer.json == {"items": [], "total": 1, "next": None}
        assert links(answer).keys() == {"first", "prev", "last"}
    problem(client.get("/partners?page=10001"), 422, parameter="page")


def test_the_total_is_left_out_when_nobody_wants_it(client, make):
    for _ in range(3):
        make.partner()
    without = client.get("/partners?page=2&limit=1&total=false")
    assert without.json["total"] is None
    assert "X-Total-Count" not in without.headers
    assert links(without).keys() == {"first", "prev", "next"}
    with_total = client.get("/partners?page=2&limit=1&total=true")
    assert with_total.json == {**without.json, "total": 3, "next": with_total.json["next"]}


def test_the_total_counts_what_the_caller_sees(client, as_, make):
    owner = make.partner(kind="municipality")
    make.challenge(owner=owner)
    make.challenge(owner=owner, visibility="network")
    make.challenge(owner=owner, visibility="private")
    make.challenge(owner=owner, state="draft")
    make.challenge(owner=owner, sandbox=SANDBOX)
    make.challenge(visibility="private")
    seen = {who: client.get("/challenges").json["total"] for who, client in {
        "anonymous": client, "adviser": as_.adviser, "owner": as_(owner, "member"), "other": as_(make.partner(), "manager"),
        "copi": as_.copi_editor}.items()}  # fmt: skip
    assert seen == {"anonymous": 1, "adviser": 2, "owner": 4, "other": 2, "copi": 5}


def test_a_page_has_1_to_250_records(client, make):
    for number in range(251):
        make.partner(name={"da": f"P{number:03}"})
    assert len(client.get("/partners").json["items"]) == 50
    assert len(client.get("/partners?limit=1").json["items"]) == 1
    full = client.get("/partners?limit=250")
    assert len(full.json["items"]) == 250
    [last] = client.get(inside(full.json["next"])).json["items"]
    assert last["name"]["da"] == "P250"
    for limit in ("0", "251", "-1", "1.0", "١", "1e2", "", " 1", "+1", "9999999999"):
        problem(client.get(f"/partners?limit={quote(limit)}"), 422, parameter="limit")


# --- since, fields, embed -----------------------------------------------------------------------------------


def test_since_follows_changes(client, as_, make):
    first, second = (client.get(f"/partners/{make.partner()}").json for _ in range(2))
    assert ids(client, f"/partners?since={second['updated_at']}&sort=updated_at") == [second["id"]]
    assert ids(client, f"/partners?since={first['updated_at']}&sort=updated_at") == [first["id"], second["id"]]
    changed = as_.copi_editor.patch(f"/partners/{first['id']}", {"sources": ["https://example.org"]}, version=1).json
    assert ids(client, f"/partners?since={changed['updated_at']}") == [first["id"]]
    assert ids(client, f"/partners?since={second['updated_at']}&sort=updated_at") == [second["id"], first["id"]]
    later = dt.datetime.fromisoformat(changed["updated_at"]) + dt.timedelta(microseconds=1)
    assert ids(client, f"/partners?since={later.isoformat().replace('+00:00', 'Z')}") == []


def test_since_takes_any_zone(client, make):
    made = client.get(f"/partners/{make.partner()}").json
    moment = dt.datetime.fromisoformat(made["updated_at"])
    for hours in (-8, 0, 2, 14):
        there = moment.astimezone(dt.timezone(dt.timedelta(hours=hours)))
        for text in (quote(there.isoformat()), there.isoformat()):  # a bare + arrives as a space
            assert ids(client, f"/partners?since={text}") == [made["id"]], text
        after = quote((there + dt.timedelta(microseconds=1)).isoformat())
        assert ids(client, f"/partners?since={after}") == []


IN_THE_CASES = {"partner", "challenge", "project", "outcome"}


@pytest.mark.parametrize(
    ("resource", "name"),
    [(one, name) for one, name in sorted(EMBEDS) if one in IN_THE_CASES and name not in ("supports", "adoptions")],
)
def test_on_a_list_each_record_has_its_own_neighbours(cases, resource, name):
    """On the real cases: a page with neighbours says of each record what reading it alone says."""
    page = cases.get(f"/{PLURALS[resource]}?embed={name}&limit=250&sort=-created_at")
    assert page.status_code == 200
    found = {one["id"]: one["embedded"][name] for one in page.json["items"]}
    assert any(found.values())
    with_most = sorted(found, key=lambda id: len(found[id]), reverse=True)
    for id in [*with_most[:2], with_most[len(with_most) // 2], with_most[-1]]:
        alone = cases.get(f"{at(resource, id)}?embed={name}").json["embedded"][name]
        assert alone == found[id]


# --- Words --------------------------------------------------------------------------------------------------

TEXT = "Emissionsfrie arbejdsmaskiner på skolernes byggepladser: støjen fra 14 gravemaskiner og Café Ærø"


@pytest.mark.parametrize(
    "q",
    ["arbejdsmaskinerne byggeplads", "emissionsfri", "EMISSIONSFRIE", "byggepladsen", "byggepladser", "skole", "skolerne", "støj:*:",
     "støj", "STØJ", "støjende", "ærø", "ÆRØ", "café", unicodedata.normalize("NFD", "café ærø støj"), "14",
     "gravemaskin", "skoler støj", "støj, skoler!", "(støj)", "støj-skoler", "arbejdsmaskine", "byg"],
)  # fmt: skip
def test_danish_words_are_found_in_their_other_forms_too(client, make, q):
    there = make.challenge(title={"da": TEXT})
    make.challenge(title={"da": "Et helt andet behov"})
    assert ids(client, f"/challenges?q={quote(q)}") == [there]


@pytest.mark.parametrize(
    "q", ["maskinerne", "storj", "skoler havn", "aero", "byg skole", "ikke-støjen", "!!!", '"', "*", "støj & | ! havn",
          "'; DROP TABLE challenge", "NEAR(støj havn)", "\\", "%", "støj OR havn"],
)  # fmt: skip
def test_words_that_are_not_there_and_signs_of_the_engines_find_nothing(client, make, q):
    make.challenge(title={"da": TEXT})
    assert ids(client, f"/challenges?q={quote(q)}") == []


def test_words_are_found_in_both_languages_and_change_with_the_record(client, as_, make):
    id = make.project(title={"da": "Havnens slæbebåde", "en": "Tugboats of the harbour"}, keywords=["el-færge"])
    for q in ("slæbebåd", "tugboat", "færge", "slæbebåde tugboats el"):
        assert ids(client, f"/projects?q={quote(q)}") == [id]
    as_.copi_editor.patch(f"/projects/{id}", {"title": {"da": "Sporvogne", "en": None}}, version=1)
    assert ids(client, f"/projects?q={quote('slæbebåde')}") == ids(client, "/projects?q=tugboats") == []
    assert ids(client, "/projects?q=sporvognen") == [id]


@pytest.mark.parametrize(("resource", "q"), [("challenge", "skolernes"), ("partner", "kommunen"), ("project", "byggeriet"),
                                             ("outcome", "mursten"), ("project", "robotter"), ("outcome", "besparelse")])  # fmt: skip
def test_the_real_cases_are_found_by_danish_words(cases, resource, q):
    from api.search import words

    found = cases.get(f"/{PLURALS[resource]}?q={q}&limit=250")
    model = RESOURCES[resource]
    [stem] = words(q)
    assert found.json["total"] > 0
    everything = cases.get(f"/{PLURALS[resource]}?limit=250").json
    everything["items"] += cases.get(inside(everything["next"])).json["items"] if everything["next"] else []
    expected = {
        one["id"]
        for one in everything["items"]
        if any(word.startswith(stem) for name in model.TEXTS for text in _texts(one[name]) for word in words(text))
    }
    assert {one["id"] for one in found.json["items"]} == expected


def _texts(value: Any) -> Iterator[str]:
    from api.search import texts

    return texts(value)


# --- 304 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", NAMES)
def test_an_unchanged_list_is_not_sent_twice(as_, make, resource):
    given = {"state": OPEN_TO_CHANGE[resource]} if resource in OPEN_TO_CHANGE else {}
    client = as_.everywhere if given else _reader(resource, as_)
    id = getattr(make, resource)(**given)
    path = f"/{PLURALS[resource]}?sort=-created_at&limit=10"
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    for name in ("Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert "Content-Type" not in again.headers

    change(as_.everywhere, resource, id)
    changed = client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_neighbour_s_change_is_news_to_a_list_that_embeds_it(client, as_, make):
    owner = make.partner(kind="municipality")
    make.challenge(owner=owner)
    path = "/challenges?embed=owners"
    tag = client.get(path).headers["ETag"]
    as_.copi_editor.patch(f"/partners/{owner}", {"name": {"da": "Nyt navn"}}, version=1)
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.json["items"][0]["embedded"]["owners"][0]["name"]["da"] == "Nyt navn"


def test_each_caller_holds_a_tag_of_their_own(app, client, as_, make):
    owner = make.partner(kind="municipality")
    make.challenge(owner=owner, state="draft")
    callers = [client, as_.copi_editor, as_.adviser, as_(owner, "member"), as_(owner, "editor")]
    tags = [caller.get("/challenges").headers["ETag"] for caller in callers]
    assert len(set(tags)) == len(tags)
    for caller, own in zip(callers, tags, strict=True):
        answers = [caller.get("/challenges", headers={"If-None-Match": tag}).status_code for tag in tags]
        assert answers == [304 if tag == own else 200 for tag in tags]


def test_an_answer_says_who_may_keep_it(client, as_, make):
    make.partner()
    assert client.get("/partners").headers["Cache-Control"] == "public, no-cache"
    assert as_.adviser.get("/partners").headers["Cache-Control"] == "private, no-cache"
    for caller in (client, as_.adviser):
        assert {"Authorization", "Accept"} <= set(caller.get("/partners").headers["Vary"].split(", "))


def test_head_tells_the_total_without_the_records(client, make):
    make.partner()
    head, get = client.call("HEAD", "/partners"), client.get("/partners")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("X-Total-Count", "ETag", "Link", "Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]
