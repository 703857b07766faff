"""Rows and records: what goes into cells comes out of them again, whatever it is."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.models import RESOURCES
from schemas import vocabulary as v
from schemas.base import Shape, creating
from schemas.columns import Kind, columns_of, flatten, unflatten
from schemas.fields import Choice, Decimal, Flag, Integer, Many, Number, Object, Text
from schemas.names import PLURALS


class DeepSchema(Shape):
    """An object in an object."""

    text = Text("A text.", max=100)
    words = Many(Text("A word.", max=20, min=1), "Words.")


class InnerSchema(Shape):
    """An object with everything in it."""

    needed = Text("A text.", max=100, required=True)
    number = Number("A number.")
    deep = Object(DeepSchema, "Deeper.")


class RowSchema(Shape):
    """One of each kind of value."""

    text = Text("A text.", max=100)
    whole = Integer("A whole number.")
    number = Number("A number.")
    amount = Decimal("An amount.")
    flag = Flag("A flag.")
    theme = Choice(v.Theme, "A theme.")
    words = Many(Text("A word.", max=20, min=1), "Words.")
    numbers = Many(Integer("A number."), "Numbers.")
    inner = Object(InnerSchema, "An object.")
    rows = Many(Object(InnerSchema, "An object."), "Objects.")


COLUMNS = columns_of(RowSchema)
HARD = st.text(st.sampled_from("ab|\\,;\"'\n\r\tæ=+-@ 𝄞"), min_size=1, max_size=12)
TEXT = st.none() | st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()) | HARD
NUMBER = st.none() | st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15, allow_nan=False)
WORDS = st.lists(HARD, max_size=4)
DEEP = st.none() | st.fixed_dictionaries({"text": HARD, "words": WORDS})
INNER = st.fixed_dictionaries({"needed": HARD, "number": NUMBER, "deep": DEEP})
ROW = st.fixed_dictionaries(
    {
        "text": TEXT,
        "whole": st.none() | st.integers(-(10**15), 10**15),
        "number": NUMBER,
        "amount": st.none() | st.from_regex(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?", fullmatch=True),
        "flag": st.booleans(),
        "theme": st.none() | st.sampled_from([str(term) for term in v.Theme]),
        "words": WORDS,
        "numbers": st.lists(st.integers(-(10**15), 10**15), max_size=3),
        "inner": st.none() | INNER,
        "rows": st.lists(INNER, max_size=3),
    }
)


@given(ROW)
@settings(max_examples=500, deadline=None)
def test_what_is_laid_out_flat_is_put_together_again(document):
    cells = flatten(document, COLUMNS)
    assert all(isinstance(cell, str) for cell in cells)
    again = unflatten(dict(zip(PATHS, cells, strict=True)), COLUMNS)
    assert again == document
    assert _types(again) == _types(document)
    assert flatten(again, COLUMNS) == cells


PATHS = [column.path for column in COLUMNS]


def _types(value: Any) -> Any:
    """1 and 1.0 and true are equal in Python, and are not in JSON."""
    match value:
        case dict():
            return {name: _types(one) for name, one in value.items()}
        case list():
            return [_types(one) for one in value]
    return type(value)


@given(st.dictionaries(st.sampled_from(PATHS), st.text(max_size=30)))
@settings(max_examples=300, deadline=None)
def test_any_text_at_all_is_read_without_an_error(cells):
    assert set(unflatten(cells, COLUMNS)) <= set(RowSchema().fields)


def test_what_is_no_number_is_left_for_the_schema_to_refuse():
    cells = {"whole": "5 stk.", "flag": "ja", "rows": "[", "number": "1,5", "inner.needed": "x"}
    body = unflatten(cells, COLUMNS)
    assert body == {"number": "1,5", "whole": "5 stk.", "flag": "ja", "inner": {"needed": "x"}, "rows": "["}
    with pytest.raises(ma.ValidationError) as refused:
        creating(RowSchema)().load(body)
    assert set(refused.value.messages) == {"whole", "flag", "rows", "number"}


def test_a_column_that_is_not_there_says_nothing_and_an_empty_cell_says_null():
    assert unflatten({}, COLUMNS) == {}
    empty = dict.fromkeys(PATHS, "")
    assert unflatten(empty, COLUMNS) == {
        "text": None, "whole": None, "number": None, "amount": None, "theme": None, "words": [], "numbers": [],
        "inner": None, "rows": [],
    }  # fmt: skip
    assert unflatten({"inner.number": "-1.5"}, COLUMNS) == {"inner": {"number": -1.5}}


def test_lists_are_joined_by_bars_and_objects_in_lists_are_json():
    document = {"words": ["a|b", "c\\d"], "rows": [{"needed": "Ærø", "number": 1.5, "deep": None}]}
    cells = dict(zip(PATHS, flatten(document, COLUMNS), strict=True))
    assert cells["words"] == "a\\|b|c\\\\d"
    assert cells["rows"] == '[{"needed":"Ærø","number":1.5,"deep":null}]'


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_is_rows_of_what_it_answers_and_of_what_it_takes(resource):
    schema = type(RESOURCES[resource].schema)
    answered = {column.path: column for column in columns_of(schema)}
    assert answered.keys() >= {"id", "version", "state", "links.self", "source.external_id"}
    assert {path.partition(".")[0] for path in answered} == {
        name for name, field in schema().fields.items() if not field.load_only
    }
    sent = {column.path for column in columns_of(creating(schema))}
    assert not sent & {"id", "version", "state", "links.self"}
    assert {path.partition(".")[0] for path in sent} == set(creating(schema)().fields)
    assert all(column.value.description for column in answered.values()), PLURALS[resource]


@pytest.mark.parametrize("resource", RESOURCES)
def test_no_list_holds_what_an_empty_cell_could_mean(resource):
    for column in columns_of(type(RESOURCES[resource].schema)):
        if column.kind is Kind.LIST:
            with pytest.raises(ma.ValidationError):
                column.value.deserialize("")
