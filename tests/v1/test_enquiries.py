"""Enquiries: between the asker and CO-PI, and nobody else."""

from __future__ import annotations

import io
import json

import pytest

from tests.files import PDF
from tests.make import enquiry_body
from tests.v1.expect import problem
from tests.v1.lists import alphabetical, assert_filters, assert_sorts, ids

ANSWER = {"answer": {"da": "Ja, når alle får det samme at vide.", "en": None}}


@pytest.mark.parametrize("state", ["new", "assigned", "answered", "closed"])
def test_only_the_asker_and_copi_see_an_enquiry(client, as_, make, state):
    town = make.partner(kind="municipality")
    id = make.enquiry(state, partner_id=town, challenge_id=make.challenge(owner=make.home))
    problem(client.get(f"/enquiries/{id}"), 401)
    problem(client.get("/enquiries"), 401)
    for somebody in (as_(make.home, "manager"), as_.adviser, as_(make.partner(), "member")):
        problem(somebody.get(f"/enquiries/{id}"), 404)
        assert somebody.get("/enquiries").json == {"items": [], "total": 0, "next": None}
    for somebody in (as_(town, "member"), as_.copi_editor, as_.copi_admin):
        assert somebody.get(f"/enquiries/{id}").status_code == 200
        assert ids(somebody, "/enquiries") == [id]


def test_an_enquiry_is_asked_assigned_answered_and_closed(as_, make):
    town = make.partner(kind="municipality")
    member = as_(town, "member")
    asked = member.post("/enquiries", enquiry_body(town, challenge_id=make.challenge()))
    assert (asked.status_code, asked.json["state"]) == (201, "new"), asked.json
    path = f"/enquiries/{asked.json['id']}"
    assert member.patch(path, {"context": {"da": "Vi køber for 8 mio."}}, version=1).status_code == 200

    problem(member.post(f"{path}/assign", {"adviser": "mig@example.org"}, version=2), 403)
    problem(as_.copi_editor.post(f"{path}/answer", ANSWER, version=2), 409)
    as_.copi_editor.post(f"{path}/assign", {"adviser": "en@co-pi.dk"}, version=2)
    assert (
        as_.copi_editor.post(f"{path}/assign", {"adviser": "to@co-pi.dk"}, version=3).json["adviser"] == "to@co-pi.dk"
    )
    problem(member.patch(path, {"context": {"da": "Nej."}}, version=4), 409, "/context")
    assert ids(as_.copi_editor, "/enquiries?adviser=to@co-pi.dk") == [asked.json["id"]]

    as_.copi_editor.post(f"{path}/answer", ANSWER, version=4)
    assert member.get(path).json["answer"] == ANSWER["answer"]
    assert member.post(f"{path}/close", version=5).json["state"] == "closed"


def test_whoever_answers_an_enquiry_may_attach_what_explains_the_answer(as_, make):
    town = make.partner(kind="municipality")
    id = make.enquiry("assigned", partner_id=town)
    form = {"title": json.dumps({"da": "Notat"})}

    def attach(who):
        sent = {**form, "file": (io.BytesIO(PDF), "notat.pdf", "application/pdf")}
        return who.call("POST", f"/enquiries/{id}/documents", data=sent, content_type="multipart/form-data")

    made = attach(as_.copi_editor)
    assert made.status_code == 201, made.json
    assert attach(as_(town, "member")).status_code == 201, "the asker may still say more with a file"
    assert as_(town, "member").get(f"/documents/{made.json['id']}").status_code == 200
    for somebody in (as_.adviser, as_(make.partner(), "manager")):
        problem(attach(somebody), 404)
    as_.copi_editor.post(f"/enquiries/{id}/answer", ANSWER, version=1)
    problem(attach(as_.copi_editor), 409)
    problem(attach(as_(town, "member")), 409)


def test_where_nothing_can_be_changed_it_says_so(as_, make):
    path = f"/enquiries/{make.enquiry('closed')}"
    for language, words in (("da", "kan intet ændres. Mulige trin er nu: ingen."),
                            ("en", "nothing can be changed. Possible steps now: none.")):  # fmt: skip
        changed = as_(make.home, "member").patch(
            path, {"context": {"da": "Nej."}}, version=1, headers={"Accept-Language": language}
        )
        assert words in problem(changed, 409, "/context", language=language)["detail"]


def test_nobody_asks_for_another(as_, make):
    body = enquiry_body(make.partner(kind="municipality"))
    for somebody in (as_(make.home, "manager"), as_.adviser, as_.copi_editor, as_.copi_admin):
        problem(somebody.post("/enquiries", body), 403)


def test_an_enquiry_points_only_at_what_its_asker_sees(as_, make):
    hidden = make.challenge(state="draft")
    problem(
        as_(make.home, "member").post("/enquiries", enquiry_body(make.home, challenge_id=hidden)), 422, "/challenge_id"
    )


# --- The list -----------------------------------------------------------------------------------------------

FILTERS = {
    "state": ({"state": "answered"}, {}, "answered"),
    "partner": (lambda make: {"partner_id": make.partner()},) * 2 + ("partner_id",),
    "challenge": (lambda make: {"challenge_id": make.challenge()},) * 2 + ("challenge_id",),
    "project": (lambda make: {"project_id": make.project()},) * 2 + ("project_id",),
    "route": ({"procurement_route_considered": "pcp"}, {"procurement_route_considered": "open"}, "pcp"),
    "adviser": ({"adviser": "en@co-pi.dk"}, {"adviser": "to@co-pi.dk"}, "en@co-pi.dk"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_enquiries_are_filtered_by(as_, make, name):
    assert_filters(as_.copi_editor, make, "enquiry", name, *FILTERS[name])


def test_every_filter_of_enquiries_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) == set(DECLARED["enquiry"])


def test_enquiries_are_sorted_by_every_key_both_ways(as_, make):
    assert_sorts(as_.copi_editor, make, "enquiry")


def test_enquiries_stand_in_the_order_of_the_danish_alphabet(as_, make):
    alphabetical(as_.copi_editor, make, "enquiry", "title")
