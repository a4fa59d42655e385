"""Topics: the set-up page is a list of them, of which one is open, as the page's address remembers.

What was typed in one outlives the opening of another: a topic that was open stays drawn, closed,
until the page is left, and says on its line what is not saved yet. The others are not read at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol, TypeVar

import streamlit as st
from sqlmodel import Session

from dashboard import widgets
from dashboard.language import _
from leads.models.advisors import Advisor


class OfHelpline(Protocol):
    """What is set of one helpline."""

    @property
    def brand_id(self) -> int:
        """Its helpline."""


DRAWN_KEY = "topics drawn since the page was opened"
Settings = TypeVar("Settings", bound=OfHelpline)


@dataclass(frozen=True)
class SetupTopic:
    """One thing to set up; `draw` draws it once it is open."""

    name: str
    label: str
    icon: str
    draw: Callable[[], None]


def forget_closed_topics_of_last_visit() -> None:
    """Draw only what is open from now on, if the page was just opened."""
    if widgets.is_page_just_opened():
        st.session_state.pop(DRAWN_KEY, None)


def draw_topics(topics: Sequence[SetupTopic], *, subject: str = "") -> None:
    """Draw topics of a subject under each other, the one that the address names opened.

    `unsaved.js` shows what a line says of what is not saved.
    """
    drawn: set[str] = st.session_state.setdefault(DRAWN_KEY, set())
    unsaved = _("not saved yet")
    with st.container(gap="xsmall"):
        for topic in topics:
            is_open = topic.name == st.query_params.get("topic")
            key = f"topic-{topic.name}{subject}"
            st.session_state[key] = is_open  # opening one closes the others
            box = st.expander(
                f"{topic.label} :orange-badge[{unsaved}]",
                key=key,
                icon=f":material/{topic.icon}:",
                on_change=_follow_topic,
                args=(topic.name, key),
            )
            if is_open:
                drawn.add(key)
            if key in drawn:
                with box:
                    topic.draw()


def put_question_before_loss() -> None:
    """Put into the page, unseen, what `unsaved.js` asks before something not saved is lost."""
    question = _("Your changes are not saved yet. Leave without saving them?")
    st.html(f'<span data-unsaved-question="{escape(question)}"></span>')


def put_answer_to_save() -> None:
    """Put into the page's end, unseen, whether the last save was accepted, for `unsaved.js`.

    Whoever finds a new answer there finds the form it is about drawn anew as well.
    """
    count, kind = widgets.answers_to_actions()
    st.html(f'<span data-answers="{count}" data-answered="{kind or ""}"></span>')


def open_topic(name: str) -> None:
    """Open a topic, and close the one that was open."""
    st.query_params["topic"] = name


def read_settings_of(
    brand_id: int, read: Callable[[Session, Advisor], Sequence[Settings]]
) -> Settings:
    """Return a helpline's settings of a kind."""
    return next(one for one in widgets.read_or_stop_page(read) if one.brand_id == brand_id)


def _follow_topic(name: str, key: str) -> None:
    if st.session_state[key]:
        open_topic(name)
    else:
        st.query_params.pop("topic", None)
