"""Whether a person may be called now and why not, and whom of their form never to call."""

from __future__ import annotations

import streamlit as st

from dashboard import page_text, widgets
from dashboard.language import _
from leads.lead_records.lead_file import LeadFile


@widgets.in_stable_container
def draw_contact_answer(file: LeadFile) -> None:
    """Draw whether the lead may be called now, why not, by which rules, and from when.

    That a person decides first and why, or that an advisor has them, is said above.
    """
    answer = file.contact
    if not answer.not_before and _(answer.why) in [_(one.hold) for one in file.promises]:
        return
    if answer.is_allowed:
        if file.is_free_to_call:
            st.success(_(answer.why), icon=":material/check:")
        return
    rules = "; ".join(_(citation) for citation in answer.citations)
    said = [_("Not now: {why} ({rules})", why=_(answer.why), rules=rules)]
    if answer.not_before:
        at = page_text.instant_text(answer.not_before, answer.zones[0])
        said.append(
            _(
                "They can be called from {time}, {place} time.",
                time=at,
                place=page_text.zone_city(answer.zones[0]),
            )
        )
        if len(answer.zones) > 1:
            said.append(
                _(
                    "They may be in any of {count} time zones, and calling hours have to be open "
                    "in all of them.",
                    count=len(answer.zones),
                )
            )
    st.info(page_text.escape_markdown(" ".join(said)), icon=":material/schedule:")


@widgets.in_stable_container
def draw_no_dial_numbers(file: LeadFile) -> None:
    """Draw the numbers of other people in the lead's forms, which must not be rung."""
    if file.no_dial:
        never = _(
            "Also in their forms, and must never be called: {others}",
            others=", ".join(file.no_dial),
        )
        st.warning(never, icon=":material/phone_disabled:")
