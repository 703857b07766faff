"""Responses (svar): what companies and consortia answer to a challenge.

Confidential: a response is seen by those who give it, once submitted by the challenge's owners too, and by CO-PI.
Others learn how many there were, when the time for answers is over.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import TABLES
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import Challenge, Response
from schemas.responses import ResponseQuery, ResponseSchema

blp = Blueprint("responses", __doc__)


@blp.route("/responses")
class Responses(MethodView):
    @blp.listing(Response, ResponseQuery, gives=ResponseSchema, formats=TABLES, needs=LOGGED_IN)
    def get(self):
        """List responses

        Those of the caller's organisations, and those submitted to their challenges.
        """


@blp.route("/challenges/<uuid:id>/responses")
class ResponsesToChallenge(MethodView):
    @blp.listing(Response, ResponseQuery, gives=ResponseSchema, formats=TABLES, within=Challenge, needs=LOGGED_IN)
    def get(self):
        """List the responses to a challenge

        All that were submitted for its owners, their own for companies.
        """

    @blp.operation("response:create", within=Challenge, takes=ResponseSchema, gives=ResponseSchema, status=201)
    def post(self, fields, challenge):
        """Draft a response

        While the challenge takes answers, in the name of one's own organisation. The draft is seen by its consortium
        and CO-PI, not by the challenge's owners. One at a time per organisation; 409 names the one there is.
        """
        return Response.add({**fields, "challenge_id": challenge.id})


@blp.route("/responses/<uuid:id>")
class ResponseById(MethodView):
    @blp.operation(LOGGED_IN, item=Response, query=ResponseQuery, gives=ResponseSchema)
    def get(self):
        """Read a response

        404 when there is none, or none the caller may see.
        """

    @blp.operation("response:update", item=Response, takes=ResponseSchema, gives=ResponseSchema)
    def patch(self, fields, response):
        """Change a response

        A JSON merge patch (RFC 7396), until it is submitted.
        """
        return response.change(fields)


blp.steps(Response, lifecycle.RESPONSE, gives=ResponseSchema)
blp.history(Response, gives=ResponseSchema)
