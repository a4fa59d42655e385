"""Wish rules: what people may wish of an advisor, and how long a wish is worth the wait."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, viewer, widgets
from dashboard.language import _
from dashboard.setup import topics
from leads.helplines import wish_settings
from leads.helplines.wish_settings import LONGEST_PATIENCE
from leads.i18n.translatable import Phrase
from leads.models.helplines import Brand


def draw_wish_rules(brand_id: int) -> None:
    """Draw the form of a helpline's wish rules."""
    rules = topics.read_settings_of(brand_id, wish_settings.list_wish_rules)
    widgets.draw_small_text(
        _(
            "People can ask for a language, for a woman or a man, and for one of these "
            "skills. The best match makes the call. Set each colleague's languages and "
            "skills under Colleagues."
        )
    )
    with st.form(f"wishes-{rules.brand_id}", border=False):
        skills = st.text_area(
            _("Skills, one per line"),
            value="\n".join(rules.skills),
            placeholder=_("For example: families"),
        )
        patience = st.number_input(
            _("Minutes past due before any free advisor calls"),
            min_value=0,
            max_value=LONGEST_PATIENCE,
            value=rules.patience,
            help=_(
                "0: no one waits for a preference. People in danger never wait, and "
                "neither do people whose preference no one on duty can meet."
            ),
        )
        if st.form_submit_button(_("Save"), type="primary"):
            page_actions.act_and_redraw(
                lambda s, a: wish_settings.set_wish_rules(
                    s,
                    s.get_one(Brand, rules.brand_id),
                    a,
                    skills=skills.splitlines(),
                    patience=int(patience),
                    now=viewer.read_utc_clock(),
                ),
                Phrase("Saved. It applies from the next call."),
            )
