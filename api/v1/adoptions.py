"""Adoptions (genbrug): others that take a solution into use, adapted or copied.

Anyone near may report one; it counts as reuse once the adopter has confirmed it. Where only a number is known, CO-PI
does.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import TABLES
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Adoption, Outcome
from schemas.adoptions import AdoptionQuery, AdoptionSchema

blp = Blueprint("adoptions", __doc__)


@blp.route("/adoptions")
class Adoptions(MethodView):
    @blp.listing(Adoption, AdoptionQuery, gives=AdoptionSchema, formats=TABLES)
    def get(self):
        """List adoptions

        Confirmed ones, and those the caller's organisations have a part in.
        """


@blp.route("/outcomes/<uuid:id>/adoptions")
class AdoptionsOfOutcome(MethodView):
    @blp.listing(Adoption, AdoptionQuery, gives=AdoptionSchema, formats=TABLES, within=Outcome)
    def get(self):
        """List an outcome's adoptions

        Confirmed ones, and those the caller's organisations have a part in.
        """

    @blp.operation("adoption:create", within=Outcome, takes=AdoptionSchema, gives=AdoptionSchema, status=201)
    def post(self, fields, outcome):
        """Report an adoption

        Of a verified outcome, by the adopter, by those who answer for the project, by an adviser or CO-PI. An
        organisation has one adoption of an outcome that is not withdrawn, and none of a solution it made itself.
        """
        return Adoption.add({**fields, "outcome_id": outcome.id})


@blp.route("/adoptions/<uuid:id>")
class AdoptionById(MethodView):
    @blp.operation(PUBLIC, item=Adoption, query=AdoptionQuery, gives=AdoptionSchema)
    def get(self):
        """Read an adoption

        404 when there is none, or none the caller may see.
        """

    @blp.operation("adoption:update", item=Adoption, takes=AdoptionSchema, gives=AdoptionSchema)
    def patch(self, fields, adoption):
        """Change an adoption

        A JSON merge patch (RFC 7396), until it is confirmed.
        """
        return adoption.change(fields)


blp.steps(Adoption, lifecycle.ADOPTION, gives=AdoptionSchema)
blp.history(Adoption, gives=AdoptionSchema)
