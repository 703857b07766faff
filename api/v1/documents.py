"""Documents (bilag): files attached to a challenge, project, outcome, response or enquiry.

Whoever may change a record attaches documents to it, and so does whoever is to answer it. Nobody sees a document who
does not see that record, and its own visibility can only narrow that further.
"""

from flask.views import MethodView

from api.domain import lifecycle
from api.exports import TABLES
from api.kit.blueprint import LOGGED_IN, PUBLIC, Blueprint
from api.models import Challenge, Document, Enquiry, Outcome, Project, Response
from api.services import documents
from schemas.documents import MEDIA_TYPES, DocumentQuery, DocumentSchema, DocumentUploadSchema
from schemas.names import PLURALS

blp = Blueprint("documents", __doc__)


@blp.route("/documents")
class Documents(MethodView):
    @blp.listing(Document, DocumentQuery, gives=DocumentSchema, formats=TABLES)
    def get(self):
        """List documents

        Those of every record the caller may see.
        """


def _documents_of(parent, needs):
    """The addresses below one kind of record."""
    noun = parent.__tablename__

    def get(self): ...

    def post(self, fields, record):
        return documents.attach(record, fields)

    get.__doc__ = f"List the documents of one {noun}\n\nThose the caller may see."
    post.__doc__ = (
        f"Attach a document to one {noun}\n\n"
        "The file and its title in one form. Its content is checked, whatever it is called."
    )
    listing = blp.listing(Document, DocumentQuery, gives=DocumentSchema, formats=TABLES, within=parent, needs=needs)
    attaching = blp.operation(
        "document:create", name=f"create_{noun}_document", within=parent, takes=DocumentUploadSchema,
        gives=DocumentSchema, status=201,
    )  # fmt: skip
    views = type(f"{parent.__name__}Documents", (MethodView,), {"get": listing(get), "post": attaching(post)})
    blp.route(f"/{PLURALS[noun]}/<uuid:id>/documents")(views)


for parent, needs in (
    (Challenge, PUBLIC), (Project, PUBLIC), (Outcome, PUBLIC), (Response, LOGGED_IN), (Enquiry, LOGGED_IN),
):  # fmt: skip
    _documents_of(parent, needs)


@blp.route("/documents/<uuid:id>")
class DocumentById(MethodView):
    @blp.operation(PUBLIC, item=Document, query=DocumentQuery, gives=DocumentSchema)
    def get(self):
        """Read what is said about a document

        404 when there is none, or none the caller may see.
        """

    @blp.operation("document:update", item=Document, takes=DocumentSchema, gives=DocumentSchema)
    def patch(self, fields, document):
        """Change what is said about a document

        A JSON merge patch (RFC 7396). The file itself never changes: attach the new one, and remove the old.
        """
        return document.change(fields)


@blp.route("/documents/<uuid:id>/content")
class Content(MethodView):
    @blp.operation(PUBLIC, name="read_document_content", item=Document, streams=tuple(MEDIA_TYPES.values()))
    def get(self, document):
        """Download a document

        Always as an attachment. A part of it by Range (RFC 9110), to go on where a download broke off.
        """
        return documents.content(document)


blp.steps(Document, lifecycle.DOCUMENT, gives=DocumentSchema, afterwards=documents.erase)
blp.history(Document, gives=DocumentSchema)
