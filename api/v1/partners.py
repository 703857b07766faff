"""Partners (partnere): every organisation that takes part, public or private.

Municipalities, regions and state bodies; companies; knowledge institutions, clusters and business promotion; hospitals
point to their region, subsidiaries to their group.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import FEEDS, RECORDS
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Partner
from schemas.partners import ContactPointsSchema, PartnerQuery, PartnerSchema, TrustSchema

blp = Blueprint("partners", __doc__)


@blp.route("/partners")
class Partners(MethodView):
    @blp.listing(Partner, PartnerQuery, gives=PartnerSchema, formats=FEEDS)
    def get(self):
        """List partners

        Those the caller may see, in alphabetical order unless sorted otherwise.
        """

    @blp.operation("partner:create", takes=PartnerSchema, gives=PartnerSchema, status=201)
    def post(self, fields):
        """Register a partner

        It begins as a draft that only its own people and CO-PI see. An adviser who registers it sees it again once it
        is activated.
        """
        return Partner.add(fields)


@blp.route("/partners/<uuid:id>")
class PartnerById(MethodView):
    @blp.operation(PUBLIC, item=Partner, query=PartnerQuery, gives=PartnerSchema, formats=RECORDS)
    def get(self):
        """Read a partner

        404 when there is none, or none the caller may see.
        """

    @blp.operation("partner:update", item=Partner, takes=PartnerSchema, gives=PartnerSchema)
    def patch(self, fields, partner):
        """Change a partner

        A JSON merge patch (RFC 7396): send what changes, null clears, lists are replaced whole. `identifiers` only
        managers and CO-PI change: whom an outside issuer vouches for by such a number gets a role in the partner.
        """
        return partner.change(fields)


@blp.route("/partners/<uuid:id>/contact-points")
class ContactPoints(MethodView):
    @blp.operation(PUBLIC, name="read_contact_points", item=Partner, gives=ContactPointsSchema)
    def get(self, partner):
        """Read a partner's contact points

        Role mailboxes and telephones, never private ones.
        """
        return {"items": partner.contact_points}

    @blp.operation(
        "partner:update",
        name="replace_contact_points",
        item=Partner,
        takes=ContactPointsSchema,
        gives=ContactPointsSchema,
    )
    def put(self, fields, partner):
        """Replace a partner's contact points

        What is left out is erased, from the history too.
        """
        partner.change({"contact_points": fields["items"]})
        return {"items": partner.contact_points}


@blp.route("/partners/<uuid:id>/trust")
class Trust(MethodView):
    @blp.operation("partner:trust", name="replace_trust", item=Partner, takes=TrustSchema, gives=PartnerSchema)
    def put(self, fields, partner):
        """Trust a partner, or no longer

        The managers of a trusted partner publish its challenges without CO-PI's review.
        """
        return partner.change(fields)


blp.steps(Partner, lifecycle.PARTNER, gives=PartnerSchema)
blp.by_source(Partner, PartnerQuery, gives=PartnerSchema)
blp.history(Partner, gives=PartnerSchema)
