"""What the columns of tables say of themselves in a statement."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CLAIMED_CALLBACK, CallbackState


def test_words_that_a_column_is_compared_with_are_constants_of_the_statement() -> None:
    state = col(Callback.state)
    query = select(Callback.id).where(
        state != CallbackState.WAITING, state.in_(CLAIMED_CALLBACK), state.not_in([])
    )
    statement = query.compile(compile_kwargs={"render_postcompile": True})
    assert "POSTCOMPILE" not in str(statement)
    assert "state != 'waiting'" in str(statement)
    assert "state IN ('claimed', 'calling', 'wrap_up')" in str(statement)


def test_a_word_of_another_list_is_refused() -> None:
    with pytest.raises(ValueError, match="helped"):
        select(Callback.id).where(col(Callback.state) == Disposition.HELPED)
