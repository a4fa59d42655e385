"""Erasing a person on their record: what would go, what stays, why it cannot be done yet."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.lead_records.lead_file import LeadFile
from leads.models.enums import ErasureReason
from leads.models.requests import Lead
from leads.privacy import erasure
from leads.privacy.erasure import ErasurePreview

REASON_LABELS: Mapping[ErasureReason, Phrase] = {
    ErasureReason.ASKED: Phrase("They asked for it"),
    ErasureReason.MISTAKE: Phrase("Entered by mistake, or not a person"),
    ErasureReason.ORDERED: Phrase("A court or an authority ordered it"),
}


@widgets.in_stable_container
def draw_erasure(file: LeadFile) -> None:
    """Draw how to erase a person's data, once somebody wants to see what it would do."""
    with st.expander(_("Erase their data"), icon=":material/delete_forever:"):
        asked = st.session_state.get("erasure_of") == file.lead_id
        if not asked:
            st.write(_("First see what would be erased, and what stays. Nothing happens yet."))
            if st.button(_("Show what would be erased"), icon=":material/preview:"):
                st.session_state["erasure_of"] = file.lead_id
                st.rerun()
            return
        preview = page_reading.read_or_stop_page(
            lambda s, a: erasure.preview_erasure(s, s.get_one(Lead, file.lead_id), a)
        )
        draw_erasure_preview(preview)
        if not preview.obstacles:
            draw_erasure_form(file)


@widgets.in_stable_container
def draw_erasure_preview(preview: ErasurePreview) -> None:
    """Draw what an erasure would take, keep and end, and what is in its way."""
    rows = sum(preview.rows.values()) + preview.files
    st.markdown(
        "\n".join(
            f"- {line}"
            for line in (
                _(
                    "**Erased:** name, numbers, addresses, places, forms as they came, messages, "
                    "texts, notes, answers, voicemails. Records that are gone through: {count}.",
                    count=rows,
                ),
                _(
                    "**Stays:** when they asked and were called, how long they waited, the "
                    "outcomes, and who of us did what. Reports do not change."
                ),
                _(
                    "**Holds on:** if they opted out, did not agree, or said that a call is not "
                    "safe, their number is still not contacted. Only a code of it is kept."
                ),
                _(
                    "**Elsewhere:** backups have them until they are deleted, and so does the "
                    "phone network. See the guide, docs/forgetting.md."
                ),
            )
        )
    )
    if preview.promises:
        st.warning(
            _("Callbacks that would be canceled: {count}.", count=preview.promises),
            icon=":material/phone_disabled:",
        )
    if preview.shared:
        st.info(
            _("Others have asked from the same phone. Their files, and the number there, stay."),
            icon=":material/group:",
        )
    for obstacle in preview.obstacles:
        st.warning(_(obstacle), icon=":material/block:")


def draw_erasure_form(file: LeadFile) -> None:
    """Draw the form that erases a person's data, with why."""
    with st.form(f"erase-{file.lead_id}", border=False):
        reason = st.selectbox(
            _("Why"),
            list(REASON_LABELS),
            index=None,
            format_func=lambda one: _(REASON_LABELS[one]),
            placeholder=_("Choose a reason"),
        )
        is_sure = st.checkbox(_("There is no way back. Erase this person's data."))
        pressed = st.form_submit_button(_("Erase"), icon=":material/delete_forever:")
    if pressed and not (reason and is_sure):
        st.warning(_("Choose a reason, and check the box."))
    elif pressed and reason:
        erase_shown_person(file.lead_id, reason)


def erase_shown_person(lead_id: int, reason: ErasureReason) -> None:
    """Erase a person's data, and draw what is left of their record."""
    if page_actions.run_as_signed_in(
        lambda s, a: erasure.erase_person(
            s, s.get_one(Lead, lead_id), a, reason=reason, now=viewer.read_utc_clock()
        ),
        Phrase("Their data are erased."),
    ):
        st.session_state.pop("erasure_of", None)
    st.rerun()


@widgets.in_stable_container
def draw_erased_file(file: LeadFile) -> None:
    """Draw a record of which nothing is left but that it was erased."""
    at = page_text.instant_text(file.erased_at)
    st.header(_("Erased"), anchor=False)
    st.info(
        page_text.escape_markdown(
            _("The data of this person were erased, {time}. Only figures are left.", time=at)
        ),
        icon=":material/delete_forever:",
    )
