"""Crisis words: they say that somebody may be in danger now.

They never decide anything: they make a person look sooner. Pure.
"""

from __future__ import annotations

import re
import unicodedata

CRISIS_WORDS = re.compile(
    r"""
    \b(?: suicid\w* | overdos\w* | od(?:'?d|ed|ing) | sobredosis | self[ -]?harm\w*
        | unconscious | inconsciente
      | (?:kill|hurt|harm|cut)(?:s|ing)?\s(?:my|him|her|them)sel(?:f|ves)
      | (?:end|take|ending|taking)\s(?:my|his|her|their)\s(?:own\s)?(?:life|lives)
      | (?:want|wants|going|ready)\sto\sdie | better\soff\sdead | no\sreason\sto\slive
      | (?:not|isn'?t|stopped|can'?t)\sbreath(?:e|ing) | won'?t\swake\sup
      | (?:matar|lastimar|cortar)[ms]e | (?:quitar|acabar)[ms]?e?\s(?:con\s)?(?:la|mi|su)\svida
      | quier[eo]\smorir(?:[ms]e)? | no\s(?:respira|despierta)
    )\b""",
    re.VERBOSE,
)


def has_crisis_words(text: str) -> bool:
    """Whether a text, in English or Spanish, speaks of danger to a life."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'"))
    return (
        CRISIS_WORDS.search(
            " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
        )
        is not None
    )
