"""Guidance: what anyone can read and search, and nothing of who asked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.make import guidance_body
from tests.v1.expect import problem
from tests.v1.lists import alphabetical, assert_filters, assert_sorts, ids


def test_an_answer_is_published_without_the_enquiry_it_grew_out_of(app, client, as_, make):
    enquiry = make.enquiry("answered")
    made = as_.copi_editor.post("/guidance", guidance_body(enquiry_id=enquiry))
    assert (made.status_code, made.json["state"]) == (201, "draft"), made.json
    path = f"/guidance/{made.json['id']}"
    problem(client.get(path), 404)
    assert as_.copi_editor.post(f"{path}/publish", version=1).status_code == 200
    for somebody in (client, as_(make.home, "manager"), as_.copi_admin):
        assert enquiry not in somebody.get(path).text
        assert make.home not in somebody.get(f"{path}?embed=actions").text
    with app.extensions["copi"].database.reading() as connection:
        told = connection.execute(text("SELECT document, changes FROM event WHERE resource = 'guidance'")).all()
        assert len(told) == 2
        assert enquiry not in repr([(bytes(document), changes) for document, changes in told])


def test_copi_alone_writes_guidance(as_, make):
    id = make.guidance()
    for somebody in (as_(make.home, "manager"), as_.adviser):
        problem(somebody.post("/guidance", guidance_body()), 403)
        problem(somebody.patch(f"/guidance/{id}", {"keywords": ["nyt"]}, version=1), 403)
        problem(somebody.post(f"/guidance/{id}/withdraw", {"reason": "Nej."}, version=1), 403)


def test_guidance_is_found_by_the_words_of_its_question_and_answer(client, make):
    id = make.guidance(
        question={"da": "Må vi holde markedsdialog?"}, answer={"da": "Ja, når referatet offentliggøres."}
    )
    make.guidance(title={"da": "Noget andet"})
    make.guidance("draft", question={"da": "Markedsdialog igen?"})
    for q in ("markedsdialogen", "referat", "markedsdialog offentliggøres"):
        assert ids(client, f"/guidance?q={q}") == [id], q


def test_guidance_that_is_withdrawn_is_hidden_and_can_come_back(client, as_, make):
    id = make.guidance()
    problem(as_.copi_editor.post(f"/guidance/{id}/withdraw", {}, version=1), 422, "/reason")
    as_.copi_editor.post(f"/guidance/{id}/withdraw", {"reason": "Loven er ændret."}, version=1)
    problem(client.get(f"/guidance/{id}"), 404)
    assert ids(client, "/guidance") == []
    assert as_.copi_editor.post(f"/guidance/{id}/publish", version=2).status_code == 200
    assert ids(client, "/guidance") == [id]


# --- The list -----------------------------------------------------------------------------------------------

FILTERS = {
    "state": ({"state": "published"}, {"state": "draft"}, "published"),
    "theme": ({"theme": "green_transition"}, {"theme": "welfare_technology"}, "green_transition"),
    "keyword": ({"keywords": ["markedsdialog"]}, {"keywords": ["dialog"]}, "markedsdialog"),
    "route": ({"procurement_routes": ["open", "pcp"]}, {"procurement_routes": ["open"]}, "pcp"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_guidance_is_filtered_by(as_, make, name):
    assert_filters(as_.copi_editor, make, "guidance", name, *FILTERS[name])


def test_every_filter_of_guidance_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) == set(DECLARED["guidance"])


def test_guidance_is_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "guidance")


def test_guidance_stands_in_the_order_of_the_danish_alphabet(client, make):
    alphabetical(client, make, "guidance", "title")
