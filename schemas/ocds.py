"""Open Contracting Data Standard 1.1: the parts of a release package that the service fills.

Names, and what they mean, are the standard's: https://standard.open-contracting.org/1.1/en/schema/reference/. A part
about which nothing is known is left out, which is why hardly any is promised.
"""

from __future__ import annotations

from schemas.base import Shape
from schemas.fields import Many, Number, Object, StoredMoment, Text, Url
from schemas.query import Query, Since, WalkQuery


def _text(description: str, example: str, *, max: int = 10_000, required: bool = False) -> Text:
    return Text(description, max=max, lines=True, example=example, required=required, allow_none=False)


def _id(description: str, example: str, *, max: int = 200) -> Text:
    return _text(description, example, max=max, required=True)


def _moment(description: str, example: str = "2026-11-23T09:00:00.000000Z") -> StoredMoment:
    return StoredMoment(description, example=example, allow_none=False)


def _url(description: str, example: str) -> Url:
    return Url(description, example=example, allow_none=False)


def _part(schema: type[Shape], description: str) -> Object:
    return Object(schema, description, allow_none=False)


class _Part(Shape):
    """Base of the parts: none of their properties is always there."""

    always = frozenset({"id"})


class OcdsValueSchema(_Part):
    """An amount in one currency."""

    always = frozenset({"amount", "currency"})

    amount = Number("The amount.", example=6900000, required=True)
    currency = Text("ISO 4217.", max=3, pattern=r"^[A-Z]{3}$", example="DKK", required=True)


class OcdsPeriodSchema(_Part):
    """From when to when, where the days are known."""

    always = frozenset()

    startDate = _moment("The first day.", "2018-09-01T00:00:00Z")
    endDate = _moment("The last day.", "2024-06-30T23:59:59Z")


class OcdsClassificationSchema(_Part):
    """A code of a classification."""

    always = frozenset({"id", "scheme"})

    scheme = _text("The classification.", "CPV", max=50, required=True)
    id = _id("The code.", "43300000", max=50)
    description = _text("What it means.", "Bygge- og anlægsmaskiner", max=500)


class OcdsItemSchema(_Part):
    """Something that is, or may be, bought."""

    id = _id("The code it is known by.", "43300000", max=50)
    classification = _part(OcdsClassificationSchema, "What it is.")


class OcdsIdentifierSchema(_Part):
    """An organisation's number in a register."""

    always = frozenset({"id", "scheme"})

    scheme = _text("The register, by its code at org-id.guide.", "DK-CVR", max=50, required=True)
    id = _id("The number.", "64942212", max=50)
    legalName = _text("The name.", "Københavns Kommune", max=200)


class OcdsContactPointSchema(_Part):
    """Where an organisation is found."""

    always = frozenset()

    url = _url("Its site.", "https://www.kk.dk")


class OcdsReferenceSchema(_Part):
    """A reference to one of the parties."""

    id = _id("The party's id.", "019b76da-a800-7810-bd1d-42cc620c6682", max=36)
    name = _text("Its name.", "Københavns Kommune", max=200)


class OcdsOrganizationSchema(OcdsReferenceSchema):
    """A party to the process."""

    identifier = _part(OcdsIdentifierSchema, "Its number in the register to prefer.")
    additionalIdentifiers = Many(Object(OcdsIdentifierSchema, "A number."), "Its numbers in other registers.", max=10)
    contactPoint = _part(OcdsContactPointSchema, "Where it is found.")
    roles = Many(_text("A role.", "buyer", max=50), "Its roles: buyer, supplier or funder.", max=10, required=True)


class OcdsDocumentSchema(_Part):
    """Something to read about the process."""

    id = _id("Its id within the release.", "record", max=200)
    documentType = _text("What it is, by the standard's code list.", "tenderNotice", max=50)
    title = _text("What it is called.", "Dieselmaskiner på offentlige byggepladser", max=500)
    title_en = _text("The same in English.", "Diesel machinery on public building sites", max=500)
    url = _url("Where it is.", "https://www.co-pi.dk/skaleringsproces/")
    datePublished = _moment("When it was added.")
    dateModified = _moment("When it was last changed.")
    format = _text("Its media type.", "application/pdf", max=200)


class OcdsMilestoneSchema(_Part):
    """A point in the process."""

    id = _id("Its id within the release.", "response_deadline", max=50)
    title = _text("What is reached.", "Frist for svar", max=200)
    title_en = _text("The same in English.", "Deadline for responses", max=200)
    description = _text("What there is to say about it.", "Svar modtages elektronisk.")
    description_en = _text("The same in English.", "Responses are received electronically.")
    type = _text("What sort of milestone, by the standard's code list.", "engagement", max=50)
    dueDate = _moment("When it is to be reached, where the day is known.", "2027-03-01T11:00:00.000000Z")
    dateMet = _moment("When it was reached, where the day is known.", "2027-03-01T00:00:00Z")
    status = _text("`scheduled` or `met`.", "scheduled", max=50)


class OcdsBudgetSchema(_Part):
    """What it may cost, or costs altogether."""

    always = frozenset()

    amount = _part(OcdsValueSchema, "The amount.")


class OcdsPlanningSchema(_Part):
    """The need, and what is known before anything is bought."""

    always = frozenset()

    rationale = _text("The need, or the project, in a few sentences.", "Maskinerne kører næsten alle på diesel.")
    rationale_en = _text("The same in English.", "Nearly all the machines run on diesel.")
    budget = _part(OcdsBudgetSchema, "What it may cost.")
    documents = Many(Object(OcdsDocumentSchema, "A document."), "What there is to read.", max=200)
    milestones = Many(Object(OcdsMilestoneSchema, "A milestone."), "The dates to plan after.", max=10)


class OcdsTenderSchema(_Part):
    """What is, was or may be put out to tender."""

    id = _id("Its id.", "019b76da-a800-7a05-8ba6-5cee1951ad03", max=36)
    title = _text("What it is called.", "Dieselmaskiner på offentlige byggepladser", max=200)
    title_en = _text("The same in English.", "Diesel machinery on public building sites", max=200)
    description = _text("What is asked for.", "Maskinerne skal kunne arbejde en dag uden at lade.")
    description_en = _text("The same in English.", "The machines must work for a day without charging.")
    status = _text("How far it is: planning, planned, complete or withdrawn.", "planning", max=50)
    procuringEntity = _part(OcdsReferenceSchema, "Who buys.")
    items = Many(Object(OcdsItemSchema, "An item."), "What is bought.", max=50)
    procurementMethod = _text("open, selective, limited or direct.", "selective", max=50)
    procurementMethodDetails = _text(
        "The route through the procurement rules, in Danish and English, with its code in eForms where it has one.",
        "Innovationspartnerskab / Innovation partnership (eForms procurement-procedure-type: innovation)",
        max=500,
    )
    procurementMethodRationale = _text("Lots, bids, staged payment ...", "To delaftaler.")
    procurementMethodRationale_en = _text("The same in English.", "Two lots.")
    documents = Many(Object(OcdsDocumentSchema, "A notice."), "Where it is published.", max=50)


class OcdsAwardSchema(_Part):
    """Who supplies."""

    id = _id("Its id.", "019b76da-a800-7135-9e8a-52e41ac35c1e", max=36)
    title = _text("What it is called.", "Sammen om emissionsfrie arbejdsmaskiner", max=200)
    title_en = _text("The same in English.", "Together on emission-free machinery", max=200)
    status = _text("`active`.", "active", max=50)
    suppliers = Many(Object(OcdsReferenceSchema, "A supplier."), "The suppliers.", max=200, required=True)


class OcdsImplementationSchema(_Part):
    """How far the work has come."""

    always = frozenset()

    milestones = Many(Object(OcdsMilestoneSchema, "A milestone."), "What it is to reach, in order.", max=50)


class OcdsContractSchema(_Part):
    """The agreement the project rests on."""

    always = frozenset({"id", "awardID"})

    id = _id("Its id.", "019b76da-a800-7135-9e8a-52e41ac35c1e", max=36)
    awardID = _id("The award it follows.", "019b76da-a800-7135-9e8a-52e41ac35c1e", max=36)
    title = _text("What it is called.", "Sammen om emissionsfrie arbejdsmaskiner", max=200)
    title_en = _text("The same in English.", "Together on emission-free machinery", max=200)
    status = _text("active or terminated.", "active", max=50)
    period = _part(OcdsPeriodSchema, "From when to when it runs.")
    implementation = _part(OcdsImplementationSchema, "How far the work has come.")


class OcdsRelatedProcessSchema(_Part):
    """Another process, and what it is to this one."""

    id = _id("Its id within the release.", "019b76da-a800-7135-9e8a-52e41ac35c1e", max=50)
    relationship = Many(
        _text("A relationship.", "planning", max=50),
        "planning: the challenge it answers; subsequentProcess: a project that answers it; parent: the programme.",
        max=5,
        required=True,
    )
    title = _text("What it is called.", "Sammen om emissionsfrie arbejdsmaskiner", max=200)
    title_en = _text("The same in English.", "Together on emission-free machinery", max=200)
    scheme = _text("`ocid`.", "ocid", max=10)
    identifier = _text("Its open contracting id.", "ocds-copi01-019b76da-a800-7135-9e8a-52e41ac35c1e", max=200)
    uri = _url("The record.", "https://api.example.org/v1/projects/019b76da-a800-7135-9e8a-52e41ac35c1e")


class OcdsReleaseSchema(_Part):
    """A challenge or a project as it now stands. Another version of the record is another release."""

    always = frozenset({"ocid", "id", "date", "tag", "initiationType"})

    ocid = _id("The open contracting id of the process.", "ocds-copi01-019b76da-a800-7a05-8ba6-5cee1951ad03")
    id = _id("The release's id.", "challenge-019b76da-a800-7a05-8ba6-5cee1951ad03-1")
    date = _moment("When the record was last changed.")
    tag = Many(_text("A tag.", "planning", max=50), "The stages it tells of.", max=10, required=True)
    initiationType = _text("Always `tender`.", "tender", max=10)
    language = _text("The language of texts without a suffix: `da`.", "da", max=10)
    parties = Many(Object(OcdsOrganizationSchema, "A party."), "Who takes part.", max=500)
    buyer = _part(OcdsReferenceSchema, "Who buys; the first of several.")
    planning = _part(OcdsPlanningSchema, "The need, and what is known beforehand.")
    tender = _part(OcdsTenderSchema, "What is, was or may be put out to tender.")
    awards = Many(Object(OcdsAwardSchema, "An award."), "Who supplies.", max=1)
    contracts = Many(Object(OcdsContractSchema, "A contract."), "The agreement.", max=1)
    relatedProcesses = Many(
        Object(OcdsRelatedProcessSchema, "A process."), "The challenges and projects it belongs with.", max=200
    )


class OcdsPublisherSchema(_Part):
    """Who publishes."""

    always = frozenset({"name", "uri"})

    name = _text("The name.", "Center for Offentlig-Privat Innovation (CO-PI)", max=200, required=True)
    uri = _url("The site.", "https://www.co-pi.dk")


class OcdsLinksSchema(_Part):
    """Other packages."""

    always = frozenset()

    next = _url("The next one; none on the last.", "https://api.example.org/v1/ocds/releases?limit=50&cursor=WyJ1cGRh")


class OcdsReleasePackageSchema(_Part):
    """A release package of the Open Contracting Data Standard 1.1."""

    always = frozenset({"uri", "version", "publishedDate", "publisher", "releases"})

    uri = _url("The package's own address.", "https://api.example.org/v1/ocds/releases")
    version = _text("Version of the standard.", "1.1", max=10)
    extensions = Many(
        _url("An extension.", "https://example.org/extension.json"), "Extensions of the standard it uses.", max=10
    )
    publishedDate = _moment("When the newest of its releases was changed.")
    publisher = _part(OcdsPublisherSchema, "Who publishes.")
    license = _url("What it may be used for.", "https://creativecommons.org/licenses/by/4.0/")
    publicationPolicy = _url("How the standard is filled.", "https://api.example.org/docs/open-data")
    releases = Many(Object(OcdsReleaseSchema, "A release."), "The releases, the longest unchanged first.", max=250)
    links = _part(OcdsLinksSchema, "Other packages.")


class OcdsQuery(Query):
    """Which releases to answer with."""

    limit = WalkQuery._declared_fields["limit"]
    cursor = WalkQuery._declared_fields["cursor"]
    since = Since("Releases of records changed at or after this time.", example="2026-01-01T00:00:00Z")
