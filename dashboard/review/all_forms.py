"""What is decided about many forms at once: those of a campaign, and those of a mended source."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, viewer, widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.intake import bursts, reprocessing
from leads.people.permissions import Permission


@widgets.in_stable_container
def draw_reprocess_button() -> None:
    """Draw the button that reads all submissions again, after a tool or mapping was corrected."""
    hint = _("After a source's set-up was corrected")
    if not st.button(_("Process again"), icon=":material/refresh:", help=hint):
        return
    page_reading.stop_unless_permitted(Permission.REPROCESS_SUBMISSIONS)
    bar = st.progress(0.0, _("Processing again"))
    result = reprocessing.reprocess_reviews(
        actor=page_reading.load_signed_in_person(),
        now=viewer.read_utc_clock,
        progress=lambda done, total: bar.progress(done / total),
    )
    page_actions.set_action_message(result.sentence)
    st.rerun()


@widgets.in_stable_container
def draw_burst_button(waiting: int) -> None:
    """Draw the button that admits all who wait because more new numbers than usual came."""
    if not waiting:
        return
    st.warning(
        _(
            "More new numbers than usual. People waiting for you to decide: {count}. If it is a "
            "campaign, add them all to the queue and raise the limit under Helpline set-up. If "
            "they look fake, discard them one by one.",
            count=waiting,
        )
    )
    if not st.button(_("Add them all to the queue"), icon=":material/done_all:"):
        return
    page_reading.stop_unless_permitted(Permission.DECIDE_SUBMISSION)
    bar = st.progress(0.0, _("Adding them to the queue"))
    admitted = bursts.admit_bursts(
        page_reading.load_signed_in_person(),
        now=viewer.read_utc_clock,
        progress=lambda done, total: bar.progress(done / total),
    )
    page_actions.set_action_message(Phrase("Added to the queue: {count}.", count=admitted))
    st.rerun()
