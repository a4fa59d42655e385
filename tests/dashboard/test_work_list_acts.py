"""What a supervisor may do to several rows of the work list at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.work_list.several_selected import READ_ONE_BY_ONE, SHARED_ACTS
from leads.database.transactions import reader, transaction
from leads.models.calls import Callback
from leads.models.enums import HoldReason
from tests.support.people import a_callback, a_supervisor, held_for, hold_back
from tests.support.streamlit_page import page_drawn_by

RELEASE = SHARED_ACTS[0]


def a_held_row(*reasons: HoldReason) -> Any:
    return SimpleNamespace(callback=SimpleNamespace(hold="Held.", hold_reasons=frozenset(reasons)))


@pytest.mark.parametrize("reason", sorted(READ_ONE_BY_ONE))
def test_nobody_warned_of_is_released_with_others(reason: HoldReason) -> None:
    assert RELEASE.suits(a_held_row(HoldReason.CALL_LOST))
    assert not RELEASE.suits(a_held_row(HoldReason.CALL_LOST, reason))


def draw_held_callbacks() -> None:
    """Draw, as the panel does, the decision about each callback that is held."""
    import streamlit as st  # noqa: PLC0415 - this is a page of its own

    from dashboard import widgets  # noqa: PLC0415
    from dashboard.work_list import callback_panel, row_list, side_panel  # noqa: PLC0415

    @st.fragment(key=row_list.LIST)
    def draw_list() -> None:
        st.write(str(len(side_panel.read_work().rows)))

    @st.fragment(key=row_list.PANEL)
    def draw_panel() -> None:
        widgets.draw_action_message()
        for row in side_panel.read_work().rows:
            callback_panel.draw_callback_panel(row.callback, [])

    draw_list()
    draw_panel()


@pytest.mark.usefixtures("database")
def test_the_button_lifts_what_was_shown_beside_it_and_nothing_newer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction() as session:
        sam = a_supervisor(session)
        number = a_callback(session, hold="Look first.").id
        user = {"id": sam.id, "name": sam.name, "role": sam.role, "sign_in": 1}
    page = page_drawn_by(draw_held_callbacks, monkeypatch)
    page.user = user
    page.run()
    with transaction() as session:
        hold_back(session, session.get_one(Callback, number), HoldReason.UNCLEAR_TEXT)
    page.button(key=f"unhold-{number}").click().run()
    assert not page.exception
    assert [one.value for one in page.warning] == [
        "A new hold was placed since you opened this: read it, then decide again."
    ]
    with reader() as session:
        assert held_for(session.get_one(Callback, number)) == ["Look first.", "unclear_text"]
    page.button(key=f"unhold-{number}").click().run()
    assert [one.value for one in page.success] == ["It is in the queue again."]


def draw_what_was_canceled() -> None:
    """Draw, as the panel does, a callback that may be canceled, and what came of the last act."""
    from dashboard import widgets  # noqa: PLC0415 - this is a page of its own
    from dashboard.work_list import callback_panel, side_panel  # noqa: PLC0415

    widgets.draw_action_message()
    for row in side_panel.read_work().rows:
        callback_panel.draw_callback_panel(row.callback, [])


@pytest.mark.usefixtures("database")
def test_what_was_canceled_can_be_undone_beside_what_came_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction() as session:
        sam = a_supervisor(session)
        number = a_callback(session, hold="Look first.").id
        user = {"id": sam.id, "name": sam.name, "role": sam.role, "sign_in": 1}
    page = page_drawn_by(draw_what_was_canceled, monkeypatch)
    page.user = user
    page.run()
    page.text_input[0].set_value("They called us")
    next(one for one in page.button if one.label == "Cancel the callback").click()
    page.run()
    assert [one.value for one in page.success] == ["Canceled. The reason is on record."]
    page.button(key="undo-last").click().run()
    assert [one.value for one in page.success] == ["Undone. It waits again as before."]
    assert "undo-last" not in [one.key for one in page.button]
    with reader() as session:
        assert session.get_one(Callback, number).state == "waiting"
