"""The datasets of the catalogue: what each is called, holds and is about."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.wording import Say


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset: its address below the API's version, and what is said about it."""

    path: str
    title: Say
    description: Say
    themes: tuple[str, ...]
    """Codes of the EU's list of data themes."""
    keywords: tuple[Say, ...]
    nouns: tuple[str, ...] = ()
    """The resources whose records it holds; none when it does not change with them."""
    dated: str | None = None
    """The sort key that says from when its records are."""
    standard: str | None = None
    """What it conforms to besides the contract."""

    @property
    def name(self) -> str:
        """Its name within the catalogue."""
        return self.path.replace("/", "-")


_INNOVATION = Say("innovation", "innovation")
_PROCUREMENT = Say("offentlige indkøb", "public procurement")
_COLLABORATION = Say("offentlig-privat samarbejde", "public-private collaboration")

DATASETS = (
    Dataset(
        "challenges",
        Say("Udfordringer fra den offentlige sektor", "Challenges of the public sector"),
        Say(
            "Konkrete behov, som kommuner, regioner og stat stiller markedet over for: problem, ønsket effekt, "
            "frister, budget og samlet efterspørgsel.",
            "Concrete needs that municipalities, regions and the state put to the market: problem, desired effect, "
            "deadlines, budget and joint demand.",
        ),
        ("GOVE", "ECON"),
        (_INNOVATION, _PROCUREMENT, Say("behov", "needs")),
        ("challenge",),
        "posed",
    ),
    Dataset(
        "partners",
        Say("Organisationer i offentlig-privat innovation", "Organisations in public-private innovation"),
        Say(
            "Kommuner, regioner, virksomheder, videninstitutioner og klynger, der deltager, med CVR-nummer, hvor det "
            "er kendt.",
            "Municipalities, regions, companies, knowledge institutions and clusters that take part, with their "
            "company number (CVR) where it is known.",
        ),
        ("GOVE", "ECON"),
        (_INNOVATION, Say("virksomheder", "companies"), Say("myndigheder", "public bodies")),
        ("partner",),
    ),
    Dataset(
        "projects",
        Say("Offentlig-private samarbejder", "Public-private collaborations"),
        Say(
            "Projekter, der løser udfordringerne: deltagere og roller, samarbejdsform, indkøbsvej, finansiering, "
            "milepæle og stade.",
            "Projects that answer the challenges: participants and roles, form of collaboration, procurement route, "
            "funding, milestones and progress.",
        ),
        ("GOVE", "TECH"),
        (_INNOVATION, _COLLABORATION, _PROCUREMENT),
        ("project",),
        "start",
    ),
    Dataset(
        "outcomes",
        Say("Resultater og effekter", "Outcomes and effects"),
        Say(
            "Hvad der kom ud af projekterne, bekræftet af CO-PI: målte og forventede effekter med enhed og oprindelse, "
            "læring og genbrug.",
            "What came of the projects, verified by CO-PI: measured and expected effects with unit and provenance, "
            "lessons and reuse.",
        ),
        ("GOVE", "TECH"),
        (_INNOVATION, Say("effektmåling", "impact measurement")),
        ("outcome",),
        "date",
    ),
    Dataset(
        "adoptions",
        Say("Genbrug af løsninger", "Reuse of solutions"),
        Say(
            "Hvem der har taget andres løsninger i brug, tilpasset eller som kopi.",
            "Who has taken others' solutions into use, adapted or copied.",
        ),
        ("GOVE", "TECH"),
        (_INNOVATION, Say("genbrug", "reuse"), Say("skalering", "scaling")),
        ("adoption",),
        "in_use_from",
    ),
    Dataset(
        "guidance",
        Say("Vejledning om indkøb og innovation", "Guidance on procurement and innovation"),
        Say(
            "Svar på spørgsmål om udbudsret og innovative indkøb, fortalt uden hvem der spurgte.",
            "Answers to questions about procurement law and innovative purchases, told without who asked.",
        ),
        ("GOVE", "JUST"),
        (_PROCUREMENT, Say("udbudsret", "procurement law")),
        ("guidance",),
    ),
    Dataset(
        "events",
        Say("Hændelser", "Events"),
        Say(
            "Alt, hvad der sker med de åbne data, i den rækkefølge, det skete: til at holde en kopi i takt.",
            "Everything that happens to the open data, in the order in which it happened: to keep a copy in step.",
        ),
        ("GOVE",),
        (Say("ændringer", "changes"),),
        ("challenge", "partner", "project", "outcome", "adoption", "guidance"),
    ),
    Dataset(
        "code-lists",
        Say("Kodelister", "Code lists"),
        Say(
            "Alle lukkede lister og klassifikationer, som data bruger, med danske og engelske ord.",
            "Every closed list and classification that the data uses, with Danish and English words.",
        ),
        ("GOVE",),
        (Say("klassifikation", "classification"),),
    ),
    Dataset(
        "ocds/releases",
        Say("Udfordringer og projekter som indkøbsforløb (OCDS)", "Challenges and projects as contracting processes"),
        Say(
            "Udfordringer og projekter efter Open Contracting Data Standard 1.1: parter med CVR-nummer, indkøbsmetode, "
            "milepæle og dokumenter.",
            "Challenges and projects by the Open Contracting Data Standard 1.1: parties with their company number "
            "(CVR), procurement method, milestones and documents.",
        ),
        ("GOVE", "ECON"),
        (_PROCUREMENT, Say("OCDS", "OCDS")),
        ("challenge", "project"),
        standard="https://standard.open-contracting.org/1.1/en/",
    ),
)
