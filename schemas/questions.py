"""Questions about an open challenge, answered to all alike."""

from __future__ import annotations

from schemas import vocabulary as v
from schemas.base import ResourceSchema
from schemas.fields import Choice, Links, Object, Ref
from schemas.query import AnyOf, Embed, Fields, ListQuery, Sort
from schemas.values import LocalizedTextSchema


class QuestionSchema(ResourceSchema):
    """A question about a challenge and its answer; who asked is not told."""

    always = ResourceSchema.always | {"challenge_id", "question"}

    state = Choice(v.QuestionState, "Whether it is answered.", dump_only=True, required=True, example="answered")
    challenge_id = Ref("challenge", "The challenge it is about.", dump_only=True, required=True)
    partner_id = Ref(
        "partner", "The organisation that asks; never shown to others.", required=True, create_only=True, load_only=True
    )
    question = Object(
        LocalizedTextSchema,
        "The question, worded so that it tells nothing about who asks.",
        required=True,
        example={"da": "Skal maskinerne kunne lades på pladsen?", "en": "Must the machines be charged on site?"},
    )
    answer = Object(
        LocalizedTextSchema,
        "The owners' answer.",
        dump_only=True,
        example={"da": "Ja, fra byggestrøm.", "en": "Yes, from the site's supply."},
    )
    links = Links("Where its neighbours are.", {"self": "/v1/questions/{id}"})


class QuestionQuery(ListQuery):
    """Filters of the question lists."""

    state = AnyOf(Choice(v.QuestionState, "State of the question.", example="answered"))
    challenge = AnyOf(Ref("challenge", "Challenge it is about."))
    sort = Sort("updated_at", "created_at")
    fields = Fields(QuestionSchema)  # type: ignore[assignment] # a parameter's name; marshmallow takes it off the class
    embed = Embed("challenge", "actions")
