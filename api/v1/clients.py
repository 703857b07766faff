"""Clients (klienter): programs that use the API, what they may do at most, and their secrets.

A service acts for the partners whose managers let it; a frontend is what people log in through. What is changed here
counts at the next request, also for tokens already issued.
"""

from flask.views import MethodView

from api.identity import registry
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import Client
from schemas.clients import ClientQuery, ClientSchema, NewClientSchema, NewSecretSchema
from schemas.pages import page_of

blp = Blueprint("clients", __doc__)


@blp.route("/clients")
class Clients(MethodView):
    @blp.operation(LOGGED_IN, name="list_clients", query=ClientQuery, gives=page_of(ClientSchema))
    def get(self, wanted):
        """List clients

        Those that act for partners the caller manages, and those the caller created for tests.
        """
        return registry.page(wanted)

    @blp.operation("client:create", takes=ClientSchema, gives=NewClientSchema, status=201)
    def post(self, fields):
        """Create a client

        Its first `secret` is shown in this answer alone. Ten for tests may be in use. For frontends CO-PI answers.
        """
        return registry.create(fields)


@blp.route("/clients/<uuid:id>")
class ClientById(MethodView):
    @blp.operation(LOGGED_IN, name="read_client", item=Client, gives=ClientSchema)
    def get(self, client):
        """Read a client

        Its secrets are listed without the secrets themselves. A service may read itself.
        """
        return client

    @blp.operation("client:update", item=Client, takes=ClientSchema, gives=ClientSchema)
    def patch(self, fields, client):
        """Change a client

        A manager decides on roles in their own partner; all else needs a manager of every partner it acts for.
        """
        return registry.change(client, fields)


@blp.route("/clients/<uuid:id>/block")
class Block(MethodView):
    @blp.operation("client:block", name="block_client", item=Client, gives=ClientSchema)
    def post(self, client):
        """Shut a client out

        Every token it has, and every session begun through it, stops working at once.
        """
        return registry.block(client)


@blp.route("/clients/<uuid:id>/unblock")
class Unblock(MethodView):
    @blp.operation("client:unblock", name="unblock_client", item=Client, gives=ClientSchema)
    def post(self, client):
        """Let a client in again

        What it had before works again, as far as it has not expired.
        """
        return registry.block(client, blocked=False)


@blp.route("/clients/<uuid:id>/secrets")
class Secrets(MethodView):
    @blp.operation("client:add-secret", name="add_secret", item=Client,
                   takes=NewSecretSchema, gives=NewSecretSchema, status=201)  # fmt: skip
    def post(self, fields, client):
        """Issue a further secret

        Shown in this answer alone. Up to five work at once: issue a new one, put it to use, then revoke the old one.
        """
        return registry.add_secret(client, fields["expires_at"])


@blp.route("/clients/<uuid:id>/secrets/<uuid:secret>")
class SecretById(MethodView):
    @blp.operation("client:revoke-secret", name="revoke_secret", item=Client, status=204)
    def delete(self, client, secret):
        """Revoke a secret

        It gets no more tokens, and those it got stop working at once. The client's webhooks pause, as whoever held
        the secret may have made or turned them (`credentials_changed`): look at each, then resume it.
        """
        registry.revoke_secret(client, str(secret))
