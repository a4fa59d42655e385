"""Talking questions: whether somebody can talk on this phone, and whether it is watched.

Sites ask it in words of their own. A no, or what is no clear yes, to whether a call or a talk is
safe, private or convenient holds the call; so does a yes, or a doubt, to whether somebody watches
the phone, hears what is said on it or sees who calls. What holds only while somebody is at home is
told to the advisor.
"""

from __future__ import annotations

import re

from leads.forms.call_questions import is_agreement_understood, is_fact
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    WordSequence,
    cache_short_texts,
    has_safety_phrase,
    plain_words,
    possible_phrases_in,
    vocabulary_phrases,
)
from leads.forms.yes_no_answers import parse_safety_answer, parse_yes_no
from leads.free_text.call_times import read_call_time

LONGEST_QUESTION = 40  # words; what is longer is the wording of a box
LONGEST_ANSWER = 25  # words
LONGEST_SENSED = 3  # words of a phrase for who senses what
UNSURE = re.compile(
    r"(?:i(?:[\u2019']?m| am) )?(?:not|un)[ -]?(?:really |so |too )?(?:sure|certain)|.*\b(?:"
    r"do(?: not|n[\u2019']?t) know|no s[eé]|no estoy segur[oa])",
    re.IGNORECASE,
)
"""Begins like a no, and leaves open what was asked."""


def denies_talking(item: FormField) -> bool:
    """Whether an answer says that it is not safe, private or convenient to talk on this phone."""
    asked = any(map(asks_about_talking, (item.key, item.label)))
    if item.is_blank or not (asked or any(map(_is_cut_off, (item.key, item.label)))):
        return False
    if any(parse_yes_no(value) is False for value in item.values):
        return True
    return asked and "?" in f"{item.key} {item.label}" and any(map(_is_no_clear_yes, item.values))


def tells_of_watched_phone(item: FormField) -> bool:
    """Whether an answer says that somebody watches or overhears this phone, or may."""
    if item.is_blank or not any(map(asks_about_watching, (item.key, item.label))):
        return False
    return any(map(_is_no_clear_no, item.values))


@cache_short_texts
def asks_about_talking(name: str) -> bool:
    """Whether a name asks whether it is safe, private or convenient to talk on this phone."""
    said = plain_words(name)
    there = possible_phrases_in(said)
    if not said or len(said) > LONGEST_QUESTION or has_safety_phrase("while", name):
        return False
    talk, fit, others = (
        vocabulary_phrases("safety", kind) & there for kind in ("talk", "fit", "not_calls")
    )
    if others or _is_open_question(said) or asks_about_watching(name):
        return False
    is_unwatched = talk and _places_of("sensed", said) and _is_denied(said)
    return bool(has_safety_phrase("private", name) or (talk and fit) or is_unwatched)


@cache_short_texts
def asks_about_watching(name: str) -> bool:
    """Whether a name asks whether somebody watches the phone, or hears or sees what comes of it."""
    said = plain_words(name)
    if not said or len(said) > LONGEST_QUESTION or has_safety_phrase("while", name):
        return False
    if _is_denied(said) or _is_open_question(said):
        return False
    there = possible_phrases_in(said)
    talk, watched = (vocabulary_phrases("safety", kind) & there for kind in ("talk", "watched"))
    return bool(talk and watched and "?" in name) or _tells_of_listener(said)


def _tells_of_listener(said: WordSequence) -> bool:
    """Whether words tell of somebody who hears, reads or sees a call, in this order.

    "Could anyone overhear us?" does; "did you hear of us from a friend?" does not.
    """
    somebody, sensed, calls = (
        _places_of(kind, said) for kind in ("somebody", "sensed", "sensed_calls")
    )
    if not (somebody and sensed) or possible_phrases_in(said) & vocabulary_phrases(
        "safety", "not_sensed"
    ):
        return False
    is_by_them = min(somebody) < max(sensed) or "by" in said[max(sensed) : max(somebody)]
    is_cut_off = (len(said) - 1) in _places_of("hearing", said)
    is_always = is_cut_off or (
        _places_of("overhearing", said) and not _places_of("other_sounds", said)
    )
    return is_by_them and bool(calls or is_always)


def _places_of(kind: str, said: WordSequence) -> list[int]:
    """Return where phrases of a kind stand in a name, by their first words."""
    phrases = vocabulary_phrases("safety", kind)
    return [
        at
        for at in range(len(said))
        if any(said[at : at + size] in phrases for size in range(1, LONGEST_SENSED + 1))
    ]


def _is_denied(said: WordSequence) -> bool:
    """Whether a name asks for the contrary: "can you talk without anybody listening?"."""
    denied, sensed = _places_of("denied", said), _places_of("sensed", said)
    return bool(denied and sensed) and min(denied) < max(sensed)


def _is_open_question(said: WordSequence) -> bool:
    """Whether a question asks who, which or when, so that no answer to it is a yes or a no."""
    openly = vocabulary_phrases("safety", "open")
    return bool(openly & {said[:1], said[:2]})


@cache_short_texts
def _is_cut_off(name: str) -> bool:
    return plain_words(name) in vocabulary_phrases("safety", "cut_off")


def _is_no_clear_no(value: object) -> bool:
    text = text_of(value)
    is_no = parse_yes_no(value) is False and not UNSURE.match(text)
    return not (is_no or is_fact(text))


def _is_no_clear_yes(value: object) -> bool:
    text = text_of(value)
    is_spoken = bool(text) and len(text.split()) <= LONGEST_ANSWER and not is_fact(text)
    is_agreed = parse_safety_answer(value) or is_agreement_understood(text)
    return is_spoken and not is_agreed and read_call_time(text) is None
