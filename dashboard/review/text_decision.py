"""A text that waits for a person: what was written, what was done, what to decide."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _
from dashboard.review.decisions import decide_about_record
from leads import phone_numbers
from leads.i18n.translatable import Phrase
from leads.lead_records import texted_numbers
from leads.messaging import waiting_texts
from leads.messaging.waiting_texts import WaitingText
from leads.models.enums import TextMeaning
from leads.models.labels import DANGER_CHECKLISTS, TEXT_MEANING_LABELS, TEXT_NEXT_STEPS
from leads.models.requests import TextMessage

PROMISE_CALL: Callable[..., None] = waiting_texts.promise_call_for_text
ANSWERED_BY_CALL = (
    TextMeaning.START,
    TextMeaning.HELP,
    TextMeaning.CALL,
    TextMeaning.LATER,
    TextMeaning.UNCLEAR,
    TextMeaning.WORDS,
)
"""Meanings of which the next step is a call, which no stranger can be promised."""


def draw_waiting_text(text: WaitingText) -> None:
    """Draw one text, what it is read as, what it led to, what to do, and the decisions about it."""
    st.write(page_text.escape_markdown(_(TEXT_MEANING_LABELS[text.meaning])))
    if text.danger:
        st.error(_(DANGER_CHECKLISTS[text.danger]), icon=":material/emergency_home:")
    draw_text_sender(text)
    if text.body:
        with st.chat_message("user", avatar=":material/sms:"):
            st.text(text.body)
    if text.pictures:
        st.write(_("A picture came with it. Pictures are never opened."))
    st.write(_(standing_sentence(text)))
    if text.held_for:
        st.write(_(text.held_for))
    st.markdown(f"**{page_text.escape_markdown(_(next_step_sentence(text)))}**")
    draw_text_decisions(text)


def draw_text_sender(text: WaitingText) -> None:
    """Draw who sent a text and when, with the way to a stranger's number."""
    shown = st.session_state.get("shown_text") or {}
    is_shown = shown.get("text_id") == text.text_id
    number = phone_numbers.format_phone(shown["number"]) if is_shown else _(text.number)
    who = page_text.escape_markdown(text.name or number)
    length = page_text.time_since_text(text.received_at)
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.draw_small_text(_("{who}, {length} ago", who=who, length=length))
        if not (text.lead_id or is_shown) and st.button(
            _("Show the number"), icon=":material/visibility:", key=f"number-{text.text_id}"
        ):
            reveal_number_of_text(text)


def reveal_number_of_text(text: WaitingText) -> None:
    """Show the number of a text, and record that somebody wanted to see it."""
    number = page_actions.run_for_result(
        lambda s, a: waiting_texts.reveal_text_number(
            s, s.get_one(TextMessage, text.text_id), a, now=viewer.read_utc_clock()
        )
    )
    st.session_state["shown_text"] = number and {"text_id": text.text_id, "number": number}
    st.rerun()


def next_step_sentence(text: WaitingText) -> Phrase:
    """Say what a supervisor should do about a text."""
    if text.lead_id is None and text.danger:
        return Phrase(
            "They never asked for a call here, so the queue cannot reach them. Show the number "
            "and decide now how someone reaches them. Then click “Done”."
        )
    if text.lead_id is None and text.meaning in ANSWERED_BY_CALL:
        return Phrase(
            "They have had no reply. They never asked for a call here, so the queue cannot "
            "reach them: show the number and reply yourself. Then click “Done”."
        )
    return TEXT_NEXT_STEPS[text.meaning]


def standing_sentence(text: WaitingText) -> Phrase:
    """Say how contact with the number stands."""
    if text.is_stopped:
        return Phrase("This number is on the do-not-contact list, for calls, texts or both.")
    if text.lead_id is None:
        return Phrase("No one on file has this number.")
    if text.held_for:
        return Phrase("Their callback is held until someone decides:")
    if text.is_promised:
        return Phrase("They have an open callback.")
    return Phrase("They have no callback.")


def draw_text_decisions(text: WaitingText) -> None:
    """Draw what a supervisor can do about a text; only whoever asked here can be queued."""
    with st.container(horizontal=True):
        draw_text_button(text, _("Done"), "done", waiting_texts.settle_text, Phrase("It is done."))
        if text.lead_id:
            draw_call_button(text)
        draw_text_button(
            text,
            _("Stop all contact"),
            "stop",
            waiting_texts.stop_contact_for_text,
            Phrase("No one here contacts this number from now on."),
        )
        if text.lead_id:
            file = {"lead": str(text.lead_id)}
            label = _("Answer in their file")
            st.page_link("lead_file.py", label=label, icon=":material/reply:", query_params=file)


def draw_text_button(
    text: WaitingText, label: str, name: str, verb: Callable[..., None], said: Phrase
) -> None:
    """Draw a button that does something about a text."""
    if st.button(label, key=f"text-{name}-{text.text_id}"):
        decide_about_record(verb, TextMessage, text.text_id, said)


def draw_call_button(text: WaitingText) -> None:
    """Draw the button that promises a call, and lifts the holds that are read beside it.

    They are called at the number that they texted from, also where their file was merged into
    another one.
    """
    verb, said = PROMISE_CALL, Phrase("Nothing blocks their call now, and it is in the queue.")
    if text.is_called_elsewhere:
        verb = texted_numbers.call_texted_number
        said = Phrase(
            "We call the number they texted from. It has its own file again, and the call is in "
            "the queue."
        )
    if st.button(
        _("They want a call"),
        key=f"text-call-{text.text_id}",
        on_click=page_actions.note_shown,
        args=(text.hold_ids,),
    ):
        decide_about_record(verb, TextMessage, text.text_id, said, seen=page_actions.take_shown())
