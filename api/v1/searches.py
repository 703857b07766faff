"""Saved searches (gemte søgninger): a question to one of the lists, kept.

Each has an address to read, to follow (`/events?search=`), for a feed reader (Atom) and for a spreadsheet; and tells by
mail what is new, if you want it to.
"""

from flask.views import MethodView

from api.feeds import digests, searches
from api.kit.blueprint import LOGGED_IN, PUBLIC, Blueprint
from api.models import SavedSearch
from schemas.pages import page_of
from schemas.searches import SearchQuery, SearchSchema

blp = Blueprint("searches", __doc__)


@blp.route("/searches")
class Searches(MethodView):
    @blp.operation(LOGGED_IN, name="list_searches", query=SearchQuery, gives=page_of(SearchSchema))
    def get(self, wanted):
        """List saved searches

        The caller's own; CO-PI's administrators see all.
        """
        return searches.page(wanted)

    @blp.operation("search:create", takes=SearchSchema, gives=SearchSchema, status=201)
    def post(self, fields):
        """Save a search

        `query` is checked as the list itself would. At most 100 an account.
        """
        return searches.create(fields)


@blp.route("/searches/<uuid:id>")
class SearchById(MethodView):
    @blp.operation(LOGGED_IN, name="read_search", item=SavedSearch, gives=SearchSchema)
    def get(self, search):
        """Read a saved search

        With the addresses to use it at.
        """
        return search

    @blp.operation("search:update", item=SavedSearch, takes=SearchSchema, gives=SearchSchema)
    def patch(self, fields, search):
        """Change a saved search

        A digest tells what happens from now on.
        """
        return searches.change(search, fields)

    @blp.operation("search:delete", item=SavedSearch, name="delete_search", status=204)
    def delete(self, search):
        """Delete a saved search

        409 while a webhook goes by it.
        """
        searches.delete(search)


@blp.route("/searches/<uuid:id>/unsubscribe/<string:token>")
class Unsubscribe(MethodView):
    @blp.operation(PUBLIC, name="unsubscribe_from_search", named=True, status=204)
    def post(self, id, token):
        """Stop a digest

        Without a log-in, by the token of the address in one of its mails, for frontends with a page of their own.
        """
        digests.unsubscribe(str(id), token)
