"""The retention panel: for how long what is kept, and what would be deleted now."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import page_reading, plain_table, viewer, widgets
from dashboard.language import _, translate_count
from leads.config import settings
from leads.config.retention_plan import RetentionClass, RetentionPlan
from leads.i18n.translatable import Phrase
from leads.privacy import retention

CLASS_LABELS: Mapping[RetentionClass, Phrase] = {
    RetentionClass.RECORDINGS: Phrase("Voicemails that someone listened to"),
    RetentionClass.BODIES: Phrase("Forms as they came"),
    RetentionClass.WORDS: Phrase("Messages, notes, answers and texts"),
    RetentionClass.CALLS: Phrase("Numbers in calls"),
    RetentionClass.PEOPLE: Phrase("People: names, numbers and all the rest"),
    RetentionClass.AUDIT: Phrase("History of who did what"),
}


@widgets.in_stable_container
def draw_retention() -> None:
    """Draw for how long each class is kept, and what of it would be deleted now."""
    plan = settings.load_settings().retention
    found = page_reading.read_or_stop_page(
        lambda s, a: retention.preview_retention(s, plan, a, now=viewer.read_utc_clock())
    )
    st.write(
        _(
            "Every hour, what is older than this is deleted. Days count from when a request was "
            "closed. Reports do not change, and what is under a legal hold stays. Change the days "
            "in the file retention.toml: see docs/forgetting.md."
        )
    )
    if not plan.is_decided:
        st.warning(_(retention.NOT_DECIDED))
    plain_table.draw_plain_table(
        _("What is deleted after a time"),
        [
            {
                _("What"): _(CLASS_LABELS[one.kept]),
                _("Kept for"): kept_for_text(plan, one.kept),
                _("People due now"): one.people,
                _("Other records due now"): one.rows,
            }
            for one in found
        ],
    )


def kept_for_text(plan: RetentionPlan, kept: RetentionClass) -> str:
    """Return for how long a class is kept."""
    length = plan.keep[kept]
    if length is None:
        return _("forever")
    return translate_count(length.days, "{count} day", "{count} days")
