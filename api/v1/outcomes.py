"""Outcomes (resultater): what came of projects, measured and reused; good or bad.

Expected and measured effects are never mixed, and every number says how it is known. CO-PI verifies an outcome before
it is shown, and shows it only to those who see the project.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Outcome
from schemas.outcomes import OutcomeQuery, OutcomeSchema

blp = Blueprint("outcomes", __doc__)


@blp.route("/outcomes")
class Outcomes(MethodView):
    @blp.listing(Outcome, OutcomeQuery, gives=OutcomeSchema)
    def get(self):
        """List outcomes

        Those the caller may see, newest change first unless sorted otherwise.
        """

    @blp.operation("outcome:create", takes=OutcomeSchema, gives=OutcomeSchema, status=201)
    def post(self, fields):
        """Register an outcome

        It begins as a draft that only those who answer for the project and CO-PI see.
        """
        return Outcome.add(fields)


@blp.route("/outcomes/<uuid:id>")
class OutcomeById(MethodView):
    @blp.operation(PUBLIC, item=Outcome, query=OutcomeQuery, gives=OutcomeSchema)
    def get(self):
        """Read an outcome

        404 when there is none, or none the caller may see.
        """

    @blp.operation("outcome:update", item=Outcome, takes=OutcomeSchema, gives=OutcomeSchema)
    def patch(self, fields, outcome):
        """Change an outcome

        A JSON merge patch (RFC 7396): send what changes, null clears, lists are replaced whole.
        """
        return outcome.change(fields)


blp.steps(Outcome, lifecycle.OUTCOME, gives=OutcomeSchema)
blp.by_source(Outcome, OutcomeQuery, gives=OutcomeSchema)
blp.history(Outcome, gives=OutcomeSchema)
