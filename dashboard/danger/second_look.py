"""What a second person sees to: an advisor who asks for help, and calls outside the hours."""

from __future__ import annotations

import streamlit as st

from dashboard import page_text, viewer, widgets
from dashboard.desk.keyboard_buttons import draw_action_button
from dashboard.language import _
from leads.callbacks import hours_override
from leads.calls import danger_calls
from leads.models.calls import CallAttempt
from leads.read_models.incidents import UnseenOverride


def draw_settle_button(attempt_id: str) -> None:
    """Draw the button by which a supervisor has seen to an advisor who needed one."""
    draw_action_button(
        _("Mark as handled"),
        lambda s, a: danger_calls.settle_help_request(
            s, s.get_one(CallAttempt, attempt_id), a, now=viewer.read_utc_clock()
        ),
        key=f"settle-{attempt_id}",
    )


def draw_override_to_see(override: UnseenOverride) -> None:
    """Draw a call outside the hours, which a second person has to see."""
    values = {
        "name": page_text.escape_markdown(override.asked_by),
        "number": override.callback_id,
        "who": page_text.escape_markdown(_(override.who)),
        "reason": page_text.escape_markdown(override.reason),
    }
    said = (
        _("{name} approved an after-hours call to No. {number}, {who}: {reason}", **values)
        if override.has_begun
        else _("{name} requests an after-hours call to No. {number}, {who}: {reason}", **values)
    )
    with st.container(border=True):
        st.warning(said, icon=":material/bedtime:")
        with st.container(horizontal=True):
            if override.is_own:
                widgets.draw_small_text(_("Another supervisor has to approve it."))
            else:
                agree = _("Mark as reviewed") if override.has_begun else _("Approve the call")
                draw_action_button(
                    agree,
                    lambda s, a: hours_override.acknowledge_override(
                        s, override.override_id, a, now=viewer.read_utc_clock()
                    ),
                    key=f"agree-{override.override_id}",
                    type="primary",
                )
            if not override.is_over:
                draw_action_button(
                    _("Decline the call"),
                    lambda s, a: hours_override.withdraw_override(
                        s, override.override_id, a, now=viewer.read_utc_clock()
                    ),
                    key=f"withdraw-{override.override_id}",
                )
