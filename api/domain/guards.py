"""What must hold before a step is taken or a record made: one row a rule, with the words for whoever does not meet it.

A record answers the questions (`api.models`); what counts as good enough is said here alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.domain import clock
from api.domain.circles import is_wider
from api.domain.steps import Guard
from schemas import vocabulary as v
from schemas.values import in_time
from schemas.wording import Say

C = v.ChallengeState

PUBLIC_KINDS = frozenset({
    v.PartnerKind.MUNICIPALITY, v.PartnerKind.REGION, v.PartnerKind.STATE, v.PartnerKind.ASSOCIATION,
    v.PartnerKind.UTILITY, v.PartnerKind.PUBLIC_COMPANY, v.PartnerKind.INTERNATIONAL, v.PartnerKind.COPI,
})  # fmt: skip
"""Who may own a need or join one. Social-housing associations and joint bodies are associations; foreign authorities
count as international."""

MARKET_KINDS = frozenset({v.PartnerKind.COMPANY, v.PartnerKind.CLUSTER, v.PartnerKind.KNOWLEDGE_INSTITUTION})

SUPPLYING = frozenset({v.ParticipantRole.SOLUTION_PROVIDER, v.ParticipantRole.SUPPLIER})
"""Roles in which a solution is made for others."""

REPORTABLE_YEARS = 10
"""So long after a project's end its effects are still taken in: they come late."""

need_told = Guard(
    lambda challenge, _: bool(challenge.problem),
    Say("Beskriv først problemet i problem.", "First describe the problem in problem."),
)
deadline_ahead = Guard(
    lambda challenge, _: not challenge.deadline_passed,
    Say(
        "Svarfristen i timeline.response_deadline er overskredet; sæt først en senere frist.",
        "The deadline in timeline.response_deadline has passed; first set a later one.",
    ),
)
reason_once_published = Guard(
    lambda record, sent: record.state not in record.lifecycle.published or bool(sent.get("reason")),
    Say("Skal udfyldes, når posten har været offentliggjort.", "This is required once the record has been published."),
    about="reason",
)
project_linked = Guard(
    lambda challenge, sent: sent["close_reason"] != v.CloseReason.PROJECT_STARTED or challenge.has_project,
    Say(
        "Intet projekt henviser til udfordringen endnu; opret projektet med challenge_ids først.",
        "No project points to the challenge yet; first register the project with challenge_ids.",
    ),
    about="close_reason",
)
public_owners = Guard(
    lambda challenge, _: challenge.owner_kinds <= PUBLIC_KINDS,
    Say(
        "Kun offentlige organisationer, forsyninger og boligorganisationer kan eje et behov.",
        "Only public bodies, utilities and housing associations can own a need.",
    ),
    about="owners",
)
deadline_only_later = Guard(
    lambda challenge, before: challenge.state != C.OPEN or not _sooner(challenge.timeline, before.get("timeline")),
    Say(
        "Mens udfordringen er åben, kan svarfristen kun udskydes: behold den, eller angiv en senere.",
        "While the challenge is open, the deadline can only be put off: keep it, or give a later one.",
    ),
    about="timeline",
)


def _sooner(now: Mapping[str, Any] | None, before: Mapping[str, Any] | None) -> bool:
    """Whether a deadline that was set is brought forward, or taken away: an earlier one could be set next."""
    old, new = (before or {}).get("response_deadline"), (now or {}).get("response_deadline")
    return old is not None and (new is None or new < old)


only_wider = Guard(
    lambda record, before: (
        record.state not in record.lifecycle.published
        or "visibility" not in before
        or is_wider(record.visibility, before["visibility"])
    ),
    Say(
        "Det, der er offentliggjort, kan kun vises for flere, ikke for færre; træk det tilbage i stedet.",
        "What is published can be shown to more, never to fewer; withdraw it instead.",
    ),
    about="visibility",
)
answers_decided = Guard(
    lambda challenge, _: not challenge.has_open_responses,
    Say(
        "Nogle svar er hverken valgt eller afslået; tag stilling til dem først.",
        "Some answers are neither selected nor declined; decide on them first.",
    ),
)
challenge_joinable = Guard(
    lambda support, _: support.challenge.state in {C.DRAFT, C.IN_REVIEW, C.OPEN, C.CLOSED},
    Say("Udfordringen er afsluttet.", "The challenge has ended."),
)
public_supporter = Guard(
    lambda support, _: support.partner.kind in PUBLIC_KINDS,
    Say("Kun offentlige organisationer kan tilslutte sig et behov.", "Only public bodies can join a need."),
    of_partner=True,
)
letter_signed = Guard(
    lambda support, sent: (
        sent.get("level", support.level) != v.SupportLevel.LETTER_OF_INTENT
        or (bool(signed := sent.get("signed_at") or support.signed_at) and not clock.ahead(signed))
    ),
    Say("Angiv i signed_at, hvornår hensigtserklæringen er underskrevet; det kan ikke være i fremtiden.",
        "Say in signed_at when the letter of intent was signed; that cannot be in the future."),
)  # fmt: skip
answers_taken = Guard(
    lambda response, _: response.challenge.state == C.OPEN and not response.challenge.deadline_passed,
    Say("Udfordringen tager ikke imod svar nu.", "The challenge does not take answers now."),
)
answers_in = Guard(
    lambda response, _: response.challenge.state in {C.CLOSED, C.RESOLVED},
    Say(
        "Der tages først stilling til svar, når udfordringen er lukket: vent til svarfristen, eller luk den.",
        "Answers are decided on once the challenge is closed: wait for the deadline, or close it.",
    ),
)
questions_taken = Guard(
    lambda question, _: question.challenge.state == C.OPEN,
    Say("Udfordringen er ikke åben for spørgsmål.", "The challenge is not open for questions."),
)
not_below_itself = Guard(
    lambda record, _: not record.below_itself,
    Say("Ville gøre posten til en del af sig selv.", "Would make the record a part of itself."),
    about="parent_id",
)
can_merge = Guard(
    lambda partner, sent: partner.can_merge_into(sent["merged_into"]),
    Say(
        "Skal være en anden partner, som ikke selv er sammenlagt, og som vises for mindst lige så mange.",
        "Must be another partner that is not merged itself, and that is shown to at least as many.",
    ),
    about="merged_into",
)
still_answered_for = Guard(
    lambda project, before: bool(project.owner_ids) or not project.answerable(before.get("participants", ())),
    Say(
        "Mindst én deltager skal fortsat svare for projektet: lead, need_owner, client, owner eller buyer.",
        "At least one participant must still answer for the project: lead, need_owner, client, owner or buyer.",
    ),
    about="participants",
)
has_lead = Guard(
    lambda project, _: any(one["role"] == v.ParticipantRole.LEAD for one in project.participants),
    Say("Projektet mangler en deltager i rollen lead.", "The project lacks a participant in the role lead."),
)
has_public_body = Guard(
    lambda project, _: bool(project.participant_kinds & PUBLIC_KINDS),
    Say("Projektet mangler en offentlig deltager.", "The project lacks a public participant."),
)
has_market_side = Guard(
    lambda project, _: bool(project.participant_kinds & MARKET_KINDS),
    Say(
        "Projektet mangler en virksomhed, en klynge eller en vidensinstitution.",
        "The project lacks a company, a cluster or a knowledge institution.",
    ),
)
ends_after_start = Guard(
    # What was registered only when it was over has no start but the day of the step, which gives way.
    lambda project, sent: in_time(project.start, sent.get("end")) or project.start_since_made,
    Say("Ligger før projektets start; ret den ene eller den anden.", "Is before the start; correct one or the other."),
    about="end",
)
still_reportable = Guard(
    lambda outcome, _: int((outcome.project.end or "9999")[:4]) + REPORTABLE_YEARS >= clock.now().year,
    Say("Projektet sluttede for mere end ti år siden.", "The project ended more than ten years ago."),
)
named_or_counted = Guard(
    lambda adoption, _: (adoption.partner_id is None) != (adoption.count is None),
    Say("Angiv enten partner_id eller count.", "Give either partner_id or count."),
    about="count",
)
outcome_verified = Guard(
    lambda adoption, _: adoption.outcome.state in {v.OutcomeState.VERIFIED, v.OutcomeState.CORRECTED},
    Say("Resultatet er ikke bekræftet af CO-PI.", "The outcome is not verified by CO-PI."),
)
taken_over = Guard(
    lambda adoption, _: not _made_it(adoption),
    Say(
        "Har selv lavet løsningen i projektet; nævn en organisation, der har taget den over.",
        "Made the solution in the project itself; name an organisation that has taken it over.",
    ),
    about="partner_id",
)


def _made_it(adoption: Any) -> bool:
    """Whether the adopter supplied the solution, or led the project without being public.

    A public body that leads a project, or whose need it answers, tries a solution there. When it takes that into use
    across its institutions, sources call it reuse.
    """
    project, adopter = adoption.outcome.project, adoption.partner_id
    if adopter in project.holding(SUPPLYING):
        return True
    return adopter in project.holding({v.ParticipantRole.LEAD}) and adoption.adopter_kind not in PUBLIC_KINDS


parent_changeable = Guard(
    lambda document, _: (
        document.parent.lifecycle.may_change(document.parent.state)
        or document.parent.lifecycle.awaits_answer(document.parent.state)
    ),
    Say("Det, dokumentet hører til, kan ikke ændres nu.", "What the document belongs to cannot be changed now."),
)
