"""Feeds, read by a feed reader's parser."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import quote

import feedparser
import pytest

from tests.make import SANDBOX
from tests.opendata.counting import counted
from tests.v1.bodies import both
from tests.v1.expect import problem

LISTS = ("challenges", "projects", "outcomes", "partners", "guidance")
ODD = "<b>&amp; \"quotes\" 'and' ]]> <!-- æøå 👩🏽‍🔧 \uffff\ufffe </feed>"
"""What XML minds, and what it cannot hold at all."""
LINES = "\x85 \u2028\nNæste linje"


def feed(client, path: str, **options: Any) -> Any:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}format=atom", **options)
    assert answer.status_code == 200, answer.json
    assert answer.mimetype == "application/atom+xml"
    ET.fromstring(answer.data)  # noqa: S314 - our own
    found = feedparser.parse(answer.data)
    assert (found.version, found.bozo) == ("atom10", False), found.get("bozo_exception")
    return found


def ids(found: Any) -> list[str]:
    return [one.id.removeprefix("urn:uuid:") for one in found.entries]


@pytest.mark.parametrize("name", LISTS)
def test_every_feed_is_one(cases, name):
    found = feed(cases, f"/{name}")
    listed = cases.get(f"/{name}?sort=-updated_at").json
    assert ids(found) == [one["id"] for one in listed["items"]]
    assert found.feed.title
    assert found.feed.updated == listed["items"][0]["updated_at"]
    for entry in found.entries:
        assert entry.title
        assert entry.summary
        assert cases.get(entry.link.removeprefix("http://localhost/v1")).status_code == 200
    assert found.feed.author == "Center for Offentlig-Privat Innovation (CO-PI)"


@pytest.mark.parametrize("name", ["adoptions", "documents"])
def test_other_lists_have_none(client, name):
    problem(client.get(f"/{name}?format=atom"), 422)
    problem(client.get(f"/{name}", headers={"Accept": "application/atom+xml"}), 406)


def test_accept_asks_for_it_too(make, client):
    make.challenge()
    answer = client.get("/challenges", headers={"Accept": "application/atom+xml"})
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get("/challenges", headers={"Accept": browser}).mimetype == "application/json"


def test_odd_texts_arrive_as_they_are(make, client):
    shown = ODD.replace("\uffff", "").replace("\ufffe", "")
    source = {"system": "tests", "external_id": "1", "url": "https://example.org/?a=1&b=<'\uffff"}
    owner = make.partner(name={"da": ODD})
    make.challenge(title={"da": ODD}, summary={"da": f"{ODD}{LINES}"}, owner=owner, source=source)
    answer = client.get("/challenges?format=atom").data
    [entry] = ET.fromstring(answer).findall("{*}entry")  # noqa: S314 - our own
    assert entry.findtext("{*}title") == shown
    assert entry.findtext("{*}summary") == f"{shown}{LINES}"
    assert entry.findtext("{*}author/{*}name") == shown
    assert "https://example.org/?a=1&b=<'" in [link.get("href") for link in entry.findall("{*}link")]
    [parsed] = feed(client, "/challenges").entries
    assert "👩🏽‍🔧" in parsed.title


def test_a_query_with_anything_in_it_is_an_address_still(make, client):
    make.challenge(title={"da": "Skoler & <børn>"})
    found = feed(client, f"/challenges?q={quote('skoler & <b')}")
    assert len(found.entries) == 1
    [self] = [one.href for one in found.feed.links if one.rel == "self"]
    assert client.get(self.removeprefix("http://localhost/v1")).status_code == 200


def test_filters_sort_and_limit_apply(make, client):
    first = make.challenge(theme="green_transition", title={"da": "A"})
    make.challenge(theme="welfare_technology", title={"da": "B"})
    last = make.challenge(theme="green_transition", title={"da": "C"})
    assert ids(feed(client, "/challenges?theme=green_transition")) == [last, first]
    assert ids(feed(client, "/challenges?theme=green_transition&sort=title&limit=1")) == [first]


def test_what_was_changed_last_comes_first_in_every_feed(make, client, as_):
    old, _ = make.partner(name={"da": "Å"}), make.partner(name={"da": "A"})
    answer = as_(old, "manager").patch(f"/partners/{old}", {"website": "https://example.org"}, version=1)
    assert answer.status_code == 200, answer.json
    assert ids(feed(client, "/partners"))[0] == old


def test_one_page_leads_to_the_next(make, client):
    made = [make.project() for _ in range(5)]
    found, seen, feeds = feed(client, "/projects?limit=2"), [], set()
    while found:
        seen += ids(found)
        feeds.add(found.feed.id)
        following = next((one.href for one in found.feed.links if one.rel == "next"), None)
        found = following and feedparser.parse(client.get(following.removeprefix("http://localhost/v1")).data)
    assert seen == made[::-1]
    assert len(feeds) == 1, "pages of one feed"


def test_an_entry_keeps_its_id_and_tells_when_it_changed(make, client, as_):
    id = make.project(owner=make.home)
    [before] = feed(client, "/projects").entries
    assert as_(make.home, "manager").patch(f"/projects/{id}", {"trl": 7}, version=1).status_code == 200
    [after] = feed(client, "/projects").entries
    assert (before.id, before.published) == (after.id, after.published)
    assert before.updated < after.updated


def test_texts_are_in_the_readers_language(make, client):
    make.guidance(title=both("Må man det?", "May one?"), question=both("Spørgsmål", "Question"))
    make.guidance(title={"da": "Kun dansk"})
    danish, english = feed(client, "/guidance"), feed(client, "/guidance", headers={"Accept-Language": "en-GB, en"})
    assert [one.title for one in danish.entries] == ["Kun dansk", "Må man det?"]
    assert [one.title for one in english.entries] == ["Kun dansk", "May one?"]
    assert feed(client, "/guidance?language=en").entries[1].summary == "Question"
    assert feed(client, "/guidance?language=da", headers={"Accept-Language": "en"}).entries[1].title == "Må man det?"


def test_the_language_is_told_and_tells_answers_apart(make, client):
    make.guidance(title=both("Må man det?", "May one?"))
    english = client.get("/guidance?format=atom", headers={"Accept-Language": "en"})
    assert english.headers["Content-Language"] == "en"
    assert "Accept-Language" in english.headers["Vary"]
    held = {"If-None-Match": english.headers["ETag"]}
    assert client.get("/guidance?format=atom", headers=held).status_code == 200
    again = client.get("/guidance?format=atom", headers={**held, "Accept-Language": "en"})
    assert (again.status_code, again.headers["Content-Language"]) == (304, "en")


@pytest.mark.parametrize(
    "query", ["language=en", "format=csv&language=en", "format=atom&embed=owners", "format=atom&fields=title",
              "format=atom&total=false", "format=atom&language=de"],
)  # fmt: skip
def test_what_means_nothing_is_refused(client, query):
    problem(client.get(f"/challenges?{query}"), 422)


def test_authors_are_those_who_answer_for_it(make, client):
    firm, town = make.partner(name={"da": "Firmaet"}), make.partner(name={"da": "Byen"}, kind="municipality")
    roles = [{"partner_id": firm, "role": "supplier"}, {"partner_id": town, "role": "need_owner"}]
    project = make.project(participants=roles)
    make.outcome(project=project)
    make.challenge(owner=town)
    for name in ("projects", "challenges", "outcomes"):
        [entry] = feed(client, f"/{name}").entries
        assert [one.name for one in entry.authors] == ["Byen"]


def test_nobody_reads_more_than_in_the_list(make, client, as_):
    hidden = make.partner(visibility="private", name={"da": "Hemmeligheden"})
    shown = make.challenge(owner=hidden)
    draft = make.challenge(state="draft", owner=make.home)
    make.challenge(sandbox=SANDBOX)
    assert ids(feed(client, "/challenges")) == [shown]
    assert "Hemmeligheden" not in client.get("/challenges?format=atom").text
    assert set(ids(feed(as_(make.home, "member"), "/challenges"))) == {shown, draft}


def test_an_empty_feed_is_one(client):
    assert feed(client, "/challenges").entries == []


def test_it_costs_little_and_nothing_twice(make, client):
    costs = []
    for many in (1, 8):
        for _ in range(many):
            make.challenge(owner=make.partner())
        with counted(make.database) as asked:
            tag = client.get("/challenges?format=atom").headers["ETag"]
        costs.append(len(asked))
        with counted(make.database) as asked:
            client.get("/challenges?format=atom")
            assert client.get("/challenges?format=atom", headers={"If-None-Match": tag}).status_code == 304
        assert len(asked) == 2, "whether anything has changed, twice"
    assert costs[0] == costs[1] <= 3


def test_the_head_of_it_is_no_body(make, client):
    make.challenge()
    answer = client.call("HEAD", "/challenges?format=atom")
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 500
