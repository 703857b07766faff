"""Documents: files attached to a challenge, project, outcome, response or enquiry."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import MULTIPART, ResourceSchema, Shape
from schemas.fields import Choice, File, Integer, Links, Object, Ref, Text
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort
from schemas.values import LocalizedTitleSchema

MEDIA_TYPES = {
    v.DocumentFormat.PDF: "application/pdf",
    v.DocumentFormat.PNG: "image/png",
    v.DocumentFormat.JPEG: "image/jpeg",
    v.DocumentFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    v.DocumentFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    v.DocumentFormat.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    v.DocumentFormat.ODT: "application/vnd.oasis.opendocument.text",
    v.DocumentFormat.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    v.DocumentFormat.CSV: "text/csv",
    v.DocumentFormat.TXT: "text/plain",
}
"""What each format is called in Content-Type."""

_TITLE = {"da": "Kravspecifikation, udkast", "en": "Requirements, draft"}


class DocumentSchema(ResourceSchema):
    """A file attached to one record: exactly one of its parents is set. The bytes are at `links.content`."""

    always = ResourceSchema.always | {"title", "name", "format"}

    state = Choice(
        v.DocumentState, "Whether it can still be downloaded.", dump_only=True, required=True, example="current"
    )
    challenge_id = Ref("challenge", "The challenge it belongs to.", dump_only=True)
    project_id = Ref("project", "The project it belongs to.", dump_only=True, example=None)
    outcome_id = Ref("outcome", "The outcome it belongs to.", dump_only=True, example=None)
    response_id = Ref("response", "The response it belongs to.", dump_only=True, example=None)
    enquiry_id = Ref("enquiry", "The enquiry it belongs to.", dump_only=True, example=None)
    title = Object(LocalizedTitleSchema, "What the file holds, in one line.", required=True, example=_TITLE)
    name = Text("The file's name.", max=200, min=1, dump_only=True, required=True, example="kravspecifikation.pdf")
    format = Choice(
        v.DocumentFormat, "What kind of file it is, found by its content.", dump_only=True, required=True, example="pdf"
    )
    size = Integer("Bytes.", min=1, dump_only=True, required=True, example=48213)
    sha256 = Text(
        "SHA-256 of the bytes, in hexadecimal digits; the ETag of the content.",
        max=64,
        pattern="^[0-9a-f]{64}$",
        dump_only=True,
        required=True,
        example="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )
    links = Links("Where its neighbours are.", {"self": "/v1/documents/{id}", "content": "/v1/documents/{id}/content"})


class DocumentUploadSchema(Shape):
    """A file and what is said about it."""

    request = True
    media = MULTIPART

    file = File(
        "The file, with its name: PDF, PNG, JPEG, Word, Excel, PowerPoint, OpenDocument text or spreadsheet, or CSV or "
        "plain text in UTF-8; without macros. Its content decides, and its name and Content-Type must agree with it.",
        media=tuple(MEDIA_TYPES.values()),
        required=True,
        example="%PDF-1.7 …",
    )
    title = Object(LocalizedTitleSchema, "What the file holds, in one line, as JSON.", required=True, example=_TITLE)
    visibility = Choice(
        v.Visibility,
        "Who may see it among those who see the record it belongs to.",
        example="public",
        load_default=lambda: v.Visibility.PUBLIC,
        allow_none=False,
    )


class DocumentQuery(ListQuery):
    """Filters of the document lists."""

    state = AnyOf(Choice(v.DocumentState, "State of the document.", example="current"))
    challenge = AnyOf(Ref("challenge", "Challenge it belongs to."))
    project = AnyOf(Ref("project", "Project it belongs to."))
    outcome = AnyOf(Ref("outcome", "Outcome it belongs to."))
    response = AnyOf(Ref("response", "Response it belongs to."))
    enquiry = AnyOf(Ref("enquiry", "Enquiry it belongs to."))
    file_format = AnyOf(Choice(v.DocumentFormat, "What kind of file it is.", example="pdf"))
    sort = Sort("updated_at", "created_at", "title")
    fields = Fields(DocumentSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("challenge", "project", "outcome", "response", "enquiry", "actions")
