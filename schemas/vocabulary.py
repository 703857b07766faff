"""The published language: every closed list, with its codes on the wire and its words in Danish and English.

A list is said once, here; columns, fields, filters, documentation and the code lists at `/code-lists` derive
from it. A code never changes its meaning and is never taken away within a major version; new ones may come.
"""

import re
from enum import StrEnum
from inspect import getdoc
from typing import ClassVar, Self

DANISH, ENGLISH = 0, 1


class Term(StrEnum):
    """A member of a closed list: its code on the wire, with Danish and English labels.

    A vocabulary says its titles and Danish description in the class line; its docstring is the English one.
    """

    da: str
    en: str

    scheme: ClassVar[str]
    titles: ClassVar[dict[str, str]]
    descriptions: ClassVar[dict[str, str]]

    # A member is made of all three; the defaults let a type checker accept the look-up by code, `Theme("…")`.
    def __new__(cls, code: str, da: str = "", en: str = "") -> Self:
        """Make the string that is the code, and hang the labels on it."""
        term = str.__new__(cls, code)
        term._value_ = code
        term.da, term.en = da, en
        return term

    def __init_subclass__(cls, *, title: tuple[str, str], about: str) -> None:
        """Name the vocabulary after its class: `ChallengeState` is published as `challenge-state`."""
        super().__init_subclass__()
        cls.scheme = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        cls.titles = {"da": title[DANISH], "en": title[ENGLISH]}
        cls.descriptions = {"da": about, "en": " ".join((getdoc(cls) or title[ENGLISH]).split())}

    @property
    def label(self) -> dict[str, str]:
        """The word for people, in both languages."""
        return {"da": self.da, "en": self.en}


# --- On every resource --------------------------------------------------------------------------------------


class Theme(Term, title=("Indsatsområder", "Focus areas"), about="CO-PI's tre indsatsområder."):
    """CO-PI's three focus areas."""

    WELFARE_TECHNOLOGY = "welfare_technology", "Velfærdsteknologi", "Welfare technology"
    GREEN_TRANSITION = "green_transition", "Grøn omstilling", "Green transition"
    SUSTAINABLE_CONSTRUCTION = "sustainable_construction", "Bæredygtigt byggeri", "Sustainable construction"


class Visibility(Term, title=("Synlighed", "Visibility"), about="Hvem der må se en post, når den er offentliggjort."):
    """Who may see a record once it is published."""

    PUBLIC = "public", "Offentlig", "Public"
    NETWORK = "network", "For netværket", "For the network"
    PRIVATE = "private", "Privat", "Private"


# --- Partners and people ------------------------------------------------------------------------------------


class PartnerKind(Term, title=("Partnertyper", "Partner kinds"), about="Hvilken slags organisation en partner er."):
    """What sort of organisation a partner is."""

    MUNICIPALITY = "municipality", "Kommune", "Municipality"
    REGION = "region", "Region eller hospital", "Region or hospital"
    STATE = "state", "Statslig myndighed", "Central government authority"
    COMPANY = "company", "Virksomhed", "Company"
    KNOWLEDGE_INSTITUTION = "knowledge_institution", "Vidensinstitution", "Knowledge institution"
    CLUSTER = "cluster", "Klynge", "Cluster"
    BUSINESS_PROMOTION = "business_promotion", "Erhvervsfremmeaktør", "Business promotion body"
    ASSOCIATION = "association", "Forening eller fællesskab", "Association or joint body"
    UTILITY = "utility", "Forsyningsselskab", "Utility"
    PUBLIC_COMPANY = "public_company", "Offentligt ejet selskab", "Publicly owned company"
    FOUNDATION = "foundation", "Fond", "Foundation"
    INTERNATIONAL = (
        "international",
        "International eller udenlandsk myndighed",
        "International or foreign authority",
    )
    COPI = "copi", "CO-PI", "CO-PI"


class PartnerState(
    Term,
    title=("Partnertilstande", "Partner states"),
    about="Hvor en partner er i sit livsforløb i registret.",
):
    """Where a partner is in its life in the register."""

    DRAFT = "draft", "Kladde", "Draft"
    ACTIVE = "active", "Aktiv", "Active"
    INACTIVE = "inactive", "Inaktiv", "Inactive"
    MERGED = "merged", "Sammenlagt med en anden", "Merged into another"


class PartnerSize(
    Term,
    title=("Virksomhedsstørrelser", "Company sizes"),
    about="En virksomheds størrelse efter EU's SMV-definition, med eForms' koder.",
):
    """The size of a company by the EU definition of SMEs, with the codes of eForms."""

    MICRO = "micro", "Mikrovirksomhed (under 10 ansatte)", "Micro (fewer than 10 employees)"
    SMALL = "small", "Lille virksomhed (10-49 ansatte)", "Small (10 to 49 employees)"
    MEDIUM = "medium", "Mellemstor virksomhed (50-249 ansatte)", "Medium (50 to 249 employees)"
    LARGE = "large", "Stor virksomhed (250 eller flere ansatte)", "Large (250 employees or more)"


class IdentifierScheme(
    Term,
    title=("Identifikatorer", "Identifier schemes"),
    about="Registre, som kan udpege en organisation entydigt.",
):
    """Registers that can point out one organisation."""

    DK_CVR = "DK-CVR", "CVR-nummer", "Danish company number (CVR)"
    DK_P = "DK-P", "P-nummer", "Danish production unit number (P number)"
    LEI = "LEI", "LEI-kode", "Legal Entity Identifier (LEI)"
    EU_VAT = "EU-VAT", "Momsnummer i EU", "EU VAT number"


class Role(Term, title=("Partnerroller", "Partner roles"), about="Hvad en bruger må på vegne af sin organisation."):
    """What a user may do on behalf of their organisation."""

    MEMBER = "member", "Medlem", "Member"
    EDITOR = "editor", "Redaktør", "Editor"
    MANAGER = "manager", "Ansvarlig", "Manager"


class PlatformRole(
    Term,
    title=("Roller på platformen", "Platform roles"),
    about="Hvad en bruger må på tværs af organisationer.",
):
    """What a user may do across organisations."""

    ADVISER = "adviser", "Erhvervsfremmerådgiver", "Business promotion adviser"
    INTEGRATOR = "integrator", "Systemintegration", "System integration"
    COPI_EDITOR = "copi_editor", "CO-PI-redaktør", "CO-PI editor"
    COPI_ADMIN = "copi_admin", "CO-PI-administrator", "CO-PI administrator"


class ClientKind(Term, title=("Klienttyper", "Kinds of client"), about="Hvordan et program bruger API'et."):
    """How a program uses the API."""

    SERVICE = "service", "Fagsystem, der handler på egne vegne", "Service that acts for itself"
    FRONTEND = "frontend", "Brugerflade, som personer handler gennem", "Frontend through which people act"


class SecurityEventKind(
    Term, title=("Sikkerhedshændelser", "Security events"), about="Hvad der kan ske med nogens adgang."
):
    """What can happen to somebody's access."""

    LOGGED_IN = "logged_in", "Loggede ind", "Logged in"
    LOGIN_FAILED = "login_failed", "Log-in mislykkedes", "Log-in failed"
    LOGGED_OUT = "logged_out", "Loggede ud", "Logged out"
    TOKEN_REUSED = "token_reused", "Et brugt refresh-token blev brugt igen", "A used refresh token was used again"
    TOKEN_REVOKED = "token_revoked", "Et token blev tilbagekaldt", "A token was revoked"
    REFUSED = "refused", "Blev afvist", "Was refused"
    INVITED = "invited", "Blev inviteret", "Was invited"
    INVITATION_ACCEPTED = "invitation_accepted", "Tog imod en invitation", "Accepted an invitation"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "Invitation trukket tilbage", "Invitation withdrawn"
    ROLE_CHANGED = "role_changed", "Rolle ændret", "Role changed"
    DUTIES_CHANGED = "duties_changed", "Roller på platformen ændret", "Platform roles changed"
    PASSWORD_CHANGED = "password_changed", "Adgangskode ændret", "Password changed"
    BLOCKED = "blocked", "Adgang spærret", "Access blocked"
    UNBLOCKED = "unblocked", "Spærring ophævet", "Block lifted"
    CLIENT_CREATED = "client_created", "Klient oprettet", "Client created"
    CLIENT_CHANGED = "client_changed", "Klient ændret", "Client changed"
    SECRET_CREATED = "secret_created", "Hemmelighed udstedt", "Secret issued"
    SECRET_REVOKED = "secret_revoked", "Hemmelighed tilbagekaldt", "Secret revoked"
    WEBHOOK_CREATED = "webhook_created", "Webhook oprettet", "Webhook created"
    WEBHOOK_CHANGED = "webhook_changed", "Webhook fik en anden adresse", "Webhook got another address"
    WEBHOOK_SECRET_CREATED = "webhook_secret_created", "Webhook fik en ny hemmelighed", "Webhook got a new secret"
    WEBHOOK_PAUSED = (
        "webhook_paused",
        "Webhook sat på pause, fordi hemmelighed eller adgangskode er skiftet",
        "Webhook paused, because a secret or the password was changed",
    )
    WEBHOOK_DELETED = "webhook_deleted", "Webhook slettet", "Webhook deleted"
    KEY_ROTATED = "key_rotated", "Ny nøgle til at underskrive tokens", "New key to sign tokens with"
    KEY_RETIRED = "key_retired", "Nøgle taget ud af brug", "Key taken out of use"
    RESET_OFFERED = "reset_offered", "Fik et brev til at vælge ny adgangskode", "Got a letter to choose a new password"
    ERASED = "erased", "Konto slettet", "Account erased"


class UserKind(Term, title=("Brugertyper", "Kinds of user"), about="Om en bruger er et menneske eller et fagsystem."):
    """Whether a user is a human being or a program."""

    PERSON = "person", "Person", "Person"
    SERVICE = "service", "Fagsystem", "Service"


# --- Challenges: need, demand and answers -------------------------------------------------------------------


class ChallengeState(
    Term,
    title=("Udfordringers tilstande", "Challenge states"),
    about="Hvor en udfordring er på vejen fra kladde til afklaret.",
):
    """Where a challenge is on its way from draft to resolved."""

    DRAFT = "draft", "Kladde", "Draft"
    IN_REVIEW = "in_review", "Til gennemsyn", "In review"
    OPEN = "open", "Åben", "Open"
    CLOSED = "closed", "Lukket for svar", "Closed for responses"
    RESOLVED = "resolved", "Afklaret", "Resolved"
    WITHDRAWN = "withdrawn", "Trukket tilbage", "Withdrawn"
    ARCHIVED = "archived", "Arkiveret", "Archived"


class ChallengePhase(
    Term,
    title=("Faser i en udfordring", "Challenge phases"),
    about="Hvor langt arbejdet med behovet er, fra afdækning til indkøb.",
):
    """How far the work on the need has come, from exploration to procurement."""

    NEED_EXPLORATION = "need_exploration", "Behovsafdækning", "Need exploration"
    NEED_MAPPING = "need_mapping", "Behovskortlægning", "Need mapping"
    MARKET_DIALOGUE = "market_dialogue", "Markedsdialog", "Market dialogue"
    JOINT_INTENT = "joint_intent", "Fælles hensigtserklæring", "Joint letter of intent"
    PROCUREMENT = "procurement", "Indkøb", "Procurement"


class CloseReason(
    Term,
    title=("Begrundelser for afslutning", "Reasons for resolution"),
    about="Hvorfor en udfordring er afklaret.",
):
    """Why a challenge is resolved."""

    PROJECT_STARTED = "project_started", "Et projekt er sat i gang", "A project has started"
    PROCURED = "procured", "Løsningen er købt ind", "The solution has been procured"
    SOLUTION_FOUND_ELSEWHERE = (
        "solution_found_elsewhere",
        "Løsningen er fundet andetsteds",
        "Solution found elsewhere",
    )
    NO_SUITABLE_SOLUTION = "no_suitable_solution", "Ingen egnet løsning", "No suitable solution"
    NEED_GONE = "need_gone", "Behovet er bortfaldet", "The need is gone"
    NO_RESOURCES = "no_resources", "Manglende ressourcer", "No resources"
    DUPLICATE = "duplicate", "Dublet af en anden udfordring", "Duplicate of another challenge"


class NoveltySought(
    Term,
    title=("Ønsket nyhedsgrad", "Novelty sought"),
    about="Om behovet kræver ny teknologi, eller om kendt teknologi kan bruges på en ny måde.",
):
    """Whether the need calls for new technology, or whether known technology may be put to new use."""

    NEW_TECHNOLOGY = "new_technology", "Ny teknologi", "New technology"
    KNOWN_TECHNOLOGY_NEW_USE = (
        "known_technology_new_use",
        "Kendt teknologi brugt på en ny måde",
        "Known technology put to new use",
    )
    ANY = "any", "Begge dele", "Either"


class SupportLevel(
    Term,
    title=("Grader af tilslutning", "Support levels"),
    about="Hvor forpligtende en offentlig organisation slutter sig til en andens udfordring.",
):
    """How firmly a public body joins the demand behind another's challenge."""

    INTERESTED = "interested", "Interesseret", "Interested"
    JOINS_MARKET_DIALOGUE = "joins_market_dialogue", "Deltager i markedsdialogen", "Joins the market dialogue"
    LETTER_OF_INTENT = (
        "letter_of_intent",
        "Har underskrevet hensigtserklæring",
        "Has signed a letter of intent",
    )
    WILL_PROCURE = "will_procure", "Vil købe ind", "Will procure"


class SupportState(Term, title=("Tilslutningers tilstande", "Support states"), about="Om en tilslutning er bekræftet."):
    """Whether a support is confirmed by the body that gives it."""

    PROPOSED = "proposed", "Foreslået", "Proposed"
    CONFIRMED = "confirmed", "Bekræftet", "Confirmed"
    WITHDRAWN = "withdrawn", "Trukket tilbage", "Withdrawn"


class ResponseState(
    Term,
    title=("Svars tilstande", "Response states"),
    about="Hvor en virksomheds svar på en udfordring er på vej fra kladde til valg.",
):
    """Where a company's answer to a challenge is on its way from draft to selection."""

    DRAFT = "draft", "Kladde", "Draft"
    SUBMITTED = "submitted", "Indsendt", "Submitted"
    SHORTLISTED = "shortlisted", "Udvalgt til nærmere dialog", "Shortlisted"
    SELECTED = "selected", "Valgt", "Selected"
    DECLINED = "declined", "Afslået", "Declined"
    WITHDRAWN = "withdrawn", "Trukket tilbage", "Withdrawn"


class DeclineReason(
    Term,
    title=("Begrundelser for afslag", "Reasons for declining"),
    about="Hvorfor et svar på en udfordring afslås.",
):
    """Why an answer to a challenge is declined."""

    OUTSIDE_THE_NEED = "outside_the_need", "Svarer ikke på behovet", "Does not answer the need"
    NOT_MATURE = "not_mature", "Løsningen er ikke moden nok", "The solution is not mature enough"
    NOT_NOVEL = "not_novel", "Adskiller sig ikke fra kendte løsninger", "Does not differ from known solutions"
    TOO_COSTLY = "too_costly", "For dyr i forhold til effekten", "Too costly for its effect"
    NOT_FEASIBLE = "not_feasible", "Kan ikke gennemføres hos behovsejeren", "Not feasible at the need owner"
    INCOMPLETE = "incomplete", "Svaret er ufuldstændigt", "The answer is incomplete"
    OTHERS_STRONGER = "others_stronger", "Andre svar står stærkere", "Other answers are stronger"
    CHALLENGE_ENDED = (
        "challenge_ended",
        "Udfordringen føres ikke videre",
        "The challenge is not taken further",
    )


class QuestionState(Term, title=("Spørgsmåls tilstande", "Question states"), about="Om et spørgsmål er besvaret."):
    """Whether a question about a challenge is answered."""

    ASKED = "asked", "Stillet", "Asked"
    ANSWERED = "answered", "Besvaret", "Answered"
    DISMISSED = "dismissed", "Afvist", "Dismissed"


# --- Projects -----------------------------------------------------------------------------------------------


class ProjectState(
    Term,
    title=("Projekttilstande", "Project states"),
    about="Hvor et projekt er på vejen fra plan til drift; ukendt er historik, som ingen kilde fortæller om.",
):
    """Where a project is on its way from plan to operation; unknown is history that no source tells."""

    PLANNED = "planned", "Planlagt", "Planned"
    ACTIVE = "active", "I gang", "Active"
    ON_HOLD = "on_hold", "Sat på pause", "On hold"
    COMPLETED = "completed", "Afsluttet", "Completed"
    IN_OPERATION = "in_operation", "I drift", "In operation"
    DISCONTINUED = "discontinued", "Stoppet før tid", "Discontinued"
    UNKNOWN = "unknown", "Ukendt", "Unknown"
    ARCHIVED = "archived", "Arkiveret", "Archived"


class ProjectStage(
    Term, title=("Projektstadier", "Project stages"), about="Hvor moden løsningen er: fra idé til udbredelse."
):
    """How far the solution has come: from concept to scaling."""

    CONCEPT = "concept", "Koncept", "Concept"
    PROTOTYPE = "prototype", "Prototypeudvikling", "Prototype development"
    PILOT = "pilot", "Pilotafprøvning", "Pilot"
    IMPLEMENTATION = "implementation", "Implementering", "Implementation"
    SCALING = "scaling", "Skalering", "Scaling"


class CollaborationForm(
    Term,
    title=("Samarbejdsformer", "Collaboration forms"),
    about="Hvordan de offentlige og private parter arbejder sammen; ikke at forveksle med indkøbsvejen.",
):
    """How the public and private parties work together; not to be confused with the route of procurement."""

    OPI = "opi", "Offentlig-privat innovation (OPI)", "Public-private innovation (PPI)"
    INNOVATION_PARTNERSHIP = "innovation_partnership", "Innovationspartnerskab", "Innovation partnership"
    PCP = "pcp", "Prækommercielt indkøb (PCP)", "Pre-commercial procurement (PCP)"
    SCALED_DEMAND_PROCESS = (
        "scaled_demand_process",
        "Skaleringsproces med samlet efterspørgsel",
        "Scaling process with pooled demand",
    )
    PUBLIC_TENDER = "public_tender", "Udbud", "Public tender"
    STAGED_DIALOGUE_TENDER = (
        "staged_dialogue_tender",
        "Trinvist udbud med dialog",
        "Staged tender with dialogue",
    )
    PROCUREMENT = "procurement", "Indkøb", "Procurement"
    PUBLIC_PRIVATE_PARTNERSHIP = (
        "public_private_partnership",
        "Offentlig-privat partnerskab (OPP)",
        "Public-private partnership (PPP)",
    )
    STRATEGIC_PARTNERSHIP = "strategic_partnership", "Strategisk partnerskab", "Strategic partnership"
    PILOT_TEST = "pilot_test", "Pilotafprøvning", "Pilot test"
    DEMONSTRATION_PROJECT = "demonstration_project", "Demonstrationsprojekt", "Demonstration project"
    LIVING_LAB = (
        "living_lab",
        "Living lab (afprøvning i virkelige omgivelser)",
        "Living lab (trial in a real setting)",
    )
    GRANT_FUNDED_CONSORTIUM = (
        "grant_funded_consortium",
        "Tilskudsfinansieret konsortium",
        "Grant-funded consortium",
    )
    JOINT_VENTURE = "joint_venture", "Fælles selskab (joint venture)", "Joint venture"
    FUNDING_PROGRAMME = "funding_programme", "Støtteprogram eller pulje", "Funding programme"
    IMPLEMENTATION = "implementation", "Implementering af kendt løsning", "Implementation of a known solution"
    CITY_PARTNERSHIP = "city_partnership", "Partnerskab mellem byer", "City partnership"


class ProcurementRoute(
    Term,
    title=("Indkøbsveje", "Procurement routes"),
    about="Den vej gennem udbudsreglerne, som et indkøb følger eller overvejes at følge.",
):
    """The way through the procurement rules that a purchase takes, or is considered to take."""

    OPEN = "open", "Offentligt udbud", "Open procedure"
    RESTRICTED = "restricted", "Begrænset udbud", "Restricted procedure"
    NEGOTIATED = "negotiated", "Udbud med forhandling", "Competitive procedure with negotiation"
    COMPETITIVE_DIALOGUE = "competitive_dialogue", "Konkurrencepræget dialog", "Competitive dialogue"
    INNOVATION_PARTNERSHIP = "innovation_partnership", "Innovationspartnerskab", "Innovation partnership"
    NEGOTIATED_WITHOUT_NOTICE = (
        "negotiated_without_notice",
        "Udbud med forhandling uden forudgående bekendtgørelse",
        "Negotiated procedure without prior publication",
    )
    DESIGN_CONTEST = "design_contest", "Projektkonkurrence", "Design contest"
    LIGHT_REGIME = (
        "light_regime",
        "Light-regimet (sociale og andre specifikke tjenesteydelser)",
        "Light regime",
    )
    PUBLIC_TENDER = "public_tender", "Udbud, proceduren ikke oplyst", "Public tender, procedure not stated"
    OPI_TENDER_FREE = "opi_tender_free", "Udbudsfrit OPI", "Tender-free public-private innovation"
    PCP = "pcp", "Prækommercielt indkøb (PCP)", "Pre-commercial procurement (PCP)"
    BELOW_THRESHOLD = "below_threshold", "Indkøb under tærskelværdien", "Below-threshold purchase"
    MARKET_DIALOGUE = "market_dialogue", "Markedsdialog", "Preliminary market consultation"


class ParticipantRole(
    Term,
    title=("Roller i projekter", "Participant roles"),
    about="Hvad en organisation er i et projekt; den samme organisation kan have flere roller.",
):
    """What an organisation is to a project; one organisation may have several roles."""

    NEED_OWNER = "need_owner", "Behovsejer", "Need owner"
    LEAD = "lead", "Projektleder", "Lead"
    CLIENT = "client", "Bygherre eller ordregiver", "Client"
    SOLUTION_PROVIDER = "solution_provider", "Løsningsudvikler", "Solution provider"
    SUPPLIER = "supplier", "Leverandør", "Supplier"
    CONTRACTOR = "contractor", "Entreprenør", "Contractor"
    ADVISER = "adviser", "Rådgiver", "Adviser"
    KNOWLEDGE_PARTNER = "knowledge_partner", "Videnspartner", "Knowledge partner"
    FACILITATOR = "facilitator", "Facilitator", "Facilitator"
    SCALING_PARTNER = "scaling_partner", "Skaleringspartner", "Scaling partner"
    FUNDER = "funder", "Bevillingsgiver", "Funder"
    TEST_SITE = "test_site", "Afprøvningssted", "Test site"
    EVALUATOR = "evaluator", "Evaluator", "Evaluator"
    OPERATOR = "operator", "Driftsansvarlig", "Operator"
    PARTICIPANT = "participant", "Deltager", "Participant"
    PARTNER = "partner", "Partner", "Partner"
    SIGNATORY = "signatory", "Underskriver", "Signatory"
    OWNER = "owner", "Ejer", "Owner"
    BUYER = "buyer", "Indkøber", "Buyer"
    AUTHORITY = "authority", "Myndighed", "Authority"
    EXPORT_PARTNER = "export_partner", "Eksportpartner", "Export partner"
    INVESTOR = "investor", "Investor", "Investor"


class FundingKind(Term, title=("Finansieringstyper", "Funding kinds"), about="Hvor pengene til et projekt kommer fra."):
    """Where the money for a project comes from."""

    GRANT = "grant", "Tilskud", "Grant"
    OWN_CONTRIBUTION = "own_contribution", "Egenfinansiering", "Own contribution"
    BUDGET_ALLOCATION = "budget_allocation", "Budgetbevilling", "Budget allocation"


class ExportLevel(
    Term,
    title=("Eksportpotentiale", "Export potential"),
    about="Hvor stort en løsnings eksportpotentiale vurderes at være.",
):
    """How great the export potential of a solution is judged to be."""

    NONE = "none", "Intet", "None"
    LOW = "low", "Lavt", "Low"
    MEDIUM = "medium", "Middel", "Medium"
    HIGH = "high", "Højt", "High"


# --- Outcomes: effect, knowledge and reuse ------------------------------------------------------------------


class OutcomeKind(
    Term,
    title=("Resultattyper", "Outcome kinds"),
    about="Hvad der kom ud af et projekt; fiaskoer er også viden.",
):
    """What came of a project; failures are knowledge too."""

    MEASURED_EFFECT = "measured_effect", "Målt effekt", "Measured effect"
    EXPECTED_EFFECT = "expected_effect", "Forventet effekt", "Expected effect"
    EVALUATION = "evaluation", "Evaluering", "Evaluation"
    ADOPTION = "adoption", "Ibrugtagning", "Adoption"
    REUSE = "reuse", "Genbrug hos andre", "Reuse by others"
    EXPORT = "export", "Eksport", "Export"
    COMMERCIALISATION = "commercialisation", "Kommercialisering", "Commercialisation"
    PROCUREMENT_RESULT = "procurement_result", "Indkøbsresultat", "Procurement result"
    POLICY_COMMITMENT = "policy_commitment", "Politisk eller strategisk forpligtelse", "Policy commitment"
    PRODUCT = "product", "Produkt eller ydelse", "Product or service"
    PUBLICATION = "publication", "Udgivelse", "Publication"
    AWARD = "award", "Pris eller udmærkelse", "Award"
    LESSON = "lesson", "Læring", "Lesson"
    DISCONTINUATION = "discontinuation", "Stop før tid", "Discontinuation"
    KNOWLEDGE_SHARING = "knowledge_sharing", "Vidensdeling", "Knowledge sharing"
    FURTHER_FUNDING = "further_funding", "Videre finansiering", "Further funding"
    IP_RIGHT = "ip_right", "Immaterialret (patent, design, varemærke)", "Intellectual property right"
    SPIN_OUT = "spin_out", "Ny virksomhed (spin-out)", "Spin-out company"


class OutcomeState(
    Term,
    title=("Resultaters tilstande", "Outcome states"),
    about="Hvor et resultat er på vejen fra kladde til bekræftet viden.",
):
    """Where an outcome is on its way from draft to verified knowledge."""

    DRAFT = "draft", "Kladde", "Draft"
    SUBMITTED = "submitted", "Indsendt", "Submitted"
    RETURNED = "returned", "Sendt retur", "Returned"
    VERIFIED = "verified", "Bekræftet", "Verified"
    CORRECTED = "corrected", "Rettet", "Corrected"
    RETRACTED = "retracted", "Trukket tilbage", "Retracted"


class ReportingPoint(
    Term,
    title=("Opfølgningstidspunkter", "Reporting points"),
    about="Hvornår i forhold til projektet resultatet er gjort op.",
):
    """When, seen from the project, the outcome was taken stock of."""

    INTERIM = "interim", "Undervejs", "Interim"
    CLOSE = "close", "Ved afslutning", "At the close"
    M12 = "m12", "12 måneder efter", "12 months after"
    M48 = "m48", "48 måneder efter", "48 months after"


class ValueKind(
    Term,
    title=("Værdiers oprindelse", "Value kinds"),
    about="Hvordan man kender et tal; det forventede og målet holdes adskilt fra det realiserede.",
):
    """How a figure is known; what is expected or a target is kept apart from what is realised."""

    MEASURED = "measured", "Målt i en undersøgelse eller log", "Measured by a study or log"
    REPORTED = "reported", "Oplyst af en part", "Reported by a party"
    ESTIMATED = "estimated", "Anslået eller beregnet", "Estimated or calculated"
    EXPECTED = "expected", "Forventet", "Expected"
    TARGET = "target", "Mål", "Target"


class ValueDimension(
    Term,
    title=("Værdidimensioner", "Value dimensions"),
    about="Hvilken slags værdi resultatet skaber: Innovationsbarometerets fem samt erhverv og klima.",
):
    """What sort of value the outcome creates: the Innovation Barometer's five, plus business and climate."""

    QUALITY = "quality", "Kvalitet", "Quality"
    EFFICIENCY = "efficiency", "Effektivitet", "Efficiency"
    EMPLOYEE_SATISFACTION = "employee_satisfaction", "Medarbejdertilfredshed", "Employee satisfaction"
    CITIZEN_INVOLVEMENT = (
        "citizen_involvement",
        "Borgerinddragelse og styrket demokrati",
        "Citizen involvement and strengthened democracy",
    )
    POLITICAL_GOALS = "political_goals", "Indfrielse af politiske mål", "Fulfilled political goals"
    BUSINESS = "business", "Erhverv og vækst", "Business and growth"
    CLIMATE = "climate", "Klima og miljø", "Climate and environment"


class Novelty(
    Term,
    title=("Nyhedsgrad", "Novelty"),
    about="Hvor ny løsningen er for arbejdspladsen, som i Innovationsbarometeret.",
):
    """How new the solution is to the workplace, as in the Innovation Barometer."""

    FIRST = "first", "Den første af sin slags", "First of its kind"
    ADAPTED = (
        "adapted",
        "Inspireret af andres, men tilpasset væsentligt",
        "Inspired by others, substantially adapted",
    )
    COPIED = "copied", "I vidt omfang en kopi", "Largely a copy"


class AdoptionKind(
    Term,
    title=("Genbrugsformer", "Adoption kinds"),
    about="Om en løsning er taget i brug tilpasset eller som kopi.",
):
    """Whether a solution was taken into use adapted or as a copy."""

    ADAPTED = "adapted", "Tilpasset egne forhold", "Adapted to own conditions"
    COPIED = "copied", "Overtaget i det væsentlige uændret", "Copied largely unchanged"


class AdoptionState(
    Term, title=("Genbrugs tilstande", "Adoption states"), about="Om et genbrug er bekræftet af den, der genbruger."
):
    """Whether a reuse is confirmed by the one that reuses."""

    REPORTED = "reported", "Indberettet", "Reported"
    CONFIRMED = "confirmed", "Bekræftet", "Confirmed"
    WITHDRAWN = "withdrawn", "Trukket tilbage", "Withdrawn"


class Qualifier(
    Term,
    title=("Forbehold ved tal", "Qualifiers of figures"),
    about="Kildens forbehold ved et tal eller et beløb; intet forbehold betyder præcis som skrevet.",
):
    """The reservation that the source makes about a figure or an amount; none means exactly as written."""

    ABOUT = "about", "Cirka", "About"
    ALMOST = "almost", "Næsten", "Almost"
    NEARLY = "nearly", "Knap", "Nearly"
    UNDER = "under", "Under (tallet)", "Under"
    LESS_THAN = "less_than", "Mindre end", "Less than"
    AT_MOST = "at_most", "Højst", "At most"
    UP_TO = "up_to", "Op til", "Up to"
    WITHIN = "within", "Inden for", "Within"
    OVER = "over", "Over (tallet)", "Over"
    MORE_THAN = "more_than", "Mere end", "More than"
    AT_LEAST = "at_least", "Mindst", "At least"
    AVERAGE = "average", "Gennemsnit", "Average"
    RISE_OF = "rise_of", "Stigning på", "Rise of"
    FALL_OF = "fall_of", "Fald på", "Fall of"


# --- Procurement sparring -----------------------------------------------------------------------------------


class EnquiryState(
    Term,
    title=("Henvendelsers tilstande", "Enquiry states"),
    about="Hvor en henvendelse om udbudsfaglig sparring er på vejen mod et svar.",
):
    """Where a request for procurement sparring is on its way to an answer."""

    NEW = "new", "Ny", "New"
    ASSIGNED = "assigned", "Tildelt en rådgiver", "Assigned to an adviser"
    ANSWERED = "answered", "Besvaret", "Answered"
    CLOSED = "closed", "Lukket", "Closed"


class GuidanceState(Term, title=("Vejledningers tilstande", "Guidance states"), about="Om en vejledning er udgivet."):
    """Whether a guidance note is published."""

    DRAFT = "draft", "Kladde", "Draft"
    PUBLISHED = "published", "Udgivet", "Published"
    WITHDRAWN = "withdrawn", "Trukket tilbage", "Withdrawn"


# --- Documents ----------------------------------------------------------------------------------------------


class DocumentState(
    Term, title=("Dokumenters tilstande", "Document states"), about="Om et dokument stadig kan hentes."
):
    """Whether a document can still be downloaded."""

    CURRENT = "current", "Gældende", "Current"
    REMOVED = "removed", "Fjernet", "Removed"


class DocumentFormat(Term, title=("Dokumentformater", "Document formats"), about="Hvad et dokument er for en fil."):
    """What kind of file a document is."""

    PDF = "pdf", "PDF-dokument", "PDF document"
    PNG = "png", "PNG-billede", "PNG image"
    JPEG = "jpeg", "JPEG-billede", "JPEG image"
    DOCX = "docx", "Word-dokument", "Word document"
    XLSX = "xlsx", "Excel-regneark", "Excel workbook"
    PPTX = "pptx", "PowerPoint-præsentation", "PowerPoint presentation"
    ODT = "odt", "OpenDocument-tekst", "OpenDocument text"
    ODS = "ods", "OpenDocument-regneark", "OpenDocument spreadsheet"
    CSV = "csv", "CSV-tabel", "CSV table"
    TXT = "txt", "Ren tekst", "Plain text"


# --- Tables -------------------------------------------------------------------------------------------------


class CellKind(Term, title=("Kolonnetyper", "Kinds of column"), about="Hvad der står i en kolonne i en tabel."):
    """What the cells of a column of a table hold."""

    TEXT = "text", "Tekst, en kode eller en dato", "Text, a code or a date"
    INTEGER = "integer", "Helt tal", "Whole number"
    NUMBER = "number", "Tal", "Number"
    DECIMAL = "decimal", "Decimaltal, der er nøjagtigt", "Exact decimal number"
    BOOLEAN = "boolean", "Sandt eller falsk", "True or false"
    LIST = "list", "Flere værdier med | imellem", "Several values with | between them"
    JSON = "json", "Flere objekter som JSON", "Several objects, as JSON"


# --- Webhooks -----------------------------------------------------------------------------------------------


class WebhookState(Term, title=("Webhooks tilstande", "Webhook states"), about="Om hændelser sendes til en webhook."):
    """Whether events are sent to a webhook."""

    ACTIVE = "active", "Aktiv", "Active"
    PAUSED = "paused", "Sat på pause", "Paused"
    DISABLED = "disabled", "Slået fra", "Disabled"


class WebhookStop(
    Term,
    title=("Grunde til at stoppe en webhook", "Reasons to stop a webhook"),
    about="Hvorfor vi har stoppet en webhook.",
):
    """Why the service has stopped sending to a webhook."""

    FAILING = "failing", "Modtageren har ikke svaret rigtigt i fem dage", "The receiver has failed for five days"
    GONE = "gone", "Modtageren svarede, at den er nedlagt (410)", "The receiver said that it is gone (410)"
    SECRET_LOST = (
        "secret_lost",
        "Hemmelighederne kan ikke længere læses her: tilføj en ny",
        "Its secrets can no longer be read here: add a new one",
    )
    ACCOUNT_BLOCKED = (
        "account_blocked",
        "Kontoen, der har oprettet den, er spærret",
        "The account that created it is blocked",
    )
    CREDENTIALS_CHANGED = (
        "credentials_changed",
        "En hemmelighed eller adgangskoden til kontoen er skiftet: se dens adresse efter, og lad den gå videre",
        "A secret or the password of its account was changed: check its address, and let it go on",
    )


class DeliveryKind(Term, title=("Leverancers art", "Delivery kinds"), about="Hvorfor noget blev sendt til en webhook."):
    """Why something was sent to a webhook."""

    EVENT = "event", "En hændelse, da det blev dens tur", "An event, when it was its turn"
    REDELIVERY = "redelivery", "En hændelse igen, efter ønske", "An event again, as asked"
    PING = "ping", "En prøve", "A test"


class DeliveryState(Term, title=("Leverancers tilstande", "Delivery states"), about="Hvordan det gik en leverance."):
    """How a delivery went."""

    QUEUED = "queued", "Venter på at blive sendt", "Waiting to be sent"
    DELIVERED = "delivered", "Modtaget (svar 2xx)", "Received (answer 2xx)"
    FAILED = "failed", "Ikke modtaget", "Not received"


class DeliveryError(Term, title=("Fejl ved levering", "Delivery errors"), about="Hvorfor en leverance ikke lykkedes."):
    """Why a delivery failed."""

    STATUS = "status", "Svaret var ikke 2xx", "The answer was not 2xx"
    REDIRECTED = (
        "redirected",
        "Svaret viste et andet sted hen; det følges ikke",
        "The answer was a redirect, never followed",
    )
    GONE = "gone", "Modtageren er nedlagt (410)", "The receiver is gone (410)"
    TIMED_OUT = "timed_out", "Intet svar inden ti sekunder", "No answer within ten seconds"
    NO_CONNECTION = "no_connection", "Ingen forbindelse, eller den blev afbrudt", "No connection, or it broke off"
    NO_TLS = "no_tls", "Certifikatet eller krypteringen er ikke i orden", "Certificate or encryption is not in order"
    NO_ADDRESS = "no_address", "Værten findes ikke i DNS", "The host is not in the DNS"
    REFUSED_ADDRESS = "refused_address", "Der sendes ikke til den adresse", "Nothing is sent to that address"
    UNSIGNED = "unsigned", "Der er ingen hemmelighed at skrive under med", "There is no secret to sign with"
    NOT_SEEN = "not_seen", "Kontoen kan ikke se hændelsen i dag", "The account cannot see the event today"
    ACCOUNT_BLOCKED = "account_blocked", "Kontoen er spærret", "The account is blocked"


# --- Saved searches -----------------------------------------------------------------------------------------


class Searchable(
    Term, title=("Det, der kan søges i", "What can be searched"), about="De lister, en søgning kan gemmes i."
):
    """The kinds of record a search can be saved for."""

    CHALLENGE = "challenge", "Udfordringer", "Challenges"
    PARTNER = "partner", "Partnere", "Partners"
    PROJECT = "project", "Projekter", "Projects"
    OUTCOME = "outcome", "Resultater", "Outcomes"
    ADOPTION = "adoption", "Genbrug", "Adoptions"
    SUPPORT = "support", "Tilslutninger", "Supports"
    RESPONSE = "response", "Svar", "Responses"
    QUESTION = "question", "Spørgsmål", "Questions"
    ENQUIRY = "enquiry", "Henvendelser", "Enquiries"
    GUIDANCE = "guidance", "Vejledninger", "Guidance"
    DOCUMENT = "document", "Dokumenter", "Documents"


class Digest(Term, title=("Nyhedsmails", "Digests"), about="Hvor ofte en gemt søgning fortæller nyt på mail."):
    """How often a saved search tells by mail what is new."""

    DAILY = "daily", "Hver dag", "Every day"
    WEEKLY = "weekly", "Hver uge", "Every week"


class Language(Term, title=("Sprog", "Languages"), about="De sprog, tjenesten skriver til mennesker på."):
    """The languages the service writes to people in."""

    DA = "da", "Dansk", "Danish"
    EN = "en", "Engelsk", "English"


# --- Bulk data in -------------------------------------------------------------------------------------------


class ImportResource(
    Term, title=("Hvad der kan indlæses", "What can be imported"), about="De poster, der kan indlæses fra en fil."
):
    """The records that can be taken in from a file."""

    CHALLENGES = "challenges", "Udfordringer", "Challenges"
    PARTNERS = "partners", "Partnere", "Partners"
    PROJECTS = "projects", "Projekter", "Projects"
    OUTCOMES = "outcomes", "Resultater", "Outcomes"


class ImportMode(
    Term,
    title=("Måder at indlæse på", "Ways to import"),
    about="Hvad der sker med resten af en fil, når nogle af dens linjer bliver afvist.",
):
    """What becomes of the rest of a file when some of its lines are refused."""

    LINE_BY_LINE = "line_by_line", "Linje for linje: resten indlæses", "Line by line: the rest is taken in"
    ALL_OR_NOTHING = "all_or_nothing", "Alt eller intet", "All or nothing"


class ImportState(
    Term, title=("Indlæsningers tilstande", "Import states"), about="Hvor langt indlæsningen af en fil er kommet."
):
    """How far the import of a file has come."""

    QUEUED = "queued", "I kø", "Queued"
    CHECKING = "checking", "Kontrolleres", "Being checked"
    CHECKED = "checked", "Kontrolleret; intet er indlæst", "Checked; nothing has been taken in"
    RUNNING = "running", "Indlæses", "Being taken in"
    DONE = "done", "Færdig", "Done"
    FAILED = "failed", "Mislykket", "Failed"
    CANCELLED = "cancelled", "Afbrudt", "Cancelled"


VOCABULARIES: dict[str, type[Term]] = {vocabulary.scheme: vocabulary for vocabulary in Term.__subclasses__()}
