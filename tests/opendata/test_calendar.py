"""The calendar of challenges, read by a calendar library."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from icalendar import Calendar

from tests.make import SANDBOX
from tests.v1.bodies import both
from tests.v1.expect import problem

PATH = "/challenges?format=ics"
TIMELINE = {"posed": "2026-01-01", "response_deadline": "2027-03-01T11:00:00Z",
            "market_dialogue_at": "2027-02-01T08:00:00.123456Z", "procurement_expected_at": "2027-06-15"}  # fmt: skip


def calendar(client, query: str = "", **options: Any) -> Any:
    answer = client.get(f"{PATH}{query}", **options)
    assert answer.status_code == 200, answer.json
    assert answer.content_type == "text/calendar; charset=utf-8"
    lines = answer.data.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75  # RFC 5545, 3.1
    found = Calendar.from_ical(answer.data)
    assert not found.errors
    return found


def events(client, query: str = "", **options: Any) -> list[Any]:
    found = calendar(client, query, **options).walk("VEVENT")
    assert not [error for one in found for error in one.errors]
    return list(found)


def test_each_date_is_an_event(make, client):
    id = make.challenge(title=both("Tunge løft", "Heavy lifting"), summary=both("Kort", "Brief"), timeline=TIMELINE)
    found = {str(one["UID"]).split("-", 5)[5]: one for one in events(client)}
    assert {name: one.decoded("DTSTART") for name, one in found.items()} == {
        "response-deadline@co-pi.dk": dt.datetime(2027, 3, 1, 11, tzinfo=dt.UTC),
        "market-dialogue-at@co-pi.dk": dt.datetime(2027, 2, 1, 8, tzinfo=dt.UTC),
        "procurement-expected-at@co-pi.dk": dt.date(2027, 6, 15),
    }
    day = found["procurement-expected-at@co-pi.dk"]
    assert day["DTSTART"].params["VALUE"] == "DATE"
    assert (str(day["SUMMARY"]), str(day["DESCRIPTION"])) == ("Udbud forventes: Tunge løft", "Kort")
    assert str(day["URL"]) == f"http://localhost/v1/challenges/{id}"
    assert (int(day["SEQUENCE"]), str(day["STATUS"])) == (1, "CONFIRMED")
    assert day.decoded("LAST-MODIFIED") == day.decoded("DTSTAMP")


@pytest.mark.parametrize("date", ["2027", "2027-06", None])
def test_a_date_that_is_no_day_is_no_event(make, client, date):
    make.challenge(timeline={"procurement_expected_at": date})
    make.challenge(timeline=None)
    assert events(client) == []


def test_events_are_in_the_readers_language(make, client):
    make.challenge(title=both("Tunge løft", "Heavy lifting"), timeline=TIMELINE)
    expected = {
        "Deadline for responses: Heavy lifting",
        "Market dialogue: Heavy lifting",
        "Tender expected: Heavy lifting",
    }
    for given in ({"query": "&language=en"}, {"headers": {"Accept-Language": "en"}}):
        assert {str(one["SUMMARY"]) for one in events(client, **given)} == expected
    assert str(calendar(client, "&language=en")["NAME"]) == "CO-PI's challenges"


@pytest.mark.parametrize("text", ["Komma, semikolon; skråstreg \\ og\nny linje", "🏗️" * 40, "æ" * 200, 'X"Y:Z'])
def test_odd_texts_arrive_as_they_are(make, client, text):
    title = text.replace("\n", " ")[:200]
    make.challenge(title={"da": title}, summary={"da": text}, timeline={"procurement_expected_at": "2027-06-15"})
    [event] = events(client)
    assert str(event["SUMMARY"]) == f"Udbud forventes: {title}"
    assert str(event["DESCRIPTION"]) == text


def test_a_change_is_the_same_event_with_a_higher_number(make, client, as_):
    id = make.challenge(owner=make.home, timeline={"procurement_expected_at": "2027-06-15"}, state="draft")
    editor = as_(make.home, "manager")
    [before] = events(editor)
    answer = editor.patch(f"/challenges/{id}", {"timeline": {"procurement_expected_at": "2027-07-01"}}, version=1)
    assert answer.status_code == 200, answer.json
    [after] = events(editor)
    assert before["UID"] == after["UID"]
    assert (int(before["SEQUENCE"]), int(after["SEQUENCE"])) == (1, 2)
    assert after.decoded("DTSTART") == dt.date(2027, 7, 1)


def test_a_withdrawn_challenge_is_cancelled_for_those_who_see_it(make, client, as_):
    make.challenge(state="withdrawn", owner=make.home, timeline={"procurement_expected_at": "2027-06-15"})
    assert events(client) == []
    [event] = events(as_(make.home, "member"))
    assert str(event["STATUS"]) == "CANCELLED"


def test_filters_apply_and_there_are_no_pages(make, client):
    for theme in ["green_transition"] * 60 + ["welfare_technology"]:
        make.challenge(theme=theme, owner=make.home, timeline={"procurement_expected_at": "2027-06-15"})
    make.challenge(sandbox=SANDBOX, timeline=TIMELINE)
    assert len(events(client)) == 61
    assert len(events(client, "&theme=welfare_technology")) == 1
    for odd in ("limit=10", "page=1", "embed=owners", "fields=title"):
        problem(client.get(f"{PATH}&{odd}"), 422)


def test_accept_asks_for_it_too_and_only_challenges_have_one(client):
    assert client.get("/challenges", headers={"Accept": "text/calendar"}).mimetype == "text/calendar"
    problem(client.get("/projects?format=ics"), 422)


def test_an_empty_calendar_is_one(client):
    found = calendar(client)
    assert (str(found["VERSION"]), str(found["METHOD"]), found.walk("VEVENT")) == ("2.0", "PUBLISH", [])
    assert found["REFRESH-INTERVAL"].dt == dt.timedelta(hours=6)


def test_it_need_not_be_read_twice(make, client):
    make.challenge(timeline=TIMELINE)
    first = client.get(PATH)
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert client.get(PATH, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    make.challenge(timeline=TIMELINE)
    assert client.get(PATH, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert len(events(client)) == 6
