"""Projects (projekter): public-private collaborations that answer challenges; a programme is a project too.

Participants hold one or several of 22 roles. The form of collaboration and the procurement route are two different
things. Funding rows stand as their sources state them and must not be added up.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import FEEDS, RECORDS
from api.kit.blueprint import PUBLIC, Blueprint
from api.models import Project
from schemas.projects import ProjectQuery, ProjectSchema

blp = Blueprint("projects", __doc__)


@blp.route("/projects")
class Projects(MethodView):
    @blp.listing(Project, ProjectQuery, gives=ProjectSchema, formats=FEEDS)
    def get(self):
        """List projects

        Those the caller may see, newest change first unless sorted otherwise.
        """

    @blp.operation("project:create", takes=ProjectSchema, gives=ProjectSchema, status=201)
    def post(self, fields):
        """Register a project

        It begins as planned. `challenge_ids` and `parent_id` name only what the caller may change: it will stand in the
        lineage of these needs, and of those of the programme. Others leave them out; the owner of a need forms a
        project from it or, where it answers for the project too, adds the need. CO-PI may name any.
        """
        return Project.add(fields)


@blp.route("/projects/<uuid:id>")
class ProjectById(MethodView):
    @blp.operation(PUBLIC, item=Project, query=ProjectQuery, gives=ProjectSchema, formats=RECORDS)
    def get(self):
        """Read a project

        404 when there is none, or none the caller may see.
        """

    @blp.operation("project:update", item=Project, takes=ProjectSchema, gives=ProjectSchema)
    def patch(self, fields, project):
        """Change a project

        A JSON merge patch (RFC 7396): send what changes, null clears, lists are replaced whole. When the end moves, the
        dates to ask for effects that followed from it move along. A challenge or a programme is added by those who may
        change it, too. Somebody must go on answering for the project, and whoever changes the participants must be able
        to change it afterwards too.
        """
        return project.change(fields).follow_end()


blp.steps(Project, lifecycle.PROJECT, gives=ProjectSchema)
blp.by_source(Project, ProjectQuery, gives=ProjectSchema)
blp.history(Project, gives=ProjectSchema)
