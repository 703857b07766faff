"""Compressed answers: who gets them, under which tag, and that they are the same answers."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.make import Make
from tests.v1.test_documents import attach

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
LONG = {"da": "Lang", "en": None}


@pytest.fixture
def project(make: Make) -> str:
    return make.project(summary={"da": "Mange ord om det samme. " * 40, "en": None}, state="active")


def opened(answer: Any) -> bytes:
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    return gzip.decompress(answer.data)


@pytest.mark.parametrize("path", ["/projects/{}", "/projects", "/projects/{}?fields=summary", "/code-lists/municipality",
                                  "/openapi.json", "/projects/{}/history/1", "/projects/{}?embed=actions"])  # fmt: skip
def test_an_answer_comes_compressed_to_who_takes_it(client, project, path):
    address = path.format(project)
    plain = client.get(address)
    assert "Content-Encoding" not in plain.headers
    assert len(plain.data) > 1024
    for _ in range(2):  # made, then remembered
        packed = client.get(address, headers=GZIP)
        assert opened(packed) == plain.data
        assert len(packed.data) < len(plain.data)
        for answer in (plain, packed):
            assert "Accept-Encoding" in answer.headers["Vary"]
        assert packed.headers["Content-Type"] == plain.headers["Content-Type"]


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [("gzip", True), ("GZIP", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False), ("identity", False),
     ("br", False), ("", False), ("identity, gzip;q=0.5", False), ("*;q=0", False), ("gzip;q=0, *", False),
     ("gzip;q=x", False), (",;,", False)],
)  # fmt: skip
def test_it_is_the_client_that_decides(client, project, accepted, taken):
    answer = client.get(f"/projects/{project}", headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    assert ("Content-Encoding" in answer.headers) == taken


def test_short_answers_stay_as_they_are(client):
    for path in ("/status", "/nothing", "/partners"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP).headers


def test_other_bytes_have_another_strong_tag_and_each_is_known_again(client, project):
    address = f"/projects/{project}"
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert (plain.headers["ETag"], packed.headers["ETag"]) == ('"1"', '"1+gzip"')
    for tag in ('"1"', '"1+gzip"', 'W/"1+gzip"', '"0", "1+gzip"'):
        for headers in ({}, GZIP):
            unchanged = client.get(address, headers={"If-None-Match": tag, **headers})
            assert unchanged.status_code == 304
            assert unchanged.headers["ETag"] in tag, "a cache renews what it holds under that very tag"
            assert "Accept-Encoding" in unchanged.headers["Vary"]
            assert "Content-Encoding" not in unchanged.headers
    assert client.get(address, headers={"If-None-Match": '"2+gzip"', **GZIP}).status_code == 200


def test_a_weak_tag_stands_for_both(client, project):
    plain, packed = client.get("/projects"), client.get("/projects", headers=GZIP)
    assert plain.headers["ETag"] == packed.headers["ETag"]
    assert client.get("/projects", headers={"If-None-Match": packed.headers["ETag"], **GZIP}).status_code == 304


def test_the_tag_of_a_compressed_answer_serves_to_write(as_, project, make):
    client = as_.everywhere
    tag = client.get(f"/projects/{project}", headers=GZIP).headers["ETag"]
    changed = client.patch(f"/projects/{project}", {"title": LONG}, headers={"If-Match": tag, **GZIP})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2+gzip"')
    assert b'"Lang"' in opened(changed)
    stale = client.patch(f"/projects/{project}", {"title": LONG}, headers={"If-Match": tag})
    assert stale.status_code == 412


def test_a_write_is_seen_compressed_too(as_, client, project):
    before = opened(client.get("/projects", headers=GZIP))
    as_.everywhere.patch(f"/projects/{project}", {"title": LONG}, version=1)
    after = opened(client.get("/projects", headers=GZIP))
    assert after == client.get("/projects").data != before


def test_head_says_what_get_would(client, project):
    for path in (f"/projects/{project}", "/projects", "/openapi.json"):
        head, get = client.call("HEAD", path, headers=GZIP), client.get(path, headers=GZIP)
        assert head.data == b""
        for name in ("Content-Length", "Content-Encoding", "ETag", "Vary"):
            assert head.headers.get(name) == get.headers.get(name), (path, name)


def test_long_refusals_and_pages_are_compressed(client):
    refusal = client.get("/partners?" + "&".join(f"x{number}=1" for number in range(50)), headers=GZIP)
    assert refusal.status_code == 400
    assert b"unknown-parameter" in opened(refusal)
    page = client.outside("/docs/journey", headers={"Accept": "text/html", **GZIP})
    assert b"<main" in opened(page)
    assert "Accept-Encoding" in page.headers["Vary"]


def test_documents_are_handed_out_as_they_are(as_, make):
    challenge = make.challenge()
    content = b"linje\n" * 1000
    made = attach(as_.everywhere, f"/challenges/{challenge}", ("noter.txt", "text/plain", content))
    address = made.headers["Location"].removeprefix("/v1") + "/content"
    for headers, status in ((GZIP, 200), ({**GZIP, "Range": "bytes=0-1999"}, 206)):
        answer = as_.everywhere.get(address, headers=headers, buffered=True)
        assert answer.status_code == status
        assert "Content-Encoding" not in answer.headers
        assert content.startswith(answer.data)
