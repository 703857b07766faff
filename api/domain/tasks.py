"""What waits for whom: one row a task. Who may act on it is the policy's affair; here stands whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass

from schemas import vocabulary as v
from schemas.vocabulary import Term
from schemas.wording import Say


@dataclass(frozen=True, slots=True)
class Awaited:
    """A step that somebody is waited for to take: a party to the record, or CO-PI where `party` is None."""

    resource: str
    state: Term
    step: str
    party: str | None
    words: Say


AWAITED = (
    Awaited("challenge", v.ChallengeState.DRAFT, "submit", "owner",
            Say("Gør udfordringen færdig og indsend den.", "Finish the challenge and submit it.")),
    Awaited("challenge", v.ChallengeState.IN_REVIEW, "publish", None,
            Say("Gennemgå udfordringen: offentliggør den, eller bed om ændringer.",
                "Review the challenge: publish it, or request changes.")),
    Awaited("challenge", v.ChallengeState.CLOSED, "resolve", "owner",
            Say("Fortæl, hvad der blev af behovet, eller dan et projekt.",
                "Tell what became of the need, or form a project.")),
    Awaited("support", v.SupportState.PROPOSED, "confirm", "owner",
            Say("Bekræft jeres tilslutning, eller træk den tilbage.", "Confirm your support, or withdraw it.")),
    Awaited("question", v.QuestionState.ASKED, "answer", "challenge",
            Say("Besvar spørgsmålet.", "Answer the question.")),
    Awaited("response", v.ResponseState.SUBMITTED, "select", "challenge",
            Say("Tag stilling til svaret.", "Decide on the response.")),
    Awaited("response", v.ResponseState.SHORTLISTED, "select", "challenge",
            Say("Tag endelig stilling til svaret.", "Decide on the response for good.")),
    Awaited("outcome", v.OutcomeState.SUBMITTED, "verify", None,
            Say("Efterprøv resultatet: bekræft det, eller send det retur.",
                "Check the outcome: verify it, or return it.")),
    Awaited("outcome", v.OutcomeState.RETURNED, "submit", "owner",
            Say("Ret resultatet og indsend det igen.", "Put the outcome right and submit it again.")),
    Awaited("adoption", v.AdoptionState.REPORTED, "confirm", "owner",
            Say("Bekræft, at I har taget løsningen i brug.", "Confirm that you have taken the solution into use.")),
    Awaited("enquiry", v.EnquiryState.NEW, "assign", None,
            Say("Giv henvendelsen til en rådgiver.", "Give the enquiry to an adviser.")),
    Awaited("enquiry", v.EnquiryState.ASSIGNED, "answer", None,
            Say("Besvar henvendelsen.", "Answer the enquiry.")),
)  # fmt: skip

MILESTONE = Say(
    "Fortæl i milestones, hvornår »{title}« blev nået, eller giv milepælen en ny dato.",
    'Say in milestones when "{title}" was reached, or give the milestone a new date.',
)
FOLLOW_UP = Say(
    "Mål effekten, og registrér den som et resultat af projektet.",
    "Measure the effect, and register it as an outcome of the project.",
)
