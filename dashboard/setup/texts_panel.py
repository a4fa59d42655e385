"""The texts panel: what a helpline says by text, in both languages."""

from __future__ import annotations

import streamlit as st

from dashboard import widgets
from dashboard.language import _
from leads.i18n import languages
from leads.messaging import text_templates
from leads.messaging.text_templates import HelplineTexts
from leads.models.enums import TextTemplateKey
from leads.models.labels import TEXT_TEMPLATE_LABELS


def draw_helpline_texts() -> None:
    """Draw what each helpline says by text."""
    for helpline in widgets.read_or_stop_page(text_templates.list_helpline_texts):
        title = _("Texts of {helpline}", helpline=widgets.escape_markdown(helpline.brand))
        with st.expander(title, icon=":material/sms:"):
            st.caption(
                _(
                    "Texts go only to whoever said that texts are safe, or has just texted you. "
                    "Somebody else may read them: no text says what somebody asked for. {number} "
                    "stands for your number. What you leave empty is never sent.",
                    number="{number}",
                )
            )
            with st.form(f"texts-{helpline.brand_id}", border=False):
                draw_texts_fields(helpline)


def draw_texts_fields(helpline: HelplineTexts) -> None:
    """Draw the fields of a helpline's texts, and save them."""
    sender = st.text_input(
        _("Name that each text begins with"),
        value=helpline.sender,
        max_chars=text_templates.LONGEST_SENDER,
        help=_(
            "Some states want a name in each text. Choose one that tells nothing, such as the "
            "first name of whoever answers, and not the name of the helpline. Empty: the texts "
            "give your number alone."
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
        widgets.run_as_signed_in(
            lambda s, a: text_templates.change_helpline_texts(
                s,
                helpline.brand_id,
                a,
                sender=sender,
                words=words,
                now=widgets.read_utc_clock(),
            ),
            _("Saved. It counts from the next text on."),
        )
        st.rerun()
