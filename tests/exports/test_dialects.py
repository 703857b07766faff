"""Dialects of CSV: what looks like a formula stays text, numbers stay numbers, and both come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import Column, Kind
from schemas.dialects import DIALECTS, EXCEL_DA, RFC_4180, guarded, unguarded
from schemas.fields import Decimal, Number, Text

WORDS = Column(("words",), Text("A text.", max=100), Kind.TEXT, (True,))
NUMBER = Column(("number",), Number("A number."), Kind.NUMBER, (True,))
AMOUNT = Column(("amount",), Decimal("An amount."), Kind.DECIMAL, (True,))
TEXT = st.text() | st.text(st.sampled_from("'=+-@\t\r\n＝＋－＠a"))


@pytest.mark.parametrize("first", "=+-@\t\r\n＝＋－＠")
def test_what_a_spreadsheet_would_reckon_out_is_kept_text(first):
    text = f'{first}HYPERLINK("https://evil.example")'
    assert EXCEL_DA.write(WORDS, text) == f"'{text}"
    assert EXCEL_DA.write(WORDS, f"'{text}") == f"''{text}", "or it would come back without its own"
    assert RFC_4180.write(WORDS, text) == text
    assert EXCEL_DA.write(WORDS, f"a{text}") == f"a{text}"


@pytest.mark.parametrize("text", ["'s-Hertogenbosch", "'", "", "a=b", " =1"])
def test_an_apostrophe_alone_is_nothing_to_guard(text):
    assert guarded(text) == unguarded(text) == text


@given(TEXT)
def test_guarding_loses_nothing(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@given(text=TEXT, number=st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_every_dialect_reads_what_it_writes(dialect, text, number):
    assert dialect.read(WORDS, dialect.write(WORDS, text)) == text
    assert dialect.read(NUMBER, dialect.write(NUMBER, str(number))) == str(number)


def test_negative_numbers_stay_numbers_with_the_comma_of_the_dialect():
    assert EXCEL_DA.write(NUMBER, "-1.5") == "-1,5"
    assert EXCEL_DA.write(AMOUNT, "-1250000.50") == "-1250000,50"
    assert RFC_4180.write(NUMBER, "-1.5") == "-1.5"
