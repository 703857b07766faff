"""Who may do what: one row a permission, each an any-of over named predicates. An auditor reads this file alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

from api.domain.actor import Actor
from api.domain.errors import FORBIDDEN, Refusal
from schemas.vocabulary import PlatformRole, Role
from schemas.wording import Say


class Subject(Protocol):
    """What a permission is asked about: a record, with the partners that answer for it."""

    @property
    def owner_ids(self) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on caller and record, with the words for whoever does not meet it."""

    holds: Callable[[Actor, Subject], bool]
    words: Say


def _duty(duty: PlatformRole, da: str, en: str) -> Predicate:
    return Predicate(lambda actor, _: duty in actor.duties, Say(da, en))


def _role(*roles: Role, da: str, en: str) -> Predicate:
    return Predicate(
        lambda actor, subject: any(actor.roles.get(owner) in roles for owner in subject.owner_ids), Say(da, en)
    )


owner_editor = _role(Role.EDITOR, Role.MANAGER, da="redaktør hos en af ejerne", en="an editor of one of the owners")
owner_manager = _role(Role.MANAGER, da="leder hos en af ejerne", en="a manager of one of the owners")
adviser = _duty(
    PlatformRole.ADVISER, "rådgiver i erhvervsfremmesystemet", "an adviser of the business promotion system"
)
copi_editor = _duty(PlatformRole.COPI_EDITOR, "redaktør i CO-PI", "a CO-PI editor")
copi_admin = _duty(PlatformRole.COPI_ADMIN, "administrator i CO-PI", "a CO-PI administrator")

POLICY: dict[str, tuple[Predicate, ...]] = {
    # Partners
    "partner:create": (adviser, copi_editor, copi_admin),
    "partner:update": (owner_editor, copi_editor, copi_admin),
    "partner:activate": (copi_editor, copi_admin),
    "partner:deactivate": (owner_manager, copi_editor, copi_admin),
    # Challenges
    "challenge:create": (owner_editor, copi_editor, copi_admin),
    "challenge:update": (owner_editor, copi_editor, copi_admin),
    "challenge:submit": (owner_editor, copi_editor, copi_admin),
    "challenge:request-changes": (copi_editor, copi_admin),
    "challenge:publish": (copi_editor, copi_admin),
    "challenge:close": (owner_editor, copi_editor, copi_admin),
    "challenge:reopen": (copi_editor, copi_admin),
    "challenge:resolve": (owner_editor, copi_editor, copi_admin),
    "challenge:withdraw": (owner_manager, copi_editor, copi_admin),
    "challenge:archive": (copi_admin,),
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
    # Outcomes: those who answer for the project answer for what came of it
    "outcome:create": (owner_editor, copi_editor, copi_admin),
    "outcome:update": (owner_editor, copi_editor, copi_admin),
    "outcome:submit": (owner_editor, copi_editor, copi_admin),
    "outcome:verify": (copi_editor, copi_admin),
    "outcome:return": (copi_editor, copi_admin),
    "outcome:retract": (copi_editor, copi_admin),
}


def may(actor: Actor, permission: str, subject: Subject) -> bool:
    """Whether the caller may do this to the record."""
    return any(predicate.holds(actor, subject) for predicate in POLICY[permission])


def demand(actor: Actor, permission: str, subject: Subject) -> None:
    """Refuse (403) unless the caller may do this to the record; the refusal names who may."""
    if not may(actor, permission, subject):
        raise Refusal(FORBIDDEN, needs(permission))


def needs(permission: str) -> Say:
    """Who may, in words."""
    words = [predicate.words for predicate in POLICY[permission]]
    listed = reduce(lambda so_far, one: so_far + Say(", ", ", ") + one, words[1:-1], words[0])
    last = Say(" eller ", " or ") + words[-1] if len(words) > 1 else Say("", "")
    return Say("Det kræver, at du er ", "You must be ") + listed + last + Say(".", ".")
