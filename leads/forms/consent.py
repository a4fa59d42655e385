"""Consent: what a person agreed to, and in which words.

Only a field that asks for consent can give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    SOMEBODY_ELSE,
    answer_owner,
    cache_short_texts,
    field_types_of,
    has_consent_phrase,
    plain_words,
)
from leads.forms.yes_no_answers import parse_consent_answer

CHECKBOX_WORDS = frozenset(
    {"checkbox", "checkboxes", "check", "tick", "acceptance", "radio", "choice"}
)
CONSENT_METADATA_WORDS = frozenset(
    {
        "timestamp",
        "at",
        "date",
        "version",
        "id",
        "url",
        "ip",
        "time",
        "text",
        "wording",
        "language",
        "link",
    }
)
"""Words of fields that are kept beside a consent and are none themselves."""
LEAST_WORDING = 4  # words; what is shorter is the name of a box
OPEN_QUESTION_WORDS = frozenset(
    {"when", "what", "how", "which", "why", "who", "where", "cuando", "como", "donde"}
)
QUESTION_WORDS = OPEN_QUESTION_WORDS | {
    "do", "does", "did", "have", "has", "are", "is", "may", "can", "could", "would", "will",
    "should", "was", "were",
}  # fmt: skip
PHONE_NUMBER_TEXT = re.compile(r"[\s().+/\-]*(\d[\s().+/\-]*){7,}")


@dataclass(frozen=True)
class ConsentAnswer:
    """The answer to one question for consent."""

    item: FormField
    given: bool
    is_about_calls: bool
    wording: str


def read_consent(items: Sequence[FormField]) -> tuple[bool | None, str, tuple[FormField, ...]]:
    """Return whether the submitter agreed, in which words, and the fields that say so.

    The first is None where no field asks. A box about calls counts before one about anything else,
    and one refusal among them is a refusal.
    """
    answers = [answer for item in items if (answer := _read_consent_answer(item))]
    counted = [answer for answer in answers if answer.is_about_calls] or answers
    if not counted:
        return None, "", ()
    given = all(answer.given for answer in counted)
    wording = "\n".join(
        answer.wording for answer in counted if answer.given == given and answer.wording
    )
    return given, wording, tuple(answer.item for answer in counted)


def is_consent_question(item: FormField) -> bool:
    """Whether a field asks for consent to something other than newsletters and advertisements."""
    kind = plain_field_type(item.type)
    if kind in field_types_of("written"):
        return False
    if len(named := plain_words(item.key)) < LEAST_WORDING and CONSENT_METADATA_WORDS.intersection(
        named
    ):
        return False
    if PHONE_NUMBER_TEXT.fullmatch(text_of(item.value)) or not (
        kind in field_types_of("legal") or _asks_for_consent(item)
    ):
        return False
    said = _question_text(item)
    is_for_us = _is_about_calls(said) or not (
        has_consent_phrase("others", said) or has_consent_phrase("otherwise", said)
    )
    return is_for_us and not has_consent_phrase("voicemail", f"{item.key} {item.label}")


def forbids_calls(named: str) -> bool:
    """Whether a name or label forbids calls, so that a yes to it is a no."""
    return has_consent_phrase("refuses", named) or (
        has_consent_phrase("leaves", named) and not has_consent_phrase("asks", named)
    )


@cache_short_texts
def plain_field_type(kind: str) -> str:
    """Return a tool's type of field in one spelling."""
    return "_".join(kind.lower().replace("-", " ").replace("_", " ").split())


def _asks_for_consent(item: FormField) -> bool:
    """Whether a field asks for the submitter's consent.

    Such a field asks to be allowed to ring or contact whoever fills out the form, or to agree to
    the text that stands there.
    """
    named, said = f"{item.key} {item.label}", _question_text(item)
    if forbids_calls(named):
        return True
    starts = {
        spoken[0]
        for text in (item.key, item.label)
        if len(spoken := plain_words(text)) >= LEAST_WORDING
    }
    if not has_consent_phrase("asks", said) or starts & OPEN_QUESTION_WORDS:
        return False
    if has_consent_phrase("elsewhere", named) or answer_owner(named) == SOMEBODY_ELSE:
        return has_consent_phrase("us", said)
    return (
        not starts & QUESTION_WORDS
        or _is_about_calls(said)
        or has_consent_phrase("policies", named)
    )


def _is_about_calls(said: str) -> bool:
    return has_consent_phrase("calls", said) or (
        has_consent_phrase("contacts", said) and not has_consent_phrase("otherwise", said)
    )


def _read_consent_answer(item: FormField) -> ConsentAnswer | None:
    if not is_consent_question(item):
        return None
    given = _read_field_consent(item)
    said = _question_text(item)
    if forbids_calls(f"{item.key} {item.label}"):
        is_refused = given or any(forbids_calls(text_of(value)) for value in item.values)
        return (
            ConsentAnswer(item, given=False, is_about_calls=True, wording=_consent_wording(item))
            if is_refused
            else None
        )
    if given is None or (not given and has_consent_phrase("selling", said)):
        return None
    return ConsentAnswer(
        item, given=given, is_about_calls=_is_about_calls(said), wording=_consent_wording(item)
    )


def _read_field_consent(item: FormField) -> bool | None:
    """Return a consent field's answer; a box that was shown and left empty is a no."""
    if item.is_blank:
        return False if _is_checkbox(item) or item.value is not None else None
    answers = [_read_value_consent(item, value) for value in item.values if value is not None]
    if False in answers:
        return False
    return True if True in answers else None


def _read_value_consent(item: FormField, value: object) -> bool | None:
    said = parse_consent_answer(value)
    if said is not None:
        return said
    text = text_of(value)
    is_its_label = (
        plain_words(text) == plain_words(item.label or item.key)
        or text in dict(item.options).values()
    )
    is_wording = (
        len(plain_words(text)) > 1 and "://" not in text and has_consent_phrase("asks", text)
    )
    return True if _is_checkbox(item) or is_its_label or is_wording else None


def _is_checkbox(item: FormField) -> bool:
    return plain_field_type(item.type) in field_types_of("legal") | field_types_of("ticked")


def _question_text(item: FormField) -> str:
    """Return the words in which a field asks, without what people write themselves."""
    said = f"{item.key} {item.label}"
    is_box = (
        _is_checkbox(item)
        or CHECKBOX_WORDS.intersection(plain_words(said))
        or has_consent_phrase("asks", said)
    )
    return " ".join((said, *_answered_wordings(item))) if is_box else said


def _answered_wordings(item: FormField) -> Iterable[str]:
    """Yield the wordings beside a box that are sent as its answer."""
    yield from (
        text for value in item.values if len(plain_words(text := text_of(value))) >= LEAST_WORDING
    )
    if len(item.options) == 1:
        yield item.options[0][1]


def _consent_wording(item: FormField) -> str:
    """Return the words that were agreed to, as they stood in the form."""
    words = list(dict.fromkeys(_answered_wordings(item)))
    title = item.label or (item.key if " " in item.key else "")
    return ": ".join(dict.fromkeys(text for text in (title, *words) if text)) or item.key
