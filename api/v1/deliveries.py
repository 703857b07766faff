"""Deliveries: what was sent to a webhook and how it went, sending again, and trying out."""

from flask.views import MethodView

from api.feeds import webhooks
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import Webhook
from schemas.pages import page_of
from schemas.webhooks import DeliveryQuery, WebhookDeliverySchema

blp = Blueprint("deliveries", __doc__)


@blp.route("/webhooks/<uuid:id>/ping")
class Ping(MethodView):
    @blp.operation("webhook:ping", name="ping_webhook", item=Webhook, gives=WebhookDeliverySchema, status=202)
    def post(self, webhook):
        """Try a webhook out

        Sends an event `webhook.ping`, signed like any other, whatever the state; look the delivery up in the log.
        """
        return webhooks.ping(webhook)


@blp.route("/webhooks/<uuid:id>/deliveries")
class Deliveries(MethodView):
    @blp.operation(
        LOGGED_IN, name="list_deliveries", item=Webhook, query=DeliveryQuery, gives=page_of(WebhookDeliverySchema)
    )
    def get(self, wanted, webhook):
        """List a webhook's deliveries

        Every attempt, the newest first; kept for 30 days unless the installation keeps them otherwise.
        """
        return webhooks.deliveries(webhook, wanted)


@blp.route("/webhooks/<uuid:id>/deliveries/<uuid:delivery>/redeliver")
class Redeliver(MethodView):
    @blp.operation("webhook:redeliver", name="redeliver_event", item=Webhook, gives=WebhookDeliverySchema, status=202)
    def post(self, webhook, delivery):
        """Send an event again

        Once, out of turn, with the `webhook-id` it had; only if the account still sees it.
        """
        return webhooks.redeliver(webhook, str(delivery))
