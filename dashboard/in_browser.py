"""What runs in the browser: live updates, the alarm for an offer, clocks that tick alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from dashboard import page_text, viewer
from dashboard.language import _
from leads.call_questions import LONGEST_WORDS, WORDINGS
from leads.i18n.translatable import Phrase
from leads.lead_records import call_notes
from leads.lead_records.intake_answers import AskedQuestion
from leads.read_models.page_changes import Topic

HERE = Path(__file__).parent / "browser"
# how often a live fragment runs all the same: without that, a page is dead after a restart
FALLBACK = "30s"
STATE_LOOKS = ("call", "good", "away")  # of a state with its time, as wide as its words
ALARM_LABELS = {
    "choice": Phrase("Alert me when my phone rings"),
    "title": Phrase("Ringback"),
    "body": Phrase("Your phone is ringing. Open your desk."),
}
LENGTH_FORMATS = {
    "seconds": Phrase("{s} s"),
    "minutes": Phrase("{min} min"),
    "precise": Phrase("{min} min {s} s"),
    "hours": Phrase("{h} h {min} min"),
    "days": Phrase("{days} days"),
}
NOTES_LABELS = {
    "label": Phrase("Notes"),
    "saving": Phrase("Saving …"),
    "saved": Phrase("Saved"),
    "away": Phrase("Not saved yet: no server connection. Your notes are kept on this screen."),
    "joined": Phrase("Saved, together with what you wrote in another tab."),
    "refused": Phrase(
        "Not saved: this callback is no longer assigned to you. Copy your notes and tell a "
        "supervisor."
    ),
}


def load_browser_component(
    name: str, *, book: bool = False, isolate_styles: bool = True
) -> st.components.v2.types.ComponentRenderer:
    """Return a component of ours; one with a `book` keeps what is typed in it.

    One that does not `isolate_styles` looks as what `st.html` draws.
    """
    html, css, js = (
        Path(HERE / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
    )
    if book:
        js = Path(HERE / "book.js").read_text("utf-8") + js
    return st.components.v2.component(
        f"ringback_{name}", html=html, css=css, js=js, isolate_styles=isolate_styles
    )


_live, _clock, _notes, _intake, _wall, _pressed = (
    load_browser_component("live"),
    load_browser_component("clock"),
    load_browser_component("notes", book=True),
    load_browser_component("intake", book=True),
    load_browser_component("wall"),
    load_browser_component("pressed", isolate_styles=False),
)


def rerun_on_change(
    topic: Topic, seen: str, *, offer: str | None = None, asks_alarm: bool = True
) -> None:
    """Rerun the fragment that calls this whenever something changes that its topic is about.

    `seen`: what `live_updates.change_version()` returned before the fragment read anything.
    `offer`: the id of the attempt that rings the advisor now, or empty; then the page asks whether
    the advisor wants an alarm, if it `asks_alarm` now. None knows no alarm.
    """
    _live(
        key=f"live-{topic}",
        width="stretch" if offer is None else "content",
        data={
            "topic": topic,
            "seen": seen,
            "offer": offer or "",
            "asks": asks_alarm,
            "alarm": None if offer is None else translate_labels(ALARM_LABELS),
        },
        on_changed_change=_allow_fragment_rerun,
    )


def draw_running_clock(
    key: str,
    at: datetime | None,
    sentence: str = "{time}",
    *,
    strong: str = "",
    written: Literal["watch", "words"] = "words",
    down: bool = False,
    look: Literal["plain", "small", "call", "good", "away"] = "plain",
    warning: str = "",
    last: int = 60,
    button: str = "",
    on_press: Callable[[], None] | None = None,
) -> None:
    """Draw a sentence with the running time since or until an instant, where it says {time}.

    `written`: like 02:14, or in words. `down`: until the instant. `warning`: what stands before the
    sentence in the last seconds, `last` of them, which are drawn so that nobody overlooks them.
    `button`: what can be pressed then.
    """
    if at is None:
        return
    before, _time, after = sentence.partition("{time}")
    options = {
        "strong": strong,
        "before": before,
        "after": after,
        "written": written,
        "down": down,
        "look": look,
        "warning": warning,
        "last": last,
        "button": button,
    }
    instants = {"at": at.timestamp() * 1000, "now": viewer.read_utc_clock().timestamp() * 1000}
    _clock(
        key=key,
        width="content" if look in STATE_LOOKS else "stretch",
        data={**options, **instants, "lengths": translate_labels(LENGTH_FORMATS)},
        on_pressed_change=on_press or _allow_fragment_rerun,
    )


def draw_notes_field(
    advisor_id: int,
    callback_id: int | None,
    text: str = "",
    *,
    written_at: datetime | None = None,
    key: str = "",
    lines: int = 5,
) -> None:
    """Draw the field in which the advisor writes about a callback.

    Every word is kept without a rerun. Without a callback the field is gone, and only what is on
    its way is still sent. `key` leads to the field while nobody types.
    """
    note = {
        "text": text,
        "at": written_at.timestamp() * 1000 if written_at else 0,
        "longest": call_notes.MAX_NOTE_LENGTH,
        "lines": lines,
    }
    context = {
        "advisor": advisor_id,
        "callback": callback_id,
        "key": key,
        "words": translate_labels(NOTES_LABELS),
    }
    _notes(key=f"notes-{callback_id}", data={**context, **note})


def draw_intake_questions(
    advisor_id: int, callback_id: int, questions: Sequence[AskedQuestion]
) -> None:
    """Draw what the helpline asks on a call; every answer is kept without a rerun."""
    drawn = [
        {
            "word": asked.question,
            "label": _(WORDINGS[asked.question].label),
            "hint": _(WORDINGS[asked.question].hint),
            "choices": [
                [word, _(label)] for word, label in WORDINGS[asked.question].choices.items()
            ],
            "before": _heard_before_text(asked),
            "choice": asked.choice,
            "words": asked.words,
            "at": asked.at.timestamp() * 1000 if asked.at else 0,
        }
        for asked in questions
    ]
    context = {
        "advisor": advisor_id,
        "callback": callback_id,
        "longest": LONGEST_WORDS,
        "words": translate_labels(NOTES_LABELS),
    }
    _intake(key=f"intake-{callback_id}", data={**context, "questions": drawn})


def _heard_before_text(asked: AskedQuestion) -> str:
    if asked.before is None:
        return ""
    return _(
        "Before: {answer} ({name}, {time})",
        answer=asked.before.sentence,
        name=asked.before.by,
        time=page_text.instant_text(asked.before.at),
    )


def translate_labels(words: dict[str, Phrase]) -> dict[str, str]:
    """Return what a component says, in the viewer's language."""
    return {name: _(phrase) for name, phrase in words.items()}


def draw_wallboard_screen(screen: dict[str, Any]) -> None:
    """Draw the wallboard.

    Its figures fit whatever screen it is on, and it says so when it gets no updates any more.
    """
    _wall(key="wall", data=screen)


def draw_pressable_html(key: str, html: str) -> str | None:
    """Draw HTML of ours in which buttons have values; returns that of the one just pressed."""
    pressed: str | None = _pressed(
        key=key, data={"html": html}, on_pressed_change=_allow_fragment_rerun
    ).pressed
    return pressed


def pressed_value(key: str) -> str | None:
    """Return the value of the button just pressed in what is drawn further down."""
    pressed: str | None = getattr(st.session_state.get(key), "pressed", None)
    return pressed


def _allow_fragment_rerun() -> None:
    """Do nothing: that a part of the page asked to be drawn again brings its turn."""
