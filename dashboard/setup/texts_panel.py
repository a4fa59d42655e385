"""The texts panel: what a helpline says by text, in both languages."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, viewer
from dashboard.language import _
from dashboard.setup import topics
from leads.i18n import languages
from leads.messaging import text_templates
from leads.messaging.text_templates import HelplineTexts
from leads.models.enums import TextTemplateKey
from leads.models.labels import TEXT_TEMPLATE_LABELS


def draw_helpline_texts(brand_id: int) -> None:
    """Draw what a helpline says by text."""
    helpline = topics.read_settings_of(brand_id, text_templates.list_helpline_texts)
    st.caption(
        _(
            "We text only people who said texts are safe or who just texted you. "
            "Someone else may read a text, so it never says what a person asked "
            "for. {number} is your number. A text left blank is never sent.",
            number="{number}",
        )
    )
    with st.form(f"texts-{brand_id}", border=False):
        draw_texts_fields(helpline)


def draw_texts_fields(helpline: HelplineTexts) -> None:
    """Draw the fields of a helpline's texts, and save them."""
    sender = st.text_input(
        _("Name at the start of each text"),
        value=helpline.sender,
        max_chars=text_templates.LONGEST_SENDER,
        help=_(
            "Some states require a name in each text. Choose one that reveals nothing, "
            "such as the first name of the person who replies, not the name of the "
            "helpline. If blank, texts give only your number."
        ),
    )
    words: dict[str, dict[TextTemplateKey, str]] = {}
    for tab, language in zip(
        st.tabs([_(label) for label in languages.LANGUAGES.values()]),
        languages.LANGUAGES,
        strict=True,
    ):
        with tab:
            words[language] = {
                key: st.text_area(
                    _(TEXT_TEMPLATE_LABELS[key]),
                    value=said,
                    height=68,
                    key=f"text-{helpline.brand_id}-{language}-{key}",
                )
                for key, said in helpline.words[language].items()
            }
    if st.form_submit_button(_("Save"), type="primary"):
        page_actions.act_and_redraw(
            lambda s, a: text_templates.change_helpline_texts(
                s,
                helpline.brand_id,
                a,
                sender=sender,
                words=words,
                now=viewer.read_utc_clock(),
            ),
            _("Saved. It applies from the next text."),
        )
