"""What runs in the browser: the part that hears of changes, the alarm for an offer, clocks that tick by themselves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from dashboard import widgets
from leads.glance import Topic

HERE = Path(__file__).parent / "browser"
FALLBACK = "30s"  # how often a live fragment runs all the same: without that, a page is dead after a restart
ALARM = {
    "choice": "Sound and a notification when I am rung",
    "title": "Ringback",
    "body": "You are being rung. Open your desk.",
}


def _part(name: str) -> st.components.v2.types.ComponentRenderer:
    html, css, js = (Path(HERE / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(f"ringback_{name}", html=html, css=css, js=js)


_live, _clock, _wall = _part("live"), _part("clock"), _part("wall")


def stay_live(topic: Topic, seen: str, *, offer: str | None = None) -> None:
    """Run the fragment that this is called in whenever something changes that the topic is about.

    `seen`: `live.version()` from before the fragment read anything. `offer`: names the call that rings the advisor
    now, or is empty; then the page asks whether they want to hear of one.
    """
    _live(
        key=f"live-{topic}",
        data={"topic": topic, "seen": seen, "offer": offer or "", "alarm": None if offer is None else ALARM},
        on_changed_change=_redraw,
    )


def clock(
    key: str,
    at: datetime | None,
    *,
    strong: str = "",
    before: str = "",
    after: str = "",
    written: Literal["watch", "words"] = "words",
    down: bool = False,
    look: Literal["plain", "small", "call"] = "plain",
) -> None:
    """Show a sentence with the time since an instant, or until it: 02:14 as on a watch, or in words."""
    if at is None:
        return
    told = {"strong": strong, "before": before, "after": after, "written": written, "down": down, "look": look}
    _clock(key=key, data={**told, "at": at.timestamp() * 1000, "now": widgets.now().timestamp() * 1000})


def wall(screen: dict[str, Any]) -> None:
    """Show the wallboard: its figures fit whatever screen it is on, and it says so when it hears nothing any more."""
    _wall(key="wall", data=screen)


def _redraw() -> None:
    """A part of the page asked to be drawn again; that it is its fragment's turn is all it wanted."""
