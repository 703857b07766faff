"""Saved searches on the wire."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Choice, Id, Moment, Object, Text
from schemas.names import EXAMPLE_IDS
from schemas.query import PageQuery

_AT = "2026-11-23T09:00:00.000000Z"


class SearchLinksSchema(Shape):
    """Where what a search finds is read and followed."""

    list = Text("The records it finds.", max=4000, format="uri-reference", required=True,
                example="/v1/challenges?theme=green_transition&state=open")  # fmt: skip
    events = Text("What happens to them.", max=200, format="uri-reference", required=True,
                  example=f"/v1/events?search={EXAMPLE_IDS['search']}")  # fmt: skip
    csv = Text("All of them as CSV.", max=4000, format="uri-reference", required=True,
               example="/v1/challenges?theme=green_transition&state=open&format=csv")  # fmt: skip
    atom = Text("The newest of them as an Atom feed, where the list has one.", max=4000, format="uri-reference",
                example="/v1/challenges?theme=green_transition&state=open&format=atom")  # fmt: skip


class SearchSchema(Shape):
    """A question to one of the lists, kept to be asked again, followed, or told of by mail."""

    located = True

    id = Id("The search's id.", dump_only=True, required=True, example=EXAMPLE_IDS["search"])
    name = Text("What you call it.", max=200, min=1, required=True, example="Åbne udfordringer i grøn omstilling")
    resource = Choice(
        v.Searchable, "The kind of record it finds.", required=True, create_only=True, example="challenge"
    )
    query = Text(
        "The question as in the list's address: its filters, `q` and `sort`. All records when empty.",
        max=2000, allow_none=False, load_default=lambda: "", example="theme=green_transition&state=open",
    )  # fmt: skip
    digest = Choice(v.Digest, "How often you are told by mail what is new; null for never.", example="weekly")
    language = Choice(
        v.Language, "The language of the mail.", allow_none=False, load_default=lambda: v.Language.DA, example="da"
    )
    created_at = Moment("When it was saved.", dump_only=True, required=True, example=_AT)
    next_digest_at = Moment("When you are told next, if there is anything to tell.", dump_only=True, example=_AT)
    links = Object(SearchLinksSchema, "Where what it finds is read and followed.", dump_only=True, required=True)


class SearchQuery(PageQuery):
    """Paging through saved searches."""
