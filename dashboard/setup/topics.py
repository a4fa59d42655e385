"""Topics: the set-up page is a list of them, each open from when its person opens it.

Nothing but their own click closes one. The page's address remembers the one opened last. What was
typed outlives the closing: a topic that was open stays drawn, closed, until the page is left, and
says on its line what is not saved yet. The others are not read at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol, TypeVar

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, page_reading, viewer
from dashboard.language import _
from leads.models.advisors import Advisor


class OfHelpline(Protocol):
    """What is set of one helpline."""

    @property
    def brand_id(self) -> int:
        """Its helpline."""


OPENED_KEY = "topics opened since the page was opened"
"""The key of the topics that were opened, and whether each still is.

Neither the address nor other topics decide it after that: a browser that has not heard yet of what
one click changed sends both as they were before it, along with the next click.
"""
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
    if viewer.is_page_just_opened():
        st.session_state.pop(OPENED_KEY, None)


def draw_topics(topics: Sequence[SetupTopic], *, subject: str = "") -> None:
    """Draw topics of a subject under each other; the address names one that is open at first.

    `unsaved.js` shows what a line says of what is not saved.
    """
    opened: dict[str, bool] = st.session_state.setdefault(OPENED_KEY, {})
    unsaved = _("not saved yet")
    with st.container(gap="xsmall"):
        for topic in topics:
            key = f"topic-{topic.name}{subject}"
            if topic.name == st.query_params.get("topic"):
                opened.setdefault(key, True)
            st.session_state[key] = opened.get(key, False)
            box = st.expander(
                f"{topic.label} :orange-badge[{unsaved}]",
                key=key,
                icon=f":material/{topic.icon}:",
                on_change=_follow_topic,
                args=(topic.name, key),
            )
            if key in opened:
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
    count, kind = page_actions.answers_to_actions()
    st.html(f'<span data-answers="{count}" data-answered="{kind or ""}"></span>')


def open_topic(name: str) -> None:
    """Open a topic that was not open yet on this visit."""
    st.query_params["topic"] = name


def read_settings_of(
    brand_id: int, read: Callable[[Session, Advisor], Sequence[Settings]]
) -> Settings:
    """Return a helpline's settings of a kind."""
    return next(one for one in page_reading.read_or_stop_page(read) if one.brand_id == brand_id)


def _follow_topic(name: str, key: str) -> None:
    opened: dict[str, bool] = st.session_state[OPENED_KEY]
    if st.session_state[key]:
        opened[key] = True
        open_topic(name)
    elif key in opened:
        opened[key] = False
        if st.query_params.get("topic") == name:
            del st.query_params["topic"]
