"""Sandbox (sandkasse): where a test client tries everything out.

What a test client sees and writes is in a sandbox of its own, marked `test`, and nowhere else. It is everybody there:
the owner of a need, the company that answers, and CO-PI.
"""

from flask.views import MethodView

from api.kit.blueprint import LOGGED_IN, Blueprint
from api.services import sandbox
from schemas.sandbox import SandboxSchema

blp = Blueprint("sandbox", __doc__)


@blp.route("/sandbox")
class Sandbox(MethodView):
    @blp.operation(LOGGED_IN, name="read_sandbox", gives=SandboxSchema, needs=sandbox.NEEDS.en)
    def get(self):
        """Read what is in the sandbox

        How many test records there are of each kind.
        """
        return sandbox.contents()


@blp.route("/sandbox/reset")
class Reset(MethodView):
    @blp.operation(LOGGED_IN, name="reset_sandbox", gives=SandboxSchema, needs=sandbox.NEEDS.en)
    def post(self):
        """Empty the sandbox

        Takes every test record away with its history and files, and puts the five organisations that a sandbox begins
        with back.
        """
        return sandbox.reset()
