"""Topics: the set-up page is a list of them, of which one is open; only that one is read and drawn.

The page's address remembers which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import streamlit as st
from sqlmodel import Session

from dashboard import widgets
from leads.models.advisors import Advisor


class OfHelpline(Protocol):
    """What is set of one helpline."""

    @property
    def brand_id(self) -> int:
        """Its helpline."""


Settings = TypeVar("Settings", bound=OfHelpline)


@dataclass(frozen=True)
class SetupTopic:
    """One thing to set up; `draw` draws it once it is open."""

    name: str
    label: str
    icon: str
    draw: Callable[[], None]


def draw_topics(topics: Sequence[SetupTopic]) -> None:
    """Draw topics under each other, the one that the address names opened."""
    with st.container(gap="xsmall"):
        for topic in topics:
            is_open, key = topic.name == st.query_params.get("topic"), f"topic-{topic.name}"
            st.session_state[key] = is_open  # opening one closes the others
            icon = f":material/{topic.icon}:"
            box = st.expander(
                topic.label, key=key, icon=icon, on_change=_follow_topic, args=(topic.name, key)
            )
            if is_open:
                with box:
                    topic.draw()


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
