"""A cell that somebody else wrote is shown by a spreadsheet and never carried out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.spreadsheet_cells import escape_formula, unescape_formula


@pytest.mark.parametrize("first", [*"=+-@\t\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@pytest.mark.parametrize("before", ["", " ", "\n\u00a0"])
def test_a_formula_is_a_text(before: str, first: str) -> None:
    for rest in ("A1", "1+cmd|' /C calc'!A0"):
        assert escape_formula(before + first + rest) == f"'{before}{first}{rest}"


@pytest.mark.parametrize("text", ["+13155550142", "+1 (315) 555-0142", "-5", "Ana", "", "'", "1=1"])
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


@given(st.text(alphabet="'=+-@\t 1aA(", max_size=6))
def test_a_text_comes_back_as_it_was_and_is_marked_once(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == (
        text if not text.startswith("'") else unescape_formula(text)
    )
    assert escape_formula(escape_formula(text)) == escape_formula(text)
