"""Code lists (kodelister): every closed list and classification the API uses, with Danish and English words.

The API's own vocabularies, municipalities with their regions by date, CPV 2008, procurement routes and thresholds, SDG,
TRL, eForms lists and indicators; each with its version, licence and source.
"""

from flask.views import MethodView

from api.kit.blueprint import PUBLIC, Blueprint
from api.services import code_lists
from schemas.system import CodeListSchema, CodeListsSchema, CodeQuery

blp = Blueprint("code-lists", __doc__)


@blp.route("/code-lists")
class CodeLists(MethodView):
    @blp.operation(PUBLIC, name="list_code_lists", gives=CodeListsSchema)
    def get(self):
        """List the code lists

        Each with its version, licence and source, without its items.
        """
        return code_lists.overview()


@blp.route("/code-lists/<scheme>")
class CodeListByScheme(MethodView):
    @blp.operation(PUBLIC, name="read_code_list", query=CodeQuery, gives=CodeListSchema, named=True)
    def get(self, wanted, scheme):
        """Read a code list

        In pages; `q` finds codes by the beginnings of their words.
        """
        return code_lists.page(scheme, wanted)
