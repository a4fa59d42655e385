"""The next callback: who waits, why they go first, and the button that takes it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.desk import keyboard_buttons, taking_calls
from dashboard.language import _, translate_count
from leads.callbacks import queue
from leads.read_models.advisor_desk import Desk, NextCallback


def draw_queue(desk: Desk) -> None:
    """Draw how many callbacks are due, and the button that takes the next one."""
    if desk.first:
        st.header(
            translate_count(desk.due, "{count} waiting now", "{count} waiting now"), anchor=False
        )
        draw_next_callback(desk.first)
    elif desk.due:
        waiting = translate_count(
            desk.due,
            "{count} person is waiting briefly for a better match",
            "{count} people are waiting briefly for a better match",
        )
        st.header(waiting, anchor=False)
        st.write(_(taking_calls.next_call_expectation(desk)))
    else:
        taken = taking_calls.name_taken(desk.taken)
        st.header(page_text.escape_markdown(taken) or _("No one is waiting"), anchor=False)
        st.write(_(taking_calls.next_call_expectation(desk)))
    draw_later_count(desk.later)
    seen = desk.first.callback_id if desk.first else None
    look: Any = {
        "key": "next",
        "icon": ":material/call:",
        "type": "primary",
        "disabled": not desk.first,
    }
    st.button(
        _("Take the next one"),
        on_click=take_next_callback,
        args=(seen,),
        shortcut=keyboard_buttons.shortcut_if_wanted(keyboard_buttons.NEXT) or None,
        **look,
    )


def draw_next_callback(first: NextCallback) -> None:
    """Draw why the next callback goes first, and how long its lead has waited."""
    why = " ".join(_(reason) for reason in first.why)
    promised = page_text.instant_text(first.promised_at)
    sentence = _(
        "{why} Promised for {promised}. They reached out {time} ago.",
        why=why,
        promised=promised,
        time="{time}",
    )
    in_browser.draw_running_clock("waiting", first.received_at, sentence, strong=_("Next: "))


@widgets.in_stable_container
def draw_later_count(count: int) -> None:
    """Draw how many callbacks are not due yet."""
    if count:
        later = translate_count(
            count,
            "{count} more later, at a time they asked for or after a wait.",
            "{count} more later, at a time they asked for or after a wait.",
        )
        widgets.draw_small_text(later)


def take_next_callback(seen: int | None) -> None:
    """Claim the top due callback, and say so where none is left that may be rung.

    What may not be rung now has been put off by then, and stays so.
    """
    is_claimed = page_actions.run_for_result(
        lambda s, a: (
            queue.claim_next_callback(s, a, seen=seen, now=viewer.read_utc_clock()) is not None
        )
    )
    if is_claimed is False:
        sentence = _("They cannot be called right now, and no one else is due.")
        page_actions.set_action_message(sentence, kind="warning")
