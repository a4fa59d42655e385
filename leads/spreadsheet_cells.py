"""Spreadsheet cells: what others wrote, so that no program takes it for a formula."""

from __future__ import annotations

import re

FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
PLAIN_NUMBER = re.compile(r"[+-]?[\d\s().\-/]+")  # of a phone or of anything else


def escape_formula(text: str) -> str:
    """Return a text as a cell that is shown and not carried out; numbers stay as they are."""
    if FORMULA.match(text) and not PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def unescape_formula(text: str) -> str:
    """Return a text as it was before `escape_formula`."""
    return text[1:] if text.startswith("'") and escape_formula(text[1:]) == text else text
