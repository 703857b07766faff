"""Challenges (udfordringer): concrete needs that public bodies put to the market.

A challenge has one or more owners (behovsejere). It is drafted, reviewed by CO-PI, open for answers, closed, and at
last resolved with what became of the need.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import CALENDARS, RECORDS
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Challenge
from api.services import forming, lineage
from schemas.challenges import ChallengeQuery, ChallengeSchema
from schemas.formation import FormationSchema
from schemas.lineage import LineageSchema
from schemas.projects import ProjectSchema

blp = Blueprint("challenges", __doc__)


@blp.route("/challenges")
class Challenges(MethodView):
    @blp.listing(Challenge, ChallengeQuery, gives=ChallengeSchema, formats=CALENDARS)
    def get(self):
        """List challenges

        Those the caller may see, newest change first unless sorted otherwise.
        """

    @blp.operation("challenge:create", takes=ChallengeSchema, gives=ChallengeSchema, status=201)
    def post(self, fields):
        """Register a challenge

        It begins as a draft that only its owners and CO-PI see.
        """
        return Challenge.add(fields)


@blp.route("/challenges/<uuid:id>")
class ChallengeById(MethodView):
    @blp.operation(PUBLIC, item=Challenge, query=ChallengeQuery, gives=ChallengeSchema, formats=RECORDS)
    def get(self):
        """Read a challenge

        404 when there is none, or none the caller may see.
        """

    @blp.operation("challenge:update", item=Challenge, takes=ChallengeSchema, gives=ChallengeSchema)
    def patch(self, fields, challenge):
        """Change a challenge

        A JSON merge patch (RFC 7396): send what changes, null clears, lists are replaced whole. Once published it can
        be shown to more and never to fewer, and while it is open its deadline can only be put off. Whoever changes the
        owners must still be able to change the challenge afterwards.
        """
        return challenge.change(fields)


@blp.route("/challenges/<uuid:id>/form-project")
class ProjectOfChallenge(MethodView):
    @blp.operation(
        "challenge:form-project", name="form_project", item=Challenge, takes=FormationSchema, gives=ProjectSchema,
        status=201,
    )  # fmt: skip
    def post(self, fields, challenge):
        """Form a project from a challenge

        In one call: participants from its owners, supporters and selected responses, theme, keywords and places are
        carried over, and the challenge is resolved. It must be closed and its responses decided on.
        """
        return forming.project_from(challenge, fields)


@blp.route("/challenges/<uuid:id>/lineage")
class Lineage(MethodView):
    @blp.operation(PUBLIC, name="read_lineage", item=Challenge, gives=LineageSchema)
    def get(self, challenge):
        """Read a challenge's lineage

        From the need to what came of it: supports, projects with those that a programme consists of, their outcomes and
        adoptions, as far as the caller sees.
        """
        return lineage.of(challenge)


blp.steps(Challenge, lifecycle.CHALLENGE, gives=ChallengeSchema)
blp.by_source(Challenge, ChallengeQuery, gives=ChallengeSchema)
blp.history(Challenge, gives=ChallengeSchema)
