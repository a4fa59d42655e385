"""A call that an advisor makes from their own phone: what to do, and what came of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import viewer
from dashboard.desk import danger_panel, keyboard_buttons, machine_notice
from dashboard.language import _
from leads import phone_numbers
from leads.calls import manual_dialing
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.enums import Result
from leads.read_models.advisor_desk import LiveCall
from leads.read_models.danger_desk import DangerDesk
from leads.read_models.lead_card import LeadCard

MANUAL_RESULT_LABELS = {
    Result.CONVERSATION: Phrase("We talked"),
    Result.LEAD_NO_ANSWER: Phrase("No answer"),
    Result.LEAD_BUSY: Phrase("Busy"),
    Result.LEAD_VOICEMAIL: Phrase("A machine answered"),
    Result.LEAD_UNREACHABLE: Phrase("The number is not in service"),
}


def draw_manual_call(card: LeadCard, call: LiveCall, danger: DangerDesk | None) -> None:
    """Draw a call that the advisor makes from their own phone, without a phone network."""
    if call.number:
        number = phone_numbers.format_phone(call.number)
        st.info(
            _("Call **{number}** now, then record the outcome.", number=number),
            icon=":material/phone_in_talk:",
        )
        with st.container(horizontal=True):
            for result, label in MANUAL_RESULT_LABELS.items():
                kind = "primary" if result == Result.CONVERSATION else "secondary"
                keyboard_buttons.draw_action_button(
                    _(label), manual_result_action(call, result), key=f"by-hand-{result}", type=kind
                )
            machine_notice.draw_machine_button(card, call)
            danger_panel.draw_danger_and_more_keys(danger)
        return
    turn = _(
        "**Your turn.** Call them from your own phone. Click the button right before you dial."
    )
    st.info(turn, icon=":material/call:")
    with st.container(horizontal=True):
        keyboard_buttons.draw_action_button(
            _("Show the number"),
            lambda s, a: manual_dialing.start_manual_dial(
                s, s.get_one(CallAttempt, call.attempt_id), a, now=viewer.read_utc_clock()
            ),
            icon=":material/visibility:",
            type="primary",
            key="show",
            one_key=keyboard_buttons.CALL,
        )
        keyboard_buttons.draw_action_button(
            _("Pass"),
            manual_result_action(call, Result.ADVISOR_DECLINED),
            icon=":material/skip_next:",
            key="pass",
        )
        danger_panel.draw_danger_and_more_keys(danger)


def manual_result_action(call: LiveCall, result: Result) -> Callable[[Session, Advisor], None]:
    """Return the action that records the result of a call from the advisor's own phone."""
    return lambda s, a: manual_dialing.record_manual_result(
        s, s.get_one(CallAttempt, call.attempt_id), result, a, now=viewer.read_utc_clock()
    )
