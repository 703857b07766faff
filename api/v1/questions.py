"""Questions (spørgsmål og svar): what companies ask about an open challenge, answered to all alike.

Question and answer are shown to everyone who sees the challenge; who asked is not.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import TABLES
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Challenge, Question
from schemas.questions import QuestionQuery, QuestionSchema

blp = Blueprint("questions", __doc__)


@blp.route("/questions")
class Questions(MethodView):
    @blp.listing(Question, QuestionQuery, gives=QuestionSchema, formats=TABLES)
    def get(self):
        """List questions

        Those that are answered, and those the caller's organisations asked or were asked.
        """


@blp.route("/challenges/<uuid:id>/questions")
class QuestionsAboutChallenge(MethodView):
    @blp.listing(Question, QuestionQuery, gives=QuestionSchema, formats=TABLES, within=Challenge)
    def get(self):
        """List the questions about a challenge

        Those that are answered, and those the caller's organisations asked or were asked.
        """

    @blp.operation("question:create", within=Challenge, takes=QuestionSchema, gives=QuestionSchema, status=201)
    def post(self, fields, challenge):
        """Ask about a challenge

        While it is open.
        """
        return Question.add({**fields, "challenge_id": challenge.id})


@blp.route("/questions/<uuid:id>")
class QuestionById(MethodView):
    @blp.operation(PUBLIC, item=Question, query=QuestionQuery, gives=QuestionSchema)
    def get(self):
        """Read a question

        404 when there is none, or none the caller may see.
        """

    @blp.operation("question:update", item=Question, takes=QuestionSchema, gives=QuestionSchema)
    def patch(self, fields, question):
        """Change a question

        A JSON merge patch (RFC 7396), until it is answered.
        """
        return question.change(fields)


blp.steps(Question, lifecycle.QUESTION, gives=QuestionSchema)
blp.history(Question, gives=QuestionSchema)
