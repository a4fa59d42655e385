"""What the screen says, in its reader's language: every text on a page goes through `_`."""

from __future__ import annotations

import functools
from typing import Any

import streamlit as st

from leads.i18n import languages, readable_times, translatable

PAGE_LANGUAGE_KEY = "language of the page"


def _(text: str, /, **values: Any) -> str:
    """Return a text, or a phrase of the domain, in the viewer's language."""
    return translatable.translate(viewer_language(), text, **values)


def translate_count(count: int, one: str, many: str, **values: Any) -> str:
    """Return how many there are of something, which both forms call `{count}`."""
    return _(translatable.plural_phrase(count, one, many, **values))


def viewer_language() -> str:
    """Return the viewer's language: the one they chose before this page was loaded, or a browser's.

    It is the page's until it is loaded again: fields keep the words of their choices.
    """
    known = st.session_state.get(PAGE_LANGUAGE_KEY)
    if not known:
        known = str(st.user.get("language") or "") or _browser_language(st.context.locale or "")
        st.session_state[PAGE_LANGUAGE_KEY] = known
    return str(known)


def viewer_locale() -> str:
    """Return the locale by which dates and numbers are written for the viewer."""
    return readable_times.locale_of_language(viewer_language())


@functools.cache
def _browser_language(locale: str) -> str:
    return languages.choose_visitor_language("", accepted=locale)
