"""Talking questions: whether somebody can talk on this phone, and whether it is watched.

Sites ask it in words of their own. A no, or what is no clear yes, to whether a call or a talk is
safe, private or convenient holds the call; so does a yes to whether somebody watches the phone.
What holds only while somebody is at home is told to the advisor.
"""

from __future__ import annotations

from leads.forms.call_questions import is_agreement_understood, is_fact
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
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


def denies_talking(item: FormField) -> bool:
    """Whether an answer says that it is not safe, private or convenient to talk on this phone."""
    asked = any(map(_asks_about_talking, (item.key, item.label)))
    if item.is_blank or not (asked or any(map(_is_cut_off, (item.key, item.label)))):
        return False
    if any(parse_yes_no(value) is False for value in item.values):
        return True
    return asked and "?" in f"{item.key} {item.label}" and any(map(_is_no_clear_yes, item.values))


def tells_of_watched_phone(item: FormField) -> bool:
    """Whether an answer says that somebody watches this phone, or may."""
    if item.is_blank or not any(map(asks_about_watching, (item.key, item.label))):
        return False
    return any(
        parse_yes_no(value) is not False and not is_fact(text_of(value)) for value in item.values
    )


@cache_short_texts
def _asks_about_talking(name: str) -> bool:
    said = plain_words(name)
    there = possible_phrases_in(said)
    if not said or len(said) > LONGEST_QUESTION or has_safety_phrase("while", name):
        return False
    talk, fit, others = (
        vocabulary_phrases("safety", kind) & there for kind in ("talk", "fit", "not_calls")
    )
    is_private = has_safety_phrase("private", name) and not others
    return is_private or bool(talk and fit and not others)


@cache_short_texts
def asks_about_watching(name: str) -> bool:
    """Whether a name asks whether somebody watches or controls the phone."""
    there = possible_phrases_in(plain_words(name))
    talk, watched = (vocabulary_phrases("safety", kind) & there for kind in ("talk", "watched"))
    return bool(talk and watched and "?" in name) and not has_safety_phrase("while", name)


@cache_short_texts
def _is_cut_off(name: str) -> bool:
    return plain_words(name) in vocabulary_phrases("safety", "cut_off")


def _is_no_clear_yes(value: object) -> bool:
    text = text_of(value)
    is_spoken = bool(text) and len(text.split()) <= LONGEST_ANSWER and not is_fact(text)
    is_agreed = parse_safety_answer(value) or is_agreement_understood(text)
    return is_spoken and not is_agreed and read_call_time(text) is None
