"""Wishes form: the language, woman, man or skill that the lead asks the next caller for."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, page_reading, viewer
from dashboard.language import _
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.lead_records import advisor_wishes
from leads.models.calls import Callback
from leads.people import competence


def draw_wishes_form(callback_id: int, language: str, gender: str, skill: str) -> None:
    """Draw the form by which the advisor notes what the lead wishes of whoever rings them."""
    with page_reading.page_reader() as session:
        skills = {name: Phrase("{skill}", skill=name) for name in _list_skills(session, skill)}
    with st.form(f"wishes-{callback_id}", border=False):
        wished = {
            "language": _ask_wish(_("Language"), languages.SPOKEN_LANGUAGES, language),
            "wished_gender": _ask_wish(_("Prefers to talk with"), languages.GENDER_LABELS, gender),
            "wished_skill": _ask_wish(_("Someone who knows about"), skills, skill),
        }
        if st.form_submit_button(_("Save what they want")):
            page_actions.act_and_redraw(
                lambda s, a: advisor_wishes.note_advisor_wishes(
                    s, s.get_one(Callback, callback_id), a, wished, now=viewer.read_utc_clock()
                ),
                Phrase("Saved. It applies from their next call."),
            )


def _list_skills(session: Session, skill: str) -> list[str]:
    known = competence.list_known_skills(session)
    return known if skill in ("", *known) else [*known, skill]


def _ask_wish(label: str, choices: Mapping[str, Phrase], value: str) -> str:
    known = {"": Phrase("no preference"), **choices}
    if value not in known:
        known[value] = Phrase("“{words}”, as written", words=value)
    chosen: str = st.selectbox(
        label, list(known), index=list(known).index(value), format_func=lambda one: _(known[one])
    )
    return chosen
