"""A voicemail that nobody has seen to: listen, see what comes next, and say so."""

from __future__ import annotations

import streamlit as st

from dashboard import page_text, voicemail_player, widgets
from dashboard.language import _
from leads.messaging.voicemails import VoicemailCard


def draw_waiting_voicemail(voicemail: VoicemailCard) -> None:
    """Draw one voicemail, and the way out of the list."""
    said = {
        "brand": page_text.escape_markdown(voicemail.brand),
        "seconds": voicemail.seconds,
        "length": page_text.time_since_text(voicemail.received_at),
    }
    widgets.draw_small_text(_("{brand}, {seconds} seconds, {length} ago", **said))
    voicemail_player.draw_voicemail_player(voicemail)
    widgets.draw_small_text(
        _(
            "Danger in a voicemail is not detected automatically and raises no alert. Someone has "
            "to listen to it."
        )
    )
    st.write(_(voicemail_player.voicemail_sentence(voicemail)))
    voicemail_player.draw_finish_button(voicemail)
