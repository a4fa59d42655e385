"""What the screen says, in the language of who reads it. Every text on a page goes through `_`."""

from __future__ import annotations

import functools
from typing import Any

import streamlit as st

from leads.i18n import languages, translatable

CHOSEN = "language"


def _(text: str, /, **values: Any) -> str:
    """Say a text, or a phrase from the domain, in the language of the person at the screen."""
    return translatable.translate(language(), text, **values)


def counted(count: int, one: str, many: str, **values: Any) -> str:
    """Say how many there are of something, which both forms call `{count}`."""
    return _(translatable.plural_phrase(count, one, many, **values))


def language() -> str:
    """Return the language of the person at the screen: the one they chose, else their browser's."""
    chosen = st.session_state.get(CHOSEN) or str(st.user.get("language") or "")
    return chosen or _of_browser(st.context.locale or "")


def locale() -> str:
    """Return what dates and numbers are written by."""
    return f"{language()}_US"


@functools.cache
def _of_browser(locale: str) -> str:
    return languages.choose_visitor_language("", accepted=locale)
