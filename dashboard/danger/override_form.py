"""The form by which a supervisor lets one call go out although the hours say no."""

from __future__ import annotations

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, viewer, widgets
from dashboard.language import _
from leads.callbacks import hours_override
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.read_models.callback_board import BoardRow


def draw_override_form(row: BoardRow) -> None:
    """Draw the form; what it means is said before the reason is asked for."""
    if not row.events & {"claim", "release"} or row.hold:
        return
    with (
        st.expander(_("Call now, after hours"), icon=":material/bedtime:"),
        widgets.form_kept_if_refused(f"override-{row.callback_id}"),
    ):
        widgets.draw_small_text(
            _(
                "One call within two hours, in your name. Opt-outs, unsafe numbers and the "
                "limit of three calls a day still apply. If the person is in danger, the "
                "call can go out right away and a second supervisor reviews it later. "
                "Otherwise a second supervisor has to approve it first."
            )
        )
        reason = st.text_input(_("Why this call cannot wait"))
        if st.form_submit_button(_("Approve one call")):
            ask_for_override(row, reason)


def ask_for_override(row: BoardRow, reason: str) -> None:
    """Ask for a call outside the hours and say whether it counts at once."""

    def override_for_row(session: Session, supervisor: Advisor) -> bool:
        callback, now = session.get_one(Callback, row.callback_id), viewer.read_utc_clock()
        override = hours_override.override_hours(
            session, callback, supervisor, reason=reason, now=now
        )
        return override.starts_at is not None

    has_begun = page_actions.run_for_result(override_for_row)
    if has_begun is not None:
        page_actions.set_action_message(
            Phrase("We will call them as soon as an advisor is free.")
            if has_begun
            else Phrase("Sent to a second supervisor for approval.")
        )
    st.rerun()
