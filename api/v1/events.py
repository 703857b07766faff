"""Events (hændelser): everything that happens, in one order, to follow from wherever you are.

Take a full copy first (the lists, or their exports) after asking for `head`, then follow from there: every change of
what you see comes once, in the order it was written, and a tombstone when something is no longer there for you.
"""

from flask.views import MethodView

from api.feeds import following
from api.kit.blueprint import PUBLIC, Blueprint
from schemas.events import EventQuery, EventsSchema

blp = Blueprint("events", __doc__)


@blp.route("/events")
class Events(MethodView):
    @blp.operation(PUBLIC, name="list_events", query=EventQuery, gives=EventsSchema, tagged=True)
    def get(self, wanted):
        """Follow what happens

        Events of what the caller sees, oldest first, from the first there ever was. Ask with the answer's `cursor` as
        `after` next, as often as you like: no event is ever inserted before one that was told.
        """
        return following.answered(wanted)
