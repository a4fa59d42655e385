"""Who calls, as Twilio says it: a number, or one of its words for a number that was withheld."""

from __future__ import annotations

from leads import phone_numbers

WORDS_FOR_WITHHELD = ("anonymous", "blocked", "private", "restricted", "unavailable", "unknown")
KEYS = {
    letter: key
    for key, letters in zip(
        "23456789", ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), strict=True
    )
    for letter in letters
}


def _on_keypad(word: str) -> str:
    return "".join(KEYS[letter] for letter in word)


WITHHELD_NUMBERS = frozenset(map(_on_keypad, WORDS_FOR_WITHHELD))
"""How those words are spelled on a keypad, which is what Twilio sends: ANONYMOUS is 266696687."""


def shown_number(caller: str) -> str:
    """Return the number (E.164) of whoever calls; empty where it was withheld."""
    if caller.lstrip("+") in WITHHELD_NUMBERS:
        return ""
    return phone_numbers.normalize_possible_phone(caller) or ""
