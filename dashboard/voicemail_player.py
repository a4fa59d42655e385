"""The player of voicemails, and what is said beside it: who has listened, and what comes next."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.http.voicemail_route import voicemail_address
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.messaging import voicemails
from leads.messaging.voicemails import VoicemailCard


def draw_voicemail_player(voicemail: VoicemailCard) -> None:
    """Draw a voicemail to listen to; it is loaded when somebody presses play, and not before."""
    if voicemail.is_here:
        address = voicemail_address(voicemail.voicemail_id)
        label = _("Voicemail, {seconds} seconds", seconds=voicemail.seconds)
        st.html(
            f'<audio controls controlslist="nodownload" disableremoteplayback preload="none" '
            f'src="{address}" aria-label="{label}" style="width: 100%"></audio>'
        )
    elif voicemail.is_given_up:
        st.warning(
            _("The phone network has it, but we could not download it."),
            icon=":material/voicemail:",
        )
    else:
        st.info(_("Downloading it from the phone network."), icon=":material/voicemail:")
    if voicemail.is_here or voicemail.plays:
        draw_listeners(voicemail)


def voicemail_title(voicemail: VoicemailCard) -> str:
    """Say when somebody left a message, and how long it is."""
    at = page_text.instant_text(voicemail.received_at)
    return _(
        "Left a voicemail, {time}, {seconds} seconds",
        time=at,
        seconds=voicemail.seconds,
    )


def draw_listeners(voicemail: VoicemailCard) -> None:
    """Draw who has listened to a voicemail, and when."""
    if not voicemail.plays:
        widgets.draw_small_text(_("No one has listened to it yet. Each play is logged."))
        return
    said = [f"{name}, {page_text.instant_text(at)}" for name, at in voicemail.plays]
    listeners = page_text.escape_markdown("; ".join(said))
    widgets.draw_small_text(_("Listened to by: {listeners}", listeners=listeners))


def voicemail_sentence(voicemail: VoicemailCard) -> Phrase:
    """Say what a voicemail led to."""
    if voicemail.is_empty:
        return Phrase("It has no sound, so there is no callback for it.")
    if voicemail.is_promised:
        return Phrase("They left a message, so they are in the queue for a callback.")
    if voicemail.is_withheld:
        return Phrase("They called with a blocked number: we cannot call back.")
    return Phrase("No callback is scheduled for it.")


def draw_finish_button(voicemail: VoicemailCard) -> None:
    """Draw the button by which somebody says that nothing more is to be done about a voicemail."""
    label = _("Listened, no action needed") if voicemail.is_here else _("No action needed")
    key = f"settle-voicemail-{voicemail.voicemail_id}"
    if st.button(label, key=key, icon=":material/done:"):
        finish_with_voicemail(voicemail)


def finish_with_voicemail(voicemail: VoicemailCard) -> None:
    """Say that a voicemail was listened to and needs nothing more."""
    page_actions.act_and_redraw(
        lambda s, a: voicemails.settle_voicemail(
            s, voicemail.voicemail_id, a, now=viewer.read_utc_clock()
        ),
        Phrase("Done. Any scheduled callback stays in place."),
    )
