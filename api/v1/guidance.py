"""Guidance (vejledning): what CO-PI has answered, told to everyone without who asked."""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import FEEDS, RECORDS
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Guidance
from schemas.guidance import GuidanceQuery, GuidanceSchema

blp = Blueprint("guidance", __doc__)


@blp.route("/guidance")
class GuidanceNotes(MethodView):
    @blp.listing(Guidance, GuidanceQuery, gives=GuidanceSchema, formats=FEEDS)
    def get(self):
        """List guidance

        Published notes; `q` searches questions and answers.
        """

    @blp.operation("guidance:create", takes=GuidanceSchema, gives=GuidanceSchema, status=201)
    def post(self, fields):
        """Draft guidance

        From an answered enquiry, or from nothing; worded so that it tells nothing about who asked.
        """
        return Guidance.add(fields)


@blp.route("/guidance/<uuid:id>")
class GuidanceById(MethodView):
    @blp.operation(PUBLIC, item=Guidance, query=GuidanceQuery, gives=GuidanceSchema, formats=RECORDS)
    def get(self):
        """Read guidance

        404 when there is none, or none the caller may see.
        """

    @blp.operation("guidance:update", item=Guidance, takes=GuidanceSchema, gives=GuidanceSchema)
    def patch(self, fields, guidance):
        """Change guidance

        A JSON merge patch (RFC 7396): send what changes, null clears, lists are replaced whole.
        """
        return guidance.change(fields)


blp.steps(Guidance, lifecycle.GUIDANCE, gives=GuidanceSchema)
blp.history(Guidance, gives=GuidanceSchema)
