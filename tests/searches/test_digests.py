"""Digests: what is new since the last one, once, by a real mail server."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from importlib import import_module

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from api.cli import copi
from api.domain import clock
from api.feeds import digests, mail
from api.models import SavedSearch, User
from api.services import deadlines
from schemas.vocabulary import Digest

SEARCH = {"name": "Æbler & pærer", "resource": "challenge", "query": "state=open", "digest": "daily"}


@pytest.fixture
def tend(app, settings, monkeypatch):
    """Two days later the digests are sent."""

    def later(days=2):
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
        monkeypatch.setattr(clock, "read", lambda: moment)
        return digests.send_due(app.extensions["copi"].database, settings)

    return later


def test_what_is_new_is_told_once(as_, make, tend, postbox):
    me = as_.copi_editor
    make.challenge(title={"da": "Fra før"})
    assert me.post("/searches", SEARCH).status_code == 201
    new = make.challenge(title={"da": "Blåbær på åen", "en": "Blueberries"})
    make.challenge("closed", title={"da": "Lukket"})
    assert tend() == 1
    assert tend(days=4) == 0
    [mail] = postbox.mails
    text = mail.get_content()
    assert mail["Subject"] == "1 nyt i: Æbler & pærer"
    assert "Blåbær på åen" in text
    assert f"https://api.co-pi.example/v1/challenges/{new}" in text
    assert "Fra før" not in text
    assert "Lukket" not in text
    assert mail["From"] == "CO-PI <noreply@co-pi.example>"


def test_english_for_who_asks_for_it(as_, make, tend, postbox):
    as_.copi_editor.post("/searches", {**SEARCH, "language": "en"})
    make.challenge(title={"da": "Blåbær", "en": "Blueberries"})
    tend()
    [mail] = postbox.mails
    assert mail["Subject"] == "1 new in: Æbler & pærer"
    assert "Blueberries" in mail.get_content()


def test_nothing_is_sent_when_there_is_nothing_to_see(app, as_, make, tend, postbox):
    member = as_(make.partner(), "member")
    member.post("/searches", SEARCH)
    make.challenge(visibility="private")
    assert tend() == 0
    assert postbox.mails == []


def test_what_is_withdrawn_meanwhile_is_left_out(as_, make, tend, postbox):
    as_.copi_editor.post("/searches", {**SEARCH, "query": ""})
    gone, there = make.challenge(), make.challenge(title={"da": "Bliver"})
    as_.copi_admin.patch(f"/challenges/{there}", {"visibility": "network"}, version=1)
    member = as_(make.partner(), "member")
    member.post("/searches", {**SEARCH, "query": ""})
    as_.copi_admin.post(f"/challenges/{gone}/withdraw", {"reason": "Nej"}, version=1)
    assert tend() == 1
    assert "Bliver" in postbox.mails[0].get_content()


def test_a_server_that_refuses_is_asked_again(as_, make, tend, postbox):
    as_.copi_editor.post("/searches", SEARCH)
    make.challenge()
    postbox.answer = "451 later"
    assert tend() == 0
    postbox.answer = "250 OK"
    assert tend() == 0, "the lease has not run out"
    assert tend(days=3) == 1
    assert len(postbox.mails) == 1


def test_a_blocked_account_is_told_nothing(as_, make, tend, postbox):
    me = as_(make.partner(), "member")
    me.post("/searches", SEARCH)
    as_.copi_admin.post(f"/users/{me.user_id}/block", {"reason": "Stop"})
    make.challenge()
    assert tend() == 0
    assert postbox.mails == []


def test_one_click_stops_it(app, as_, make, tend, postbox):
    me = as_.copi_editor
    id = me.post("/searches", SEARCH).json["id"]
    make.challenge()
    tend()
    [mail] = postbox.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip("<>").removeprefix("https://api.co-pi.example")
    with app.test_client() as program:
        assert program.post(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
        assert program.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    found = me.get(f"/searches/{id}").json
    assert (found["digest"], found["next_digest_at"]) == (None, None)


def test_a_frontend_stops_it_by_the_token(as_, client, make, tend, postbox):
    _, address = sent(as_, make, tend, postbox)
    id, token = address.split("/")[-2:]
    assert client.post(f"/searches/{id}/unsubscribe/{token[:-1]}x").status_code == 404
    assert client.post(f"/searches/{id}/unsubscribe/{token}").status_code == 204
    assert as_.copi_editor.get(f"/searches/{id}").json["digest"] is None


def sent(as_, make, tend, postbox):
    """The text of a digest, and the address in it to stop it at."""
    as_.copi_editor.post("/searches", SEARCH)
    make.challenge()
    tend()
    text = postbox.mails[0].get_content()
    return text, next(line for line in text.splitlines() if "/unsubscribe/" in line)


def test_its_reader_can_stop_it_from_the_mail(app, as_, client, make, tend, postbox):
    text, address = sent(as_, make, tend, postbox)
    assert "digest" not in text, "its reader is no programmer"
    assert all(
        line.startswith("https://api.co-pi.example/") for line in map(str.strip, text.splitlines()) if "/v1/" in line
    )
    place, program = (
        one.strip("<>").removeprefix("https://api.co-pi.example")
        for one in (address, postbox.mails[0]["List-Unsubscribe"])
    )
    for language, words, others in (
        ("da", "Afmeld mails fra CO-PI", "Do you no longer"),
        ("en", "Stop mails", "Vil du ikke"),
    ):
        page = client.outside(place, headers={"Accept": "text/html", "Accept-Language": language})
        assert (page.status_code, page.mimetype, page.headers["Cache-Control"]) == (200, "text/html", "no-store")
        assert f"<h1>{words}" in page.text
        assert others in page.text
        assert "<script" not in page.text
        assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "en"}
    assert client.outside(program, headers=browser).text == page.text
    [search] = as_.copi_editor.get("/searches").json["items"]
    assert search["digest"] == "daily", "a look changes nothing: mail scanners look at everything"
    [action] = re.findall(r'<form method="post" action="([^"]+)">', page.text)
    assert len(re.findall("<button", page.text)) == 1
    with app.test_client() as opened:
        done = opened.post(action, data={}, headers={"Accept": "text/html", "Accept-Language": "da"})
    assert (done.status_code, done.mimetype) == (200, "text/html")
    assert "Du får ikke flere mails om denne søgning." in done.text
    [search] = as_.copi_editor.get("/searches").json["items"]
    assert (search["digest"], search["next_digest_at"]) == (None, None)
    for one in (place, program):
        assert client.outside(one[:-1] + ("0" if one[-1] != "0" else "1")).status_code == 404


def test_without_an_address_none_goes_out_and_that_is_said_once(app, as_, make, settings, tend, postbox, monkeypatch):
    as_.copi_editor.post("/searches", SEARCH)
    make.challenge()
    said = []
    digests._warn_of_no_address.cache_clear()
    monkeypatch.setattr(digests._log, "warning", said.append)
    database, unknown = app.extensions["copi"].database, dataclasses.replace(settings, public_url="")
    with monkeypatch.context() as patched:
        patched.setattr(clock, "read", lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=2))
        assert [digests.send_due(database, unknown) for _ in range(3)] == [0, 0, 0]
    assert postbox.mails == []
    assert said == ["digests wait: without COPI_PUBLIC_URL their links would lead nowhere"]
    assert tend() == 1, "it was not lost"


def test_beside_the_server_the_links_lead_to_it(app, as_, make, settings, postbox, tmp_path, monkeypatch):
    """`copi serve` tells `copi tend` where it is."""
    as_.copi_editor.post("/searches", SEARCH)
    make.challenge()
    monkeypatch.setattr(clock, "read", lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=2))
    environment = {
        "COPI_DATABASE_URL": app.extensions["copi"].database.url.render_as_string(hide_password=False),
        "COPI_SMTP_URL": settings.smtp_url, "COPI_SECRET": "s" * 40, "COPI_DOCUMENTS": str(tmp_path), "COPI_LOG": "none",
    }  # fmt: skip
    told = CliRunner().invoke(copi, ["tend", "--at", "http://127.0.0.1:8123"], env=environment)
    assert "sent 1 digests" in told.output, told.output
    assert "http://127.0.0.1:8123/v1/challenges/" in postbox.mails[0].get_content()


def test_mail_that_could_not_be_sent_is_not_promised(app, as_, make, settings):
    program = make.client()
    from tests.clients import service

    refused = service(app, program).post("/searches", SEARCH)
    assert refused.json["errors"][0]["pointer"] == "/digest"


def test_without_a_mail_server_there_are_no_digests(as_):
    assert as_.copi_editor.post("/searches", SEARCH).status_code == 409


# --- Names and addresses that would be more than they are in the head of a mail ------------------------------------


def change(app, statement):
    """What is kept from before we were told better."""
    with app.extensions["copi"].database.writing() as session:
        session.execute(statement)


@pytest.mark.parametrize("ends", ["\u2028", "\u2029", "\u0085", "\x1c", "\x1e", "\x0b", "\x0c", "\r", "\n"])
def test_a_name_is_one_line_whatever_ends_lines(as_, ends):
    refused = as_.copi_editor.post("/searches", {**SEARCH, "digest": None, "name": f"To{ends}linjer"})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/name"


def test_a_name_kept_from_before_is_one_line_in_the_subject(app, as_, make, tend, postbox):
    as_.copi_editor.post("/searches", SEARCH)
    change(app, update(SavedSearch).values(name="To\u2028Bcc: b@x.example"))
    make.challenge()
    assert tend() == 1
    assert postbox.mails[0]["Subject"] == "1 nyt i: To Bcc: b@x.example"


@pytest.mark.parametrize("written", ["a,b", "a<b", "a(b)", "a:b", "a;b", "a[b]", 'a"b', "a\\b", "a\u2028b", "a\u0085b"])
def test_an_address_that_would_be_several_is_none(as_, make, written):
    for address in (f"{written}@x.example", f"a@{written}.example"):
        refused = as_.copi_admin.post(f"/partners/{make.partner()}/invitations", {"email": address, "role": "member"})
        assert refused.status_code == 422, address
        assert refused.json["errors"][0]["pointer"] == "/email"


@pytest.mark.parametrize(
    ("kept", "to"),
    [
        ("a,b@x.example", '"a,b"@x.example'),
        ("a<b@x.example", '"a<b"@x.example'),
        ("a(b)@x.example", '"a(b)"@x.example'),
        ("a:b@x.example", '"a:b"@x.example'),
        ("o'brien+x@x.example", "o'brien+x@x.example"),
        ("anne@rødgrød.example", "anne@xn--rdgrd-vuad.example"),
    ],
)
def test_an_address_is_one_mailbox_whatever_it_is_spelt_with(app, as_, make, tend, postbox, kept, to):
    me = as_.copi_editor
    me.post("/searches", SEARCH)
    change(app, update(User).where(User.id == me.user_id).values(email=kept))
    make.challenge()
    assert tend() == 1
    [sent] = postbox.mails
    assert [one.addr_spec for one in sent["To"].addresses] == [to]


@pytest.mark.parametrize("address", ["o'brien+x@x.example", "anne-mette.ø@rødgrød.example", "a/b=c@sub.x.example"])
def test_real_addresses_are_addresses(as_, make, address):
    made = as_.copi_admin.post(f"/partners/{make.partner()}/invitations", {"email": address, "role": "member"})
    assert made.status_code == 201, made.json


# --- What goes wrong goes wrong for one ---------------------------------------------------------------------------


def test_one_search_that_fails_does_not_keep_the_others_from_being_sent(app, as_, make, tend, postbox, monkeypatch):
    for name in ("Den første", "Den anden"):
        as_.copi_editor.post("/searches", {**SEARCH, "name": name})
    make.challenge()
    usual = mail.send

    def failing(message, settings):
        if "første" in message["Subject"]:
            raise ValueError
        usual(message, settings)

    monkeypatch.setattr(mail, "send", failing)
    assert tend() == 1
    monkeypatch.setattr(mail, "send", usual)
    assert tend() == 0, "its lease has not run out"
    assert tend(days=2.01) == 1
    assert [sent["Subject"] for sent in postbox.mails] == ["1 nyt i: Den anden", "1 nyt i: Den første"]


def test_nothing_is_sent_once_there_is_no_mail_server_any_more(app, as_, make, settings, monkeypatch):
    as_.copi_editor.post("/searches", SEARCH)
    make.challenge()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert digests.send_due(app.extensions["copi"].database, dataclasses.replace(settings, smtp_url="")) == 0
    assert digests.send_due(app.extensions["copi"].database, settings) == 1, "the lease was not taken in vain"


def test_tending_goes_on_whatever_a_chore_raises(monkeypatch):
    tending, done = import_module("api.cli.tend"), []

    def chore(name, stop=None):
        def work(*_):
            done.append(name)
            if stop and len(done) > 5:
                stop()
            raise ZeroDivisionError

        return work

    monkeypatch.setattr(tending, "heed", lambda stop, _: monkeypatch.setattr(digests, "send_due", chore("send", stop)))
    monkeypatch.setattr(tending, "_forget", chore("forget"))
    monkeypatch.setattr(deadlines, "close_passed", chore("close"))
    tending._go_on(None, None, 0.001, leashed=False)
    assert done == ["forget", "close", "send", "close", "send", "close", "send"]


@pytest.mark.parametrize(
    ("now", "digest", "due"),
    [
        ("2026-11-27T11:00:00+00:00", Digest.DAILY, "2026-11-28T06:00:00+00:00"),
        ("2026-07-01T11:00:00+00:00", Digest.DAILY, "2026-07-02T05:00:00+00:00"),
        ("2026-11-27T11:00:00+00:00", Digest.WEEKLY, "2026-11-30T06:00:00+00:00"),
        ("2026-11-30T11:00:00+00:00", Digest.WEEKLY, "2026-12-07T06:00:00+00:00"),
    ],
)
def test_digests_are_due_at_seven_in_denmark(now, digest, due):
    assert digests.next_after(dt.datetime.fromisoformat(now), digest) == dt.datetime.fromisoformat(due)
