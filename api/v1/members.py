"""Members (medlemmer): who acts for a partner, in which role, and who is invited to."""

from flask.views import MethodView

from api.identity import invitations, members
from api.kit.blueprint import Blueprint
from api.models import Partner
from schemas.pages import page_of
from schemas.people import InvitationSchema, LetterSchema, MemberRoleSchema, MemberSchema, PeopleQuery

blp = Blueprint("members", __doc__)


@blp.route("/partners/<uuid:id>/members")
class Members(MethodView):
    @blp.operation(
        "partner:read-members", name="list_members", within=Partner, query=PeopleQuery, gives=page_of(MemberSchema)
    )
    def get(self, wanted, partner):
        """List a partner's members

        With their addresses, which is why nobody else is told.
        """
        return members.page(partner, wanted)


@blp.route("/partners/<uuid:id>/members/<uuid:user>")
class MemberById(MethodView):
    @blp.operation(
        "partner:manage-members", name="replace_member", within=Partner, takes=MemberRoleSchema, gives=MemberSchema
    )
    def put(self, fields, partner, user):
        """Give a member another role

        It counts at the member's next request, and whoever was a manager takes the invitations they wrote along. The
        last manager keeps the role until there is another one, or CO-PI decides. CO-PI's administrators can also make
        a member of somebody who is none.
        """
        return members.set_role(partner, str(user), **fields)

    @blp.operation("partner:remove-member", name="remove_member", within=Partner, status=204)
    def delete(self, partner, user):
        """Remove a member

        Managers remove anybody, all others only themselves. The last manager stays until there is another one, or
        CO-PI decides.
        """
        members.remove(partner, str(user))


@blp.route("/partners/<uuid:id>/invitations")
class Invitations(MethodView):
    @blp.operation(
        "partner:invite",
        name="list_partner_invitations",
        within=Partner,
        query=PeopleQuery,
        gives=page_of(InvitationSchema),
    )
    def get(self, wanted, partner):
        """List a partner's open invitations

        Those that wait for an answer, the newest first.
        """
        return invitations.page(partner, wanted)

    @blp.operation(
        "partner:invite",
        name="create_partner_invitation",
        within=Partner,
        takes=InvitationSchema,
        gives=LetterSchema,
        status=201,
    )
    def post(self, fields, partner):
        """Invite somebody into a role

        The answer holds the only copy of the token; give it to the person, who has seven days to accept. It takes the
        place of any invitation to the same address before it. The service itself sends no mail.
        """
        return invitations.invite(partner, **fields)


@blp.route("/partners/<uuid:id>/invitations/<uuid:invitation>")
class InvitationById(MethodView):
    @blp.operation("partner:invite", name="withdraw_invitation", within=Partner, status=204)
    def delete(self, partner, invitation):
        """Withdraw an invitation

        Its token counts no longer.
        """
        invitations.withdraw(partner, str(invitation))
