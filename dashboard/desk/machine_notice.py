"""What an advisor is told beside a call: a machine may talk, or their number calls us meanwhile."""

from __future__ import annotations

import streamlit as st

from dashboard import widgets
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
                "Their number is calling us at this moment, and that call waits on the line. "
                "Nobody else is rung for it before yours is over."
            ),
            icon=":material/phone_callback:",
        )


@widgets.in_stable_container
def draw_machine_notice(card: LeadCard, call: LiveCall) -> None:
    """Draw that a machine may have answered, and whether a message may be left, in which words.

    Of a call from the advisor's own phone we hear nothing: it is said as the number is shown.
    """
    is_listening = call.state == AttemptState.BRIDGED or bool(call.by_hand and call.number)
    if not is_listening or call.is_calling_in:
        return
    if call.is_machine:
        st.warning(
            _("A machine may have answered. Listen: the call goes on until you end it."),
            icon=":material/voicemail:",
        )
    advice = call.voicemail
    if advice is None:
        keyboard_buttons.draw_action_button(
            _("I hear a machine"),
            lambda s, a: voicemail.say_machine_answers(
                s, s.get_one(Callback, card.callback_id), a, now=widgets.read_utc_clock()
            ),
            icon=":material/voicemail:",
            key="hear-machine",
        )
    elif advice.is_allowed:
        words = widgets.escape_markdown(advice.words)
        if call.by_hand:
            said = _(
                "If a machine answers, you may leave a message. Say only: “{words}”", words=words
            )
        else:
            said = _("You may leave a message. Say only: “{words}”", words=words)
        st.info(said)
    else:
        why = widgets.escape_markdown(_(advice.why_not))
        st.error(_("**Leave no message.** {why}", why=why), icon=":material/block:")
