"""A text thread: what was texted with a person, both ways, and what can be answered."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _, translate_count
from leads.i18n.translatable import Phrase
from leads.messaging import outgoing_texts
from leads.messaging.text_threads import QuickAnswer, TextThread, ThreadText
from leads.models.calls import Callback
from leads.models.labels import TEXT_FAULT_LABELS, TEXT_STATUS_LABELS, TEXT_TEMPLATE_LABELS

LONGEST_FREE_TEXT = 300  # letters
LATEST_TEXTS = 2  # in sight besides what is not answered: more would push the answers off a desk


@widgets.in_stable_container
def draw_text_thread(thread: TextThread, *, may_write: bool = False) -> None:
    """Draw the latest texts, oldest first, and what can be answered.

    `may_write`: in words of one's own as well.
    """
    if not thread.texts and thread.refusal:
        return  # nothing was texted, and nothing may be: the badges say so
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(_("Texts"), anchor=False, width="content")
        if thread.new_count:
            unanswered = translate_count(
                thread.new_count, "{count} unanswered", "{count} unanswered"
            )
            st.badge(unanswered, icon=":material/mark_chat_unread:", color="orange")
    asking = [place for place, text in enumerate(thread.texts, 1) if text.is_new]
    shown = max([LATEST_TEXTS, *asking])
    latest, earlier = thread.texts[:shown], thread.texts[shown:]
    if earlier:
        label = translate_count(len(earlier), "{count} earlier text", "{count} earlier texts")
        with st.expander(label, icon=":material/history:", key=f"earlier-{thread.callback_id}"):
            draw_texts(earlier)
    draw_texts(latest)
    if thread.refusal:
        st.info(_("Cannot text now: {why}", why=_(thread.refusal)), icon=":material/sms_failed:")
        return
    draw_quick_answers(thread)
    if may_write:
        draw_free_words(thread)


def draw_texts(texts: Sequence[ThreadText]) -> None:
    """Draw texts that come latest first as people read them."""
    for text in reversed(texts):
        draw_text(text)


def draw_text(text: ThreadText) -> None:
    """Draw one text, and of ours what became of it."""
    is_theirs = text.status is None
    with st.chat_message(
        "user" if is_theirs else "assistant",
        avatar=":material/sms:" if is_theirs else ":material/reply:",
    ):
        if text.body:
            st.text(text.body)
        if text.pictures:
            st.text(_("A picture came with it. Pictures are never opened."))
        widgets.draw_small_text(page_text.escape_markdown(" · ".join(text_facts(text))))
        if text.fault:
            st.warning(_(TEXT_FAULT_LABELS[text.fault]), icon=":material/sms_failed:")
        elif text.problem:
            st.warning(page_text.escape_markdown(_(text.problem)), icon=":material/sms_failed:")


def text_facts(text: ThreadText) -> list[str]:
    """Return what is to be known of a text beside its words."""
    facts = [_(TEXT_STATUS_LABELS[text.status])] if text.status else [_("From them")]
    if text.by:
        facts.append(text.by)
    elif text.status:
        facts.append(_("automatic"))
    if text.parts > 1:
        facts.append(translate_count(text.parts, "{count} part", "{count} parts"))
    return [*facts, page_text.instant_text(text.at)]


def draw_quick_answers(thread: TextThread) -> None:
    """Draw the quick answers, the words of the chosen one, and the button that sends it."""
    if not thread.answers:
        return
    answers = {answer.key: answer for answer in thread.answers}
    chosen_key = st.pills(
        _("Reply by text"),
        list(answers),
        format_func=lambda key: _(TEXT_TEMPLATE_LABELS[key]),
        key=f"answer-{thread.callback_id}",
        wrap=True,
    )
    if chosen := answers.get(chosen_key) if chosen_key else None:
        st.text(chosen.body)
        widgets.draw_small_text(length_text(chosen.body, chosen.parts))
        st.button(
            _("Send this text"),
            icon=":material/send:",
            key=f"send-answer-{thread.callback_id}",
            on_click=send_chosen_answer,
            args=(thread.callback_id, chosen),
        )


def send_chosen_answer(callback_id: int, answer: QuickAnswer) -> None:
    """Send a quick answer, and begin with an empty choice."""
    is_done = page_actions.run_as_signed_in(
        lambda s, a: outgoing_texts.send_quick_answer(
            s, s.get_one(Callback, callback_id), answer.key, a, now=viewer.read_utc_clock()
        ),
        Phrase("Sending the text."),
    )
    if is_done:
        st.session_state[f"answer-{callback_id}"] = None


def draw_free_words(thread: TextThread) -> None:
    """Draw the field for a text in a supervisor's own words."""
    key = f"words-{thread.callback_id}"
    with st.form(f"write-{thread.callback_id}", border=False, clear_on_submit=False):
        st.text_area(
            _("Or write your own"),
            max_chars=LONGEST_FREE_TEXT,
            key=key,
            help=_(
                "Someone else may read it: no names, no numbers, nothing about their "
                "request. {number} is the helpline's number. Over 160 characters it is "
                "sent in several parts; with characters such as “ó” or an emoji, over 70.",
                number="{number}",
            ),
        )
        st.form_submit_button(
            _("Send"),
            icon=":material/send:",
            on_click=send_written_words,
            args=(thread.callback_id, key),
        )


def send_written_words(callback_id: int, key: str) -> None:
    """Send what was written, and empty the field; what was refused stays to be changed."""
    is_done = page_actions.run_as_signed_in(
        lambda s, a: outgoing_texts.send_free_words(
            s,
            s.get_one(Callback, callback_id),
            st.session_state[key],
            a,
            now=viewer.read_utc_clock(),
        ),
        Phrase("Sending the text."),
    )
    if is_done:
        st.session_state[key] = ""


def length_text(body: str, parts: int) -> str:
    """Return how long a text is, and in how many parts it goes out."""
    in_parts = translate_count(parts, "{count} part", "{count} parts")
    return _("{length} characters, {parts}", length=len(body), parts=in_parts)
