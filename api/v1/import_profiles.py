"""Import profiles (indlæsningsprofiler): named ways to read the files of other systems, column by column."""

from flask.views import MethodView

from api.imports import profiles
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import ImportProfile
from schemas.imports import ImportProfileQuery, ImportProfileSchema
from schemas.pages import page_of

blp = Blueprint("import-profiles", __doc__)


@blp.route("/import-profiles")
class ImportProfiles(MethodView):
    @blp.operation(LOGGED_IN, name="list_import_profiles", query=ImportProfileQuery, gives=page_of(ImportProfileSchema))
    def get(self, wanted):
        """List import profiles

        The caller's own.
        """
        return profiles.page(wanted)

    @blp.operation("import_profile:create", takes=ImportProfileSchema, gives=ImportProfileSchema, status=201)
    def post(self, fields):
        """Save an import profile

        Its columns are checked against those of the resource.
        """
        return profiles.create(fields)


@blp.route("/import-profiles/shipped")
class Shipped(MethodView):
    @blp.operation(LOGGED_IN, name="list_shipped_profiles", gives=page_of(ImportProfileSchema))
    def get(self):
        """List the profiles that come along

        For lists of EU projects and for open contracting data. Named in an import, or copied and changed.
        """
        return profiles.all_shipped()


@blp.route("/import-profiles/<uuid:id>")
class ImportProfileById(MethodView):
    @blp.operation(LOGGED_IN, name="read_import_profile", item=ImportProfile, gives=ImportProfileSchema)
    def get(self, profile):
        """Read an import profile

        404 when there is none of the caller's.
        """
        return profile

    @blp.operation("import_profile:update", item=ImportProfile, takes=ImportProfileSchema, gives=ImportProfileSchema)
    def patch(self, fields, profile):
        """Change an import profile

        Imports that have been sent go on by what it said then.
        """
        return profiles.change(profile, fields)

    @blp.operation("import_profile:delete", name="delete_import_profile", item=ImportProfile, status=204)
    def delete(self, profile):
        """Delete an import profile

        Imports that have been sent go on by what it said.
        """
        profiles.delete(profile)
