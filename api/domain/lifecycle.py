"""The life of each resource as a table: the states, the steps between them, and who a state can be seen by.

From a row here follow the route, its documentation, its event, the caller's possible actions, and the refusal when it
is not its turn or something is missing.
"""

from __future__ import annotations

from api.domain import guards as g
from api.domain.steps import Lifecycle, step
from schemas import vocabulary as v

NOTHING: frozenset[str] = frozenset()

P = v.PartnerState
PARTNER = Lifecycle(
    "partner",
    initial=P.DRAFT,
    published=frozenset({P.ACTIVE, P.INACTIVE, P.MERGED}),
    changes=(g.not_below_itself,),
    steps=(
        step([P.DRAFT, P.INACTIVE], "activate", P.ACTIVE, "activated",
             ("Activate a partner", "Shows the organisation as active.")),
        step([P.ACTIVE], "deactivate", P.INACTIVE, "deactivated",
             ("Deactivate a partner", "Marks that the organisation no longer takes part."), "reason"),
        step([P.DRAFT, P.ACTIVE, P.INACTIVE], "merge", P.MERGED, "merged",
             ("Merge a partner into another", "Whatever pointed at it points at the other one from now on, and reading "
              "it redirects there (301). The other one must be shown to at least as many."), "merged_into", "reason",
             guards=[g.can_merge]),
    ),
    editable={P.MERGED: NOTHING},
)  # fmt: skip

C = v.ChallengeState
_WHILE_ANSWERED = frozenset({"timeline", "phase", "visibility", "sources"})
CHALLENGE = Lifecycle(
    "challenge",
    initial=C.DRAFT,
    published=frozenset({C.OPEN, C.CLOSED, C.RESOLVED, C.ARCHIVED}),
    changes=(g.public_owners, g.deadline_only_later, g.only_wider),
    steps=(
        step([C.DRAFT], "submit", C.IN_REVIEW, "submitted",
             ("Submit a challenge", "Hands it to CO-PI for review."), guards=[g.need_told]),
        step([C.IN_REVIEW], "request-changes", C.DRAFT, "changes_requested",
             ("Request changes to a challenge", "Sends the challenge back to its owners with what is missing."),
             "reason"),
        step([C.IN_REVIEW], "publish", C.OPEN, "published",
             ("Publish a challenge", "Opens it to the market: posed today, unless `timeline` tells another day."),
             guards=[g.deadline_ahead]),
        step([C.OPEN], "close", C.CLOSED, "closed",
             ("Close a challenge", "Ends the time for answers; at the deadline the service does so itself.")),
        step([C.CLOSED], "reopen", C.OPEN, "reopened",
             ("Reopen a challenge", "Takes answers once more."), "reason", guards=[g.deadline_ahead]),
        step([C.CLOSED], "resolve", C.RESOLVED, "resolved",
             ("Resolve a challenge", "Tells what became of the need."), "close_reason",
             guards=[g.project_linked, g.answers_decided]),
        step([C.DRAFT, C.IN_REVIEW, C.OPEN, C.CLOSED], "withdraw", C.WITHDRAWN, "withdrawn",
             ("Withdraw a challenge", "Takes the challenge back; its owners, those who joined or answered it, and "
              "CO-PI still see it, and why."), "reason?",
             guards=[g.reason_once_published]),
        step([C.RESOLVED, C.WITHDRAWN], "archive", C.ARCHIVED, "archived",
             ("Archive a challenge", "Ends the record's life.")),
        step([C.OPEN], "amend", C.OPEN, "amended",
             ("Add an addendum to a challenge", "A material change after publication, which supporters and responders "
              "see; what stood before is not changed."), "text"),
        step([C.CLOSED], "form-project", C.RESOLVED, "resolved",
             ("Form a project from a challenge", "Resolves it: the project takes over its owners, supporters, selected "
              "responders, theme and places."), guards=[g.answers_decided], apart=True),
    ),
    editable={C.OPEN: _WHILE_ANSWERED, C.CLOSED: _WHILE_ANSWERED, C.RESOLVED: frozenset({"sources"}),
              C.WITHDRAWN: NOTHING, C.ARCHIVED: NOTHING},
)  # fmt: skip

S = v.SupportState
SUPPORT = Lifecycle(
    "support",
    adding="support",
    initial=S.PROPOSED,
    published=frozenset({S.CONFIRMED}),
    first=(g.challenge_joinable, g.public_supporter),
    steps=(
        step([S.PROPOSED], "confirm", S.CONFIRMED, "confirmed",
             ("Confirm a support", "The body itself stands by it; from now on it counts in the challenge's demand."),
             guards=[g.challenge_joinable, g.letter_signed]),
        step([S.CONFIRMED], "commit", S.CONFIRMED, "committed",
             ("Change how far a support goes", "For example from the market dialogue to a signed letter of intent."),
             "level", "signed_at?", guards=[g.challenge_joinable, g.letter_signed]),
        step([S.PROPOSED, S.CONFIRMED], "withdraw", S.WITHDRAWN, "withdrawn",
             ("Withdraw a support", "It no longer counts; the body may join again later."), "reason?",
             guards=[g.reason_once_published]),
    ),
    editable={S.CONFIRMED: frozenset({"annual_volume", "annual_value", "valid_until", "note"}), S.WITHDRAWN: NOTHING},
)  # fmt: skip

R = v.ResponseState
RESPONSE = Lifecycle(
    "response",
    adding="respond",
    initial=R.DRAFT,
    published=frozenset(),
    first=(g.answers_taken,),
    steps=(
        step([R.DRAFT], "submit", R.SUBMITTED, "submitted",
             ("Submit a response", "Hands it to the challenge's owners; it can no longer be changed."),
             guards=[g.answers_taken]),
        step([R.SUBMITTED], "shortlist", R.SHORTLISTED, "shortlisted",
             ("Shortlist a response", "Picks it for a closer dialogue."), guards=[g.answers_in]),
        step([R.SUBMITTED, R.SHORTLISTED], "select", R.SELECTED, "selected",
             ("Select a response", "Chooses it for a project."), guards=[g.answers_in]),
        step([R.SUBMITTED, R.SHORTLISTED], "decline", R.DECLINED, "declined",
             ("Decline a response", "Says no, with the reason and feedback the company can use."),
             "decline_reason", "feedback", guards=[g.answers_in]),
        step([R.DRAFT, R.SUBMITTED, R.SHORTLISTED], "withdraw", R.WITHDRAWN, "withdrawn",
             ("Withdraw a response", "The company takes it back."), "reason?"),
    ),
    editable=dict.fromkeys((R.SUBMITTED, R.SHORTLISTED, R.SELECTED, R.DECLINED, R.WITHDRAWN), NOTHING),
)  # fmt: skip

Q = v.QuestionState
QUESTION = Lifecycle(
    "question",
    adding="ask",
    initial=Q.ASKED,
    published=frozenset({Q.ANSWERED}),
    first=(g.questions_taken,),
    steps=(
        step([Q.ASKED], "answer", Q.ANSWERED, "answered",
             ("Answer a question", "Question and answer are shown to everyone who sees the challenge, not who asked."),
             "answer"),
        step([Q.ASKED], "dismiss", Q.DISMISSED, "dismissed",
             ("Dismiss a question", "It is not answered; only who asked sees why."), "reason"),
    ),
    editable={Q.ANSWERED: NOTHING, Q.DISMISSED: NOTHING},
)  # fmt: skip

J = v.ProjectState
PROJECT = Lifecycle(
    "project",
    initial=J.PLANNED,
    published=frozenset(J),
    changes=(g.not_below_itself, g.still_answered_for),
    steps=(
        step([J.PLANNED, J.UNKNOWN], "start", J.ACTIVE, "started",
             ("Start a project", "The work begins: today, unless `start` tells another day."),
             guards=[g.has_lead, g.has_public_body, g.has_market_side]),
        step([J.ACTIVE], "pause", J.ON_HOLD, "paused",
             ("Pause a project", "The work rests for a while."), "reason"),
        step([J.ON_HOLD], "resume", J.ACTIVE, "resumed", ("Resume a project", "The work goes on.")),
        step([J.ACTIVE, J.UNKNOWN], "complete", J.COMPLETED, "completed",
             ("Complete a project", "The work is done; effects are asked for 12 and 48 months later, unless other "
              "dates are planned."), "end?", guards=[g.ends_after_start]),
        step([J.COMPLETED, J.UNKNOWN], "put-into-operation", J.IN_OPERATION, "put_into_operation",
             ("Put a project's solution into operation", "The solution is in daily use.")),
        step([J.PLANNED, J.ACTIVE, J.ON_HOLD, J.IN_OPERATION, J.UNKNOWN], "discontinue", J.DISCONTINUED, "discontinued",
             ("Discontinue a project", "Stops the project or its solution, with the reason and what was learnt."),
             "discontinuation"),
        step([J.COMPLETED, J.IN_OPERATION, J.DISCONTINUED], "archive", J.ARCHIVED, "archived",
             ("Archive a project", "Ends the record's life.")),
    ),
    editable={J.ARCHIVED: NOTHING},
)  # fmt: skip

O = v.OutcomeState  # noqa: E741 - the tables read best with one letter each
OUTCOME = Lifecycle(
    "outcome",
    adding="report",
    initial=O.DRAFT,
    published=frozenset({O.VERIFIED, O.CORRECTED}),
    first=(g.still_reportable,),
    steps=(
        step([O.DRAFT, O.RETURNED], "submit", O.SUBMITTED, "submitted",
             ("Submit an outcome", "Hands the outcome to CO-PI.")),
        step([O.SUBMITTED], "verify", O.VERIFIED, "verified",
             ("Verify an outcome", "CO-PI has checked the outcome against its evidence; it becomes public.")),
        step([O.SUBMITTED], "return", O.RETURNED, "returned",
             ("Return an outcome", "Sends the outcome back with what is missing."), "reason"),
        step([O.VERIFIED, O.CORRECTED], "correct", O.CORRECTED, "corrected",
             ("Correct an outcome", "A new version takes the place of the old one, which the history keeps readable."),
             "reason", "correction"),
        step([O.VERIFIED, O.CORRECTED], "retract", O.RETRACTED, "retracted",
             ("Retract an outcome", "Takes the outcome back; it is no longer shown."), "reason"),
    ),
    editable={O.VERIFIED: NOTHING, O.CORRECTED: NOTHING, O.RETRACTED: NOTHING},
)  # fmt: skip

A = v.AdoptionState
ADOPTION = Lifecycle(
    "adoption",
    adding="adopt",
    initial=A.REPORTED,
    published=frozenset({A.CONFIRMED}),
    first=(g.outcome_verified, g.taken_over),
    changes=(g.named_or_counted,),
    steps=(
        step([A.REPORTED], "confirm", A.CONFIRMED, "confirmed",
             ("Confirm an adoption", "The adopter itself says so (CO-PI, where only a number is known); it counts as "
              "reuse from now on."), guards=[g.outcome_verified]),
        step([A.REPORTED, A.CONFIRMED], "withdraw", A.WITHDRAWN, "withdrawn",
             ("Withdraw an adoption", "It no longer counts."), "reason"),
    ),
    editable={A.CONFIRMED: NOTHING, A.WITHDRAWN: NOTHING},
)  # fmt: skip

E = v.EnquiryState
ENQUIRY = Lifecycle(
    "enquiry",
    initial=E.NEW,
    published=frozenset(),
    steps=(
        step([E.NEW, E.ASSIGNED], "assign", E.ASSIGNED, "assigned",
             ("Assign an enquiry", "Gives it to one of CO-PI's advisers."), "adviser"),
        step([E.ASSIGNED], "answer", E.ANSWERED, "answered",
             ("Answer an enquiry", "The asker sees the answer."), "answer"),
        step([E.NEW, E.ASSIGNED, E.ANSWERED], "close", E.CLOSED, "closed",
             ("Close an enquiry", "Nothing more is to be done."), "reason?"),
    ),
    editable=dict.fromkeys((E.ASSIGNED, E.ANSWERED, E.CLOSED), NOTHING),
)  # fmt: skip

D = v.GuidanceState
GUIDANCE = Lifecycle(
    "guidance",
    initial=D.DRAFT,
    published=frozenset({D.PUBLISHED}),
    steps=(
        step([D.DRAFT, D.WITHDRAWN], "publish", D.PUBLISHED, "published",
             ("Publish guidance", "Everyone can read it; it must tell nothing about who asked.")),
        step([D.PUBLISHED], "withdraw", D.WITHDRAWN, "withdrawn",
             ("Withdraw guidance", "It is no longer shown."), "reason"),
    ),
)  # fmt: skip

F = v.DocumentState
DOCUMENT = Lifecycle(
    "document",
    adding="attach",
    initial=F.CURRENT,
    published=frozenset({F.CURRENT}),
    changes=(g.parent_changeable,),
    steps=(
        step([F.CURRENT], "remove", F.REMOVED, "removed",
             ("Remove a document", "Its bytes are erased, unless another document has the very same; that it was there "
              "stays on record for those who answer for it."), "reason?", guards=[g.parent_changeable]),
        step([F.CURRENT], "take-down", F.REMOVED, "taken_down",
             ("Take a document down", "CO-PI removes what should not be there, whatever the state of the record it "
              "belongs to; its bytes are erased."), "reason"),
    ),
    editable={F.REMOVED: NOTHING},
)  # fmt: skip

LIFECYCLES = {
    one.resource: one
    for one in (
        PARTNER,
        CHALLENGE,
        SUPPORT,
        RESPONSE,
        QUESTION,
        PROJECT,
        OUTCOME,
        ADOPTION,
        ENQUIRY,
        GUIDANCE,
        DOCUMENT,
    )
}
