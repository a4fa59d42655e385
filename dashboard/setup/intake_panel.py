"""Intake questions: what the advisors of a helpline are reminded to ask on a call."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import page_actions, viewer, widgets
from dashboard.language import _
from dashboard.setup import topics
from leads.call_questions import WORDINGS, IntakeQuestion
from leads.helplines import intake_settings
from leads.helplines.intake_settings import HelplineQuestions


def draw_intake_questions_setup(brand_id: int) -> None:
    """Draw what a helpline asks on a call, to be put in order, turned on and off."""
    helpline = topics.read_settings_of(brand_id, intake_settings.list_helpline_questions)
    widgets.draw_small_text(
        _(
            "Advisors see these beside their notes, in this order, and may skip any of "
            "them. Answers are kept in the person's file with the advisor's name."
        )
    )
    for question in helpline.asked:
        draw_asked_question(helpline, question)
    for question in helpline.left_out:
        draw_left_out_question(helpline, question)


def draw_asked_question(helpline: HelplineQuestions, question: IntakeQuestion) -> None:
    """Draw a question that is asked, with the buttons that move it up and turn it off."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(question_text(question))
        if question != helpline.asked[0]:
            draw_order_button(helpline, _("Move up"), helpline.moved_up(question), f"up-{question}")
        others = [one for one in helpline.asked if one != question]
        draw_order_button(helpline, _("Turn off"), others, f"off-{question}")


def draw_left_out_question(helpline: HelplineQuestions, question: IntakeQuestion) -> None:
    """Draw a question that is not asked, with the button that turns it on."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(_("{text} (turned off)", text=question_text(question)))
        draw_order_button(helpline, _("Turn on"), [*helpline.asked, question], f"on-{question}")


def question_text(question: IntakeQuestion) -> str:
    """Return a question with its choices, as one line."""
    wording = WORDINGS[question]
    answers = [_(label) for label in wording.choices.values()] or [_(wording.hint)]
    return f"**{_(wording.label)}** · {', '.join(answers)}"


def draw_order_button(
    helpline: HelplineQuestions, label: str, asked: Sequence[IntakeQuestion], name: str
) -> None:
    """Draw a button after which the helpline asks these questions in this order."""
    if st.button(label, key=f"intake-{name}-{helpline.brand_id}", type="tertiary"):
        page_actions.act_and_redraw(
            lambda s, a: intake_settings.set_intake_questions(
                s, helpline.brand_id, a, asked, seen=helpline.asked, now=viewer.read_utc_clock()
            ),
            _("Saved. It applies from the next call."),
        )
