"""Well-known addresses: where programs find the keys and endpoints by themselves."""

from flask.views import MethodView

from api.identity import keys, oauth
from api.kit.blueprint import PUBLIC, Blueprint
from schemas.oauth import AuthorizationServerSchema, KeySetSchema

blp = Blueprint("well-known", __doc__, versioned=False)


@blp.route("/.well-known/jwks.json")
class Keys(MethodView):
    @blp.operation(PUBLIC, name="read_keys", gives=KeySetSchema, seconds=keys.PUBLISHED_SECONDS)
    def get(self):
        """Read the public keys

        Every key that verifies access tokens, and the next one some minutes before it signs (RFC 7517).
        """
        return keys.published()


@blp.route("/.well-known/oauth-authorization-server")
class AuthorizationServer(MethodView):
    @blp.operation(
        PUBLIC, name="read_authorization_server", gives=AuthorizationServerSchema, seconds=keys.PUBLISHED_SECONDS
    )
    def get(self):
        """Read where tokens are got

        The metadata that OAuth client libraries discover the endpoints by (RFC 8414).
        """
        return oauth.metadata()
