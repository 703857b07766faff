"""Tasks (opgaver): what waits for the caller's organisations, and for CO-PI.

Worked out from the records as they are: whose turn it is, which milestones of a project are due and not
reached, and which effects are due 12 and 48 months after it.
"""

from flask.views import MethodView

from api.kit.blueprint import LOGGED_IN, Blueprint
from api.services import tasks
from schemas.tasks import TaskQuery, TasksSchema

blp = Blueprint("tasks", __doc__)


@blp.route("/tasks")
class Tasks(MethodView):
    @blp.operation(LOGGED_IN, name="list_tasks", query=TaskQuery, gives=TasksSchema)
    def get(self, wanted):
        """List what waits for the caller

        Only what the caller itself may do now; what is due first stands first.
        """
        return tasks.page(wanted)
