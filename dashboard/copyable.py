"""Copyable text: what is read off and put somewhere else, letter for letter.

It is HTML: Streamlit loads half a megabyte to color code.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.language import _


def draw_copyable(text: str) -> None:
    """Draw a text with the button that copies it; `copying.js` does that."""
    copied, copy = escape(_("Copied")), escape(_("Copy"))
    button = f'<button type="button" data-copied="{copied}">{copy}</button>'
    st.html(f'<div class="copyable"><code>{escape(text)}</code>{button}</div>')


def draw_long_text(title: str, text: str) -> None:
    """Draw a text of any length, in a box that is scrolled by the keyboard too."""
    frame = f'<pre class="long-text" role="region" aria-label="{escape(title)}" tabindex="0">'
    st.html(f"{frame}{escape(text)}</pre>")
