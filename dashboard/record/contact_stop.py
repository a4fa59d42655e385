"""Contact stop: all contact with a person is stopped on a supervisor's word, or allowed again."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, viewer, widgets
from dashboard.language import _
from leads.callbacks import opt_out
from leads.i18n.messages import Message, MessageKey, own_words
from leads.i18n.translatable import Phrase
from leads.lead_records.lead_file import LeadFile
from leads.models.requests import Lead


@widgets.in_stable_container
def draw_contact_stop(file: LeadFile) -> None:
    """Draw how to stop all contact with the lead, or begin it again."""
    if "reinstate" in file.events:
        st.write(
            _(
                "They opted out. If they changed their mind, record it here. No one calls them "
                "until they ask again."
            )
        )
        if st.button(_("They can be contacted again"), icon=":material/undo:"):
            lift_stop_of_lead(file.lead_id)
        return
    if file.is_channel_stopped:
        st.write(
            _("They want calls only, or texts only. If they changed their mind, record it here.")
        )
        if st.button(_("Calls and texts are both okay"), icon=":material/undo:"):
            lift_stop_of_lead(file.lead_id)
    with st.form(f"stop-{file.lead_id}", border=False):
        reason = st.text_input(_("How they opted out"), placeholder=_("For example: by e-mail"))
        if st.form_submit_button(_("Stop all contact"), icon=":material/block:"):
            page_actions.act_and_redraw(
                lambda s, a: opt_out.stop_contact_as_told(
                    s,
                    s.get_one(Lead, file.lead_id).phone,
                    a,
                    reason=own_words(reason.strip())
                    if reason.strip()
                    else Message(MessageKey.SAID_SO),
                    now=viewer.read_utc_clock(),
                ),
                Phrase("No one here contacts this number from now on."),
            )


def lift_stop_of_lead(lead_id: int) -> None:
    """Allow contact with a lead again, on a supervisor's word."""
    page_actions.act_and_redraw(
        lambda s, a: opt_out.lift_stop(
            s, s.get_one(Lead, lead_id).phone, a, now=viewer.read_utc_clock()
        ),
        Phrase("Contact is allowed again."),
    )
