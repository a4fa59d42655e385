"""Yes and no, in the words and numbers of forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

TRUE = frozenset(
    {
        "true", "yes", "y", "on", "ok", "okay", "checked", "agree", "agreed", "accept", "accepted", "si", "sí", "sì",
        "selected", "ticked", "granted", "claro", "marcado", "sim", "acepto", "aceptado",
    }
)  # fmt: skip
FALSE = frozenset(
    {
        "false", "no", "n", "off", "none", "never", "unchecked", "decline", "declined", "disagree", "refuse", "refused",
        "rejected", "denied", "nunca", "rechazo", "não", "unselected",
    }
)  # fmt: skip
NEGATION = re.compile(r"(please |i |yo )*(do not|don[\u2019']?t|not|never|unsafe|give no|no acepto|no doy)\b")
AGREEING = re.compile(
    r"(yes|sí|si)?,?\s*(i agree|i consent|i accept|i give|i have read|i understand|i acknowledge|i authori[sz]e|"
    r"acepto|estoy de acuerdo|doy mi consentimiento|autorizo|he leído|consiento|by (checking|submitting|clicking)|"
    r"consent (given|granted)|please (call|contact))",
)


def truth(value: Any, unsure: Callable[[str], bool | None] = lambda _text: None) -> bool | None:
    """Read a truth value: words and numbers. Words that are neither yes nor no say nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0
    words = str(value).strip().lower()
    if not words:
        return None
    if words.isdecimal():
        return any(int(digit) for digit in words)
    return _yes_or_no(words, unsure)


def agreement(value: Any) -> bool | None:
    """Read the answer to a question for consent: a ticked box often sends its own label."""
    return truth(value, lambda words: True if AGREEING.match(words) else None)


def _yes_or_no(words: str, unsure: Callable[[str], bool | None]) -> bool | None:
    if NEGATION.match(words):
        return False
    first = next(iter(re.findall(r"[^\W_]{2,}|\b[yn]\b", words)), "")
    if first in TRUE:
        return True
    return False if first in FALSE else unsure(words)
