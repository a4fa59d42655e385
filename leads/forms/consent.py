"""What a person agreed to, and in which words. Only a field that asks for consent can give it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leads.forms.form_field import Item, text_of
from leads.forms.label_vocabulary import SOMEBODY_ELSE, owner_of, remembered, says, tokens, types_of
from leads.forms.yes_no_answers import agreement

BOX = frozenset({"checkbox", "checkboxes", "check", "tick", "acceptance", "radio", "choice"})
ASIDE = frozenset(
    {"timestamp", "at", "date", "version", "id", "url", "ip", "time", "text", "wording", "language", "link"}
)
"""What is kept beside a consent and is none itself."""
A_WORDING = 4  # words; what is shorter is the name of a box
ASKED_FOR_MORE = frozenset({"when", "what", "how", "which", "why", "who", "where", "cuando", "como", "donde"})
ASKED = ASKED_FOR_MORE | {
    "do", "does", "did", "have", "has", "are", "is", "may", "can", "could", "would", "will", "should", "was", "were",
}  # fmt: skip
A_NUMBER = re.compile(r"[\s().+/\-]*(\d[\s().+/\-]*){7,}")


@dataclass(frozen=True)
class Answer:
    """How one question for consent was answered."""

    item: Item
    given: bool
    is_about_calls: bool
    wording: str


def agreed(items: Sequence[Item]) -> tuple[bool | None, str, tuple[Item, ...]]:
    """Return whether they agreed, in which words, and the fields that say so; None where no field asks.

    A box about calls counts before one about anything else, and one refusal among them is a refusal.
    """
    answers = [answer for item in items if (answer := _answer(item))]
    counted = [answer for answer in answers if answer.is_about_calls] or answers
    if not counted:
        return None, "", ()
    given = all(answer.given for answer in counted)
    wording = "\n".join(answer.wording for answer in counted if answer.given == given and answer.wording)
    return given, wording, tuple(answer.item for answer in counted)


def is_question(item: Item) -> bool:
    """Whether this field asks for consent to something other than letters and advertisements."""
    kind = plain_type(item.type)
    if kind in types_of("written"):
        return False
    if len(named := tokens(item.key)) < A_WORDING and ASIDE.intersection(named):
        return False
    if A_NUMBER.fullmatch(text_of(item.value)) or not (kind in types_of("legal") or _asks(item)):
        return False
    said = _said(item)
    is_for_us = _is_about_calls(said) or not (says("others", said) or says("otherwise", said))
    return is_for_us and not says("voicemail", f"{item.key} {item.label}")


def refuses(named: str) -> bool:
    """Whether a name or label forbids calls, so that a yes beside it is a no."""
    return says("refuses", named) or (says("leaves", named) and not says("asks", named))


@remembered
def plain_type(kind: str) -> str:
    """Return a tool's type of field in one spelling."""
    return "_".join(kind.lower().replace("-", " ").replace("_", " ").split())


def _asks(item: Item) -> bool:
    """Whether it asks to be allowed to ring or contact who fills out the form, or to agree to what stands there."""
    named, said = f"{item.key} {item.label}", _said(item)
    if refuses(named):
        return True
    starts = {spoken[0] for text in (item.key, item.label) if len(spoken := tokens(text)) >= A_WORDING}
    if not says("asks", said) or starts & ASKED_FOR_MORE:
        return False
    if says("elsewhere", named) or owner_of(named) == SOMEBODY_ELSE:
        return says("us", said)
    return not starts & ASKED or _is_about_calls(said) or says("policies", named)


def _is_about_calls(said: str) -> bool:
    return says("calls", said) or (says("contacts", said) and not says("otherwise", said))


def _answer(item: Item) -> Answer | None:
    if not is_question(item):
        return None
    given = _given(item)
    said = _said(item)
    if refuses(f"{item.key} {item.label}"):
        is_refused = given or any(refuses(text_of(value)) for value in item.values)
        return Answer(item, given=False, is_about_calls=True, wording=_wording(item)) if is_refused else None
    if given is None or (not given and says("selling", said)):
        return None
    return Answer(item, given=given, is_about_calls=_is_about_calls(said), wording=_wording(item))


def _given(item: Item) -> bool | None:
    """A box that was shown and left empty is a no."""
    if item.is_blank:
        return False if _is_box(item) or item.value is not None else None
    answers = [_one(item, value) for value in item.values if value is not None]
    if False in answers:
        return False
    return True if True in answers else None


def _one(item: Item, value: object) -> bool | None:
    said = agreement(value)
    if said is not None:
        return said
    text = text_of(value)
    is_its_label = tokens(text) == tokens(item.label or item.key) or text in dict(item.options).values()
    is_wording = len(tokens(text)) > 1 and "://" not in text and says("asks", text)
    return True if _is_box(item) or is_its_label or is_wording else None


def _is_box(item: Item) -> bool:
    return plain_type(item.type) in types_of("legal") | types_of("ticked")


def _said(item: Item) -> str:
    """Return all that a field says about what it asks. What people write themselves is no part of that."""
    said = f"{item.key} {item.label}"
    is_box = _is_box(item) or BOX.intersection(tokens(said)) or says("asks", said)
    return " ".join((said, *_words(item))) if is_box else said


def _words(item: Item) -> Iterable[str]:
    """Yield what stands beside the box, where the answer is the wording itself."""
    yield from (text for value in item.values if len(tokens(text := text_of(value))) >= A_WORDING)
    if len(item.options) == 1:
        yield item.options[0][1]


def _wording(item: Item) -> str:
    """Return the words that were agreed to, as they stood in the form."""
    words = list(dict.fromkeys(_words(item)))
    title = item.label or (item.key if " " in item.key else "")
    return ": ".join(dict.fromkeys(text for text in (title, *words) if text)) or item.key
