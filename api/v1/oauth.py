"""OAuth 2 (for services and for refreshing): what its client libraries call, found by discovery (RFC 8414).

A service gets tokens with its client id and secret; a person's frontend gets the next pair with a refresh token. The
bodies are forms and the refusals OAuth's own, so that any client library works as it is.
"""

from flask.views import MethodView

from api.domain.errors import Refusal
from api.identity import denied, oauth
from api.kit.blueprint import PUBLIC, Blueprint
from schemas.oauth import GrantedSchema, GrantSchema, IntrospectionSchema, OAuthErrorSchema, TokenFormSchema

blp = Blueprint("oauth", __doc__)
blp.register_error_handler(denied.Denied, denied.answer)
blp.register_error_handler(Refusal, denied.answer_refusal)


@blp.route("/oauth/token")
class Token(MethodView):
    @blp.operation(
        PUBLIC, name="grant_token", takes=GrantSchema, gives=GrantedSchema, refuses=OAuthErrorSchema, proves=True
    )
    def post(self, form):
        """Get tokens for a grant

        `client_credentials` for a service (RFC 6749 section 4.4), `refresh_token` for a person's session (section 6).
        A refresh token works once; a second use ends the whole session, because one of the two users has stolen it.
        """
        return oauth.grant(form)


@blp.route("/oauth/revoke")
class Revoke(MethodView):
    @blp.operation(PUBLIC, name="revoke_token", takes=TokenFormSchema, refuses=OAuthErrorSchema, proves=True)
    def post(self, form):
        """Revoke a token

        RFC 7009: a refresh token takes its whole session with it, an access token counts no longer from the next
        request on. 200 as well when the token was not known: it counts no more either way.
        """
        oauth.revoke(form)


@blp.route("/oauth/introspect")
class Introspect(MethodView):
    @blp.operation(
        PUBLIC,
        name="introspect_token",
        takes=TokenFormSchema,
        gives=IntrospectionSchema,
        refuses=OAuthErrorSchema,
        proves=True,
    )
    def post(self, form):
        """Ask what a token says

        RFC 7662, for services: whether the token counts at this moment, and whom it stands for.
        """
        return oauth.introspect(form)
