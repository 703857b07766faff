"""Invitations (invitationer): what whoever got one does with it."""

from flask.views import MethodView

from api.identity import invitations
from api.kit.blueprint import PUBLIC, Blueprint
from schemas.people import AcceptedSchema, AcceptSchema

blp = Blueprint("invitations", __doc__)


@blp.route("/invitations/accept")
class Acceptance(MethodView):
    @blp.operation(
        PUBLIC,
        name="accept_invitation",
        takes=AcceptSchema,
        gives=AcceptedSchema,
        needs="With a log-in, you must be the person invited, and not within a sandbox.",
    )
    def post(self, fields):
        """Accept an invitation

        Without a log-in it makes an account, with `name` and `password`. Whoever has one logs in first, with the
        address that was invited; a role held already is raised, never lowered. A letter for a new password takes
        `password` alone, and ends every session. Each letter works once.
        """
        return invitations.accept(**fields)
