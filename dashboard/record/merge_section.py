"""Merging on a person's record: the same person at another number, and parting them again."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.lead_records import lead_file, merging
from leads.lead_records.lead_file import LeadFile, LeadSearchHit
from leads.models.requests import Lead


def draw_merge_section(file: LeadFile) -> None:
    """Draw how to merge files of the same person at other numbers, and to part them again."""
    draw_merged_numbers(file)
    with st.expander(_("The same person at another number"), icon=":material/call_merge:"):
        st.write(
            _(
                "They are called at the number in this file. Both files keep what was said; you "
                "can separate them again."
            )
        )
        text = st.text_input(_("Find the other file"), key=f"other-{file.lead_id}")
        for other in page_reading.read_or_stop_page(
            lambda s, a: lead_file.search_lead_files(s, text, a)
        ):
            if other.lead_id != file.lead_id:
                draw_merge_candidate(file, other)


@widgets.in_stable_container
def draw_merged_numbers(file: LeadFile) -> None:
    """Draw the lead's other numbers, whose files were merged into this one."""
    for lead_id, number in file.merged.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(_("Also at {number}", number=number))
            if st.button(_("Separate"), key=f"unmerge-{lead_id}", icon=":material/call_split:"):
                unmerge_number(lead_id)


def unmerge_number(lead_id: int) -> None:
    """Give another number of the lead its own file again."""
    page_actions.act_and_redraw(
        lambda s, a: merging.unmerge_leads(
            s, s.get_one(Lead, lead_id), a, now=viewer.read_utc_clock()
        ),
        Phrase("Separated. Each number has its own file again."),
    )


def draw_merge_candidate(file: LeadFile, other: LeadSearchHit) -> None:
    """Draw one file that may be the same person's."""
    name = page_text.escape_markdown(other.name) or _("No name given")
    label = _("Merge {name} · {number} into this file", name=name, number=other.number)
    if st.button(label, key=f"merge-{other.lead_id}", disabled=other.is_merged):
        page_actions.act_and_redraw(
            lambda s, a: merging.merge_leads(
                s,
                s.get_one(Lead, other.lead_id),
                s.get_one(Lead, file.lead_id),
                a,
                now=viewer.read_utc_clock(),
            ),
            Phrase("Merged. They are called at the number of this file from now on."),
        )
