"""Consent: what a person agreed to, and in which words.

Only a field that asks for consent can give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leads.forms.call_questions import (
    is_refused_by_name,
    refuses_call_by_answer,
    says_not_allowed,
    speaks_of_calls,
)
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    SOMEBODY_ELSE,
    answer_owner,
    cache_short_texts,
    field_types_of,
    has_consent_phrase,
    match_field_role,
    plain_words,
)
from leads.forms.talking_questions import asks_about_watching
from leads.forms.yes_no_answers import is_condition, parse_consent_answer, parse_yes_no
from leads.free_text.refusals import (
    ContactLimit,
    ContactWay,
    asks_for_permission,
    leaves_calls_out,
    named_ways,
    read_contact_limit,
)

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
NAMES_OF_CONSENT = frozenset({"grant", "granted", "isgranted", "grants"})
"""Fields that say by themselves, without a question, whether everything was agreed to."""
LEAST_WORDING = 4  # words; what is shorter is the name of a box
LONGEST_CONDITION, LONGEST_CHOICE = 25, 8  # words; what is longer is the wording of a box
OPEN_QUESTION_WORDS = frozenset(
    {"when", "what", "how", "which", "why", "who", "where", "cuando", "como", "donde"}
)
QUESTION_WORDS = OPEN_QUESTION_WORDS | {
    "do", "does", "did", "have", "has", "are", "is", "may", "can", "could", "would", "will",
    "should", "was", "were",
}  # fmt: skip
AGREEING_WORDS = frozenset(
    {"agree", "consent", "accept", "authorize", "authorise", "acepto", "autorizo", "consiento"}
)
WAY = re.compile(r"(by|via|por)(?![^\W_])", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{2,4}")
PHONE_NUMBER_TEXT = re.compile(r"[\s().+/\-]*(\d[\s().+/\-]*){7,}")


@dataclass(frozen=True)
class ConsentAnswer:
    """The answer to one question for consent."""

    item: FormField
    given: bool
    is_about_calls: bool
    wording: str


def read_consent(
    items: Sequence[FormField], own: Sequence[ConsentAnswer] = ()
) -> tuple[bool | None, str, tuple[FormField, ...]]:
    """Return whether the submitter agreed, in which words, and the fields that say so.

    `own` are the answers of our own field, which were read already. The first is None where no
    field asks. A box about calls counts before one about anything else, and one refusal among them
    is a refusal.
    """
    read = {id(answer.item) for answer in own}
    rest = (_read_consent_answer(item) for item in items if id(item) not in read)
    answers = [*own, *filter(None, rest)]
    counted = [answer for answer in answers if answer.is_about_calls] or answers
    if not counted:
        return None, "", ()
    given = all(answer.given for answer in counted)
    words = (answer.wording for answer in counted if answer.given == given and answer.wording)
    wording = "\n".join(dict.fromkeys(words))
    return given, wording, tuple(answer.item for answer in counted)


def is_consent_question(item: FormField) -> bool:
    """Whether a field asks for consent to something other than newsletters and advertisements."""
    kind = plain_field_type(item.type)
    if kind in field_types_of("written"):
        return False
    if _is_refusal_by_name(item):
        return True
    if _forbids_calls_by_name(item):
        return not PHONE_NUMBER_TEXT.fullmatch(text_of(item.value))
    named = plain_words(item.key)
    is_metadata = len(named) < LEAST_WORDING and CONSENT_METADATA_WORDS.intersection(named)
    if is_metadata or PHONE_NUMBER_TEXT.fullmatch(text_of(item.value)):
        return False
    said = _text_of_question(item)
    is_asked = kind in field_types_of("legal") or _asks_for_consent(item, said)
    return is_asked and _is_for_us(item, said)


def _is_for_us(item: FormField, said: str) -> bool:
    """Whether a question for consent is about calls, or about nothing else in particular.

    `said` is the question's text.
    """
    is_for_us = _is_about_calls(said) or not (
        has_consent_phrase("others", said) or has_consent_phrase("otherwise", said)
    )
    return is_for_us and not has_consent_phrase("voicemail", f"{item.key} {item.label}")


@cache_short_texts
def forbids_calls(named: str) -> bool:
    """Whether a name or label forbids calls, so that a yes to it is a no."""
    limit = _limit_in_name(named)
    if limit in (None, ContactLimit.OTHER_WAY_PREFERRED):
        return False
    if limit is not ContactLimit.ONLY_OTHER_WAY and _is_about_another_way(named):
        return False
    return limit is not ContactLimit.NO_CONTACT or not _agrees_to_something(named)


def limits_calls(item: FormField) -> bool:
    """Whether the answer to a question for consent sets a condition that leaves calls out."""
    texts = [text_of(value) for value in item.values if isinstance(value, str)]
    spoken = [text for text in texts if len(text.split()) <= LONGEST_CONDITION]
    if any(map(read_contact_limit, spoken)) or chooses_calls(item) is False:
        return True
    return any(is_condition(text) or _is_no_answer(item, text) for text in spoken)


def _is_no_answer(item: FormField, text: str) -> bool:
    """Whether words that a person wrote answer a question for calls neither by yes nor by no."""
    is_written = " " in text and "://" not in text and text[-1:] != ":"
    return (
        is_written
        and asks_for_permission(f"{item.key} {item.label}")
        and _read_value_consent(item, text) is None
        and chooses_calls(item) is None
    )


def chooses_calls(item: FormField) -> bool | None:
    """Return whether calls are among the ways that an answer names; None where it names none."""
    texts = [text_of(value) for value in item.values]
    if any(len(text.split()) > LONGEST_CHOICE for text in texts) or texts == [item.label]:
        return None
    if leaves_calls_out(texts):
        return False
    return True if any(ContactWay.CALL in named_ways(text) for text in texts) else None


@cache_short_texts
def plain_field_type(kind: str) -> str:
    """Return a tool's type of field in one spelling."""
    return "_".join(kind.lower().replace("-", " ").replace("_", " ").split())


def _asks_for_consent(item: FormField, said: str) -> bool:
    """Whether a field, whose question's text is `said`, asks for the submitter's consent.

    Such a field asks to be allowed to ring or contact whoever fills out the form, or to agree to
    the text that stands there.
    """
    named = f"{item.key} {item.label}"
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


def _forbids_calls_by_name(item: FormField) -> bool:
    return forbids_calls(f"{item.key} {item.label}") or is_refused_by_name(item)


@cache_short_texts
def _agrees_to_something(named: str) -> bool:
    """Whether a wording agrees to something, and only tells how to take that back."""
    spoken = plain_words(named)
    return len(spoken) > LEAST_WORDING and bool(AGREEING_WORDS.intersection(spoken[:LEAST_WORDING]))


@cache_short_texts
def _is_about_another_way(named: str) -> bool:
    """Whether a name or label names ways of contact, and calls are none of them."""
    return ContactWay.CALL not in named_ways(named) and bool(
        named_ways(named) - {ContactWay.ANY, ContactWay.OTHER}
    )


def refuses_to_be_called(item: FormField) -> bool:
    """Whether a no is said to the call as one way of contact, or to all that was asked."""
    around = item.group.rpartition(".")[2] if WAY.match(item.key) else ""
    is_asked = asks_for_permission(f"{around} {item.key} {item.label}") and not (
        asks_about_watching(item.key) or asks_about_watching(item.label)
    )
    is_all = "".join(plain_words(item.key)) in NAMES_OF_CONSENT
    if is_unticked_box(item):
        is_safety = any(map(_asks_whether_calls_are_safe, (item.key, item.label)))
        return is_asked or is_all or is_safety or _offers_calls(item)
    is_no = any(parse_yes_no(value) is False for value in item.values)
    return ((is_asked or is_all) and is_no) or refuses_call_by_answer(item)


def _offers_calls(item: FormField) -> bool:
    """Whether one of the wordings beside a box asks to be called: "Yes, please phone me"."""
    asked = (text for _id, text in item.options if not has_consent_phrase("voicemail", text))
    is_alone = len(item.options) == 1
    return any(
        (is_alone and ContactWay.CALL in named_ways(text))
        or asks_for_permission(text)
        or speaks_of_calls(text)
        for text in asked
    )


def _asks_whether_calls_are_safe(name: str) -> bool:
    role = match_field_role(name)
    return role is not None and role.role == "safe_to_call"


def _is_about_calls(said: str) -> bool:
    return has_consent_phrase("calls", said) or (
        has_consent_phrase("contacts", said) and not has_consent_phrase("otherwise", said)
    )


def _read_consent_answer(item: FormField) -> ConsentAnswer | None:
    if not is_consent_question(item):
        wording = _consent_wording(item)
        is_no = refuses_to_be_called(item)
        return (
            ConsentAnswer(item, given=False, is_about_calls=True, wording=wording)
            if is_no
            else None
        )
    given = _read_field_consent(item)
    said = _text_of_question(item)
    if _forbids_calls_by_name(item):
        is_refused = given or any(map(_is_refusal_or_date, item.values))
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


def _is_refusal_by_name(item: FormField) -> bool:
    """Whether a field holds the day on which calls were refused, or "text me only" and the like."""
    named = f"{item.key} {item.label}"
    is_dated = any(DATE.match(text_of(value)) for value in item.values)
    wants_only_another_way = _limit_in_name(named) is ContactLimit.ONLY_OTHER_WAY
    return (is_dated and forbids_calls(named)) or wants_only_another_way


@cache_short_texts
def _limit_in_name(named: str) -> ContactLimit | None:
    return read_contact_limit(named)


def _is_refusal_or_date(value: object) -> bool:
    text = text_of(value)
    return bool(DATE.match(text)) or forbids_calls(text) or says_not_allowed(text)


def _read_field_consent(item: FormField) -> bool | None:
    """Return a consent field's answer; a box that was shown and left empty is a no.

    A condition that leaves calls out is a no as well, whatever is said beside it.
    """
    if item.is_blank:
        return False if _is_checkbox(item) or item.value is not None else None
    if not _forbids_calls_by_name(item):
        if limits_calls(item):
            return False
        if chooses_calls(item):
            return _read_all_values(item) is not False
    return _read_all_values(item)


def _read_all_values(item: FormField) -> bool | None:
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


def sends_any_words(item: FormField) -> bool:
    """Whether a field is a box that sends whatever its form's owner wrote when it is ticked."""
    return _is_checkbox(item) or bool(item.options)


def _is_checkbox(item: FormField) -> bool:
    return plain_field_type(item.type) in field_types_of("legal") | field_types_of("ticked")


def is_unticked_box(item: FormField) -> bool:
    """Whether a field is a box that was shown and left empty; an unanswered choice is none."""
    return item.is_blank and plain_field_type(item.type) in field_types_of("boxes")


def _text_of_question(item: FormField) -> str:
    """Return the words in which a field asks, without what people write themselves."""
    said = f"{item.key} {item.label}"
    is_box = (
        _is_checkbox(item)
        or CHECKBOX_WORDS.intersection(plain_words(said))
        or has_consent_phrase("asks", said)
    )
    wordings = (text for text in _answered_wordings(item) if not _is_conditional_answer(text))
    return " ".join((said, *wordings)) if is_box else said


def _is_conditional_answer(text: str) -> bool:
    return len(text.split()) <= LONGEST_CONDITION and read_contact_limit(text) is not None


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
