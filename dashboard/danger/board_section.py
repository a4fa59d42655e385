"""What supervisors have to do now about danger, above the board's table."""

from __future__ import annotations

import streamlit as st

from dashboard import widgets
from dashboard.desk.keyboard_buttons import draw_action_button
from dashboard.language import _, translate_count
from leads.callbacks import hours_override
from leads.calls import danger_calls
from leads.models.calls import CallAttempt
from leads.read_models import incidents as incidents_view
from leads.read_models.incidents import IncidentRow, UnseenOverride


@widgets.in_stable_container
def draw_board_section() -> None:
    """Draw what a second person has to see, and whom to look after again."""
    board = widgets.read_or_stop_page(
        lambda s, a: incidents_view.read_incident_board(s, a, now=widgets.read_utc_clock())
    )
    for override in board.overrides:
        draw_override_to_see(override)
    for row in board.follow_ups:
        draw_follow_up_line(row)
    label = translate_count(board.open_now, "Incidents: {count} open", "Incidents: {count} open")
    st.page_link("incidents.py", label=label, icon=":material/emergency_home:")


def draw_settle_button(attempt_id: str) -> None:
    """Draw the button by which a supervisor has seen to an advisor who needed one."""
    draw_action_button(
        _("Mark as handled"),
        lambda s, a: danger_calls.settle_help_request(
            s, s.get_one(CallAttempt, attempt_id), a, now=widgets.read_utc_clock()
        ),
        key=f"settle-{attempt_id}",
    )


def draw_override_to_see(override: UnseenOverride) -> None:
    """Draw a call outside the hours, which a second person has to see."""
    values = {
        "name": widgets.escape_markdown(override.asked_by),
        "number": override.callback_id,
        "who": widgets.escape_markdown(_(override.who)),
        "reason": widgets.escape_markdown(override.reason),
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
                        s, override.override_id, a, now=widgets.read_utc_clock()
                    ),
                    key=f"agree-{override.override_id}",
                    type="primary",
                )
            if not override.is_over:
                draw_action_button(
                    _("Decline the call"),
                    lambda s, a: hours_override.withdraw_override(
                        s, override.override_id, a, now=widgets.read_utc_clock()
                    ),
                    key=f"withdraw-{override.override_id}",
                )


def draw_follow_up_line(row: IncidentRow) -> None:
    """Draw that somebody has to look after a person again, and by when."""
    due = widgets.instant_text(row.follow_up_due)
    values = {"who": widgets.escape_markdown(_(row.who)), "time": due}
    said = (
        _("Follow up with {who}: overdue since {time}", **values)
        if row.is_follow_up_late
        else _("Follow up with {who} by {time}", **values)
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":red[{said}]" if row.is_follow_up_late else said, width="content")
        st.page_link("incidents.py", label=_("Open"), icon=":material/arrow_forward:")
