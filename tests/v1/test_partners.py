"""Partners: what holds for organisations alone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.make import partner_body
from tests.v1.expect import problem
from tests.v1.lists import alphabetical, assert_filters, assert_sorts

CONTACTS = {
    "items": [
        {"role": {"da": "Indkøb", "en": "Procurement"}, "email": "hemmelig-postkasse@example.org", "phone": "+4533663366",
         "url": "https://example.org/kontakt"},
        {"role": {"da": "Presse", "en": None}, "email": None, "phone": "+4511223344", "url": None},
    ]
}  # fmt: skip


# --- Rules --------------------------------------------------------------------------------------------------

RULES = [
    ({"trl_min": 7, "trl_max": 3}, "/trl_min"),
    ({"trl_min": 3, "trl_max": 3}, None),
    ({"trl_min": 9}, None),
    ({"trl_max": 1}, None),
    ({"trl_min": 0}, "/trl_min"),
    ({"trl_max": 10}, "/trl_max"),
    ({"valid_from": "2027", "valid_to": "2026-12-31"}, "/valid_to"),
    ({"valid_from": "2027-01-01", "valid_to": "2027"}, None),
    ({"valid_from": "2027-05", "valid_to": "2027-04-30"}, "/valid_to"),
    ({"valid_from": "2027-04-30", "valid_to": "2027-04"}, None),
    ({"identifiers": [{"scheme": "DK-CVR", "value": "12345678"}]}, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "DK-CVR", "value": "10150817"}]}, None),
    ({"identifiers": [{"scheme": "DK-CVR", "value": "1015 0817"}]}, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "DK-CVR", "value": "DK10150817"}]}, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "DK-P", "value": "1234567890"}]}, None),
    ({"identifiers": [{"scheme": "DK-P", "value": "123456789"}]}, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "LEI", "value": "213800KUD8LAJWSQ9D15"}]}, None),
    ({"identifiers": [{"scheme": "LEI", "value": "213800KUD8LAJWSQ9D16"}]}, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "EU-VAT", "value": "DK10150817"}]}, None),
    ({"identifiers": [{"scheme": "EU-VAT", "value": "10150817"}]}, "/identifiers/0/value"),
    ({"identifiers": [{"scheme": "DUNS", "value": "10150817"}]}, "/identifiers/0/scheme"),
    ({"country": "Danmark"}, "/country"),
    ({"country": "dk"}, "/country"),
    ({"country": "EU"}, None),
    ({"nace": ["26.51", "62", "62.01.0"]}, None),
    ({"nace": ["6"]}, "/nace/0"),
    ({"keywords": ["Robot"]}, "/keywords/0"),
    ({"keywords": ["robot-"]}, "/keywords/0"),
    ({"themes": ["welfare_technology"] * 2}, "/themes/1"),
    ({"name": {"da": None, "en": "Only English"}}, "/name/da"),
    ({"name": {"da": "x" * 200}}, None),
    ({"website": "https://xn--rksmrgs-5wao1o.example/æøå?q=å#ø"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("given", "pointer"), RULES)
def test_the_rules_of_a_partner(as_, make, given, pointer):
    made = as_.copi_editor.post("/partners", partner_body(**given))
    changed = as_.copi_editor.patch(f"/partners/{make.partner()}", given, version=1)
    if pointer is None:
        assert (made.status_code, changed.status_code) == (201, 200), (made.json, changed.json)
    else:
        problem(made, 422, pointer)
        problem(changed, 422, pointer)


def test_a_rule_across_fields_holds_when_only_one_of_them_changes(as_, make):
    id = make.partner(trl_min=5, trl_max=7)
    problem(as_.copi_editor.patch(f"/partners/{id}", {"trl_max": 4}, version=1), 422, "/trl_min")


# --- Contact points -----------------------------------------------------------------------------------------


def test_contact_points_are_kept_apart_and_read_by_whom_the_partner_is_shown_to(client, as_, make):
    id = make.partner()
    path = f"/partners/{id}/contact-points"
    assert client.get(path).json == {"items": []}
    kept = as_(id, "editor").put(path, CONTACTS, version=1)
    assert kept.status_code == 200, kept.json
    assert kept.json == CONTACTS
    assert kept.headers["ETag"] == '"2"'
    read = client.get(path)
    assert read.json == CONTACTS
    tag = read.headers["ETag"]
    assert tag.startswith('"2+')
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304

    hidden = make.partner(visibility="private")
    problem(client.get(f"/partners/{hidden}/contact-points"), 404)


def test_contact_points_are_in_no_document_no_list_no_event_and_no_index(app, client, as_, make):
    id = make.partner(contact_points=CONTACTS["items"])
    editor = as_(id, "editor")
    editor.patch(f"/partners/{id}", {"keywords": ["robot"]}, version=1)
    editor.put(f"/partners/{id}/contact-points", {"items": CONTACTS["items"][:1]}, version=2)

    for path in (f"/partners/{id}", "/partners", f"/partners/{id}?embed=parent,challenges,projects,actions"):
        for caller in (client, editor, as_.copi_admin):
            assert "hemmelig" not in caller.get(path).text
    assert client.get("/partners?q=hemmelig").json["total"] == 0

    with app.extensions["copi"].database.reading() as connection:
        documents = connection.execute(
            text("SELECT document FROM partner UNION ALL SELECT document FROM event")
        ).scalars()
        assert not any(b"hemmelig" in bytes(document) for document in documents)
        for query in ("SELECT changes FROM event", "SELECT reason FROM event", "SELECT words FROM partner_words"):
            assert "hemmelig" not in str(connection.execute(text(query)).all())


def test_what_is_taken_out_of_the_contact_points_is_nowhere_any_more(app, as_, make):
    id = make.partner(contact_points=CONTACTS["items"])
    editor = as_(id, "editor")
    erased = editor.put(f"/partners/{id}/contact-points", {"items": []}, version=1)
    assert erased.json == {"items": []}
    with app.extensions["copi"].database.reading() as connection:
        for table in ("partner", "event", "partner_facet"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert "hemmelig" not in repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows])


def test_the_same_contact_points_again_change_nothing(as_, make):
    id = make.partner(contact_points=CONTACTS["items"])
    again = as_(id, "manager").put(f"/partners/{id}/contact-points", CONTACTS, version=1)
    assert again.status_code == 200
    assert again.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/items"),
        ({"items": None}, "/items"),
        ({"items": [{"email": "a@example.org"}]}, "/items/0/role"),
        ({"items": [{"role": {"da": "Indkøb"}, "email": "ingen"}]}, "/items/0/email"),
        ({"items": [{"role": {"da": "Indkøb"}, "phone": "33663366"}]}, "/items/0/phone"),
        ({"items": [{"role": {"da": "Indkøb"}, "cpr": "010101-1234"}]}, "/items/0/cpr"),
        ({"items": [], "name": "x"}, "/name"),
    ],
)  # fmt: skip
def test_contact_points_are_checked(as_, make, body, pointer):
    id = make.partner()
    problem(as_(id, "editor").put(f"/partners/{id}/contact-points", body, version=1), 422, pointer)


def test_an_organisation_is_not_part_of_itself(as_, make):
    group = make.partner()
    company = make.partner(parent_id=group)
    for parent in (group, company, make.partner(parent_id=company)):
        problem(as_.copi_editor.patch(f"/partners/{group}", {"parent_id": parent}, version=1), 422, "/parent_id")


def test_whoever_takes_the_place_of_one_above_it_is_not_part_of_itself(as_, make):
    top = make.partner(kind="region")
    old = make.partner(kind="region", parent_id=top)
    between = make.partner(kind="region", parent_id=old)
    new = make.partner(kind="region", parent_id=between)
    body = {"merged_into": new, "reason": "Samme."}
    assert as_.copi_editor.post(f"/partners/{old}/merge", body, version=1).status_code == 200
    parents = {id: as_.copi_editor.get(f"/partners/{id}").json["parent_id"] for id in (top, between, new)}
    assert parents == {top: None, between: new, new: top}


# --- The list -----------------------------------------------------------------------------------------------

FILTERS = {
    "state": ({"state": "inactive"}, {}, "inactive"),
    "kind": ({"kind": "cluster"}, {}, "cluster"),
    "theme": ({"themes": ["green_transition", "welfare_technology"]}, {"themes": ["sustainable_construction"]},
              "green_transition"),
    "keyword": ({"keywords": ["ældre", "robot"]}, {"keywords": ["robotter"]}, "robot"),
    "municipality": ({"municipality_code": "0751"}, {"municipality_code": "0101"}, "0751"),
    "region": ({"municipality_code": "0751"}, {"municipality_code": "0101"}, "1082"),
    "country": ({"country": "DE"}, {"country": "DK"}, "DE"),
    "parent": (lambda make: {"parent_id": make.partner()}, lambda make: {"parent_id": make.partner()}, "parent_id"),
    "cpv": ({"cpv": ["43300000"]}, {"cpv": ["45000000"]}, "43300000"),
    "trusted": ({"trusted": True}, {}, "true"),
    "identifier": (
        {"identifiers": [{"scheme": "DK-CVR", "value": "10150817"}]},
        {"identifiers": [{"scheme": "DK-CVR", "value": "55133018"}]},
        "DK-CVR:10150817",
    ),
    "size": ({"size": "small"}, {"size": "large"}, "small"),
    "export_market": ({"export_markets": ["SE", "NO"]}, {"export_markets": ["DE"]}, "NO"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_partners_are_filtered_by(client, make, name):
    assert_filters(client, make, "partner", name, *FILTERS[name])


def test_every_filter_of_partners_is_tried():
    from tests.v1.test_refusals import FILTERS as DECLARED

    assert set(FILTERS) == set(DECLARED["partner"])


@pytest.mark.parametrize(
    ("given", "region", "found"),
    [
        ({"region_code": "1082"}, "1082", True),
        ({"kind": "municipality", "municipality_code": "0101"}, "1084", True),
        ({"kind": "municipality", "municipality_code": "0101"}, "1085", False),
    ],
)
def test_a_partner_is_in_its_own_region_and_in_that_of_its_municipality(client, make, given, region, found):
    make.partner(**given)
    assert client.get(f"/partners?region={region}").json["total"] == found


def test_partners_are_sorted_by_name_unless_asked_otherwise(client, make):
    for name in ("Bo", "ål", "Ærø", "abe", "Øst", "Zeta"):
        make.partner(name={"da": name})
    names = [one["name"]["da"] for one in client.get("/partners").json["items"]]
    assert names == ["abe", "Bo", "Zeta", "Ærø", "Øst", "ål"]


def test_names_stand_in_the_order_of_the_danish_alphabet(client, make):
    alphabetical(client, make, "partner", "name")


def test_double_a_in_danish_names_stands_at_the_end_as_a_with_ring(client, make):
    """Retskrivningsordbogen section 3: aa is sorted as å in Danish names; Aarhus comes last, as in every Danish list."""
    for name in ("Aalborg Kommune", "Aarhus Kommune", "Albertslund Kommune", "Ærø Kommune", "Ølgod", "Åbenrå"):
        make.partner(name={"da": name})
    names = [one["name"]["da"] for one in client.get("/partners?sort=name").json["items"]]
    assert names[0] == "Albertslund Kommune"
    assert set(names[-3:]) == {"Aalborg Kommune", "Aarhus Kommune", "Åbenrå"}


def test_partners_are_sorted_by_every_key_both_ways(client, make):
    assert_sorts(client, make, "partner")
