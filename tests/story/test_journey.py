"""From a shared need to a reused, measured result: told over HTTP only, with what each actor sees at every point."""

from __future__ import annotations

import datetime as dt
from typing import Any

from api.services import deadlines
from tests.clients import Client, Everybody
from tests.v1.expect import problem

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


class Teller:
    """Calls the API and remembers versions, as a frontend does with ETags."""

    def __init__(self, as_: Everybody) -> None:
        self.as_ = as_

    def make(self, who: Client, path: str, body: dict[str, Any]) -> str:
        answer = who.post(path, body)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def step(self, who: Client, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A step with the ETag of what the caller sees now."""
        item = "/".join(path.split("/")[:3])
        tag = who.get(item).headers["ETag"]
        answer = who.post(path, body, headers={"If-Match": tag})
        assert answer.status_code in (200, 201), answer.json
        return dict(answer.json)

    def partner(self, name: str, kind: str, **given: Any) -> str:
        copi = self.as_.copi_editor
        id = self.make(copi, "/partners", {"name": {"da": name}, "kind": kind, **given})
        self.step(copi, f"/partners/{id}/activate")
        return id


def text(da: str) -> dict[str, str]:
    return {"da": da}


def sees(who: Client, path: str) -> bool:
    status = who.get(path).status_code
    assert status in (200, 404)
    return status == 200


def tasks(who: Client) -> list[tuple[str, str]]:
    return [(one["resource"], one["step"]) for one in who.get("/tasks").json["items"]]


def test_a_need_becomes_a_reused_result(app, as_, client, travel):
    travel("2026-03-02")
    tell, copi, public = Teller(as_), as_.copi_editor, client

    # Who takes part
    aarhus = tell.partner("Aarhus Kommune", "municipality", municipality_code="0751")
    odense = tell.partner("Odense Kommune", "municipality", municipality_code="0461")
    midt = tell.partner("Region Midtjylland", "region", region_code="1082")
    syd = tell.partner("Region Syddanmark", "region", region_code="1083")
    firms = [tell.partner(name, "company") for name in ("Robot A/S", "Sensor ApS", "Sen ApS")]
    owner, owner_manager = as_(aarhus, "editor"), as_(aarhus, "manager")
    company, rival, late = (as_(firm, "editor") for firm in firms)

    # A municipality registers a need; nobody else sees it
    need = tell.make(owner, "/challenges", {
        "title": text("Færre fald på plejehjem"), "summary": text("Borgere falder om natten."), "owners": [aarhus],
        "theme": "welfare_technology", "timeline": {"posed": "2026-03-02", "response_deadline": "2026-06-01T10:00:00Z"},
        "figures": [{"indicator": "falls", "label": text("Fald"), "value": 400, "unit": "falls", "per": "year",
                     "value_kind": "reported"}],
    })  # fmt: skip
    challenge = f"/challenges/{need}"
    assert not sees(public, challenge)
    assert not sees(as_(odense, "manager"), challenge)
    refusal = problem(owner.post(f"{challenge}/submit", version=1), 409)
    assert "problem" in refusal["detail"]
    assert owner.patch(challenge, {"problem": text("Der er for få hænder om natten.")}, version=1).status_code == 200

    # Two more join with letters of intent, each by its own manager
    for partner, volume in ((odense, "120"), (midt, "300")):
        support = tell.make(owner, f"{challenge}/supports", {
            "partner_id": partner, "level": "letter_of_intent", "signed_at": "2026-03-02",
            "annual_volume": {"amount": volume, "unit": "sensors"},
        })  # fmt: skip
        assert sees(as_(partner, "manager"), challenge), "who is asked to join sees what to join"
        assert ("support", "confirm") in tasks(as_(partner, "manager"))
        problem(owner_manager.post(f"/supports/{support}/confirm", version=1), 403)
        problem(as_(partner, "editor").post(f"/supports/{support}/confirm", version=1), 403)
        assert tell.step(as_(partner, "manager"), f"/supports/{support}/confirm")["state"] == "confirmed"
    demand = owner.get(challenge).json["demand"]
    assert (demand["supports"], demand["letters_of_intent"]) == (2, 2)
    assert demand["annual_volume"] == [{"amount": "420", "unit": "sensors"}]
    assert demand["population_covered"] > 1_500_000, "the region's municipalities, Aarhus among them once, and Odense"
    assert public.get(f"/supports?challenge={need}").json["total"] == 0

    # CO-PI publishes
    tell.step(owner, f"{challenge}/submit")
    assert ("challenge", "publish") in tasks(copi)
    problem(owner_manager.post(f"{challenge}/publish", headers={"If-Match": "*"}), 403)
    tell.step(copi, f"{challenge}/publish")
    assert sees(public, challenge)
    assert public.get("/challenges?demand=letter_of_intent").json["total"] == 1
    assert public.get(f"{challenge}/supports").json["total"] == 2
    problem(owner.patch(challenge, {"title": text("Noget andet")}, headers={"If-Match": "*"}), 409, "/title")

    # A question, answered to all, and an addendum
    question = tell.make(company, f"{challenge}/questions", {"partner_id": firms[0], "question": text("Må det larme?")})
    assert not sees(rival, f"/questions/{question}")
    tell.step(owner, f"/questions/{question}/answer", {"answer": text("Nej.")})
    answered = rival.get(f"/questions/{question}")
    assert firms[0] not in answered.text
    tell.step(owner, f"{challenge}/amend", {"text": text("Kravet om batteri udgår.")})
    assert public.get(challenge).json["addenda"][0]["text"]["da"] == "Kravet om batteri udgår."

    # Three companies answer; each sees its own alone, the owners see what was submitted
    answers = [
        tell.make(
            who, f"{challenge}/responses", {"partner_id": firm, "title": text("Et svar"), "approach": text("Sådan.")}
        )
        for who, firm in zip((company, rival, late), firms, strict=True)
    ]
    assert owner.get(f"{challenge}/responses").json["total"] == 0
    for who, answer in zip((company, rival, late), answers, strict=True):
        tell.step(who, f"/responses/{answer}/submit")
    assert owner.get(f"{challenge}/responses").json["total"] == 3
    assert [one["id"] for one in company.get("/responses").json["items"]] == [answers[0]]
    assert not sees(rival, f"/responses/{answers[0]}")
    assert public.get("/responses").status_code == 401
    assert as_.adviser.get(f"{challenge}/responses").json["total"] == 0
    assert public.get(challenge).json["response_count"] is None
    problem(owner.post(f"/responses/{answers[0]}/select", version=2), 409)

    # The deadline closes it by itself; after it nobody answers any more
    travel("2026-06-02")
    problem(
        rival.post(f"{challenge}/responses", {"partner_id": firms[1], "title": text("x"), "approach": text("y")}), 409
    )
    assert list(deadlines.close_passed(app.extensions["copi"].database)) == [need]
    assert list(deadlines.close_passed(app.extensions["copi"].database)) == []
    seen = public.get(challenge).json
    assert (seen["state"], seen["response_count"]) == ("closed", 3)

    # One is selected, the others get feedback
    assert ("response", "select") in tasks(owner)
    problem(owner.post(f"{challenge}/form-project", {}, headers={"If-Match": "*"}), 409)
    tell.step(owner, f"/responses/{answers[0]}/shortlist")
    tell.step(owner, f"/responses/{answers[0]}/select")
    for answer in answers[1:]:
        told = {"decline_reason": "others_stronger", "feedback": text("Godt, men dyrt.")}
        tell.step(owner, f"/responses/{answer}/decline", told)
    assert rival.get(f"/responses/{answers[1]}").json["feedback"]["da"] == "Godt, men dyrt."

    # A project is formed in one call, and run
    project = tell.step(owner, f"{challenge}/form-project", {"start": "2026-07", "end": "2027-06"})
    roles = {(one["partner_id"], one["role"]) for one in project["participants"]}
    assert roles == {(aarhus, "lead"), (aarhus, "need_owner"), (odense, "signatory"), (midt, "signatory"),
                     (firms[0], "solution_provider")}  # fmt: skip
    assert project["challenge_ids"] == [need]
    resolved = public.get(challenge).json
    assert (resolved["state"], resolved["close_reason"]) == ("resolved", "project_started")
    path = f"/projects/{project['id']}"
    tell.step(owner, f"{path}/start")
    travel("2027-06-30")
    ended = tell.step(owner, f"{path}/complete")
    assert ended["follow_up_due"] == ["2028-06", "2031-06"]

    # An outcome at the close, checked by CO-PI
    body = {"project_id": project["id"], "kind": "measured_effect", "title": text("Fald halveret"),
            "summary": text("Målt over et halvt år."), "reporting_point": "close", "date": "2027-06",
            "measures": [{"indicator": "falls", "label": text("Fald"), "value": 200, "unit": "falls", "per": "year",
                          "value_kind": "measured", "baseline": 400}]}  # fmt: skip
    at_close = f"/outcomes/{tell.make(owner, '/outcomes', body)}"
    assert not sees(public, at_close)
    lacking = {one["pointer"] for one in owner.get(f"{at_close}?embed=hints").json["embedded"]["hints"]}
    assert {"/lesson", "/evidence"} <= lacking
    tell.step(owner, f"{at_close}/submit")
    tell.step(copi, f"{at_close}/return", {"reason": "Hvordan er der målt?"})
    evidence = {"evidence": [{"url": "https://example.org/maaling"}]}
    assert owner.patch(at_close, evidence, headers={"If-Match": "*"}).status_code == 200
    tell.step(owner, f"{at_close}/submit")
    tell.step(copi, f"{at_close}/verify")
    assert sees(public, at_close)

    # Twelve and 48 months later the service asks again
    assert ("project", "report") not in tasks(owner)
    travel("2031-07-01")
    assert tasks(owner).count(("project", "report")) == 2
    late_body = {**body, "title": text("Effekten holder"), "reporting_point": "m48", "date": "2031-06"}
    at_48 = f"/outcomes/{tell.make(owner, '/outcomes', late_body)}"
    tell.step(owner, f"{at_48}/submit")
    tell.step(copi, f"{at_48}/verify")
    assert tasks(owner).count(("project", "report")) == 1

    # A mistake is put right in a new version; the old one stays readable
    version = public.get(at_48).json["version"]
    fixed = tell.step(copi, f"{at_48}/correct", {"reason": "Tastefejl", "correction": {"measures": [
        {**body["measures"][0], "value": 190}]}})  # fmt: skip
    assert (fixed["state"], fixed["measures"][0]["value"], fixed["version"]) == ("corrected", 190, version + 1)

    # Another region takes it over
    adoption = tell.make(
        as_.adviser, f"{at_48}/adoptions", {"partner_id": syd, "kind": "adapted", "in_use_from": "2031-05"}
    )
    assert ("adoption", "confirm") in tasks(as_(syd, "editor"))
    assert not sees(public, f"/adoptions/{adoption}")
    problem(owner.post(f"/adoptions/{adoption}/confirm", version=1), 403)
    tell.step(as_(syd, "editor"), f"/adoptions/{adoption}/confirm")
    assert public.get(at_48).json["reuse"] == {"organisations": 1, "adoptions": 1}
    assert public.get(f"/partners/{syd}").json["reuse"]["taken_over"] == 1
    assert public.get(f"/partners/{firms[0]}").json["reuse"]["passed_on"] == 1

    # The lineage shows all of it, to everyone
    lineage = public.get(f"{challenge}/lineage").json
    assert lineage["challenge"]["id"] == need
    assert {one["partner_id"] for one in lineage["supports"]} == {odense, midt}
    [answered_by] = lineage["projects"]
    assert answered_by["project"]["id"] == project["id"]
    assert [one["outcome"]["title"]["da"] for one in answered_by["outcomes"]] == ["Fald halveret", "Effekten holder"]
    assert [one["partner_id"] for one in answered_by["outcomes"][1]["adoptions"]] == [syd]

    # What was asked of CO-PI on the way stays between them; what others can learn is guidance
    enquiry = tell.make(as_(aarhus, "member"), "/enquiries", {
        "partner_id": aarhus, "title": text("Må vi prøve først?"), "question": text("Vi vil teste i et halvt år."),
        "challenge_id": need,
    })  # fmt: skip
    assert not sees(company, f"/enquiries/{enquiry}")
    tell.step(copi, f"/enquiries/{enquiry}/assign", {"adviser": "sparring@co-pi.dk"})
    tell.step(copi, f"/enquiries/{enquiry}/answer", {"answer": text("Ja, inden for tærskelværdien.")})
    assert as_(aarhus, "member").get(f"/enquiries/{enquiry}").json["answer"]["da"].startswith("Ja")
    note = tell.make(copi, "/guidance", {"title": text("Prøv før du køber"), "question": text("Må man teste?"),
                                         "answer": text("Ja, inden for tærskelværdien."), "enquiry_id": enquiry})  # fmt: skip
    assert not sees(public, f"/guidance/{note}")
    tell.step(copi, f"/guidance/{note}/publish")
    [found] = public.get("/guidance?q=tærskelværdi").json["items"]
    assert aarhus not in str(found)
    assert enquiry not in str(found)
