"""Emergency access: a file of another helpline, open where it cannot wait, to read for an hour."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from dashboard.record.timeline_lines import timeline_text
from dashboard.review.statements import PROTECTION_SENTENCES, stated_value_text
from leads import phone_numbers
from leads.i18n.translatable import Phrase
from leads.lead_records import emergency_file
from leads.lead_records.emergency_file import EmergencyFile
from leads.models.labels import DANGER_CHECKLISTS, LEAD_STATE_TITLES
from leads.people import emergency_access
from leads.people.permissions import served_helplines
from leads.person_facts import FILE_LABELS

NOBODY = Phrase("No one of another helpline is on file with this number.")


@widgets.in_stable_container
def draw_emergency_access() -> None:
    """Draw how somebody who is limited to some helplines opens a file, and those that are open."""
    if page_reading.read_or_stop_page(lambda _s, a: served_helplines(a)) is None:
        return
    _draw_form()
    opened = page_reading.read_or_stop_page(
        lambda s, a: [
            (one.lead_id, one.id)
            for one in emergency_access.list_open_access(s, a, now=viewer.read_utc_clock())
        ]
    )
    for lead_id, access_id in opened:
        _draw_open_file(lead_id, access_id)


def _draw_form() -> None:
    with (
        st.expander(_("Urgent: open a file of another helpline"), icon=":material/emergency:"),
        widgets.form_kept_if_refused("emergency"),
    ):
        widgets.draw_small_text(
            _(
                "Only where it cannot wait. You can read the file for one hour. It is on record, "
                "and a supervisor of that helpline reviews it."
            )
        )
        number = st.text_input(_("Their whole phone number"))
        reason = st.text_area(
            _("Why it cannot wait"), max_chars=emergency_access.LONGEST_WORDS, height=68
        )
        if st.form_submit_button(_("Open the file on record"), icon=":material/lock_open:"):
            opened = page_actions.run_for_result(
                lambda s, a: [
                    one.id
                    for one in emergency_access.open_in_emergency(
                        s, a, number, reason, now=viewer.read_utc_clock()
                    )
                ]
            )
            if opened == []:
                page_actions.set_action_message(NOBODY, kind="warning")
            st.rerun()


def _draw_open_file(lead_id: int, access_id: int) -> None:
    with st.container(border=True, key=f"emergency-{access_id}"):
        if not st.toggle(_("Show the file that you opened"), value=True, key=f"show-{access_id}"):
            return
        file = page_reading.read_or_stop_page(
            lambda s, a: emergency_file.read_emergency_file(
                s, lead_id, a, now=viewer.read_utc_clock()
            ),
            emergency_lead_id=lead_id,
        )
        if file:
            _draw_file(file)


def _draw_file(file: EmergencyFile) -> None:
    st.warning(
        _(
            "Open to you for reading until {time}. It is on record that you opened it, and a "
            "supervisor of that helpline reviews it.",
            time=page_text.instant_text(file.ends_at),
        ),
        icon=":material/emergency:",
    )
    st.header(page_text.escape_markdown(file.facts["name"]) or _("No name given"), anchor=False)
    number = page_text.escape_markdown(_(phone_numbers.format_phone(file.number)))
    st.write(f"{number} · {_(LEAD_STATE_TITLES[file.state])}")
    if file.danger:
        st.error(_(DANGER_CHECKLISTS[file.danger]), icon=":material/emergency_home:")
    for protection in file.protections:
        name = page_text.escape_markdown(protection.name) or _("No name given")
        st.write(_(PROTECTION_SENTENCES[protection.fact], name=name))
    facts = [
        f"**{_(FILE_LABELS[fact])}**: {page_text.escape_markdown(stated_value_text(fact, value))}"
        for fact, value in file.facts.items()
        if value and fact != "name"
    ]
    st.markdown("  \n".join(facts))
    st.subheader(_("Contacts and history"), anchor=False)
    st.markdown("\n\n".join(map(timeline_text, file.entries)) or _("No contact yet."))
