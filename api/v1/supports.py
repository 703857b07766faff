"""Supports (tilslutninger): public bodies that join the demand behind a challenge.

Anyone near may propose one; it counts once the body's own manager has confirmed it. Together the confirmed supports
are the challenge's `demand`, which is what makes a market.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import TABLES
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Challenge, Support
from schemas.supports import SupportQuery, SupportSchema

blp = Blueprint("supports", __doc__)


@blp.route("/supports")
class Supports(MethodView):
    @blp.listing(Support, SupportQuery, gives=SupportSchema, formats=TABLES)
    def get(self):
        """List supports

        Confirmed ones, and those the caller's organisations have a part in.
        """


@blp.route("/challenges/<uuid:id>/supports")
class SupportsOfChallenge(MethodView):
    @blp.listing(Support, SupportQuery, gives=SupportSchema, formats=TABLES, within=Challenge)
    def get(self):
        """List a challenge's supports

        Confirmed ones, and those the caller's organisations have a part in.
        """

    @blp.operation("support:create", within=Challenge, takes=SupportSchema, gives=SupportSchema, status=201)
    def post(self, fields, challenge):
        """Propose a support

        For the caller's own organisation, or for another that is then to confirm it; an adviser sees it again once it
        has. One at a time per body; 409 names the one there is.
        """
        return Support.add({**fields, "challenge_id": challenge.id})


@blp.route("/supports/<uuid:id>")
class SupportById(MethodView):
    @blp.operation(PUBLIC, item=Support, query=SupportQuery, gives=SupportSchema)
    def get(self):
        """Read a support

        404 when there is none, or none the caller may see.
        """

    @blp.operation("support:update", item=Support, takes=SupportSchema, gives=SupportSchema)
    def patch(self, fields, support):
        """Change a support

        A JSON merge patch (RFC 7396). Once it is confirmed its level changes by `commit` alone, and what it binds to
        is for its own managers: `annual_volume` only they change, `annual_value` only they, `valid_until` only they.
        """
        return support.change(fields)


blp.steps(Support, lifecycle.SUPPORT, gives=SupportSchema)
blp.history(Support, gives=SupportSchema)
