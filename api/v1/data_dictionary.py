"""Data dictionary (dataordbog): what every column of the tables means, whatever format they are taken out in.

Worked out from the same declarations as the contract, so that it cannot fall behind.
"""

from flask.views import MethodView

from api.exports import TABLES, told
from api.kit.blueprint import PUBLIC, Blueprint
from schemas.dictionary import DataDictionariesSchema, DataDictionarySchema, DictionaryQuery

blp = Blueprint("data-dictionary", __doc__)


@blp.route("/data-dictionary")
class DataDictionaries(MethodView):
    @blp.operation(PUBLIC, name="list_data_dictionaries", gives=DataDictionariesSchema)
    def get(self):
        """Read the data dictionary

        Every column of every resource: its kind, what it means, the code list of its values, and an example.
        """
        return told.overview()


@blp.route("/data-dictionary/<resource>")
class DataDictionaryByResource(MethodView):
    @blp.operation(
        PUBLIC, name="read_data_dictionary", query=DictionaryQuery, gives=DataDictionarySchema, formats=TABLES,
        named=True,
    )  # fmt: skip
    def get(self, wanted, resource):
        """Read one resource's data dictionary

        Also as a table; the workbooks of the resource's list have it on their last sheet.
        """
        return told.of(resource, wanted)
