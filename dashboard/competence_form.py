"""What a colleague speaks and knows: in a few words, and the form that changes it."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, viewer
from dashboard.language import _
from leads.i18n import languages
from leads.i18n.translatable import LanguageName, Phrase, capitalize_first
from leads.models.advisors import Advisor
from leads.people import competence
from leads.people.staff import StaffMember


def competence_text(member: StaffMember) -> str:
    """Return what a colleague speaks and knows, in a few words."""
    spoken = [_(LanguageName(code)) for code in member.languages] or [_("English")]
    gender = languages.GENDER_LABELS.get(member.gender)
    words = ", ".join([*spoken, *member.skills, *([_(gender)] if gender else [])])
    return capitalize_first(words)


def draw_competence_form(everybody: list[StaffMember]) -> None:
    """Draw what one colleague, or whoever looks, speaks and knows, to be changed."""
    working = {one.advisor_id: one for one in everybody if one.state != "deactivated"}
    st.header(_("Languages and skills"), anchor=False)
    chosen = st.selectbox(
        _("Whose languages and skills"),
        list(working),
        format_func=lambda one: working[one].name,
        index=None,
        placeholder=_("Choose a colleague"),
    )
    if chosen is not None:
        draw_competence_fields(working[chosen])


def draw_competence_fields(member: StaffMember) -> None:
    """Draw the fields of what one colleague speaks and knows, and save them."""
    with st.form(f"competence-{member.advisor_id}", border=False):
        spoken = st.multiselect(
            _("Languages"),
            sorted(
                languages.SPOKEN_LANGUAGES, key=lambda code: _(languages.SPOKEN_LANGUAGES[code])
            ),
            default=[code for code in member.languages if code in languages.SPOKEN_LANGUAGES],
            format_func=lambda code: _(languages.SPOKEN_LANGUAGES[code]),
            placeholder=_("English"),
        )
        known = page_reading.read_or_stop_page(lambda s, _a: competence.list_known_skills(s))
        skills = st.multiselect(
            _("Skills"),
            list(dict.fromkeys((*known, *member.skills))),
            default=member.skills,
            placeholder=_("None") if known else _("Add skills in Helpline set-up"),
        )
        genders = {"": Phrase("not given"), **languages.GENDER_LABELS}
        gender = st.selectbox(
            _("For people who prefer to talk with a woman or a man"),
            list(genders),
            index=list(genders).index(member.gender) if member.gender in genders else 0,
            format_func=lambda one: _(genders[one]),
        )
        if st.form_submit_button(_("Save")):
            page_actions.act_and_redraw(
                lambda s, a: competence.set_competence(
                    s,
                    s.get_one(Advisor, member.advisor_id),
                    a,
                    spoken=spoken,
                    skills=skills,
                    gender=gender,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("Saved. It applies from the next call."),
            )
