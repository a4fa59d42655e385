"""The language switch: a press loads the page anew in the language chosen.

Fields keep the words of their choices for as long as the page is open.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.language import _, viewer_language
from leads.i18n import languages


def draw_language_switch() -> None:
    """Draw the languages of the screens, this page's pressed; `language_switch.js` acts on them."""
    buttons = "".join(
        f'<button type="button" data-language="{code}" lang="{code}" '
        f'aria-pressed="{str(code == viewer_language()).lower()}">{escape(name)}</button>'
        for code, name in languages.NATIVE_LANGUAGE_NAMES.items()
    )
    label = escape(_("Language"))
    st.html(f'<div class="language-switch" role="group" aria-label="{label}">{buttons}</div>')
