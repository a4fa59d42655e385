"""The section of voicemails that nobody has seen to: listen, see what comes next, and say so."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import voicemail_player, widgets
from dashboard.language import _
from leads.messaging import voicemails
from leads.messaging.voicemails import VoicemailCard


def draw_waiting_voicemails(waiting: Sequence[VoicemailCard]) -> None:
    """Draw every voicemail that waits, oldest first; nothing where none does."""
    if not waiting:
        return
    st.header(_("Voicemails to listen to"), anchor=False)
    st.caption(
        _(
            "Danger in a voicemail is not detected automatically and raises no alert. Someone "
            "has to listen to it."
        )
    )
    for voicemail in waiting:
        draw_waiting_voicemail(voicemail)
    if len(waiting) == voicemails.MOST_SHOWN:
        st.caption(
            _(
                "These are the {count} that have waited longest; the next ones follow.",
                count=voicemails.MOST_SHOWN,
            )
        )


def draw_waiting_voicemail(voicemail: VoicemailCard) -> None:
    """Draw one voicemail, and the way to the file and out of the list."""
    with st.container(border=True):
        who = widgets.escape_markdown(voicemail.name or _(voicemail.number))
        st.subheader(who, anchor=False)
        said = {
            "brand": widgets.escape_markdown(voicemail.brand),
            "seconds": voicemail.seconds,
            "length": widgets.time_since_text(voicemail.received_at),
        }
        st.caption(_("{brand}, {seconds} seconds, {length} ago", **said))
        voicemail_player.draw_voicemail_player(voicemail)
        st.write(_(voicemail_player.voicemail_sentence(voicemail)))
        with st.container(horizontal=True, vertical_alignment="center"):
            voicemail_player.draw_finish_button(voicemail)
            if voicemail.lead_id is not None:
                st.page_link(
                    "lead_file.py",
                    label=_("Their file"),
                    icon=":material/person:",
                    query_params={"lead": str(voicemail.lead_id)},
                )
