"""What Streamlit itself says in English, on the screen or to a screen reader, in our catalogs.

`framework_words.js` says it in the reader's language. Whatever follows the browser's own language
(a calendar, the parts of a date) is told that of the page by `page_shell.py`.
"""

from __future__ import annotations

import functools
import json

from babel import dates

from leads.i18n.languages import DEFAULT_LANGUAGE
from leads.i18n.translatable import Phrase, translate

WORDS = (
    # fields
    Phrase("Clear value"),
    Phrase("Clear all"),
    Phrase("Clear entry"),
    Phrase("Clear date"),
    Phrase("Clear dates"),
    Phrase("Clear time"),
    Phrase("Open"),
    Phrase("No results"),
    Phrase("No options to select."),
    Phrase("Choose an option"),
    Phrase("Choose options"),
    Phrase("Selectbox"),
    Phrase("Selectbox options"),
    Phrase("Multiselect"),
    Phrase("Multiselect options"),
    Phrase("Selected values"),
    Phrase("Select all"),
    Phrase("Show password"),
    Phrase("Hide password"),
    Phrase("Increment"),
    Phrase("Decrement"),
    Phrase("Invalid input."),
    Phrase("Number is above the allowed range."),
    Phrase("Number is below the allowed range."),
    Phrase("Choose date"),
    Phrase("Choose date range"),
    Phrase("Choose date and time"),
    Phrase("Date range"),
    Phrase("Quick select a date range"),
    Phrase("Select..."),
    Phrase("Use arrow keys to navigate dates. Enter to select. Escape to close."),
    Phrase("Previous month"),
    Phrase("Next month"),
    Phrase("Help"),
    Phrase("Dismiss"),
    # files
    Phrase("Add files"),
    Phrase("Upload"),
    Phrase("file upload"),
    Phrase("Drag and drop a file here"),
    Phrase("Drag and drop files here"),
    Phrase("Download failed"),
    # around a page
    Phrase("App pages"),
    Phrase("Main menu"),
    Phrase("Sidebar"),
    Phrase("Collapse sidebar"),
    Phrase("Expand sidebar"),
    Phrase("Navigate to home page"),
    Phrase("Skip to main content"),
    Phrase("Notifications"),
    Phrase("Close"),
    Phrase("Link to heading"),
    Phrase("Running..."),
    Phrase("Stop script"),
    Phrase("Scroll tabs left"),
    Phrase("Scroll tabs right"),
    Phrase("Audio player"),
    # tables
    Phrase("Download as CSV"),
    Phrase("Search"),
    Phrase("Close Search"),
    Phrase("Previous Result"),
    Phrase("Next Result"),
    Phrase("Fullscreen"),
    Phrase("Close fullscreen"),
    Phrase("Show/hide columns"),
    Phrase("Dataframe column menu"),
    Phrase("Copy column name"),
    Phrase("Clear selection"),
)
FRAMES = (
    Phrase("Help for {label}"),
    Phrase("Remove {label}"),
    Phrase("Upload {label}"),
    Phrase("Shortcut {label}"),
    Phrase("Choose date, {label}"),
    Phrase("Selected Date: {label}"),
    Phrase("day, {label}"),
    Phrase("month, {label}"),
    Phrase("year, {label}"),
    Phrase("{label} per file"),
)
"""What it says around words of ours or of people, which stay as they are."""
DATE = Phrase("{month} {day}, {year}")
VALUE = "\0"


@functools.cache
def framework_words_tag(language: str) -> str:
    """Return the HTML that tells a page what Streamlit says in a language; empty for English."""
    if language == DEFAULT_LANGUAGE:
        return ""
    told = {
        "words": {str(word): translate(language, word) for word in WORDS},
        "frames": [_frame_parts(language, frame) for frame in FRAMES],
        "months": dict(zip(_month_names(DEFAULT_LANGUAGE), _month_names(language), strict=True)),
        "date": translate(language, DATE),
    }
    words = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="framework-words">{words}</script>'


def _month_names(language: str) -> list[str]:
    return list(dates.get_month_names("wide", locale=language).values())


def _frame_parts(language: str, frame: Phrase) -> list[list[str]]:
    """Return what stands before and after a frame's value, in English and in a language."""
    return [translate(one, frame, label=VALUE).split(VALUE) for one in (DEFAULT_LANGUAGE, language)]
