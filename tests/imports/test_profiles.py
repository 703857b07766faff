"""Profiles: columns of other systems read as ours, saved or come along; each on a few lines of what they are for."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from api.imports import profiles
from tests.imports.conftest import Imports, counts, places

PROFILE: dict[str, Any] = {
    "name": "Projekter fra fagsystemet",
    "resource": "projects",
    "system": "fagsystem",
    "external_id": "sagsnr",
    "columns": [
        {"target": "title.da", "source": "titel"},
        {"target": "summary.da", "source": "titel", "prefix": "Om: "},
        {"target": "theme", "constant": "green_transition"},
        {"target": "state", "source": "status", "terms": {"igang": "active", "slut": "completed"}},
        {"target": "start", "source": "start", "date": "%d/%m %Y"},
        {"target": "keywords", "source": "emner", "split": ",", "default": "andet"},
        {"target": "total_budget.amount", "source": "budget", "decimal": "."},
        {"target": "total_budget.currency", "constant": "DKK"},
    ],
}
FILE = (
    "sagsnr;titel;status;start;emner;budget;ligegyldig\n"
    "17/4;Ny bro;igang;3/2 2024;stål, beton;1,250,000.50;x\n"
    "18;Gammel bro;slut;1/1 2020;;;y\n"
    "19;Ingen bro;lukket;2020;;1000;z\n"
)


def saved(imports: Imports, **changes: Any) -> Any:
    return imports.client.post("/import-profiles", {**PROFILE, **changes})


def test_a_saved_profile_reads_the_columns_of_another_system(imports: Imports):
    profile = saved(imports)
    assert profile.status_code == 201
    job = imports.take_in(FILE, resource="projects", profile=profile.json["id"])
    assert job["profile"] == PROFILE["name"]
    assert (counts(job), places(job)) == ((2, 0, 0, 1), [(4, "status")])
    assert job["errors"][0]["value"] == "lukket"
    old, new = imports.client.get("/projects?sort=title").json["items"]
    assert (new["title"]["da"], new["state"], new["start"]) == ("Ny bro", "active", "2024-02-03")
    assert new["source"] == {"system": "fagsystem", "external_id": "17/4", "url": None}
    assert new["keywords"] == ["stål", "beton"]
    assert new["total_budget"]["amount"] == "1250000.50"
    assert new["summary"]["da"] == "Om: Ny bro"
    assert (old["state"], old["keywords"], old["total_budget"]) == ("completed", ["andet"], None)


def test_an_import_goes_on_by_what_its_profile_said(imports: Imports):
    profile = saved(imports).json
    sent = imports.send(FILE, resource="projects", profile=profile["id"])
    changed = imports.client.patch(f"/import-profiles/{profile['id']}", {"name": "Ny", "system": "andet"})
    assert (changed.status_code, changed.json["system"], changed.json["columns"]) == (200, "andet", profile["columns"])
    assert imports.client.call("DELETE", f"/import-profiles/{profile['id']}").status_code == 204
    assert imports.client.get("/import-profiles").json["total"] == 0
    imports.work()
    assert counts(imports.read(sent.json["id"])) == (2, 0, 0, 1)
    assert {one["source"]["system"] for one in imports.client.get("/projects").json["items"]} == {"fagsystem"}


@pytest.mark.parametrize(
    ("column", "pointer"),
    [
        ({"target": "titel", "source": "t"}, "/columns/0/target"),
        ({"target": "title.da"}, "/columns/0/source"),
        ({"target": "title.da", "source": "t", "constant": "c"}, "/columns/0/source"),
        ({"target": "title.da", "source": "t", "decimal": ";"}, "/columns/0/decimal"),
        ({"target": "title.da", "source": "t", "date": "dd-mm"}, "/columns/0/date"),
        ({"target": "title.da", "source": "t", "terms": {"a": 1}}, "/columns/0/terms"),
        ({"target": "title.da", "source": "t", "terms": ["a"]}, "/columns/0/terms"),
        ({"target": "id", "source": "t"}, "/columns/0/target"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(imports: Imports, column, pointer):
    refused = saved(imports, columns=[column])
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json["errors"]] == [pointer]


def test_a_column_is_filled_once(imports: Imports):
    refused = saved(imports, columns=[{"target": "title.da", "source": name} for name in "ab"])
    assert [one["pointer"] for one in refused.json["errors"]] == ["/columns/1/target"]


def test_a_file_that_lacks_a_column_of_the_profile_is_refused(imports: Imports):
    job = imports.take_in("sagsnr;titel\n1;x\n", resource="projects", profile=saved(imports).json["id"])
    assert (job["state"], job["errors"][0]["column"]) == ("failed", "status")
    assert "sagsnr, titel" in job["errors"][0]["advice"]["en"]


def test_only_ones_own_profiles_can_be_used(imports: Imports, as_, make):
    profile, other = saved(imports).json["id"], imports.by(as_(make.home, "manager"))
    assert other.client.get(f"/import-profiles/{profile}").status_code == 404
    for name in (profile, "no-such", "0" * 32):
        refused = other.send(FILE, resource="projects", profile=name)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/profile")
    wrong = imports.send(FILE, resource="partners", profile=profile)
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/profile")


# --- Those that come along --------------------------------------------------------------------------------------


def test_those_that_come_along_are_told(imports: Imports):
    page = imports.client.get("/import-profiles/shipped").json
    assert [one["name"] for one in page["items"]] == list(profiles.shipped())
    for one in page["items"]:
        assert "https://" in one["note"], "where its columns are explained"
        copy = {name: one[name] for name in one.keys() - {"id", "created_at"}}
        assert imports.client.post("/import-profiles", {**copy, "name": "Min kopi"}).status_code == 201


CORDIS_PROJECTS = (
    '"id";"acronym";"status";"title";"startDate";"endDate";"totalCost";"ecMaxContribution";"frameworkProgramme";"objective"\n'
    '"101000001";"BRIDGE";"SIGNED";"Bridges; built better";"2023-01-01";"2026-12-31";"4999998,75";"4500000";"HORIZON";"We ""build"""\n'
    '"101000002";"OLD";"CLOSED";"Old";"2015-01-01";"2018-12-31";"";"";"H2020";"It was"\n'
)
CORDIS_ORGANISATIONS = (
    '"projectID";"organisationID";"vatNumber";"name";"activityType";"country";"organizationURL"\n'
    '"101000001";"999999";"DK1";"AARHUS UNIVERSITET";"HES";"DK";"https://www.au.dk"\n'
    '"101000002";"999999";"DK1";"AARHUS UNIVERSITET";"HES";"DK";"https://www.au.dk"\n'
    '"101000002";"999998";"";"ATHINA";"";"EL";""\n'
)
KEEP = "Programme,Project acronym,Project name in English,Description in English\nØKS,BIOCAT,Biogas,Cats and gas.\n"
RELEASE = {
    "ocid": "ocds-abc-1",
    "buyer": {"id": "DK-CVR-10000009", "name": "Kommunen"},
    "tender": {
        "title": "Elektriske gravemaskiner",
        "description": "Tolv maskiner.",
        "value": {"amount": 1250000.5, "currency": "DKK"},
        "items": [{"id": "1", "classification": {"scheme": "CPV", "id": "43300000"}}],
        "tenderPeriod": {"startDate": "2026-10-01T00:00:00Z", "endDate": "2027-03-01T12:00:00+01:00"},
    },
}


def test_cordis(imports: Imports):
    assert counts(imports.take_in(CORDIS_ORGANISATIONS, profile="cordis-organisations")) == (2, 0, 1, 0)
    found = {one["name"]["da"]: (one["kind"], one["country"]) for one in imports.client.get("/partners").json["items"]}
    assert found == {"AARHUS UNIVERSITET": ("knowledge_institution", "DK"), "ATHINA": ("association", "GR")}
    job = imports.take_in(CORDIS_PROJECTS, resource="projects", profile="cordis-projects")
    assert counts(job) == (2, 0, 0, 0), job["errors"]
    project = imports.client.get("/projects?sort=title").json["items"][0]
    assert (project["title"]["en"], project["state"], project["programme"]) == (
        "Bridges; built better", "active", "Horizon Europe",
    )  # fmt: skip
    assert project["total_budget"] == {"amount": "4999998.75", "currency": "EUR", "qualifier": None}
    assert project["source"]["url"] == "https://cordis.europa.eu/project/id/101000001"


def test_keep_eu(imports: Imports):
    job = imports.take_in(KEEP, resource="projects", profile="keep-eu-projects")
    assert counts(job) == (1, 0, 0, 0), job["errors"]
    [project] = imports.client.get("/projects").json["items"]
    assert (project["title"]["en"], project["programme"]) == ("Biogas", "ØKS")


@pytest.mark.parametrize("form", ["package", "package on one line", "lines"])
def test_ocds(imports: Imports, make, form):
    owner = make.partner(kind="municipality", identifiers=[{"scheme": "DK-CVR", "value": "10000009"}])
    other = {**RELEASE, "ocid": "ocds-abc-2", "buyer": {"id": "DK-CVR-1"}}
    package = {"uri": "https://example.org", "version": "1.1", "releases": [RELEASE, other]}
    content = {
        "package": orjson.dumps(package, option=orjson.OPT_INDENT_2),
        "package on one line": orjson.dumps(package),
        "lines": b"\n".join(map(orjson.dumps, (RELEASE, other))),
    }[form]
    job = imports.take_in(content, "releases.json", resource="challenges", profile="ocds-releases")
    assert (counts(job), places(job)) == ((1, 0, 0, 1), [(2, "/buyer/id")]), job["errors"]
    [challenge] = imports.client.get("/challenges").json["items"]
    assert challenge["owners"] == [owner]
    assert challenge["cpv"] == ["43300000"]
    assert challenge["budget_indication"]["amount"] == "1250000.5"
    assert challenge["timeline"]["posed"] == "2026-10-01"
    assert challenge["timeline"]["response_deadline"] == "2027-03-01T11:00:00.000000Z"
