"""Legal holds on a person's record: why nothing may be erased, who said so, and lifting one."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.lead_records.lead_file import LeadFile
from leads.models.legal_holds import LegalHold
from leads.models.requests import Lead
from leads.people.permissions import Permission
from leads.privacy import legal_holds
from leads.privacy.legal_holds import PlacedHold


@widgets.in_stable_container
def draw_legal_holds(file: LeadFile) -> None:
    """Draw the legal holds on a person's data, and the form that places one."""
    with st.expander(_("Legal hold"), icon=":material/gavel:"):
        st.write(
            _(
                "While a legal hold is in force, nothing in this file can be erased, and what "
                "would be deleted after a time stays."
            )
        )
        placed = page_reading.read_or_stop_page(
            lambda s, a: legal_holds.list_legal_holds(s, s.get_one(Lead, file.lead_id), a)
        )
        for hold in placed:
            draw_placed_hold(hold)
        with widgets.form_kept_if_refused(f"hold-{file.lead_id}"):
            reason = st.text_input(_("Why, and who asked for it"), max_chars=500)
            if st.form_submit_button(_("Place a legal hold"), icon=":material/gavel:"):
                page_actions.act_and_redraw(
                    lambda s, a: legal_holds.place_legal_hold(
                        s,
                        s.get_one(Lead, file.lead_id),
                        a,
                        reason=reason,
                        now=viewer.read_utc_clock(),
                    ),
                    Phrase("Nothing in this file is erased until an admin lifts the hold."),
                )


def draw_placed_hold(hold: PlacedHold) -> None:
    """Draw one legal hold, and for an admin the button that lifts it."""
    said = {
        "reason": page_text.escape_markdown(hold.reason),
        "name": page_text.escape_markdown(hold.placed_by) or _("someone who no longer works here"),
        "time": page_text.escape_markdown(page_text.instant_text(hold.placed_at)),
    }
    if hold.lifted_at:
        until = page_text.escape_markdown(page_text.instant_text(hold.lifted_at))
        lifter = page_text.escape_markdown(hold.lifted_by) or _("someone who no longer works here")
        st.markdown(
            _(
                "{reason} · placed by {name}, {time} · lifted by {lifter}, {until}",
                **said,
                lifter=lifter,
                until=until,
            )
        )
        return
    st.markdown(_("**In force:** {reason} · placed by {name}, {time}", **said))
    may_lift = viewer.require_signed_in_advisor().may(Permission.LIFT_LEGAL_HOLD)
    if may_lift and st.button(_("Lift this hold"), key=f"lift-{hold.hold_id}"):
        page_actions.act_and_redraw(
            lambda s, a: legal_holds.lift_legal_hold(
                s, s.get_one(LegalHold, hold.hold_id), a, now=viewer.read_utc_clock()
            ),
            Phrase("This legal hold is lifted."),
        )
