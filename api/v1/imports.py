"""Imports (indlæsninger): files of challenges, partners, projects or outcomes, taken in as if each line came alone.

A file is sent, checked and taken in by a runner beside the server; how far it has come is read at its address. Which
record a line is, its source says: system and id there; where both are empty, its own `id` does, as in an export of
records that were born here, and the record must be there. One that is there already is changed: what the file has no
column for stays as it is, and an empty cell clears. Instead of an id of ours any reference may name a source,
`source:<system>/<id>`, or an organisation's number, `org-id:DK-CVR-<number>`; a line can refer to lines before it. New
records begin in their first state; `state` in a file counts only when somebody at CO-PI brings history along.
"""

from flask.views import MethodView

from api.imports import jobs
from api.kit.blueprint import LOGGED_IN, Blueprint
from api.models import Import
from schemas.imports import ImportErrorQuery, ImportErrorSchema, ImportQuery, ImportSchema, ImportUploadSchema
from schemas.pages import page_of

blp = Blueprint("imports", __doc__)


@blp.route("/imports")
class Imports(MethodView):
    @blp.operation(LOGGED_IN, name="list_imports", query=ImportQuery, gives=page_of(ImportSchema))
    def get(self, wanted):
        """List imports

        The caller's own, the newest first, without their errors.
        """
        return jobs.page(wanted)

    @blp.operation("import:create", takes=ImportUploadSchema, gives=ImportSchema, status=202)
    def post(self, fields):
        """Import a file

        Every line is held to the rules of a single call, in the caller's name and with the rights the caller has when
        it is its turn. `line_by_line` takes in what is not refused, some hundred lines at a time; `all_or_nothing`
        checks everything first and then writes it in one transaction, for which other writes may have to wait: a
        file of more lines than `mode` allows for that fails before anything of it is written.
        """
        return jobs.create(fields)


@blp.route("/imports/<uuid:id>")
class ImportById(MethodView):
    @blp.operation(LOGGED_IN, name="read_import", item=Import, gives=ImportSchema)
    def get(self, job):
        """Read an import

        How far it has come, and the first hundred errors. It is forgotten some time after it ended.
        """
        return jobs.with_errors(job)


@blp.route("/imports/<uuid:id>/errors")
class Errors(MethodView):
    @blp.operation(
        LOGGED_IN, name="list_import_errors", item=Import, query=ImportErrorQuery, gives=page_of(ImportErrorSchema)
    )
    def get(self, wanted, job):
        """List an import's errors

        Line by line: where, what is wrong, and what to do about it.
        """
        return jobs.errors(wanted, job)


@blp.route("/imports/<uuid:id>/run")
class Run(MethodView):
    @blp.operation("import:run", name="run_import", item=Import, gives=ImportSchema, status=202)
    def post(self, job):
        """Take in a checked file

        What a dry run has checked is now written; 409 unless it is `checked`.
        """
        return jobs.run(job)


@blp.route("/imports/<uuid:id>/cancel")
class Cancel(MethodView):
    @blp.operation("import:cancel", name="cancel_import", item=Import, gives=ImportSchema)
    def post(self, job):
        """Cancel an import

        What has been taken in by then stays; of `all_or_nothing` that is nothing.
        """
        return jobs.cancel(job)
