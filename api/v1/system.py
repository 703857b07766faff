"""System: whether the service works."""

from flask.views import MethodView

from api.kit.blueprint import PUBLIC, Blueprint
from api.services import status
from schemas.system import StatusSchema

blp = Blueprint("system", __doc__)


@blp.route("/status")
class Status(MethodView):
    @blp.operation(PUBLIC, name="read_status", gives=StatusSchema, counted=False)
    def get(self):
        """Read the service's state

        For monitoring: no log-in, no side effects; 503 when the database does not answer.
        """
        return status.now()
