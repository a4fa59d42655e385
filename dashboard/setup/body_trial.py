"""Body trial: paste what a form tool sends, and see what would become of it; nothing is stored."""

from __future__ import annotations

import streamlit as st

from dashboard import page_text
from dashboard.language import _
from dashboard.setup import reading_table
from leads.helplines.source_settings import SourceDetails
from leads.i18n.translatable import Phrase
from leads.intake.form_explanation import FormExplanation, FormOutcome, explain_form

OUTCOME_SENTENCES = {
    FormOutcome.ADMIT: Phrase("It would go straight to the queue."),
    FormOutcome.NEEDS_REVIEW: Phrase("It would be held on the work list."),
    FormOutcome.DISCARD: Phrase("No one would be called."),
}
HELD = Phrase("It would go to the queue, and no one would be called until someone decides.")


def draw_body_trial(door: SourceDetails) -> None:
    """Draw where a body can be tried by a source's settings."""
    with (
        st.container(key="nothing-to-save"),  # as `unsaved.js` knows it
        st.form(f"try-{door.source_id}", border=False),
    ):
        body = st.text_area(_("Paste the raw data"), height=160)
        is_asked = st.form_submit_button(_("Test"))
    if is_asked and body.strip():
        settings = (door.kind, door.region, door.mapping)
        told = explain_form(body.encode(), "", settings, policy=door.number_policy)
        draw_form_explanation(told)


def draw_form_explanation(told: FormExplanation) -> None:
    """Draw what would become of a form post, why, and what was understood of it."""
    sentences = [HELD if told.is_held else OUTCOME_SENTENCES[told.outcome], *told.why]
    is_called = told.outcome is FormOutcome.ADMIT and not told.is_held
    draw = st.success if is_called else st.warning
    draw("\n\n".join(page_text.escape_markdown(_(sentence)) for sentence in sentences))
    reading_table.draw_submission_reading(told.reading)
