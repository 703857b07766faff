"""Who may do what: one row a permission, each an any-of over named predicates. An auditor reads this file alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

from api.domain.actor import Actor
from api.domain.errors import FORBIDDEN, INVALID, Refusal
from api.domain.lifecycle import LIFECYCLES
from schemas.vocabulary import PlatformRole, Role, SupportState
from schemas.wording import Say


class Subject(Protocol):
    """What a permission is asked about: a record with the partners that have a stake in it, by party."""

    @property
    def parent(self) -> Any: ...
    def party(self, name: str) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on caller and record, with the words for whoever does not meet it."""

    holds: Callable[[Actor, Subject], bool]
    words: Say


def _duty(duty: PlatformRole, da: str, en: str) -> Predicate:
    return Predicate(lambda actor, _: duty in actor.duties, Say(da, en))


def _role(party: str, roles: Collection[Role], da: str, en: str) -> Predicate:
    return Predicate(
        # Whoever has no roles at all need not be compared with anybody.
        lambda actor, subject: (
            bool(actor.roles) and any(actor.roles.get(partner) in roles for partner in subject.party(party))
        ),
        Say(da, en),
    )


_ANY, _EDITORS, _MANAGERS = frozenset(Role), frozenset({Role.EDITOR, Role.MANAGER}), frozenset({Role.MANAGER})

owner_member = _role("owner", _ANY, "tilknyttet en af ejerne", "someone at one of the owners")
owner_editor = _role("owner", _EDITORS, "redaktør hos en af ejerne", "an editor of one of the owners")
owner_manager = _role("owner", _MANAGERS, "leder hos en af ejerne", "a manager of one of the owners")
trusted_manager = _role("trusted", _MANAGERS, "leder hos en betroet ejer", "a manager of a trusted owner")
joining_editor = _role(
    "owner", _EDITORS, "redaktør hos den organisation, der tilslutter sig", "an editor of the organisation that joins"
)
joining_manager = _role(
    "owner", _MANAGERS, "leder hos den organisation, der tilslutter sig", "a manager of the organisation that joins"
)
responding_editor = _role(
    "responder", _EDITORS, "redaktør hos den organisation, der svarer", "an editor of the organisation that answers"
)
asking_member = _role(
    "owner", _ANY, "tilknyttet den organisation, der spørger", "someone at the organisation that asks"
)
adopting_editor = _role(
    "owner",
    _EDITORS,
    "redaktør hos den organisation, der tager løsningen i brug",
    "an editor of the organisation that takes the solution into use",
)
project_editor = _role(
    "owner",
    _EDITORS,
    "redaktør hos en af projektets ansvarlige",
    "an editor of one of those who answer for the project",
)
answering_editor = _role(
    "owner", _EDITORS, "redaktør hos en af dem, der svarer", "an editor of one of those who answer"
)
challenge_editor = _role(
    "challenge", _EDITORS, "redaktør hos en af udfordringens ejere", "an editor of one of the challenge's owners"
)
outcome_editor = _role(
    "outcome",
    _EDITORS,
    "redaktør hos en af projektets ansvarlige",
    "an editor of one of those who answer for the project",
)
adviser = _duty(
    PlatformRole.ADVISER, "rådgiver i erhvervsfremmesystemet", "an adviser of the business promotion system"
)
copi_editor = _duty(PlatformRole.COPI_EDITOR, "redaktør i CO-PI", "a CO-PI editor")
copi_admin = _duty(PlatformRole.COPI_ADMIN, "administrator i CO-PI", "a CO-PI administrator")
proposed = Predicate(
    lambda _, subject: subject.state == SupportState.PROPOSED,  # type: ignore[attr-defined]
    Say("en, der retter den, før den er bekræftet", "someone who changes it before it is confirmed"),
)
manager_of_all = Predicate(
    lambda actor, subject: (
        bool(owners := subject.party("owner")) and all(actor.roles.get(owner) is Role.MANAGER for owner in owners)
    ),
    Say("leder hos alle de organisationer, den handler for", "a manager of every organisation it acts for"),
)
test_maker = Predicate(
    lambda actor, subject: actor.id in subject.party("test_maker"),
    Say("den, der har oprettet den alene til test", "the one who created it for tests alone"),
)
maker = Predicate(
    lambda actor, subject: actor.id in subject.party("maker"),
    Say("den, der har oprettet den", "the one who created it"),
)
copi_for_unnamed = Predicate(
    lambda actor, subject: actor.at_copi and not subject.party("owner"),
    Say("ansat i CO-PI, hvor ingen organisation er nævnt", "at CO-PI, where no organisation is named"),
)
may_change_parent = Predicate(
    lambda actor, subject: (
        subject.parent is not None
        and _roles_allow(actor, f"{subject.parent.lifecycle.resource}:update", subject.parent)
    ),
    Say("en, der må ændre det, dokumentet hører til", "someone who may change what the document belongs to"),
)
may_answer_parent = Predicate(
    lambda actor, subject: (
        subject.parent is not None
        and (answer := f"{subject.parent.lifecycle.resource}:answer") in POLICY
        and _roles_allow(actor, answer, subject.parent)
    ),
    Say("en, der skal besvare det, dokumentet hører til", "someone who is to answer what the document belongs to"),
)

POLICY: dict[str, tuple[Predicate, ...]] = {
    # Partners
    "partner:create": (adviser, copi_editor, copi_admin),
    "partner:update": (owner_editor, copi_editor, copi_admin),
    "partner:activate": (copi_editor, copi_admin),
    "partner:deactivate": (owner_manager, copi_editor, copi_admin),
    "partner:merge": (copi_editor, copi_admin),
    "partner:trust": (copi_admin,),
    # Their people: whom one may write to is told to nobody else; everybody may leave, none but these remove another
    "partner:read-members": (owner_manager, copi_editor, copi_admin),
    "partner:invite": (owner_manager, copi_admin),
    "partner:manage-members": (owner_manager, copi_admin),
    "partner:remove-member": (owner_member, copi_admin),
    # Challenges
    "challenge:create": (owner_editor, copi_editor, copi_admin),
    "challenge:update": (owner_editor, copi_editor, copi_admin),
    "challenge:submit": (owner_editor, copi_editor, copi_admin),
    "challenge:request-changes": (copi_editor, copi_admin),
    "challenge:publish": (trusted_manager, copi_editor, copi_admin),
    "challenge:close": (owner_editor, copi_editor, copi_admin),
    "challenge:reopen": (copi_editor, copi_admin),
    "challenge:resolve": (owner_editor, copi_editor, copi_admin),
    "challenge:withdraw": (owner_manager, copi_editor, copi_admin),
    "challenge:archive": (copi_admin,),
    "challenge:amend": (owner_editor, copi_editor, copi_admin),
    "challenge:form-project": (owner_editor, copi_editor, copi_admin),
    # Supports: others may propose one, but a body commits itself only through its own manager
    "support:create": (joining_editor, challenge_editor, adviser, copi_editor, copi_admin),
    "support:update": (joining_editor, copi_editor, copi_admin),
    "support:confirm": (joining_manager,),
    "support:commit": (joining_manager,),
    "support:withdraw": (joining_manager, copi_editor, copi_admin),
    # Responses: the company's until it is submitted, then the challenge's owners decide. A consortium writes along
    "response:create": (responding_editor,),
    "response:update": (answering_editor,),
    "response:submit": (responding_editor,),
    "response:withdraw": (responding_editor,),
    "response:shortlist": (challenge_editor, copi_editor, copi_admin),
    "response:select": (challenge_editor, copi_editor, copi_admin),
    "response:decline": (challenge_editor, copi_editor, copi_admin),
    # Questions about a challenge
    "question:create": (asking_member,),
    "question:update": (asking_member,),
    "question:answer": (challenge_editor, copi_editor, copi_admin),
    "question:dismiss": (challenge_editor, copi_editor, copi_admin),
    # Projects
    "project:create": (owner_editor, copi_editor, copi_admin),
    "project:update": (owner_editor, copi_editor, copi_admin),
    "project:start": (owner_editor, copi_editor, copi_admin),
    "project:pause": (owner_editor, copi_editor, copi_admin),
    "project:resume": (owner_editor, copi_editor, copi_admin),
    "project:complete": (owner_editor, copi_editor, copi_admin),
    "project:put-into-operation": (owner_editor, copi_editor, copi_admin),
    "project:discontinue": (owner_manager, copi_editor, copi_admin),
    "project:archive": (copi_admin,),
    # Outcomes: those who answer for the project answer for what came of it; what is verified only CO-PI corrects
    "outcome:create": (project_editor, copi_editor, copi_admin),
    "outcome:update": (project_editor, copi_editor, copi_admin),
    "outcome:submit": (project_editor, copi_editor, copi_admin),
    "outcome:verify": (copi_editor, copi_admin),
    "outcome:return": (copi_editor, copi_admin),
    "outcome:correct": (copi_editor, copi_admin),
    "outcome:retract": (copi_editor, copi_admin),
    # Adoptions: anyone near may report one, the adopter confirms it
    "adoption:create": (adopting_editor, outcome_editor, adviser, copi_editor, copi_admin),
    "adoption:update": (adopting_editor, outcome_editor, copi_editor, copi_admin),
    "adoption:confirm": (adopting_editor, copi_for_unnamed),
    "adoption:withdraw": (adopting_editor, copi_editor, copi_admin),
    # Enquiries: between the asker and CO-PI
    "enquiry:create": (asking_member,),
    "enquiry:update": (asking_member,),
    "enquiry:assign": (copi_editor, copi_admin),
    "enquiry:answer": (copi_editor, copi_admin),
    "enquiry:close": (asking_member, copi_editor, copi_admin),
    # Documents: as the record they belong to, and whoever answers that may attach; CO-PI can take down any
    "document:create": (may_change_parent, may_answer_parent),
    "document:update": (may_change_parent,),
    "document:remove": (may_change_parent,),
    "document:take-down": (copi_editor, copi_admin),
    # Guidance
    "guidance:create": (copi_editor, copi_admin),
    "guidance:update": (copi_editor, copi_admin),
    "guidance:publish": (copi_editor, copi_admin),
    "guidance:withdraw": (copi_editor, copi_admin),
    # Bulk data in: of each line the same is asked as if it came alone, in the name of whoever sent the file
    "import:create": (maker,),
    "import:run": (maker,),
    "import:cancel": (maker, copi_admin),
    "import_profile:create": (maker,),
    "import_profile:update": (maker, copi_admin),
    "import_profile:delete": (maker, copi_admin),
    # Clients: what gives access asks all whom it is given in the name of, what takes it away asks any of them
    "client:create": (manager_of_all, test_maker, copi_admin),
    "client:update": (owner_manager, test_maker, copi_admin),
    "client:add-secret": (manager_of_all, test_maker, copi_admin),
    "client:revoke-secret": (owner_manager, test_maker, copi_admin),
    "client:block": (owner_manager, test_maker, copi_admin),
    "client:unblock": (manager_of_all, test_maker, copi_admin),
    # Webhooks: everyone's own; who leads a service's partner can end its, CO-PI stop any, and nobody signs for others
    "webhook:create": (maker,),
    "webhook:update": (maker, copi_admin),
    "webhook:delete": (maker, owner_manager, copi_admin),
    "webhook:add-secret": (maker,),
    "webhook:revoke-secret": (maker, copi_admin),
    "webhook:ping": (maker, copi_admin),
    "webhook:resume": (maker, copi_admin),
    "webhook:redeliver": (maker, copi_admin),
    # Saved searches: everyone's own
    "search:create": (maker,),
    "search:update": (maker, copi_admin),
    "search:delete": (maker, copi_admin),
    # Everybody's accounts
    "user:read": (copi_admin,),
    "user:block": (copi_admin,),
    "user:unblock": (copi_admin,),
    "user:change-duties": (copi_admin,),
    "user:reset-password": (copi_admin,),
    "user:erase": (copi_admin,),
}

FIELDS: dict[str, dict[str, tuple[Predicate, ...]]] = {
    # Whom an outside issuer vouches for by such a number has a role in the partner: as with inviting, managers decide
    "partner": {"identifiers": (owner_manager, copi_editor, copi_admin)},
    # What a body has committed itself to, its manager alone changes
    "support": dict.fromkeys(("annual_volume", "annual_value", "valid_until"), (joining_manager, proposed)),
}
"""Fields that more is asked for than the permission to change the record."""

NAMING: dict[str, dict[str, str]] = {
    # A project is shown in the lineage of its challenges, one of a programme in those of the programme's
    "project": {"challenge_ids": "challenge:update", "parent_id": "project:update"},
}
"""References by which a record comes to stand in another's story: who names a record in one must have a role in which
this could be done to it. Whom a record names besides, such as participants, is free: others register them."""

ANSWERING = {"challenge": "owners", "project": "participants"}
"""Fields that say who answers for a record: whoever changes one must be able to change the record afterwards too, so
that nobody gives it away by accident. It is handed over by adding the others, who then take out those that leave."""

NOT_DELEGATED = frozenset({"client", "user", "partner:invite", "partner:manage-members"})
"""What no service is ever given: permissions about clients, itself included, and about everybody's accounts; nor to let
people in, who could then do what it may not."""


def delegated(permission: str) -> bool:
    """Whether a service can be given it as a scope."""
    return NOT_DELEGATED.isdisjoint((permission, permission.partition(":")[0]))


class Platform:
    """What a permission is asked about when it is about no record: nobody but those with a duty may."""

    parent = None

    def party(self, name: str) -> Collection[str]:
        """No partner has a part in it."""
        return ()


PLATFORM = Platform()


_OF_RECORDS = frozenset(
    f"{noun}:{verb}"
    for noun, lifecycle in LIFECYCLES.items()
    for verb in ("create", "update", *(step.name for step in lifecycle.steps))
) | {"partner:trust", *(permission for permission in POLICY if permission.startswith("import"))}
"""What is about records, and so also about those of a sandbox; people and clients have no place there."""
_OF_OWN = frozenset(permission for permission in POLICY if permission.startswith(("webhook:", "search:")))
"""What is about the caller's own, in a sandbox too."""


def may(actor: Actor, permission: str, subject: Subject) -> bool:
    """Whether the caller may do this to the record: by its roles, and, of a service, by its scopes too."""
    if not delegated(permission) and not actor.in_person:
        return False
    return actor.has_scope(permission) and _roles_allow(actor, permission, subject)


def _roles_allow(actor: Actor, permission: str, subject: Subject) -> bool:
    if actor.sandbox:
        return permission in _OF_RECORDS | _OF_OWN  # it is everybody in its sandbox, and sees nothing outside
    return any(predicate.holds(actor, subject) for predicate in POLICY[permission])


def demand(actor: Actor, permission: str, subject: Subject) -> None:
    """Refuse (403) unless the caller may do this to the record; the refusal names who may, or the scope it lacks."""
    if not delegated(permission) and not actor.in_person:
        raise Refusal(FORBIDDEN, _PEOPLE_ONLY)
    if not actor.has_scope(permission):
        challenge = f'Bearer realm="CO-PI", error="insufficient_scope", scope="{permission}"'  # RFC 6750 section 3.1
        raise Refusal(FORBIDDEN, _NO_SCOPE.format(scope=permission), headers={"WWW-Authenticate": challenge})
    if not _roles_allow(actor, permission, subject):
        raise Refusal(FORBIDDEN, _NOT_IN_A_SANDBOX if actor.sandbox else needs(permission))


def demand_fields(actor: Actor, noun: str, names: Collection[str], subject: Subject) -> None:
    """Refuse (403) to change those of the fields that are for others; in a sandbox the caller is everybody."""
    for name, row in FIELDS.get(noun, {}).items():
        if name in names and actor.sandbox is None and not any(one.holds(actor, subject) for one in row):
            raise Refusal(FORBIDDEN, _in_words(row))


def demand_naming(actor: Actor, noun: str, name: str, named: Subject) -> None:
    """Refuse (403) to name a record in a field that is for those who may change what it names."""
    if not _roles_allow(actor, NAMING[noun][name], named):
        words = _NOT_YOURS.format(name=name)
        raise Refusal(FORBIDDEN, words, errors=[{"pointer": f"/{name}", "detail": words}])


_NOT_YOURS = Say(
    "{name} må kun nævne poster, som du må rette. Udelad de andre, eller få en af deres ejere eller CO-PI til at "
    "tilføje dem.",
    "{name} may only name records that you may change. Leave the others out, or have one of their owners or CO-PI add "
    "them.",
)


def demand_still(actor: Actor, noun: str, names: Collection[str], subject: Subject) -> None:
    """Refuse (422) a change after which the record, as it now stands, would no longer be the caller's to change."""
    field = ANSWERING.get(noun)
    if field in names and not _roles_allow(actor, f"{noun}:update", subject):
        raise Refusal(INVALID, errors=[{"pointer": f"/{field}", "detail": _GIVEN_AWAY}])


_GIVEN_AWAY = Say(
    "Bagefter ville du ikke selv kunne ændre posten; behold en organisation, som du er redaktør hos.",
    "You could not change the record yourself afterwards; keep an organisation that you are an editor of.",
)
_PEOPLE_ONLY = Say(
    "Det kan kun personer gøre, ikke tjenester, og ikke i en sandkasse.",
    "Only people can do that, not services, and not in a sandbox.",
)
_NOT_IN_A_SANDBOX = Say(
    "En testklient arbejder med poster i sin egen sandkasse, ikke med personer og klienter.",
    "A test client works with the records of its own sandbox, not with people and clients.",
)
_NO_SCOPE = Say("Tokenet mangler scopet {scope}.", "The token lacks the scope {scope}.")


def needs(permission: str) -> Say:
    """Who may, in words."""
    return _in_words(POLICY[permission])


def _in_words(row: Collection[Predicate]) -> Say:
    words = [predicate.words for predicate in row]
    listed = reduce(lambda so_far, one: so_far + Say(", ", ", ") + one, words[1:-1], words[0])
    last = Say(" eller ", " or ") + words[-1] if len(words) > 1 else Say("", "")
    return Say("Det kræver, at du er ", "You must be ") + listed + last + Say(".", ".")
