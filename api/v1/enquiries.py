"""Enquiries (udbudsfaglig sparring): questions about procurement that public bodies and companies put to CO-PI.

Between the asker and CO-PI; what others can learn from the answer becomes guidance.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import TABLES
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import Enquiry
from schemas.enquiries import EnquiryQuery, EnquirySchema

blp = Blueprint("enquiries", __doc__)


@blp.route("/enquiries")
class Enquiries(MethodView):
    @blp.listing(Enquiry, EnquiryQuery, gives=EnquirySchema, formats=TABLES, needs=LOGGED_IN)
    def get(self):
        """List enquiries

        Those of the caller's organisations; all of them for CO-PI.
        """

    @blp.operation("enquiry:create", takes=EnquirySchema, gives=EnquirySchema, status=201)
    def post(self, fields):
        """Ask for procurement sparring

        Link the challenge or project it is about, where there is one.
        """
        return Enquiry.add(fields)


@blp.route("/enquiries/<uuid:id>")
class EnquiryById(MethodView):
    @blp.operation(LOGGED_IN, item=Enquiry, query=EnquiryQuery, gives=EnquirySchema)
    def get(self):
        """Read an enquiry

        404 when there is none, or none the caller may see.
        """

    @blp.operation("enquiry:update", item=Enquiry, takes=EnquirySchema, gives=EnquirySchema)
    def patch(self, fields, enquiry):
        """Change an enquiry

        A JSON merge patch (RFC 7396), until an adviser has it.
        """
        return enquiry.change(fields)


blp.steps(Enquiry, lifecycle.ENQUIRY, gives=EnquirySchema)
blp.history(Enquiry, gives=EnquirySchema)
