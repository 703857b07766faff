"""Open data (åbne data): the same records in the formats that data portals and procurement tools read.

Free to use, also for business, under Creative Commons Attribution 4.0. What is put how is told at `/docs/open-data`.
"""

from flask.views import MethodView

from api.exports import dcat, ocds
from api.kit.blueprint import PUBLIC, Blueprint
from schemas.ocds import OcdsQuery, OcdsReleasePackageSchema
from schemas.open_data import CatalogueQuery, CatalogueSchema

blp = Blueprint("open-data", __doc__)


@blp.route("/catalog")
class Catalogue(MethodView):
    @blp.operation(
        PUBLIC, name="read_catalog", query=CatalogueQuery, gives=CatalogueSchema, formats=dcat.FORMATS, tagged=True
    )
    def get(self, wanted):
        """Read the catalogue of the open data

        Every dataset and each form it can be read in, after DCAT-AP-DK 2.0: the address to give a data portal. JSON-LD,
        or Turtle with `format=ttl`.
        """
        return dcat.respond(wanted)


@blp.route("/ocds/releases")
class Releases(MethodView):
    @blp.operation(PUBLIC, name="list_releases", query=OcdsQuery, gives=OcdsReleasePackageSchema, tagged=True)
    def get(self, wanted):
        """List contracting processes

        Challenges and projects as a release package of the Open Contracting Data Standard 1.1, the longest unchanged
        first. Walk on by `links.next`; a harvester that later goes on from its last cursor gets what has changed since.
        """
        return ocds.respond(wanted)
