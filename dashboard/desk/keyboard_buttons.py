"""Buttons that do one thing, by a click or by a single key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions
from dashboard.language import _
from leads.models.advisors import Advisor

Verb = Callable[[Session, Advisor], object]

NEXT, CALL, AWAY, NOTES, FINISH_WITH_BREAK = "N", "L", "A", "T", "B"  # C and R are Streamlit's own
HOLD, MUTE, HELP = "H", "M", "S"  # in a call; none ends it, which a slip could
DANGER, READ_ALL = "D", "E"  # in a call, or before it
SHORTCUTS_WANTED_KEY = "keys"


def draw_action_button(
    label: str, verb: Verb, done: str = "", *, one_key: str = "", **look: Any
) -> None:
    """Draw a button that does one act.

    What is around the button is drawn once, as it is after the act.
    """
    st.button(
        label,
        on_click=_run_button_action,
        args=(verb, done),
        shortcut=shortcut_if_wanted(one_key) or None,
        **look,
    )


def shortcut_if_wanted(one_key: str) -> str:
    """Return the key of a button, or none for a viewer who wants no single keys."""
    return one_key if st.session_state.get(SHORTCUTS_WANTED_KEY, True) else ""


def draw_shortcut_toggle() -> None:
    """Draw which keys there are, and the switch that turns them off.

    People who speak to their computer need to do without.
    """
    keys = _(
        "**{next}** next call (finishes first), **{finish}** finish and break, **{call}** "
        "call, **{away}** start or end a break, **{notes}** notes, **{all}** read everything. "
        "On a call: **{hold}** hold, **{mute}** mute, **{help}** supervisor, **{danger}** danger",
        next=NEXT,
        finish=FINISH_WITH_BREAK,
        call=CALL,
        away=AWAY,
        notes=NOTES,
        all=READ_ALL,
        hold=HOLD,
        mute=MUTE,
        help=HELP,
        danger=DANGER,
    )
    st.toggle(_("One-key shortcuts"), value=True, key=SHORTCUTS_WANTED_KEY, help=keys)


def _run_button_action(verb: Verb, done: str) -> None:
    page_actions.run_as_signed_in(verb, done)
