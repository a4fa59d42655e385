"""Notes that were written in two tabs at once: no word of either is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.lead_records.note_merging import merge_notes

TEXTS = st.lists(st.sampled_from(["a", "b", "ana", "é", " ", "  ", "\n"]), max_size=9).map("".join)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("Calm.", "Calm. Wants detox.", "Calm. Has Medicaid.", "Calm. Has Medicaid. Wants detox."),
        ("", "Mine.", "Theirs.", "Theirs.\nMine."),
        ("ask Ana", "ask Bea", "ask Cleo", "ask Cleo\nBea"),
        ("one two three", "ONE two three", "one two THREE", "ONE two THREE"),
        ("gone kept", "kept", "gone kept new", "kept new"),
        ("gone", "", "gone new", " new"),
        ("one ", "one", "one two", "one\ntwo"),
    ],
)
def test_both_are_kept_in_their_places(base: str, mine: str, theirs: str, merged: str) -> None:
    assert merge_notes(base, mine, theirs) == merged


@given(TEXTS, TEXTS, TEXTS)
def test_every_word_that_either_added_is_there(base: str, mine: str, theirs: str) -> None:
    merged = merge_notes(base, mine, theirs)
    for side in (mine, theirs):
        assert words(side) - words(base) <= words(merged)
    assert (words(mine) & words(theirs) & words(base)) <= words(merged)
    assert merge_notes(mine, mine, merged) == merged  # what was taken once is not taken twice
    assert merge_notes(base, mine, base) == mine
    assert merge_notes(base, base, theirs) == theirs


def words(text: str) -> Counter[str]:
    return Counter(text.split())
