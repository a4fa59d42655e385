"""The wallboard: one screen for a television, readable from five metres, drawn anew every second."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from pathlib import Path

import streamlit as st

from dashboard import widgets
from leads import db, wall
from leads.wall import Wall

LOOK_EVERY = "1s"
TARGET = timedelta(minutes=5)
LATE, VERY_LATE = timedelta(minutes=5), timedelta(minutes=15)
MOST_NAMES = 6
STYLE = Path(__file__).parent / "static" / "wall.css"

widgets.me()


@st.fragment(run_every=LOOK_EVERY)
def draw() -> None:
    """Read and draw the whole screen. A fragment that looks again outlives a restart of the server."""
    with db.reader() as session:
        found = wall.read(session, target=TARGET, zone=zone, now=widgets.now())
    st.html(screen(found))


def screen(found: Wall) -> str:
    """Return the screen: what must not be missed is largest, and colour never says anything alone."""
    waited = widgets.now() - found.oldest_at if found.oldest_at else None
    tiles = [
        _tile("Waiting now", str(found.waiting), "people due for a call", "alarm" if found.waiting else ""),
        _tile("Waiting longest", _age(waited), _word(waited), _look(waited), kind="long"),
        _tile("Rung within 5 minutes today", widgets.share(found.in_time), _counted(found), "", kind="long"),
        _tile("Free", str(len(found.free)), _names(found), "" if found.free else "alarm", kind="names"),
        _tile("With somebody", str(found.busy), "advisors at work", ""),
        _tile("Next due", widgets.clock(found.next_due_at, zone) or "nobody", "planned tries", "", kind="long"),
    ]
    clock = widgets.clock(widgets.now(), zone)
    return f'<main class="wall" aria-label="Wallboard">{"".join(tiles)}<footer>{clock} · {zone}</footer></main>'


def _tile(label: str, value: str, note: str, look: str, *, kind: str = "") -> str:
    return (
        f'<section class="{look} {kind}"><h2>{escape(label)}</h2>'
        f"<strong>{escape(value)}</strong><p>{escape(note)}</p></section>"
    )


def _age(waited: timedelta | None) -> str:
    if waited is None:
        return "nobody"
    minutes, seconds = divmod(max(0, round(waited.total_seconds())), 60)
    hours = minutes // 60
    return f"{hours} h {minutes % 60:02d}" if hours else f"{minutes}:{seconds:02d}"


def _word(waited: timedelta | None) -> str:
    if waited is None:
        return "everybody was rung"
    if waited < LATE:
        return "for a first ring"
    return "too long for a first ring" if waited < VERY_LATE else "far too long for a first ring"


def _look(waited: timedelta | None) -> str:
    if waited is None or waited < LATE:
        return ""
    return "late" if waited < VERY_LATE else "alarm"


def _counted(found: Wall) -> str:
    return f"{found.hits} of {found.counted} counted, {found.pending} pending, {found.asked} asked"


def _names(found: Wall) -> str:
    more = len(found.free) - MOST_NAMES
    return ", ".join(found.free[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "") or "nobody is free"


zone = widgets.my_zone()
st.html(STYLE)
draw()
st.page_link("callback_board.py", label="Leave the wallboard", icon=":material/close_fullscreen:")
