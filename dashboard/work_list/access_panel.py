"""A file that was opened in an emergency, beside the list: who, when, why, and whether rightly."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.lead_records import emergency_file
from leads.models.emergency_access import EmergencyAccess
from leads.people import emergency_access


def draw_access_panel(access_id: int) -> None:
    """Draw why somebody opened the file, and how a supervisor says whether it was in order."""
    undone = page_reading.read_or_stop_page(emergency_file.list_access_to_review)
    access = next((one for one in undone if one.access_id == access_id), None)
    if access is None:
        return
    said = {
        "name": page_text.escape_markdown(access.by),
        "time": page_text.instant_text(access.opened_at),
        "reason": page_text.escape_markdown(access.reason),
    }
    st.warning(
        _("{name} opened this file in an emergency, {time}: {reason}", **said),
        icon=":material/emergency:",
    )
    with st.form(f"access-{access_id}", border=False):
        words = st.text_area(_("What you found"), max_chars=emergency_access.LONGEST_WORDS)
        with st.container(horizontal=True):
            is_right = st.form_submit_button(_("In order"), icon=":material/check:")
            is_wrong = st.form_submit_button(_("Not in order"), icon=":material/report:")
    if is_right or is_wrong:
        page_actions.act_and_redraw(
            lambda s, a: emergency_access.review_emergency_access(
                s,
                s.get_one(EmergencyAccess, access_id),
                a,
                was_in_order=is_right,
                words=words,
                now=viewer.read_utc_clock(),
            ),
            Phrase("The review is on record."),
        )
