"""What Twilio heard or was told on a lead's leg, in our words: who answered, and who refused."""

from __future__ import annotations

from leads.models.enums import AnsweredBy

MACHINE_WORDS = "machine_"  # of a beginning or an end of a greeting
ANSWERED_BY_WORDS = {"human": AnsweredBy.PERSON, "fax": AnsweredBy.FAX}
REFUSED_SIP_CODES = frozenset({"603", "607", "608"})
"""Declined, unwanted, or rejected by an analytics engine on the way: nobody was talked to."""


def answered_by_of_word(word: str) -> AnsweredBy:
    """Return who or what answered, by Twilio's word; a word that we do not know tells nothing."""
    if word.startswith(MACHINE_WORDS):
        return AnsweredBy.MACHINE
    return ANSWERED_BY_WORDS.get(word, AnsweredBy.UNKNOWN)
