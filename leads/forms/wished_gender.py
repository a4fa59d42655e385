"""Wished gender: whether somebody would rather talk to a woman or to a man."""

from __future__ import annotations

import re

WORDS = {
    "woman": ("woman", "women", "female", "lady", "mujer", "femenino", "femenina"),
    "man": ("man", "men", "male", "gentleman", "hombre", "masculino"),
}


def find_wished_gender(answer: str) -> str:
    """Return whom an answer wishes to talk to; empty where it names neither or both."""
    said = set(re.findall(r"\w+", answer.casefold()))
    wished = [gender for gender, words in WORDS.items() if said.intersection(words)]
    return wished[0] if len(wished) == 1 else ""
