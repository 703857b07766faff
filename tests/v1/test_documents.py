"""Documents over HTTP: taken in by content, handed out byte for byte, seen by nobody who does not see their record."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.models import Enquiry, Response
from api.services import documents
from schemas import vocabulary as v
from tests.clients import Client
from tests.files import BAD, GOOD, PDF
from tests.make import SANDBOX
from tests.v1.expect import problem

TITLE = {"da": "Kravene", "en": None}


def attach(
    client: Client, path: str, file: tuple[str, str, bytes] = GOOD["pdf"], title: Any = TITLE, **fields: Any
) -> TestResponse:
    """Attach a file as a browser's form does."""
    name, kind, content = file
    data = {"file": (io.BytesIO(content), name, kind), "title": json.dumps(title), **fields}
    return client.call("POST", f"{path}/documents", data=data, content_type="multipart/form-data")


def raw(client: Client, path: str, body: bytes, **options: Any) -> TestResponse:
    """Attach with a body as it is."""
    headers = {"Content-Type": "multipart/form-data; boundary=b", **options.pop("headers", {})}
    return client.call(
        "POST", f"{path}/documents", input_stream=io.BytesIO(body), content_length=len(body), headers=headers, **options
    )


def form(filename: str, content: bytes = PDF, kind: str = "application/pdf", title: Any = TITLE) -> bytes:
    return (
        b'--b\r\nContent-Disposition: form-data; name="title"\r\nContent-Type: application/json\r\n\r\n'
        + json.dumps(title).encode()
        + f'\r\n--b\r\nContent-Disposition: form-data; name="file"; {filename}\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + content
        + b"\r\n--b--\r\n"
    )


def kept(app: Flask) -> set[str]:
    return set(app.extensions["copi"].storage.contents())


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def _tidy(app: Flask):
    """Each test begins with an empty storage."""
    copi = app.extensions["copi"]
    for one in kept(app):
        copi.storage.erase(one)


@pytest.fixture
def owner(make):
    return make.partner(kind="municipality")


@pytest.fixture
def company(make):
    return make.partner()


@pytest.fixture
def places(make, owner, company):
    """A record of each kind that takes documents, by the path below which they are attached."""
    challenge = make.challenge(owner=owner)
    project = make.project(owner=owner)
    with make.database.writing():
        response = Response.add({"challenge_id": challenge, "partner_id": company, "title": TITLE,
                                 "approach": TITLE, "visibility": v.Visibility.PUBLIC})  # fmt: skip
        enquiry = Enquiry.add({"partner_id": owner, "title": TITLE, "question": TITLE})
    return {
        "challenge": f"/challenges/{challenge}",
        "project": f"/projects/{project}",
        "outcome": f"/outcomes/{make.outcome(project=project, state='draft')}",
        "response": f"/responses/{response.id}",
        "enquiry": f"/enquiries/{enquiry.id}",
    }


# --- In and out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", GOOD)
def test_every_format_goes_in_and_comes_out_byte_for_byte(as_, client, make, format):
    name, kind, content = GOOD[format]
    path = f"/challenges/{make.challenge()}"
    made = attach(as_.copi_editor, path, GOOD[format])
    assert made.status_code == 201, made.json
    assert made.json["format"] == format
    assert (made.json["name"], made.json["size"], made.json["sha256"]) == (name, len(content), sha256(content))
    assert made.headers["Location"] == f"/v1/documents/{made.json['id']}" == made.json["links"]["self"]

    got = client.call("GET", f"/documents/{made.json['id']}/content")
    assert got.status_code == 200
    assert got.data == content
    assert got.content_type.partition(";")[0] == kind
    assert got.headers["Content-Length"] == str(len(content))
    assert got.headers["ETag"] == f'"{sha256(content)}"'
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(name)}"


@pytest.mark.parametrize("kind", ["challenge", "project", "outcome", "response", "enquiry"])
def test_each_kind_of_record_takes_documents(as_, places, owner, company, kind):
    who = as_(company if kind == "response" else owner, "editor")
    made = attach(who, places[kind])
    assert made.status_code == 201, made.json
    parents = {name: made.json[f"{name}_id"] for name in places}
    assert parents == dict.fromkeys(places) | {kind: places[kind].rpartition("/")[2]}
    assert [one["id"] for one in who.get(f"{places[kind]}/documents").json["items"]] == [made.json["id"]]
    assert [one["id"] for one in who.get(f"/documents?{kind}={parents[kind]}").json["items"]] == [made.json["id"]]
    assert who.get(f"/documents/{made.json['id']}?embed={kind}").json["embedded"][kind][0]["id"] == parents[kind]
    assert as_.anonymous.get(f"{places[kind]}/documents").status_code in (200, 401, 404)


def test_a_document_is_found_by_its_words_and_format(as_, client, make):
    path = f"/challenges/{make.challenge()}"
    attach(as_.copi_editor, path, title={"da": "Støjmålinger ved kajen"})
    attach(as_.copi_editor, path, GOOD["csv"], title={"da": "Andet"})
    assert client.get("/documents?q=støjmåling").json["total"] == 1
    assert client.get("/documents?file_format=csv").json["total"] == 1
    assert client.get("/documents?file_format=csv,pdf&sort=title").json["items"][0]["title"]["da"] == "Andet"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ('filename="C:\\\\Users\\\\ane\\\\krav.pdf"', "krav.pdf"),
        ('filename="../../etc/krav.pdf"', "krav.pdf"),
        ('filename="Rødgrød på åen.pdf"', "Rødgrød på åen.pdf"),
        ('filename="👩‍🚒 brand.pdf"', "👩‍🚒 brand.pdf"),
        ("filename*=UTF-8''bl%C3%A5b%C3%A6r%20%F0%9F%AB%90.pdf", "blåbær 🫐.pdf"),
        ('filename="A\u030arhus.pdf"', "Århus.pdf"),
        ("filename=\"a&b 'c' 100%.PDF\"", "a&b 'c' 100%.PDF"),
    ],
)
def test_names_are_kept_without_their_folders(as_, client, make, given, name):
    made = raw(as_.copi_editor, f"/challenges/{make.challenge()}", form(given))
    assert made.status_code == 201, made.json
    assert made.json["name"] == name
    sent = client.get(f"/documents/{made.json['id']}/content").headers["Content-Disposition"]
    assert sent == f"attachment; filename*=UTF-8''{quote(name, safe='')}"


@pytest.mark.parametrize(
    "given",
    [
        'filename="krav.pdf.exe"', 'filename="krav"', 'filename=".pdf/"', 'filename="krav\x00.pdf"',
        'filename="krav\x1b.pdf"', 'filename="krav\u202efdp.pdf"', f'filename="{"a" * 197}.pdf"', 'filename="krav.html"',
    ],
)  # fmt: skip
def test_names_that_mislead_are_refused(app, as_, make, given):
    refused = raw(as_.copi_editor, f"/challenges/{make.challenge()}", form(given))
    assert problem(refused, 422)["errors"][0]["pointer"] == "/file"
    assert kept(app) == set()


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_on_the_list_is_refused_whatever_it_is_called(app, as_, make, what):
    name, kind, content = BAD[what]
    sent = form(f'filename="{name}"', content, kind)
    problem(raw(as_.copi_editor, f"/challenges/{make.challenge()}", sent), 415)
    assert kept(app) == set()


@pytest.mark.parametrize("claimed", ["image/png", "text/html", "application/x-msdownload", "application/json"])
def test_a_type_that_does_not_agree_is_refused(as_, make, claimed):
    refused = attach(as_.copi_editor, f"/challenges/{make.challenge()}", ("krav.pdf", claimed, PDF))
    assert claimed in problem(refused, 422)["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("name", "claimed", "format"),
    [
        ("krav.pdf", "application/octet-stream", "pdf"),
        ("tal.csv", "application/vnd.ms-excel", "csv"),
        ("tal.csv", "application/octet-stream", "csv"),
        ("tal.csv", "text/csv; charset=utf-8", "csv"),
        ("noter.md", "text/plain", "txt"),
        ("foto.jpeg", "image/jpg", "jpeg"),
    ],
)
def test_what_systems_say_of_our_formats_is_understood(as_, make, name, claimed, format):
    made = attach(as_.copi_editor, f"/challenges/{make.challenge()}", (name, claimed, GOOD[format][2]))
    assert made.status_code == 201, made.json
    assert made.json["format"] == format


def test_a_csv_by_type_needs_a_csv_name(as_, make):
    problem(attach(as_.copi_editor, f"/challenges/{make.challenge()}", ("tal.txt", "text/csv", b"a;b\n")), 422)


def test_an_empty_file_is_refused(as_, make):
    refused = attach(as_.copi_editor, f"/challenges/{make.challenge()}", ("krav.pdf", "application/pdf", b""))
    assert problem(refused, 422)["errors"][0]["pointer"] == "/file"


# --- The form -------------------------------------------------------------------------------------------------


def test_a_json_part_sent_as_a_file_is_read(as_, make):
    """What a browser makes of `form.append("title", new Blob([json], {type: "application/json"}))`."""
    data = {"file": (io.BytesIO(PDF), "a.pdf", "application/pdf"),
            "title": (io.BytesIO(b'{"da": "Fra en blob"}'), "blob", "application/json")}  # fmt: skip
    made = as_.copi_editor.call("POST", f"/challenges/{make.challenge()}/documents", data=data)
    assert made.status_code == 201, made.json
    assert made.json["title"] == {"da": "Fra en blob", "en": None}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"title": "{"}, "/title"),
        ({"title": "Kun en tekst"}, "/title"),
        ({"title": '{"en": "English only"}'}, "/title/da"),
        ({"visibility": "everyone"}, "/visibility"),
        ({"challenge_id": "x"}, "/challenge_id"),
        ({"file": "en tekst"}, "/file"),
    ],
)
def test_wrong_parts_are_named(as_, make, fields, pointer):
    data = {"file": (io.BytesIO(PDF), "a.pdf", "application/pdf"), "title": json.dumps(TITLE), **fields}
    refused = as_.copi_editor.call(
        "POST", f"/challenges/{make.challenge()}/documents", data=data, content_type="multipart/form-data"
    )
    assert problem(refused, 422)["errors"][0]["pointer"] == pointer


def test_missing_parts_are_named(as_, make):
    refused = raw(as_.copi_editor, f"/challenges/{make.challenge()}", b"--b--\r\n")
    assert {error["pointer"] for error in problem(refused, 422)["errors"]} == {"/file", "/title"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (form('filename="a.pdf"')[:-9], 400),
        (form('filename="a.pdf"').removesuffix(b"--b--\r\n") + form('filename="b.pdf"'), 400),
        (b"no form at all", 400),
        (b"", 400),
    ],
)
def test_a_broken_form_is_refused(app, as_, make, body, status):
    problem(raw(as_.copi_editor, f"/challenges/{make.challenge()}", body), status)
    assert kept(app) == set()


def test_a_form_without_a_boundary_is_refused(as_, make):
    headers = {"Content-Type": "multipart/form-data"}
    problem(raw(as_.copi_editor, f"/challenges/{make.challenge()}", form('filename="a.pdf"'), headers=headers), 400)


@pytest.mark.parametrize("kind", ["application/json", "application/pdf", "application/x-www-form-urlencoded"])
def test_another_kind_of_body_is_refused(as_, make, kind):
    id = make.challenge()
    problem(raw(as_.copi_editor, f"/challenges/{id}", b"{}", headers={"Content-Type": kind}), 415)


class TestTooLarge:
    def test_declared(self, app, as_, make):
        limit = app.extensions["copi"].settings.max_document_bytes
        reading = Unread()
        refused = raw(
            as_.copi_editor, f"/challenges/{make.challenge()}", b"",
            environ_overrides={"CONTENT_LENGTH": str(limit + 100_000), "wsgi.input": reading},
        )  # fmt: skip
        assert "25 MiB" in problem(refused, 413)["detail"]
        assert not reading.was_read

    def test_chunked(self, app, as_, make):
        limit = app.extensions["copi"].settings.max_document_bytes
        endless = Endless(form('filename="a.pdf"')[:-9], limit * 3)
        refused = raw(
            as_.copi_editor, f"/challenges/{make.challenge()}", b"", headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input": endless, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
        )  # fmt: skip
        assert "25 MiB" in problem(refused, 413)["detail"]
        assert endless.sent < limit + 1_000_000
        assert kept(app) == set()

    def test_just_at_the_limit(self, app, as_, client, make):
        limit = app.extensions["copi"].settings.max_document_bytes
        content = PDF.ljust(limit, b"\n")
        made = raw(as_.copi_editor, f"/challenges/{make.challenge()}", form('filename="a.pdf"', content))
        assert made.status_code == 201, made.json
        assert client.get(f"/documents/{made.json['id']}/content").data == content
        over = raw(as_.copi_editor, f"/challenges/{make.challenge()}", form('filename="a.pdf"', content + b"\n"))
        assert "25 MiB" in problem(over, 413)["detail"]

    def test_json_keeps_its_own_limit(self, as_):
        problem(as_.copi_editor.post("/partners", {"name": {"da": "x" * 1_100_000}, "kind": "company"}), 413)

    def test_what_is_beside_the_file(self, as_, make):
        problem(attach(as_.copi_editor, f"/challenges/{make.challenge()}", title={"da": "x" * 100_000}), 422)
        problem(attach(as_.copi_editor, f"/challenges/{make.challenge()}", title={"da": "x" * 490_000}), 422)
        many = form('filename="a.pdf"', title={"da": "x" * 600_000})
        problem(raw(as_.copi_editor, f"/challenges/{make.challenge()}", many), 413)


class Unread(io.RawIOBase):
    was_read = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.was_read = True
        return 0


class Endless(io.RawIOBase):
    """A body that goes on and on, and knows how far it was read."""

    def __init__(self, begins: bytes, length: int) -> None:
        self.begins, self.length, self.sent = begins, length, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.begins[self.sent : self.sent + len(buffer)] or b"x" * min(len(buffer), self.length - self.sent)
        buffer[: len(piece)] = piece
        self.sent += len(piece)
        return len(piece)


# --- Reading --------------------------------------------------------------------------------------------------


@pytest.fixture
def text(as_, make) -> str:
    """The path of a document that says 0123456789."""
    made = attach(as_.copi_editor, f"/challenges/{make.challenge()}", ("tal.txt", "text/plain", b"0123456789"))
    return f"/documents/{made.json['id']}"


@pytest.mark.parametrize(
    ("asked", "status", "content", "where"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
        ("nonsense", 200, b"0123456789", None),
        ("bytes=0-9", 200, b"0123456789", None),
    ],
)
def test_a_part_is_answered(client, text, asked, status, content, where):
    got = client.get(f"{text}/content", headers={"Range": asked})
    assert (got.status_code, got.data, got.headers.get("Content-Range")) == (status, content, where)
    assert got.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100"])
def test_a_part_that_is_not_there(client, text, asked):
    got = client.get(f"{text}/content", headers={"Range": asked})
    problem(got, 416)
    assert got.headers["Content-Range"] == "bytes */10"


def test_a_part_of_another_content_is_answered_whole(client, text):
    tag = f'"{sha256(b"0123456789")}"'
    for held, status in ((tag, 206), ('"another"', 200), ("Tue, 24 Nov 2026 09:00:00 GMT", 200)):
        assert client.get(f"{text}/content", headers={"Range": "bytes=0-1", "If-Range": held}).status_code == status


def test_what_the_client_holds_is_not_sent_again(client, text):
    tag = f'"{sha256(b"0123456789")}"'
    got = client.get(f"{text}/content", headers={"If-None-Match": tag})
    assert (got.status_code, got.data, got.headers["ETag"]) == (304, b"", tag)
    assert client.get(f"{text}/content", headers={"If-None-Match": '"another"'}).status_code == 200


def test_a_head_answers_the_headers_alone(client, text):
    got = client.call("HEAD", f"{text}/content")
    assert (got.status_code, got.data, got.headers["Content-Length"]) == (200, b"", "10")


@pytest.mark.parametrize(
    ("accept", "status"), [("text/plain", 200), ("*/*", 200), ("application/pdf, */*;q=0.1", 200), ("audio/mpeg", 406)]
)
def test_clients_may_ask_for_the_file_s_own_type(client, text, accept, status):
    assert client.get(f"{text}/content", headers={"Accept": accept}).status_code == status


def test_how_an_answer_may_be_kept(as_, client, text):
    assert client.get(f"{text}/content").headers["Cache-Control"] == "public, no-cache"
    assert as_.copi_editor.get(f"{text}/content").headers["Cache-Control"] == "private, no-cache"


def test_unknown_parameters_are_refused(client, text):
    problem(client.get(f"{text}/content?download=1"), 400)


# --- Who sees and who may ------------------------------------------------------------------------------------


def reads(client: Client, document: str) -> tuple[int, int]:
    return (
        client.get(f"/documents/{document}").status_code,
        client.get(f"/documents/{document}/content").status_code,
    )


def test_a_hidden_record_hides_its_documents(as_, make, owner):
    editor, stranger = as_(owner, "editor"), as_(make.partner(), "manager")
    path = f"/challenges/{make.challenge(state='draft', owner=owner)}"
    document = attach(editor, path).json["id"]
    for who in (as_.anonymous, stranger, as_.adviser):
        assert reads(who, document) == (404, 404)
        assert who.get("/documents").json["items"] == []
        assert who.get(f"{path}/documents").status_code == 404
    for who in (editor, as_(owner, "member"), as_.copi_editor):
        assert reads(who, document) == (200, 200)
        assert who.get("/documents").json["total"] == 1


def test_a_withdrawn_record_takes_its_documents_along(as_, make, owner):
    challenge = make.challenge(owner=owner)
    document = attach(as_(owner, "manager"), f"/challenges/{challenge}").json["id"]
    assert reads(as_.anonymous, document) == (200, 200)
    gone = as_(owner, "manager").post(f"/challenges/{challenge}/withdraw", {"reason": "Ikke mere"}, version=1)
    assert gone.status_code == 200, gone.json
    assert reads(as_.anonymous, document) == (404, 404)
    assert as_.anonymous.get("/documents").json["total"] == 0
    assert reads(as_(owner, "member"), document) == (200, 200)


@pytest.mark.parametrize(
    ("parent", "own", "seen"),
    [
        ("public", "public", {"anonymous", "adviser", "stranger", "member", "copi"}),
        ("public", "network", {"adviser", "stranger", "member", "copi"}),
        ("public", "private", {"member", "copi"}),
        ("network", "public", {"adviser", "stranger", "member", "copi"}),
        ("network", "private", {"member", "copi"}),
        ("private", "public", {"member", "copi"}),
        ("private", "network", {"member", "copi"}),
    ],
)
def test_visibility_only_narrows(as_, make, owner, parent, own, seen):
    project = make.project(owner=owner, visibility=parent)
    document = attach(as_(owner, "editor"), f"/projects/{project}", visibility=own).json["id"]
    everybody = {"anonymous": as_.anonymous, "adviser": as_.adviser, "stranger": as_(make.partner(), "manager"),
                 "member": as_(owner, "member"), "copi": as_.copi_editor}  # fmt: skip
    for name, who in everybody.items():
        assert reads(who, document) == ((200, 200) if name in seen else (404, 404)), name
        assert who.get(f"/documents?project={project}").json["total"] == (name in seen), name


def test_a_response_s_documents_are_seen_as_the_response_is(app, as_, make, places, owner, company):
    response = places["response"].rpartition("/")[2]
    company_editor, buyer, rival = as_(company, "editor"), as_(owner, "editor"), as_(make.partner(), "editor")
    document = attach(company_editor, places["response"]).json["id"]
    hidden = attach(company_editor, places["response"], GOOD["csv"], visibility="private").json["id"]
    assert (reads(company_editor, document), reads(buyer, document)) == ((200, 200), (404, 404))
    assert company_editor.post(f"/responses/{response}/submit", version=1).status_code == 200
    assert reads(buyer, document) == (200, 200)
    assert reads(buyer, hidden) == (404, 404)
    for who in (rival, as_.anonymous, as_.adviser):
        assert reads(who, document) == (404, 404)
        assert who.get("/documents").json["total"] == 0


def test_an_enquiry_s_documents_stay_between_asker_and_copi(as_, make, places, owner):
    document = attach(as_(owner, "member"), places["enquiry"]).json["id"]
    assert reads(as_(owner, "member"), document) == reads(as_.copi_editor, document) == (200, 200)
    for who in (as_.anonymous, as_.adviser, as_(make.partner(), "manager")):
        assert reads(who, document) == (404, 404)


@pytest.mark.parametrize(
    ("kind", "who", "status"),
    [
        ("challenge", "anonymous", 401), ("challenge", "stranger", 403), ("challenge", "member", 403),
        ("challenge", "editor", 201), ("challenge", "manager", 201), ("challenge", "adviser", 403),
        ("challenge", "copi_editor", 201), ("challenge", "copi_admin", 201),
        ("project", "anonymous", 401), ("project", "stranger", 403), ("project", "editor", 201),
        ("project", "copi_editor", 201),
        ("outcome", "anonymous", 401), ("outcome", "stranger", 404), ("outcome", "member", 403),
        ("outcome", "editor", 201), ("outcome", "copi_editor", 201),
        ("response", "anonymous", 401), ("response", "stranger", 404), ("response", "editor", 404),
        ("response", "company_member", 403), ("response", "company_editor", 201), ("response", "copi_editor", 403),
        ("enquiry", "anonymous", 401), ("enquiry", "stranger", 404), ("enquiry", "member", 201),
        ("enquiry", "copi_editor", 201),
    ],
)  # fmt: skip
def test_who_may_attach(app, as_, make, places, owner, company, kind, who, status):
    clients: dict[str, Any] = {
        "stranger": lambda: as_(make.partner(), "manager"), "company_member": lambda: as_(company, "member"),
        "company_editor": lambda: as_(company, "editor"),
        **{role: partial(as_, owner, role) for role in ("member", "editor", "manager")},
    }  # fmt: skip
    caller = clients[who]() if who in clients else getattr(as_, who)
    made = attach(caller, places[kind])
    assert made.status_code == status, made.json
    assert kept(app) == ({sha256(PDF)} if status == 201 else set())


def test_a_submitted_response_takes_and_loses_no_documents(app, as_, places, company):
    editor, response = as_(company, "editor"), places["response"].rpartition("/")[2]
    document = attach(editor, places["response"]).json["id"]
    editor.post(f"/responses/{response}/submit", version=1)
    problem(attach(editor, places["response"], GOOD["csv"]), 409)
    # Others see it now, which is a version of its own.
    problem(editor.post(f"/documents/{document}/remove", version=2), 409)
    problem(editor.patch(f"/documents/{document}", {"title": {"da": "Nyt"}}, version=2), 409)
    assert kept(app) == {sha256(PDF)}
    assert editor.get(f"/documents/{document}?embed=actions").json["embedded"]["actions"] == []


def test_the_possible_actions_are_told(as_, make, owner):
    document = attach(as_(owner, "editor"), f"/challenges/{make.challenge(state='draft', owner=owner)}").json["id"]

    def told(who: Client) -> Any:
        return who.get(f"/documents/{document}?embed=actions").json["embedded"]["actions"]

    assert told(as_(owner, "editor")) == ["update", "remove"]
    assert told(as_(owner, "member")) == []
    assert told(as_.copi_editor) == ["update", "remove", "take-down"]


def test_what_is_said_of_a_document_can_change_its_file_cannot(as_, client, make):
    document = attach(as_.copi_editor, f"/challenges/{make.challenge()}").json["id"]
    changed = as_.copi_editor.patch(
        f"/documents/{document}", {"title": {"en": "Requirements"}, "visibility": "network"}, version=1
    )
    assert changed.status_code == 200, changed.json
    assert (changed.json["title"], changed.json["version"]) == ({"da": "Kravene", "en": "Requirements"}, 2)
    assert reads(client, document) == (404, 404)
    for name, value in (("name", "b.pdf"), ("sha256", "0" * 64), ("challenge_id", make.challenge())):
        problem(as_.copi_editor.patch(f"/documents/{document}", {name: value}, version=2), 422)


def test_a_record_that_does_not_exist(as_, make):
    problem(attach(as_.copi_editor, f"/challenges/{make.partner()}"), 404)


def test_documents_of_test_records_are_in_no_list(as_, make):
    path = f"/projects/{make.project(sandbox=SANDBOX)}"
    assert attach(as_.copi_editor, path).status_code == 404
    assert as_.copi_editor.get("/documents").json["total"] == 0


# --- Removing -------------------------------------------------------------------------------------------------


def test_removal_erases_the_bytes_and_keeps_the_record(app, as_, make, owner):
    editor = as_(owner, "editor")
    document = attach(editor, f"/challenges/{make.challenge(owner=owner)}").json["id"]
    removed = editor.post(f"/documents/{document}/remove", {"reason": "Forkert fil"}, version=1)
    assert (removed.status_code, removed.json["state"]) == (200, "removed"), removed.json
    assert kept(app) == set()
    assert reads(editor, document) == (200, 404)
    assert reads(as_.anonymous, document) == (404, 404)
    problem(editor.post(f"/documents/{document}/remove", version=2), 409)
    problem(editor.patch(f"/documents/{document}", {"title": {"da": "Nyt"}}, version=2), 409)


def test_bytes_that_another_document_has_too_stay(app, as_, client, make):
    first, second = (attach(as_.copi_editor, f"/challenges/{make.challenge()}").json["id"] for _ in range(2))
    assert kept(app) == {sha256(PDF)}
    as_.copi_editor.post(f"/documents/{first}/remove", version=1)
    assert client.get(f"/documents/{second}/content").data == PDF
    as_.copi_editor.post(f"/documents/{second}/remove", version=1)
    assert kept(app) == set()


def test_what_was_removed_can_be_attached_again(as_, client, make):
    path = f"/challenges/{make.challenge()}"
    as_.copi_editor.post(f"/documents/{attach(as_.copi_editor, path).json['id']}/remove", version=1)
    again = attach(as_.copi_editor, path).json["id"]
    assert client.get(f"/documents/{again}/content").data == PDF
    assert client.get(f"{path}/documents").json["total"] == 1


def test_copi_takes_down_what_should_not_be_there(app, as_, places, company):
    editor = as_(company, "editor")
    document = attach(editor, places["response"]).json["id"]
    editor.post(f"/responses/{places['response'].rpartition('/')[2]}/submit", version=1)
    problem(editor.post(f"/documents/{document}/take-down", {"reason": "Ulovligt"}, version=2), 403)
    problem(as_.copi_editor.post(f"/documents/{document}/take-down", {}, version=2), 422)
    taken = as_.copi_editor.post(f"/documents/{document}/take-down", {"reason": "Ulovligt"}, version=2)
    assert taken.status_code == 200
    assert kept(app) == set()


def test_a_stale_removal_is_refused(app, as_, make):
    document = attach(as_.copi_editor, f"/challenges/{make.challenge()}").json["id"]
    problem(as_.copi_editor.post(f"/documents/{document}/remove"), 428)
    problem(as_.copi_editor.post(f"/documents/{document}/remove", version=7), 412)
    assert kept(app) == {sha256(PDF)}


# --- Together -------------------------------------------------------------------------------------------------


def _at_once(*calls: Any) -> list[Any]:
    answers: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        answers[place] = calls[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_same_content_attached_at_once_is_kept_once(app, as_, client, make):
    paths = [f"/challenges/{make.challenge()}" for _ in range(6)]
    as_.copi_editor.get("/status")
    made = _at_once(*(lambda path=path: attach(Client(app, as_.copi_editor.user_id), path) for path in paths))
    assert [one.status_code for one in made] == [201] * 6, [one.json for one in made]
    assert kept(app) == {sha256(PDF)}
    assert all(client.get(f"/documents/{one.json['id']}/content").data == PDF for one in made)


def test_attaching_while_the_last_one_is_removed_never_loses_the_bytes(app, as_, client, make):
    path, user = f"/challenges/{make.challenge()}", as_.copi_editor.user_id
    current = attach(as_.copi_editor, path).json["id"]
    for _ in range(12):
        made, gone = _at_once(
            lambda: attach(Client(app, user), path),
            lambda id=current: Client(app, user).post(f"/documents/{id}/remove", version=1),
        )
        assert (made.status_code, gone.status_code) == (201, 200), (made.json, gone.json)
        current = made.json["id"]
        assert client.get(f"/documents/{current}/content").data == PDF


def test_a_commit_that_fails_leaves_no_document_and_what_is_left_is_tidied(app, as_, client, make, monkeypatch):
    from api.kit import uploads

    path, kept_before_commit = f"/challenges/{make.challenge()}", uploads.keep

    def keep_and_die(*given: Any) -> None:
        kept_before_commit(*given)
        raise RuntimeError("the machine is gone")

    monkeypatch.setattr(uploads, "keep", keep_and_die)
    problem(attach(as_.copi_editor, path), 500)
    monkeypatch.undo()
    assert client.get("/documents").json["total"] == 0
    assert kept(app) == {sha256(PDF)}

    copi = app.extensions["copi"]
    other = attach(as_.copi_editor, path, GOOD["csv"]).json["id"]
    assert documents.tidy(copi.database, copi.storage) == 1
    assert kept(app) == {sha256(GOOD["csv"][2])}
    assert list(documents.lost(copi.database, copi.storage)) == []
    copi.storage.erase(sha256(GOOD["csv"][2]))
    assert list(documents.lost(copi.database, copi.storage)) == [(other, "tal.csv")]
    problem(client.get(f"/documents/{other}/content"), 404)


def test_storage_that_does_not_answer_is_a_503_and_leaves_no_document(app, as_, client, make, tmp_path):
    copi, path = app.extensions["copi"], f"/challenges/{make.challenge()}"
    (tmp_path / "file").write_text("in the way")
    usual, copi.storage = copi.storage, type(copi.storage)(_settings(copi.settings, tmp_path / "file" / "below"))
    try:
        problem(attach(as_.copi_editor, path), 503)
    finally:
        copi.storage = usual
    assert client.get("/documents").json["total"] == 0


def _settings(settings: Any, folder: Path) -> Any:
    from dataclasses import replace

    return replace(settings, documents=str(folder))
