"""Security log (sikkerhedslog): what happened to somebody's access, kept for as long as it is of use."""

from flask.views import MethodView

from api.identity import accounts
from api.kit.actor import known_actor
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import User
from schemas.pages import page_of
from schemas.people import PeopleQuery, SecurityEventSchema

blp = Blueprint("security-log", __doc__)


@blp.route("/me/security-events")
class Own(MethodView):
    @blp.operation(LOGGED_IN, name="list_own_security_events", query=PeopleQuery, gives=page_of(SecurityEventSchema))
    def get(self, wanted):
        """List what happened to my access

        Log-ins, failed ones too, and whoever changed my roles; the newest first.
        """
        return accounts.events(str(known_actor().id), wanted)


@blp.route("/users/<uuid:id>/security-events")
class OfUser(MethodView):
    @blp.operation(
        "user:read",
        name="list_user_security_events",
        item=User,
        query=PeopleQuery,
        gives=page_of(SecurityEventSchema),
    )
    def get(self, wanted, user):
        """List what happened to a user's access

        The newest first.
        """
        return accounts.events(user.id, wanted, all_told=True)
