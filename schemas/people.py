"""People on the wire: the caller, the members of a partner, invitations, everybody's accounts, the security log."""

from __future__ import annotations

from typing import Any

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Choice, Email, Field, Flag, Id, Many, Moment, Object, Password, Personal, Ref, Text
from schemas.names import EXAMPLE_IDS
from schemas.query import PageQuery, Words
from schemas.values import LocalizedTitleSchema

_USER, _MOMENT = EXAMPLE_IDS["user"], "2026-11-23T09:00:00.000000Z"
_CHOSEN = "vælg-din-egen-lange-sætning"


def _user_id(words: str, **options: Any) -> Id:
    return Id(words, example=_USER, **options)


def _name(**options: Any) -> Personal:
    return Personal("What the person is called.", max=200, min=1, example="Karen Holm", **options)


def _allows(words: str) -> Many:
    return Many(Text("A permission.", max=60, example="challenge:create"), words, max=250, required=True)


class ActingForSchema(Shape):
    """The partner somebody acts for."""

    id = Ref("partner", "The partner's id.", required=True)
    name = Object(LocalizedTitleSchema, "What it is called.", required=True)


class OwnMembershipSchema(Shape):
    """A role of the caller's."""

    partner = Object(ActingForSchema, "Where.", required=True)
    role = Choice(v.Role, "The role there.", required=True, example="editor")
    allows = _allows("What the role allows with that partner's records.")


class MeSchema(Shape):
    """The caller, with everything they may do."""

    id = _user_id("The user's id.", required=True)
    kind = Choice(v.UserKind, "Whether a person or a program calls.", required=True, example="person")
    name = _name(required=True)
    email = Email("The address the person logs in with.", example="karen@kommune.example")
    duties = Many(Choice(v.PlatformRole, "One of them.", example="adviser"), "Roles on the platform.", required=True)
    memberships = Many(Object(OwnMembershipSchema, "A role."), "Roles in partners.", max=1000, required=True)
    allows = _allows("What the roles on the platform allow, whosever the record is.")
    scopes = _allows("What a program's token is limited to; empty for a person, whom nothing limits but the roles.")
    sandbox = Id("The test client whose sandbox the call stays in.", example="019b76da-a800-7c11-8a01-1f0e4b9d2c33")


class MePatchSchema(Shape):
    """What people change about themselves."""

    request = True

    name = _name(required=True)


class SessionSchema(Shape):
    """A log-in that goes on."""

    id = Id("The session's id.", required=True, example="019b76da-a800-7f3b-8c55-90a1d2b3c4e5")
    client_id = Text("The frontend it goes through.", max=100, required=True, example="copi")
    created_at = Moment("When the person logged in.", required=True, example=_MOMENT)
    used_at = Moment("When it was last carried on.", required=True, example=_MOMENT)
    expires_at = Moment("When it ends at the latest.", required=True, example="2026-12-23T09:00:00.000000Z")
    current = Flag("Whether it is the session of this very call.", example=True)


class PasswordSchema(Shape):
    """A password in the place of another."""

    request = True

    current = Password("The password until now.", required=True, example="den-jeg-har-haft")
    new = Password(
        "The new one: 15 to 128 characters, easy to remember and hard to guess.", required=True, example=_CHOSEN
    )


class ErasureSchema(Shape):
    """A last word before an account is erased."""

    request = True

    password = Password("The password, once more.", required=True, example="den-jeg-har")


class Details(Field):
    """What else is known, by name; which ones depends on the kind. Never a secret."""

    json_schema = {"type": "object", "additionalProperties": True}


class SecurityEventSchema(Shape):
    """Something that happened to somebody's access."""

    id = Id("The event's id.", required=True, example="019b76da-a800-7b2e-9f00-3a4b5c6d7e8f")
    at = Moment("When.", required=True, example=_MOMENT)
    kind = Choice(v.SecurityEventKind, "What happened.", required=True, example="logged_in")
    actor_id = _user_id("Who did it; null for somebody who was not logged in.")
    address = Personal(
        "Where the call came from; told of calls of one's own, and to CO-PI.", max=100, example="192.0.2.17"
    )
    details = Details("Particulars.", required=True, example={"client": "copi"})


class InvitationSchema(Shape):
    """An invitation into a role in a partner."""

    always = frozenset({"id", "email", "created_at", "expires_at"})

    id = Id("The invitation's id.", required=True, dump_only=True, example="019b76da-a800-7d11-9c3e-5f6a7b8c9d0e")
    email = Email("Whom it is for; the log-in that accepts it must have this address.", required=True,
                  example="karen@kommune.example")  # fmt: skip
    role = Choice(v.Role, "The role it leads to.", required=True, example="editor")
    created_at = Moment("When it was made.", required=True, dump_only=True, example=_MOMENT)
    expires_at = Moment("When it is too late.", required=True, dump_only=True, example="2026-11-30T09:00:00.000000Z")


class LetterSchema(InvitationSchema):
    """An invitation that was just made, or a letter to choose a new password, with the only copy of its token."""

    always = InvitationSchema.always | {"token"}

    role = Choice(v.Role, "The role it leads to; null when it is for a new password.", example="editor")
    token = Text(
        "To be given to the person, who accepts with it, once. It is shown this time only.",
        max=200,
        required=True,
        example="copi_invitation_kun-denne-ene-gang",
    )


class AcceptSchema(Shape):
    """An invitation accepted. Name and password are for who has no account yet; a letter for a new password needs
    that alone."""

    request = True

    token = Text("The invitation's token.", max=200, min=1, required=True, example="copi_invitation_fra-brevet")
    name = _name()
    password = Password("15 to 128 characters, easy to remember and hard to guess.", example=_CHOSEN)


class AcceptedSchema(Shape):
    """Whose account it is now."""

    id = _user_id("The user's id.", required=True)
    partner_id = Ref("partner", "The partner the role is in; null when it was for a new password.")
    role = Choice(v.Role, "The role held there now.", example="editor")


class MemberSchema(Shape):
    """Somebody who acts for a partner."""

    id = _user_id("The user's id.", required=True)
    kind = Choice(v.UserKind, "Whether it is a person or a program.", required=True, example="person")
    name = _name(required=True)
    email = Email("The person's address.", example="karen@kommune.example")
    role = Choice(v.Role, "The role.", required=True, example="editor")
    blocked = Flag("Whether CO-PI has blocked the account.", example=False)


class MemberRoleSchema(Shape):
    """The role somebody is to have."""

    request = True

    role = Choice(v.Role, "The role.", required=True, example="manager")


class MembershipSchema(Shape):
    """A role in a partner."""

    partner_id = Ref("partner", "The partner.", required=True)
    role = Choice(v.Role, "The role there.", required=True, example="editor")


class UserSchema(Shape):
    """Somebody's account."""

    id = _user_id("The user's id.", required=True)
    kind = Choice(v.UserKind, "Whether it is a person or a program.", required=True, example="person")
    name = _name(required=True)
    email = Email("The address the person logs in with.", example="karen@kommune.example")
    issuer = Text("The outside issuer that vouches for the person.", max=500, example="https://login.example.org")
    duties = Many(Choice(v.PlatformRole, "One of them.", example="adviser"), "Roles on the platform.", required=True)
    memberships = Many(Object(MembershipSchema, "A role."), "Roles in partners.", max=1000, required=True)
    blocked = Flag("Whether the account is blocked.", example=False)
    created_at = Moment("When the account was made.", required=True, example=_MOMENT)


class NewUserSchema(Shape):
    """An account that CO-PI's operators make."""

    request = True

    name = _name(required=True)
    email = Email("The address the person logs in with.", required=True, example="karen@kommune.example")
    duties = Many(Choice(v.PlatformRole, "One of them.", example="adviser"), "Roles on the platform.")


class ReasonSchema(Shape):
    """Why, for the log."""

    request = True

    reason = Text(
        "Why, for the security log.", max=1000, min=1, required=True, lines=True, example="Telefonen er stjålet."
    )


class DutiesSchema(Shape):
    """The roles somebody is to have on the platform."""

    request = True

    duties = Many(
        Choice(v.PlatformRole, "One of them.", example="copi_editor"), "All of them; the others are taken away.",
        required=True,
    )  # fmt: skip


class PeopleQuery(PageQuery):
    """Paging through people and what is theirs."""


class UserQuery(PageQuery):
    """Finding users."""

    q = Words("A part of the name or the address.", example="holm")
