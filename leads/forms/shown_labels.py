"""Shown labels: what a form asked, where its tool tells it only in one text with all answers.

Jotform's `pretty` is such a text: "Name:Ana Ruiz, May we call you?:No". Nothing in it is escaped,
so it is never read by itself: each answer is looked for in it, in turn, and has before it what was
asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from leads.forms.form_field import FormField, text_of

LONGEST_LABEL = 200  # characters
MOST_WORDS = 40  # of an answer, which are enough to find it by
WORD = re.compile(r"\w+")


def add_shown_labels(items: Iterable[FormField], shown: str) -> Iterator[FormField]:
    """Yield answers with the labels that stand before them in a text, where they have none."""
    at = 0
    for item in items:
        answer = _find_answer(text_of(item.value), shown, at)
        if answer is None:
            yield item
            continue
        before = shown[at : answer.start()].lstrip(", \r\n")
        label = before.rpartition(", ")[2] if ":" in before else before  # behind other answers
        at = answer.end()
        fits = 0 < len(label.strip()) <= LONGEST_LABEL and not item.label
        yield replace(item, label=label.strip()) if fits else item


def _find_answer(answer: str, shown: str, at: int) -> re.Match[str] | None:
    """Return where an answer stands behind a colon; its signs may be others there."""
    words = WORD.findall(answer)[:MOST_WORDS]
    if not words:
        return None
    return re.compile(r":\W{0,3}" + r"\W{1,5}".join(map(re.escape, words)) + r"\b").search(
        shown, at
    )
