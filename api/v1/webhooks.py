"""Webhooks: the event feed, sent to an address of yours as it happens, in order and at least once.

Signed by the Standard Webhooks specification: verify `webhook-signature` with any of its libraries, and take a
`webhook-id` that comes again as known. The body is the event as the feed has it.
"""

from flask.views import MethodView

from api.feeds import webhooks
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import Webhook
from schemas.pages import page_of
from schemas.webhooks import NewWebhookSchema, NewWebhookSecretSchema, WebhookQuery, WebhookSchema

blp = Blueprint("webhooks", __doc__)


@blp.route("/webhooks")
class Webhooks(MethodView):
    @blp.operation(LOGGED_IN, name="list_webhooks", query=WebhookQuery, gives=page_of(WebhookSchema))
    def get(self, wanted):
        """List webhooks

        The caller's own, and those of the services that act for a partner the caller manages; CO-PI's administrators
        see all.
        """
        return webhooks.page(wanted)

    @blp.operation("webhook:create", takes=WebhookSchema, gives=NewWebhookSchema, status=201)
    def post(self, fields):
        """Create a webhook

        It is told what the caller's account sees on the day, a service's no more than the scopes of this token let it.
        Its first `secret` is shown in this answer alone. At most 20 an account.
        """
        return webhooks.create(fields)


@blp.route("/webhooks/<uuid:id>")
class WebhookById(MethodView):
    @blp.operation(LOGGED_IN, name="read_webhook", item=Webhook, gives=WebhookSchema)
    def get(self, webhook):
        """Read a webhook

        Its secrets are listed without the secrets themselves.
        """
        return webhook

    @blp.operation("webhook:update", item=Webhook, takes=WebhookSchema, gives=WebhookSchema)
    def patch(self, fields, webhook):
        """Change a webhook

        Set `after` back to have events again, `state` to pause it or let it go on.
        """
        return webhooks.change(webhook, fields)

    @blp.operation("webhook:delete", item=Webhook, name="delete_webhook", status=204)
    def delete(self, webhook):
        """Delete a webhook

        With its secrets and the log of its deliveries.
        """
        webhooks.delete(webhook)


@blp.route("/webhooks/<uuid:id>/resume")
class Resume(MethodView):
    @blp.operation("webhook:resume", name="resume_webhook", item=Webhook, gives=WebhookSchema)
    def post(self, webhook):
        """Let a webhook go on

        After it was paused or disabled, from where it stopped: nothing is left out. Look first at one that was paused
        because a secret or password was changed: is the address still yours?
        """
        return webhooks.resume(webhook)


@blp.route("/webhooks/<uuid:id>/secrets")
class Secrets(MethodView):
    @blp.operation(
        "webhook:add-secret", name="add_webhook_secret", item=Webhook, gives=NewWebhookSecretSchema, status=201
    )
    def post(self, webhook):
        """Add a secret

        Shown in this answer alone. Deliveries are signed with all there are, up to five: put the new one to use, then
        revoke the old one.
        """
        return webhooks.add_secret(webhook)


@blp.route("/webhooks/<uuid:id>/secrets/<uuid:secret>")
class SecretById(MethodView):
    @blp.operation("webhook:revoke-secret", name="revoke_webhook_secret", item=Webhook, status=204)
    def delete(self, webhook, secret):
        """Revoke a secret

        The next delivery is not signed with it any more. The last one stays.
        """
        webhooks.revoke_secret(webhook, str(secret))
