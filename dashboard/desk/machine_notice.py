"""What an advisor is told beside a call: a machine may talk, or their number calls us meanwhile."""

from __future__ import annotations

import streamlit as st

from dashboard import page_text, viewer, widgets
from dashboard.desk import keyboard_buttons
from dashboard.language import _
from leads.callbacks import voicemail
from leads.models.calls import Callback
from leads.models.enums import AttemptState
from leads.read_models.advisor_desk import LiveCall
from leads.read_models.lead_card import LeadCard


@widgets.in_stable_container
def draw_call_beside(call: LiveCall) -> None:
    """Draw that the number of whoever the advisor is in a call with is calling us, too."""
    if call.is_called_beside:
        st.info(
            _(
                "Their number is calling us right now, and that call is waiting on the line. No "
                "other advisor is called for it until your call ends."
            ),
            icon=":material/phone_callback:",
        )


def draw_machine_button(card: LeadCard, call: LiveCall) -> None:
    """Draw the button by which an advisor says that they hear a machine, before the gate is asked.

    What may be left as a message is then said by `draw_machine_notice`.
    """
    if _may_hear_machine(call) and call.voicemail is None:
        keyboard_buttons.draw_action_button(
            _("I hear a machine"),
            lambda s, a: voicemail.say_machine_answers(
                s, s.get_one(Callback, card.callback_id), a, now=viewer.read_utc_clock()
            ),
            icon=":material/voicemail:",
            key="hear-machine",
        )


@widgets.in_stable_container
def draw_machine_notice(call: LiveCall) -> None:
    """Draw that a machine may have answered, and whether a message may be left, in which words.

    Of a call from the advisor's own phone we hear nothing: it is said as the number is shown.
    """
    if not _may_hear_machine(call):
        return
    if call.is_machine:
        st.warning(
            _("A machine may have answered. Listen: the call stays connected until you end it."),
            icon=":material/voicemail:",
        )
    advice = call.voicemail
    if advice is None:
        return
    if advice.is_allowed:
        words = page_text.escape_markdown(advice.words)
        if call.by_hand:
            said = _(
                "If a machine answers, you may leave a message. Say only: “{words}”", words=words
            )
        else:
            said = _("You may leave a message. Say only: “{words}”", words=words)
        st.info(said)
    else:
        why = page_text.escape_markdown(_(advice.why_not))
        st.error(_("**Leave no message.** {why}", why=why), icon=":material/block:")


def _may_hear_machine(call: LiveCall) -> bool:
    is_listening = call.state == AttemptState.BRIDGED or bool(call.by_hand and call.number)
    return is_listening and not call.is_calling_in
