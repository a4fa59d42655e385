"""Widgets: what several pages draw: fields, forms, links, and what came of the last action."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from dashboard import page_actions, page_text
from dashboard.language import _
from leads.i18n.translatable import Phrase

Drawn = TypeVar("Drawn")
Given = ParamSpec("Given")

QUARTER_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
CRISIS_LINES = Phrase(
    "**In danger or an overdose: 911.** Suicide or crisis: call or text **988**. "
    "SAMHSA, free and confidential, day and night: **1-800-662-4357**."
)
ACCEPTED_FORMS_KEY = "how often each form was accepted"


def in_stable_container(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Return a function that draws a part of a page which comes, goes or grows, in one fixed place.

    Browsers know the parts of a page by their places. What moved stands there twice until the whole
    page is drawn: where it was, and where it is.
    """

    @functools.wraps(draw)
    def draw_in_container(*given: Given.args, **named: Given.kwargs) -> Drawn:
        with st.container():
            return draw(*given, **named)

    return draw_in_container


@in_stable_container
def draw_action_message() -> None:
    """Draw what came of the last action."""
    last: page_actions.LastAction | None = st.session_state.get(page_actions.ACTION_MESSAGE_KEY)
    if last is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"last-action-{last.kind}"):
        (st.warning if last.kind == "warning" else st.success)(_(last.sentence))
        if last.undo and st.button(_("Undo"), key="undo-last", icon=":material/undo:"):
            page_actions.act_and_redraw(last.undo, page_actions.UNDONE)
        if last.needs_proof:
            link_to_confirmation()


@contextlib.contextmanager
def form_kept_if_refused(name: str) -> Iterator[None]:
    """Draw a form that is empty again once what was sent is accepted, and as it was if refused.

    What is in it needs no keys: it is another form then.
    """
    accepted: Counter[str] = st.session_state.setdefault(ACCEPTED_FORMS_KEY, Counter())
    before, _kind = page_actions.answers_to_actions()
    try:
        with st.form(f"{name}-{accepted[name]}", border=False):
            yield
    finally:
        count, kind = page_actions.answers_to_actions()
        accepted[name] += count > before and kind == "success"


def link_to_confirmation() -> None:
    """Draw the link to where somebody confirms that it is them, beside this page."""
    st.link_button(_("Confirm that it is you"), "/confirm", icon=":material/lock:")


def link_to_new_request(lead_id: int | None = None) -> None:
    """Draw the link to the page on which a request is entered by hand, for somebody known."""
    st.page_link(
        "new_request.py",
        label=_("New request"),
        icon=":material/person_add:",
        query_params={} if lead_id is None else {"lead": str(lead_id)},
    )


def draw_email_on_file(email: str) -> None:
    """Draw a person's e-mail address, if there is one, and that nothing is sent to it from here."""
    if email:
        st.write(_("E-mail on file: {email}", email=page_text.escape_markdown(email)))
        draw_small_text(
            _(
                "No e-mail is sent from here. Write from your own mailbox, then save the contact "
                "in their file."
            )
        )


def draw_small_text(text: str) -> None:
    """Draw text that matters less, smaller and dark enough to read, which `st.caption` is not."""
    st.markdown(f":small[{text}]")


def ask_colleague(names: Mapping[int, str]) -> int | None:
    """Ask for one of these colleagues, and return their id."""
    chosen: int | None = st.selectbox(
        _("Colleague"),
        list(names),
        format_func=names.__getitem__,
        index=None,
        placeholder=_("Choose a colleague"),
    )
    return chosen


def ask_time_of_day(label: str, at: time, **look: Any) -> time:
    """Ask for a time of day, to the quarter of an hour.

    The parts of `st.time_input` are too small to be hit.
    """
    chosen: time = st.selectbox(
        label,
        QUARTER_HOURS,
        index=QUARTER_HOURS.index(at),
        format_func=page_text.typed_time_text,
        **look,
    )
    return chosen


def ask_time_of_day_unset(label: str, **look: Any) -> time | None:
    """Ask for a time of day, to the quarter of an hour, of which none is a sensible guess."""
    chosen: time | None = st.selectbox(
        label,
        QUARTER_HOURS,
        index=None,
        format_func=page_text.typed_time_text,
        placeholder=_("Choose a time"),
        **look,
    )
    return chosen


def ask_day_unset(label: str, days: Sequence[date], **look: Any) -> date | None:
    """Ask for a day of which none is a sensible guess."""
    chosen: date | None = st.selectbox(
        label,
        days,
        index=None,
        format_func=page_text.day_text,
        placeholder=_("Choose a day"),
        **look,
    )
    return chosen
