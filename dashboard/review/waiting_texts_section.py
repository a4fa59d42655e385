"""The section of texts that wait for a person: what was written, what was done, what to decide."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.messaging import waiting_texts
from leads.messaging.waiting_texts import WaitingText
from leads.models.advisors import Advisor
from leads.models.labels import TEXT_MEANING_LABELS
from leads.models.requests import TextMessage

TextVerb = Callable[..., None]
"""What a supervisor does about a text: session, text, supervisor, and now by keyword."""


def draw_waiting_texts() -> None:
    """Draw every text that waits, oldest first; nothing where none does."""
    waiting = widgets.read_or_stop_page(waiting_texts.list_waiting_texts)
    if not waiting:
        return
    st.header(_("Texts that wait for a person"), anchor=False)
    for text in waiting:
        draw_waiting_text(text)
    if len(waiting) == waiting_texts.MOST_SHOWN:
        st.caption(
            _(
                "These are the {count} that have waited longest; the next ones follow.",
                count=waiting_texts.MOST_SHOWN,
            )
        )


def draw_waiting_text(text: WaitingText) -> None:
    """Draw one text, what it is read as and what it led to, and the decisions about it."""
    with st.container(border=True):
        who = text.name or text.number
        st.subheader(widgets.escape_markdown(_(TEXT_MEANING_LABELS[text.meaning])), anchor=False)
        length = widgets.time_since_text(text.received_at)
        st.caption(_("{who}, {length} ago", who=widgets.escape_markdown(who), length=length))
        if text.body:
            st.markdown(f"> {widgets.escape_markdown(text.body)}")
        if text.pictures:
            st.write(_("A picture came with it. Nobody opens it."))
        st.write(_(standing_sentence(text)))
        if text.held_for:
            st.write(_(text.held_for))
        draw_text_decisions(text)


def standing_sentence(text: WaitingText) -> Phrase:
    """Say how contact with the number stands."""
    if text.is_stopped:
        return Phrase("Contact with this number is stopped, or a part of it.")
    if text.lead_id is None:
        return Phrase("Nobody is known by this number.")
    if text.held_for:
        return Phrase("Their callback is held until somebody decides:")
    if text.is_promised:
        return Phrase("Their callback is still to come.")
    return Phrase("No callback is promised to them.")


def draw_text_decisions(text: WaitingText) -> None:
    """Draw what a supervisor can do about a text."""
    with st.container(horizontal=True):
        draw_text_button(
            text, _("Done"), "done", waiting_texts.settle_text, Phrase("It is seen to.")
        )
        draw_text_button(
            text,
            _("They want a call"),
            "call",
            waiting_texts.promise_call_for_text,
            Phrase("Nothing stops their call any more, and it is in the queue."),
        )
        draw_text_button(
            text,
            _("Stop all contact"),
            "stop",
            waiting_texts.stop_contact_for_text,
            Phrase("This number is not contacted any more, by anybody here."),
        )
        if text.lead_id:
            file = {"lead": str(text.lead_id)}
            label = _("Answer in their file")
            st.page_link("lead_file.py", label=label, icon=":material/reply:", query_params=file)


def draw_text_button(
    text: WaitingText, label: str, name: str, verb: TextVerb, said: Phrase
) -> None:
    """Draw a button that does something about a text."""
    if st.button(label, key=f"text-{name}-{text.text_id}"):
        widgets.run_as_signed_in(_about(text, verb), said)
        st.rerun()


def _about(text: WaitingText, verb: TextVerb) -> Callable[[Session, Advisor], None]:
    def act(session: Session, supervisor: Advisor) -> None:
        stored = session.get_one(TextMessage, text.text_id)
        verb(session, stored, supervisor, now=widgets.read_utc_clock())

    return act
