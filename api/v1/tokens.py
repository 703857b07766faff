"""Tokens: log in and get an access token to send with every other call; log out again."""

from flask.views import MethodView

from api import identity
from api.kit.blueprint import LOGGED_IN, PUBLIC, Blueprint
from schemas.system import TokenRequestSchema, TokenSchema

blp = Blueprint("tokens", __doc__)


@blp.route("/tokens")
class Tokens(MethodView):
    @blp.operation(PUBLIC, name="create_token", takes=TokenRequestSchema, gives=TokenSchema, proves=True)
    def post(self, fields):
        """Log in

        Wrong address and wrong password are the same refusal, so that nobody can find out who has a log-in. Sent with
        a token of one's own, it ends the session that token belongs to.
        """
        return identity.log_in(**fields)

    @blp.operation(LOGGED_IN, name="delete_token", status=204)
    def delete(self):
        """Log out

        Ends the session the token belongs to, in every process at once; a token without one is itself revoked.
        """
        identity.log_out()
