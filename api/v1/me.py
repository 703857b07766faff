"""Me (mig): who the caller is and what they may do; name, password and log-ins."""

from flask.views import MethodView

from api.identity import accounts, users
from api.kit.blueprint import LOGGED_IN, Blueprint
from schemas.pages import page_of
from schemas.people import ErasureSchema, MePatchSchema, MeSchema, PasswordSchema, PeopleQuery, SessionSchema

blp = Blueprint("me", __doc__)
IN_PERSON = "You must be a person, and not within a sandbox."


@blp.route("/me")
class Me(MethodView):
    @blp.operation(LOGGED_IN, name="read_me", gives=MeSchema)
    def get(self):
        """Read who I am

        With the roles held today and all they allow, so that a frontend need not know the rules.
        """
        return accounts.me()

    @blp.operation(LOGGED_IN, name="update_me", needs=IN_PERSON, takes=MePatchSchema, gives=MeSchema)
    def patch(self, fields):
        """Change my name

        The address stays: it is what one logs in with.
        """
        return accounts.rename(**fields)


@blp.route("/me/sessions")
class Sessions(MethodView):
    @blp.operation(LOGGED_IN, name="list_sessions", query=PeopleQuery, gives=page_of(SessionSchema))
    def get(self, wanted):
        """List where I am logged in

        The newest first.
        """
        return accounts.log_ins(wanted)


@blp.route("/me/sessions/<uuid:id>")
class SessionById(MethodView):
    @blp.operation(LOGGED_IN, name="end_session", named=True, status=204)
    def delete(self, id):
        """Log out elsewhere

        Ends the session with every token of it, at once.
        """
        accounts.end_log_in(str(id))


@blp.route("/me/password")
class Password(MethodView):
    @blp.operation(LOGGED_IN, name="replace_password", needs=IN_PERSON, takes=PasswordSchema, status=204)
    def put(self, fields):
        """Choose another password

        At least 15 characters and not easy to guess; no rules about their kinds, and no expiry. Every other session
        of mine ends, and my webhooks are paused (`credentials_changed`) until I have looked at them and resume them.
        """
        accounts.change_password(**fields)


@blp.route("/me/erase")
class Erasure(MethodView):
    @blp.operation(LOGGED_IN, name="erase_me", needs=IN_PERSON, takes=ErasureSchema, status=204)
    def post(self, fields):
        """Erase my account

        Name, address and password are overwritten, roles and sessions end; it cannot be undone. The records stay, as
        archive law asks, and in their history a user without a name. The last manager of a partner appoints another
        one first.
        """
        users.erase_me(**fields)
