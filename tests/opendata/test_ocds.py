"""Contracting processes: release packages that the standard's own checker finds nothing wrong with."""

from __future__ import annotations

import re
from typing import Any

import pytest

from schemas.base import creating
from schemas.ocds import OcdsReleasePackageSchema
from tests.make import SANDBOX
from tests.opendata.counting import counted
from tests.opendata.cove import HERE, check
from tests.v1.bodies import both, full_challenge, full_project
from tests.v1.expect import problem

PREFIX = "ocds-copi01"
PATH = "/ocds/releases"


def package(client, query: str = "", **options: Any) -> dict[str, Any]:
    answer = client.get(f"{PATH}{query}", **options)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def release(client, id: str) -> dict[str, Any]:
    """The release of one record."""
    found: dict[str, Any]
    [found] = [one for one in package(client, "?limit=250")["releases"] if id in one["id"]]
    return found


def ocids(found: dict[str, Any]) -> list[str]:
    return [one["ocid"].removeprefix(f"{PREFIX}-") for one in found["releases"]]


TRANSLATED = [
    re.compile(form)
    for form in set(re.findall(r'"(\^\([a-zA-Z]+_\(.*\$)": {', (HERE / "schema" / "release-schema.json").read_text()))
]
"""How the standard names a field in another language."""


# --- The standard -------------------------------------------------------------------------------------------


def faults(found: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    report = check(found, monkeypatch)
    wrong = ("validation_errors", "deprecated_fields", "additional_closed_codelist_values", "additional_checks")
    # It looks at no `patternProperties`, by which the standard has texts in other languages.
    unknown = {one["field"] for one in report["additional_fields"]} - {"links"}
    unknown = {field for field in unknown if not any(form.match(field) for form in TRANSLATED)}
    return {name: report[name] for name in wrong if report[name]} | {"fields": unknown}


def test_the_cases_are_what_the_standard_asks_for(cases, monkeypatch):
    found = package(cases, "?limit=250")
    assert len(found["releases"]) > 150
    assert faults(found, monkeypatch) == {"fields": set()}


@pytest.mark.parametrize("state", ["planned", "active", "completed", "discontinued", "unknown"])
def test_so_is_a_project_with_everything(make, client, as_, monkeypatch, state):
    challenge, project = {**full_challenge(make), "visibility": "public"}, full_project(make)
    for resource, body in (("challenge", challenge), ("project", {**project, "visibility": "public"})):
        getattr(make, resource)(**{name: value for name, value in body.items() if name != "owners"})
    found = package(client, "?limit=250")
    assert faults(found, monkeypatch) == {"fields": set()}
    assert faults(package(as_.copi_editor, "?limit=250"), monkeypatch) == {"fields": set()}


def test_the_checker_notices_what_is_wrong(cases, monkeypatch):
    found = package(cases, "?limit=5")
    found["releases"][0]["tag"] = ["nonsense"]
    found["releases"][1]["date"] = "yesterday"
    del found["releases"][2]["ocid"]
    report = faults(found, monkeypatch)
    assert len(report["validation_errors"]) == 2
    assert report["additional_closed_codelist_values"]


def test_everything_in_it_is_in_the_contract(cases, make, client):
    make.project(**full_project(make) | {"visibility": "public"})
    for found in (package(cases, "?limit=250"), package(client)):
        assert creating(OcdsReleasePackageSchema)().validate(found) == {}


# --- What is told -------------------------------------------------------------------------------------------


def test_a_challenge_is_planning(make, client):
    town = make.partner(
        kind="municipality", name=both("Aarhus Kommune", "City of Aarhus"), website="https://aarhus.example",
        identifiers=[{"scheme": "DK-P", "value": "1003388394"}, {"scheme": "LEI", "value": "213800KUD8LAJWSQ9D15"},
                     {"scheme": "DK-CVR", "value": "10150817"}],
    )  # fmt: skip
    id = make.challenge(
        owner=town, title=both("Tunge løft", "Heavy lifting"), summary=both("Kort", "Brief"), cpv=["43300000"],
        phase="market_dialogue", budget_indication={"amount": "1250000.50", "currency": "DKK"},
        procurement_route_considered="innovation_partnership",
        timeline={"posed": "2026-01", "market_dialogue_at": "2027-02-01T08:00:00Z", "procurement_expected_at": "2027-06"},
    )  # fmt: skip
    found = release(client, id)
    assert (found["ocid"], found["tag"]) == (f"{PREFIX}-{id}", ["planning"])
    [party] = found["parties"]
    assert party["identifier"] == {"scheme": "DK-CVR", "id": "10150817", "legalName": "Aarhus Kommune"}
    assert party["additionalIdentifiers"] == [{"scheme": "XI-LEI", "id": "213800KUD8LAJWSQ9D15"}]
    assert (party["roles"], party["contactPoint"]) == (["buyer"], {"url": "https://aarhus.example"})
    assert found["buyer"] == found["tender"]["procuringEntity"] == {"id": town, "name": "Aarhus Kommune"}
    planning, tender = found["planning"], found["tender"]
    assert planning["budget"]["amount"] == {"amount": 1250000.5, "currency": "DKK"}
    assert (planning["rationale"], planning["rationale_en"]) == ("Kort", "Brief")
    [milestone] = planning["milestones"]  # a month is no moment
    assert milestone["dueDate"] == "2027-02-01T08:00:00.000000Z"
    assert (milestone["type"], milestone["title"]) == ("engagement", "Markedsdialog")
    assert (tender["title"], tender["title_en"], tender["status"]) == ("Tunge løft", "Heavy lifting", "planning")
    assert tender["procurementMethod"] == "selective"
    assert tender["procurementMethodDetails"].endswith(
        "Innovation partnership (eForms procurement-procedure-type: innovation)"
    )
    assert tender["items"][0]["classification"]["scheme"] == "CPV"
    assert not {"awards", "contracts", "relatedProcesses"} & found.keys()


def test_in_its_last_phase_it_is_a_tender_that_is_planned(make, client):
    found = release(client, make.challenge(phase="procurement"))
    assert (found["tag"], found["tender"]["status"]) == (["planning", "tender"], "planned")


@pytest.mark.parametrize(
    ("state", "given", "tags", "status"),
    [
        ("planned", {}, ["planning"], None),
        ("planned", {"procurement_route": "open"}, ["planning", "tender"], None),
        ("active", {}, ["award", "contract"], "active"),
        ("on_hold", {"procurement_route": "open"}, ["tender", "award", "contract"], "active"),
        ("completed", {"milestones": [{"title": {"da": "Klar"}}]}, ["award", "contract", "implementation"], "terminated"),
        ("discontinued", {}, ["award", "contract", "contractTermination"], "terminated"),
        ("unknown", {}, ["award", "contract"], None),
        ("active", {"participants": []}, ["planning"], None),
    ],
)  # fmt: skip
def test_a_project_is_what_it_has_come_to(make, client, state, given, tags, status):
    participants = [{"partner_id": make.home, "role": "need_owner"}, {"partner_id": make.partner(), "role": "supplier"}]
    found = release(client, make.project(state=state, **{"participants": participants, **given}))
    assert found["tag"] == tags
    assert [one.get("status") for one in found.get("contracts", [])] == ([status] if "contract" in tags else [])
    assert bool(found.get("awards")) == ("award" in tags)
    assert bool(found.get("tender")) == ("tender" in tags)


def test_a_project_tells_who_buys_supplies_and_pays(make, client):
    firm, fund = make.partner(name={"da": "Firmaet"}), make.partner(kind="foundation", name={"da": "Fonden"})
    id = make.project(
        participants=[
            {"partner_id": make.home, "role": "lead"}, {"partner_id": make.home, "role": "buyer"},
            {"partner_id": firm, "role": "supplier"}, {"partner_id": firm, "role": "solution_provider"},
            {"partner_id": make.partner(), "role": "adviser"},
        ],
        funding=[{"funder_id": fund, "kind": "grant"}], total_budget={"amount": "6900000", "currency": "EUR"},
        start="2024-03-01", end="2026-02-28",
        milestones=[{"title": both("Første prøve", "First trial"), "due_on": "2024-09-01", "reached_on": "2024-10"}],
        procurement_refs=[{"system": "TED", "reference": "123456-2026", "url": "https://ted.example/123456-2026"}],
    )  # fmt: skip
    found = release(client, id)
    assert {one["id"]: one["roles"] for one in found["parties"]} == {
        make.home: ["buyer"], firm: ["supplier"], fund: ["funder"]
    }  # fmt: skip
    [award], [contract] = found["awards"], found["contracts"]
    assert award["suppliers"] == [{"id": firm, "name": "Firmaet"}]
    assert contract["awardID"] == award["id"]
    assert contract["period"] == {"startDate": "2024-03-01T00:00:00Z", "endDate": "2026-02-28T23:59:59Z"}
    assert contract["implementation"]["milestones"] == [
        {"id": "1", "title": "Første prøve", "title_en": "First trial", "type": "delivery",
         "dueDate": "2024-09-01T00:00:00Z", "status": "met"}
    ]  # fmt: skip
    [notice] = found["tender"]["documents"]
    assert (notice["documentType"], notice["title"]) == ("tenderNotice", "TED 123456-2026")
    assert found["planning"]["budget"]["amount"] == {"amount": 6900000, "currency": "EUR"}


def test_a_challenge_and_its_projects_point_at_each_other(make, client):
    challenge, programme = make.challenge(), make.project()
    project = make.project(challenge_ids=[challenge], parent_id=programme)
    related = {one["id"]: one for one in release(client, project)["relatedProcesses"]}
    assert related[challenge]["relationship"] == ["planning"]
    assert related[challenge]["identifier"] == f"{PREFIX}-{challenge}"
    assert related[programme]["relationship"] == ["parent"]
    [back] = release(client, challenge)["relatedProcesses"]
    assert (back["relationship"], back["identifier"]) == (["subsequentProcess"], f"{PREFIX}-{project}")


def test_a_process_published_elsewhere_keeps_its_id(make, client):
    known = [{"system": "OCID", "reference": "ocds-abc123-77"}]
    challenge = make.challenge()
    project = make.project(procurement_refs=known, challenge_ids=[challenge])
    assert release(client, project)["ocid"] == "ocds-abc123-77"
    assert release(client, challenge)["relatedProcesses"][0]["identifier"] == "ocds-abc123-77"
    several = make.project(procurement_refs=[*known, {"system": "ocid", "reference": "ocds-abc123-78"}])
    found = release(client, several)
    assert found["ocid"] == f"{PREFIX}-{several}"
    assert [one["identifier"] for one in found["relatedProcesses"]] == ["ocds-abc123-77", "ocds-abc123-78"]


def test_another_version_is_another_release(make, client, as_):
    id = make.project(owner=make.home)
    before = release(client, id)
    answer = as_(make.home, "manager").patch(f"/projects/{id}", {"trl": 7}, version=1)
    assert answer.status_code == 200, answer.json
    after = release(client, id)
    assert (before["ocid"], before["id"] != after["id"], before["date"] < after["date"]) == (after["ocid"], True, True)


# --- Who sees what ------------------------------------------------------------------------------------------


def test_nobody_reads_more_than_elsewhere(make, client, as_):
    shown = make.challenge()
    drafted, private = (
        make.challenge(state="draft", owner=make.home),
        make.project(owner=make.home, visibility="private"),
    )
    inside = make.project(sandbox=SANDBOX)
    assert ocids(package(client)) == [shown]
    assert set(ocids(package(as_(make.home, "member")))) == {shown, drafted, private}
    assert inside not in ocids(package(as_.copi_editor))


def test_what_one_does_not_see_is_not_named(make, client, as_):
    hidden = make.partner(visibility="private", name={"da": "Hemmeligheden"})
    secret = make.challenge(state="draft", owner=make.home, title={"da": "Hemmeligheden"})
    id = make.project(participants=[{"partner_id": hidden, "role": "supplier"}], challenge_ids=[secret])
    make.document(project=id, visibility="private", title={"da": "Hemmeligheden"})
    shown = make.document(project=id, title={"da": "Aftalen"})
    answer = client.get(PATH)
    assert "Hemmeligheden" not in answer.text
    assert hidden not in answer.text
    [found] = answer.json["releases"]
    assert found["tag"] == ["planning"], "without a supplier nobody has been awarded anything"
    assert [one["id"] for one in found["planning"]["documents"]] == ["record", shown]
    assert as_.copi_editor.get(PATH).text.count("Hemmeligheden") >= 3


# --- Walking ------------------------------------------------------------------------------------------------


def walk(client, query: str) -> list[str]:
    found, address = [], f"{PATH}{query}"
    while address:
        page = client.get(address).json
        assert page["uri"] == f"http://localhost/v1{address}"
        found += [one["id"] for one in page["releases"]]
        address = page.get("links", {}).get("next", "").removeprefix("http://localhost/v1")
    return found


def test_a_walk_meets_every_process_once(cases):
    whole = [one["id"] for one in package(cases, "?limit=250")["releases"]]
    assert walk(cases, "?limit=25") == whole
    dates = [one["date"] for one in package(cases, "?limit=250")["releases"]]
    assert dates == sorted(dates)


def test_what_changes_meanwhile_comes_again_at_the_end(make, client, as_):
    first, *others = [make.project(owner=make.home) for _ in range(4)]
    page = package(client, "?limit=2")
    answer = as_(make.home, "manager").patch(f"/projects/{first}", {"trl": 7}, version=1)
    assert answer.status_code == 200, answer.json
    rest = walk(client, page["links"]["next"].partition(PATH)[2])
    assert rest == [f"project-{one}-1" for one in others[1:]] + [f"project-{first}-2"]


def test_since_begins_with_what_has_changed_then(make, client):
    make.project()
    later = make.challenge()
    since = release(client, later)["date"]
    assert ocids(package(client, f"?since={since}")) == [later]


def test_an_empty_service_has_an_empty_package(client):
    found = package(client)
    assert (found["releases"], "links" in found) == ([], False)


@pytest.mark.parametrize(("query", "status"), [("?cursor=abc", 422), ("?limit=0", 422), ("?limit=251", 422),
                                               ("?page=2", 400), ("?format=csv", 400)])  # fmt: skip
def test_wrong_questions_are_told(client, query, status):
    problem(client.get(f"{PATH}{query}"), status)


def test_it_need_not_be_read_twice(make, client, as_):
    make.project()
    tag = client.get(PATH).headers["ETag"]
    again = client.get(PATH, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert as_.copi_editor.get(PATH, headers={"If-None-Match": tag}).status_code == 200
    make.project()
    assert client.get(PATH, headers={"If-None-Match": tag}).status_code == 200


def test_a_long_page_costs_no_more_questions_than_a_short_one(make, client):
    costs = []
    for many in (1, 10):
        for _ in range(many):
            make.project(challenge_ids=[make.challenge()], owner=make.partner())
        with counted(make.database) as asked:
            package(client)
        costs.append(len(asked))
        with counted(make.database) as asked:
            package(client)
        assert len(asked) == 1, "what is known is not asked for again"
    assert costs[0] == costs[1] <= 9
