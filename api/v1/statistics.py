"""Statistics (statistik): how many, of what, with what effect and how fast.

One address a question, and each takes the filters of the list it is about: a frontend that shows a filtered list sends
the same words here and gets the counts for its filter panel, whose numbers are the list's `total` once a value is
chosen. Codes come with their words in Danish and English. Only what you may see is counted, and nothing of the sandbox.
"""

from flask.views import MethodView

from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Challenge, Outcome, Partner, Project
from api.services import statistics
from schemas.challenges import ChallengeQuery
from schemas.outcomes import OutcomeQuery
from schemas.partners import PartnerQuery
from schemas.projects import ProjectQuery
from schemas.statistics import EffectsSchema, JourneySchema, statistics_query

blp = Blueprint("statistics", __doc__)

CHALLENGES = statistics.Counts(Challenge, ChallengeQuery, kinds=("owner", "owner_kind"))
PARTNERS = statistics.Counts(Partner, PartnerQuery)
PROJECTS = statistics.Counts(Project, ProjectQuery, kinds=("partner", "partner_kind"))
OUTCOMES = statistics.Counts(Outcome, OutcomeQuery, kinds=("partner", "partner_kind"))


@blp.route("/statistics/challenges")
class ChallengeStatistics(MethodView):
    @blp.operation(PUBLIC, name="count_challenges", query=CHALLENGES.query, gives=CHALLENGES.gives, tagged=True)
    def get(self, wanted):
        """Count challenges

        By theme, state, phase, place, year and sort of owner.
        """
        return CHALLENGES.respond(wanted)


@blp.route("/statistics/partners")
class PartnerStatistics(MethodView):
    @blp.operation(PUBLIC, name="count_partners", query=PARTNERS.query, gives=PARTNERS.gives, tagged=True)
    def get(self, wanted):
        """Count partners

        By kind, theme, size, place and export market.
        """
        return PARTNERS.respond(wanted)


@blp.route("/statistics/projects")
class ProjectStatistics(MethodView):
    @blp.operation(PUBLIC, name="count_projects", query=PROJECTS.query, gives=PROJECTS.gives, tagged=True)
    def get(self, wanted):
        """Count projects

        By theme, state, form of collaboration, place, year, export market and sort of participant.
        """
        return PROJECTS.respond(wanted)


@blp.route("/statistics/outcomes")
class OutcomeStatistics(MethodView):
    @blp.operation(PUBLIC, name="count_outcomes", query=OUTCOMES.query, gives=OUTCOMES.gives, tagged=True)
    def get(self, wanted):
        """Count outcomes

        By kind, theme, place, year and export market; and how far others have taken them over.
        """
        return OUTCOMES.respond(wanted)


@blp.route("/statistics/effects")
class EffectStatistics(MethodView):
    @blp.operation(PUBLIC, name="read_effects", query=statistics_query(OutcomeQuery), gives=EffectsSchema, tagged=True)
    def get(self, wanted):
        """Read the effects by indicator

        Over published outcomes. Values stand together only when indicator, unit, `per` and the way they are known are
        the same, and are added only where that makes sense. `indicator` and `value_kind` also choose among the values.
        """
        return statistics.read_effects(wanted)


@blp.route("/statistics/journey")
class JourneyStatistics(MethodView):
    @blp.operation(
        PUBLIC, name="read_journey", query=statistics_query(ChallengeQuery), gives=JourneySchema, tagged=True
    )
    def get(self, wanted):
        """Read the time from need to effect

        Over published challenges. A date known to the year is read as 1 July, one known to the month as the 15th; where
        the two dates overlap the answer is 0 days.
        """
        return statistics.read_journey(wanted)
